"""What hooks into `spacy train`."""
