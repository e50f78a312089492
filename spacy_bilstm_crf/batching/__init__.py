"""The layout of a batch: sequences, windows, buckets, chunks."""
