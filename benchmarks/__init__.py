"""Accuracy and speed, measured; results in benchmarks/results, published in the README and docs."""
