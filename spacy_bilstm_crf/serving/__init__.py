"""A trained pipeline as a service: HTTP, micro-batches, and a page to try it on.

Needs the extra `serve`. The service knows no users: put it behind a proxy that does.
"""
