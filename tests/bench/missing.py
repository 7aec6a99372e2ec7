"""What a machine does not have."""


class NotHere(Exception):  # noqa: N818 - no error: a row is left out by name
    """Something cannot be measured on this machine; the message says why."""
