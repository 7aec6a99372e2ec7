"""Runs the shipped golden cases against any endpoint, and says for each operation what is known about it and how (ADR-31).

It knows no vendor. The `profile.toml` beside the cases says what there is to know about one.
"""
