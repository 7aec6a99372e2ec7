"""Errors that end the process with a line for people instead of a traceback."""

from __future__ import annotations


class WorkersNotStartedError(Exception):
    """A worker could not be started, and has not said why. The text is for people."""


class ListenError(Exception):
    """The process cannot listen on a port. The text says which one and why, for people."""
