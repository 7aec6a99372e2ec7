"""The error for what a machine does not have."""


class NotHere(Exception):
    """Something cannot be measured on this machine; the message says why."""
