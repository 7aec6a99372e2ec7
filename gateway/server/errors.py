"""Errors that end the process with a line for people instead of a traceback."""

from __future__ import annotations


class ListenError(Exception):
    """A port cannot be listened on; the text is for people."""
