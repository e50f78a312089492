"""Where tokens stand in a batch: sequences, windows, buckets, chunks."""
