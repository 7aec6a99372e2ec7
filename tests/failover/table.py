"""The fault table, for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

_HEAD: Final = (
    "Fault",
    "Acknowledged",
    "Refused",
    "Unknown (of these kept)",
    "Lost",
    "Doubled",
    "Back after, s",
    "Longest silence, s",
    "Not ready, s",
)


def markdown(facts: Mapping[str, Any]) -> str:
    """The table and the conditions of the measurement."""
    store = ", ".join(f"{name} {value}" for name, value in facts["store"].items())
    patroni = ", ".join(f"{name} {value}" for name, value in facts["patroni"].items())
    parts = [
        f"Measured {facts['when']} on {facts['machine']}; {facts['seconds']} s in all.",
        f"Store: {store}. Patroni: synchronous_mode_strict, {patroni}.",
        "",
        *_rows(facts["rows"]),
    ]
    if facts["controls"]:
        parts += ["", "Controls, which must lose numbers:", "", *_rows(facts["controls"])]
    if facts["power_states"]:
        lost = len(facts["power_losses"])
        parts += ["", f"SQLite, power lost: {facts['power_states']} half-written states checked, {lost} wrong."]
    parts += [f"\nNot run: {name}: {why}." for name, why in facts["skipped"].items()]
    for row in facts["rows"]:
        parts += [f"\nWRONG after {row['fault']}: {problem}" for problem in row["verdict"]["problems"][:20]]
    return "\n".join(parts) + "\n"


def _rows(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [_line(_HEAD), _line(["---", *["---:"] * (len(_HEAD) - 1)])]
    for row in rows:
        verdict = row["verdict"]
        lines.append(
            _line(
                [
                    row["fault"],
                    verdict["acknowledged"],
                    verdict["refused"],
                    f"{verdict['unknown']} ({verdict['settled']})",
                    verdict["lost"],
                    verdict["doubled"],
                    f"{row['back_after']:.1f}",
                    f"{row['silence']:.1f}",
                    f"{row['unready']:.1f}",
                ]
            )
        )
    return lines


def _line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"
