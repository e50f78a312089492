"""Thinc around torch modules: wrapper, shim, optimizer, bytes."""
