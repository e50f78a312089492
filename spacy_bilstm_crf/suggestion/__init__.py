"""What to annotate next: the texts, or the spans, that a model would learn most from."""
