"""What the cases of one folder have in common, and need not repeat: `[[defaults]]` and `[steps]` of `profile.toml`.

    [[defaults]]
    cases = ["getNumber/*"]        # globs over operation/case; none = all cases

    [defaults.request]             # method, path, bearer
    method = "POST"

    [defaults.request.headers]
    Content-Type = "text/xml"

    [defaults.expect]              # status, compare, absent_headers; [defaults.expect.headers]
    status = 200

    [steps.draft]                  # what cases send first, and name in `before = ["draft"]`
    method = "POST"                # method, path, body (a file, from the folder of `profile.toml` on), status, headers
    path = "/drafts"

All defaults whose globs meet a case hold for it: each is laid over those above it, and the case's own tables over them all.
So a case may give any single value otherwise, and `false` in place of a value or a table says that there is none:
`Content-Type = false`. Names of headers meet in any letter case, and the case's own spelling goes over the wire. A case's
own headers come last, in its order; so a case that names all of its headers decides the whole order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from gateway.testing.case_error import CaseError
from gateway.testing.case_form import DEFAULTS, EXPECT_DEFAULTS, PARTS, REQUEST, STEP
from gateway.testing.toml_file import read_toml

PROFILE: Final = "profile.toml"
_MERGED: Final = ("request", "expect")


@dataclass(frozen=True, slots=True)
class Defaults:
    """The defaults of one folder of cases. groups: its `[[defaults]]`. steps: its `[steps]`."""

    folder: Path
    groups: Sequence[Mapping[str, Any]] = ()
    steps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def complete(self, name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
        """What a case's file says, with what it leaves to the defaults. name: operation/case. Raises ValueError."""
        common: Mapping[str, Any] = {}
        for group in self.groups:
            if any(fnmatchcase(name, glob) for glob in group.get("cases", ["*"])):
                common = _laid_over(common, {key: group[key] for key in _MERGED if key in group}, ())
        own = {key: facts[key] for key in _MERGED if key in facts}
        return {**facts, **_laid_over(common, own, ())}

    def step(self, name: str) -> Mapping[str, Any]:
        """A step by its name. Raises ValueError."""
        if name not in self.steps:
            known = ", ".join(sorted(self.steps)) or "none"
            raise ValueError(f"names the step {name!r}, and {PROFILE} does not have it; it has: {known}")
        return self.steps[name]


def load_defaults(folder: Path) -> Defaults:
    """The defaults beside all cases of a dialect; none when there is no file. Raises CaseError."""
    path = folder / PROFILE
    if not path.is_file():
        return Defaults(folder)
    try:
        facts = read_toml(path)
        groups, steps = facts.get("defaults", []), facts.get("steps", {})
        PARTS.refuse_unlike({"defaults": groups, "steps": steps})
        for group in groups:
            DEFAULTS.refuse_unlike(group)
            REQUEST.refuse_unlike(group.get("request", {}), partial=True)
            EXPECT_DEFAULTS.refuse_unlike(group.get("expect", {}), partial=True)
        for name, step in steps.items():
            replace(STEP, name=f"[steps.{name}]").refuse_unlike(step)
    except (ValueError, OSError) as error:
        raise CaseError(f"{path}: {error}") from None
    return Defaults(folder, groups, steps)


def _laid_over(under: Mapping[str, Any], over: Mapping[str, Any], place: tuple[str, ...]) -> dict[str, Any]:
    """One table on another. What the upper one names comes last, so that it decides the order of what it names."""
    known = {name.lower(): value for name, value in under.items()}
    named = {name.lower() for name in over}
    result = {name: value for name, value in under.items() if name.lower() not in named}
    for name, value in over.items():
        default = known.get(name.lower())
        if value is False:
            if default is None:
                raise ValueError(f"leaves out {'.'.join((*place, name))}, which no default gives")
        elif isinstance(value, Mapping) and isinstance(default, Mapping):
            result[name] = _laid_over(default, value, (*place, name))
        else:
            result[name] = value
    return result
