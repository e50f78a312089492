"""Annotation formats, one a file: each reads to `AnnotatedText`, and most write from it."""
