"""Ours, as a user starts it: an application in six lines (`app.py`), and `create_app` with its settings."""
