"""Errors that end the process with a line for people instead of a traceback."""

from __future__ import annotations


class ListenError(Exception):
    """A port cannot be listened on; the text is for people."""


class JournalError(Exception):
    """The request journal cannot be opened; the text is for people."""
