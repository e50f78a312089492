"""Accuracy and speed, measured; results in benchmarks/results, tables in the README."""
