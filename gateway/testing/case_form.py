"""The tables of a `case.toml`: which keys each one has, of which type, and which ones it must have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_TYPES: Final = {str: "a text", int: "a whole number", list: "a list", tuple: "a list of texts", dict: "a table"}


@dataclass(frozen=True, slots=True)
class Form:
    """One table. name: "" for the top of the file. keys: the type of each. needs: the keys and tables that it must have.

    The type `tuple` stands for a list of texts.
    """

    name: str
    keys: Mapping[str, type]
    needs: tuple[str, ...] = ()

    def refuse_unlike(self, table: Mapping[str, Any], *, partial: bool = False) -> None:
        """Raises ValueError for a table of another form.

        partial: it is a part of the defaults, so keys may be missing, and `false` may stand for "none".
        """
        _refuse_other_type(self.name, table, dict)
        place = f" in {self.name}" if self.name else ""
        if unknown := sorted(set(table) - set(self.keys)):
            raise ValueError(f"has unknown keys {unknown}{place}")
        if not partial:
            self._refuse_lack(table, place)
        given = {key: value for key, value in table.items() if not (partial and value is False)}
        for key, value in given.items():
            _refuse_other_type(f"{key!r}{place}", value, self.keys[key])
        for name, value in given.get("headers", {}).items():
            if not (partial and value is False):
                _refuse_other_type(f"header {name!r}{place}", value, str)

    def _refuse_lack(self, table: Mapping[str, Any], place: str) -> None:
        for key in self.needs:
            if key not in table:
                lack = f"the table [{key}]" if self.keys[key] is dict else f"the key {key!r}"
                raise ValueError(f"lacks {lack}{place}")


def _refuse_other_type(name: str, value: Any, wanted: type) -> None:
    texts = type(value) is list and all(type(own) is str for own in value)
    if not (texts if wanted is tuple else type(value) is wanted):  # to isinstance, true is a whole number
        raise ValueError(f"needs {_TYPES[wanted]} as {name}, found {value!r}")


TOP: Final = Form(
    "",
    {
        "title": str,
        "source": str,
        "verified": str,
        "client": str,
        "given": dict,
        "settings": dict,
        "before": list,
        "request": dict,
        "expect": dict,
    },
    ("title", "source", "verified", "request", "expect"),
)
REQUEST: Final = Form("[request]", {"method": str, "path": str, "headers": dict, "bearer": str}, ("method", "path"))
EXPECT: Final = Form(
    "[expect]", {"status": int, "headers": dict, "compare": str, "state": dict, "absent_headers": tuple}, ("status",)
)
STEP: Final = Form(
    "[[before]]",
    {"method": str, "path": str, "body": str, "status": int, "headers": dict, "find": str},
    ("method", "path"),
)
PARTS: Final = Form("", {"defaults": list, "steps": dict})
DEFAULTS: Final = Form("[[defaults]]", {"cases": tuple, "request": dict, "expect": dict})
EXPECT_DEFAULTS: Final = Form("[defaults.expect]", {key: own for key, own in EXPECT.keys.items() if key != "state"})
