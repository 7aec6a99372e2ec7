"""What is raised for golden cases that cannot be used."""

from __future__ import annotations


class CaseError(Exception):
    """A case folder is not usable; the text names the folder and what is wrong."""
