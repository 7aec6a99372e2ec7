"""Errors that end the process with a line for people instead of a traceback."""

from __future__ import annotations


class ListenError(Exception):
    """The process cannot listen on a port. The text says which one and why, for people."""
