"""The exit codes of the command line. Scripts compare them, so a code never changes its meaning."""

from __future__ import annotations

import enum


class ExitCode(enum.IntEnum):
    """What a command leaves with.

    meaning: when it does so, for people.
    """

    meaning: str

    def __new__(cls, value: int, meaning: str) -> ExitCode:
        own = int.__new__(cls, value)
        own._value_ = value
        own.meaning = meaning
        return own

    FINE = 0, "The command did what it was asked, and found nothing wrong."
    FINDING = (
        1,
        "The command ran and found something wrong, waited in vain, or could not reach the gateway that it asks.",
    )
    USAGE = 2, "The command line, the configuration or a golden case cannot be used. Nothing was begun."
    LISTEN = 3, "The gateway cannot listen on one of its addresses."
    STORAGE = 4, "A store, the watermark or the journal cannot be used, or refuses to be served as it is."
