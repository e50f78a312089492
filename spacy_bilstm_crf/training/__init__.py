"""Readers, loggers, schedules and optimizers for `spacy train`, and runs of it."""
