"""Runs the shipped golden cases against any endpoint, and says per operation what is known about it and how.

Knows no vendor: what it needs to know about one stands in the `profile.toml` beside the cases.
"""
