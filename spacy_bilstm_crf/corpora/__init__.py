"""Formats <-> Docs."""
