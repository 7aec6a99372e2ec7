"""The figures as small pictures: ratios of the dialects, other programs beside the gateway, cost as a store grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

Facts = Mapping[str, Any]
BLUE, ORANGE, GREY, GREEN = "#1f5fa8", "#d9822b", "#9aa5b1", "#3d8f5a"
COLOURS: Final = (BLUE, ORANGE, GREEN, "#8b4fa0")
DPI: Final = 110


def draw(facts: Facts, folder: Path) -> list[str]:
    """Draw the pictures that have figures; returns their file names."""
    mpl.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    rows = facts["rows"]
    made: list[str] = []
    dialects = [row for row in rows if row["group"] in {"reads", "writes"}]
    if dialects:
        made.append(_saved(_dialects(dialects), folder / "dialects.png"))
    others = [row for row in rows if row["group"] == "peers"]
    if others:
        made.append(_saved(_others(others), folder / "peers.png"))
    if facts.get("growth"):
        made.append(_saved(_growth(facts["growth"]), folder / "growth.png"))
    return made


def _saved(figure: Figure, path: Path) -> str:
    figure.savefig(path, dpi=DPI)
    return path.name


def _dialects(rows: Sequence[Facts]) -> Figure:
    """Ratio by CPU of each request on each store."""
    requests = list(dict.fromkeys(row["request"] for row in rows))
    figure = Figure(figsize=(7.2, 0.42 * len(requests) + 1.3), layout="constrained")
    axes = figure.subplots()
    for step, (store, colour) in enumerate((("SQLite", BLUE), ("PostgreSQL", ORANGE))):
        found = {row["request"]: row["cpu_ratio"] for row in rows if row["variant"] == store}
        places = [position + 0.38 * step - 0.19 for position in range(len(requests))]
        bars = axes.barh(places, [found.get(name, 0) for name in requests], 0.36, color=colour, label=store)
        axes.bar_label(bars, fmt="%.2f", padding=2, fontsize=7)
    axes.axvline(1, color=GREY, linewidth=1)
    axes.set_yticks(range(len(requests)), requests, fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("requests per CPU second, 64 connections; bare aiohttp handler = 1", fontsize=8)
    axes.legend(fontsize=8, frameon=False)
    _plain(axes)
    return figure


def _others(rows: Sequence[Facts]) -> Figure:
    """Ratio by CPU of each program that answers the same peek, the best first."""
    ordered = sorted(rows, key=lambda row: -row["cpu_ratio"])
    names = {"SQLite": "invoice-gateway on SQLite"}
    figure = Figure(figsize=(7.2, 0.3 * len(ordered) + 1.0), layout="constrained")
    axes = figure.subplots()
    colours = [BLUE if row["variant"] in names else GREY for row in ordered]
    bars = axes.barh(range(len(ordered)), [row["cpu_ratio"] for row in ordered], 0.7, color=colours)
    axes.bar_label(bars, fmt="%.2f", padding=2, fontsize=7)
    axes.set_yticks(
        range(len(ordered)), [names.get(row["variant"], str(row["variant"])) for row in ordered], fontsize=8
    )
    axes.invert_yaxis()
    axes.set_xlabel("Resurs peeks per CPU second, 64 connections; bare aiohttp handler = 1", fontsize=8)
    _plain(axes)
    return figure


def _growth(curves: Sequence[Facts]) -> Figure:
    """Cost of each request by size of the store, as a multiple of its cost on the smallest store."""
    figure = Figure(figsize=(7.2, 2.6 * ((len(curves) + 1) // 2) + 0.2), layout="constrained")
    grid = figure.subplots((len(curves) + 1) // 2, 2, sharey=True, squeeze=False).flat
    for axes, curve in zip(grid, curves, strict=False):
        sizes = [row[0] for row in curve["rows"]]
        for position, (name, colour) in enumerate(zip(curve["columns"][1:5], COLOURS, strict=True), 1):
            costs = [row[position] / curve["rows"][0][position] for row in curve["rows"]]
            axes.plot(sizes, costs, marker="o", markersize=3, linewidth=1.2, color=colour, label=name)
        axes.set_xscale("log")
        axes.set_ylim(0, 2)
        axes.axhline(1, color=GREY, linewidth=0.8)
        axes.set_title(f"{curve['store']}: {curve['unit']}", fontsize=8)
        _plain(axes)
    first = figure.axes[0]
    first.set_ylabel("CPU, smallest store = 1", fontsize=8)
    first.legend(fontsize=7, frameon=False)
    return figure


def _plain(axes: Any) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
