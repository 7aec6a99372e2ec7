"""A tenant's section for a dialect may have some of its keys in a file of their own, such as a shop's test data."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, BaseModel


class HoldsKeys:
    """Marks a field that names a file with further keys of the same section."""


_MARK: Final = HoldsKeys()


def _read_before(name: str) -> str:
    """Refuse a name that is still there: the configuration puts the file's keys into the section, and takes the name out."""
    if name:
        raise ValueError("only the configuration file may name files")
    return name


KeyFile: TypeAlias = Annotated[str, _MARK, AfterValidator(_read_before)]
"""The path of such a file; relative to the configuration file."""


def key_file_of(model: type[BaseModel]) -> str:
    """The field of a section's model that names such a file; "" when it has none."""
    return next((name for name, info in model.model_fields.items() if _MARK in info.metadata), "")
