"""What is annotated wrong in a corpus: findings of models that have not seen the text, and of
checks that need no model."""
