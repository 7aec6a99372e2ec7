"""The block of a page that shows the figures: it stands between two marks, and only the bench writes it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.bench.report import ahead, conditions, pick

Facts = Mapping[str, Any]
PAGE: Final = "docs/pages/explanation/speed.md"
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
PICTURES: Final = {
    "dialects.png": "Each dialect's requests beside a bare aiohttp handler",
    "peers.png": "The same peek, answered by other programs",
    "growth.png": "Cost of a request as the store grows",
}


def show(facts: Facts, path: Path, results: Path) -> None:
    """Replace the block.

    path: the page.
    results: the folder of the tables and pictures.
    """
    link = Path(os.path.relpath(results, path.parent))
    path.write_text(put_in(path.read_text(encoding="utf-8"), block(facts, link)), encoding="utf-8")


def put_in(text: str, block: str) -> str:
    """The text with the marked block replaced. Raises ValueError when the marks are missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{block.strip()}\n{END}{after}"


def block(facts: Facts, results: Path) -> str:
    """A table of the dialects, the pictures, and other figures worth a line.

    results: the folder of the tables and pictures, as a path from the page.
    """
    machine = facts["machine"]
    rows = facts["rows"]
    parts = [
        f"Ratio to a bare aiohttp handler of the same round, 64 connections, by CPU time a request (by requests per second);"
        f" {machine['cpu']}, {machine['cores']} cores, Python {machine['python']}, loader {machine['loader']}."
        f" [All rows and absolute figures]({results}/bench.md)."
        " `make bench BENCH_ARGS=--page` measured and wrote this.",
        "",
        *dialects(rows),
        "",
    ]
    if "reads" in facts["measured"]:
        parts += [f"({conditions(facts, 'reads')[:-1]}; a load above 2 shakes the figures in brackets.)", ""]
    parts += [f"![{text}]({results}/{name})\n" for name, text in PICTURES.items() if _has(facts, name)]
    parts += [f"- {text}" for text in (*ahead(pick(rows, group="peers")), *lines(facts))]
    return "\n".join(parts)


def _has(facts: Facts, picture: str) -> bool:
    group = {"dialects.png": "reads", "peers.png": "peers", "growth.png": "growth"}[picture]
    return group in facts["measured"]


def dialects(rows: Sequence[Facts]) -> list[str]:
    """Each read and durable write on both stores."""
    head = ["| Request | SQLite | Goal | PostgreSQL | Goal |", "|---|---:|---:|---:|---:|"]
    mine = [row for row in rows if row["group"] in {"reads", "writes"}]
    for request in dict.fromkeys(row["request"] for row in mine):
        cells = []
        for store in ("SQLite", "PostgreSQL"):
            found = pick(mine, request=request, variant=store)
            cells.append(f"**{found[0]['cpu_ratio']:.2f}** ({found[0]['ratio']:.2f})" if found else "–")
            cells.append(f"{found[0]['goal']:.2f}" if found and found[0]["goal"] else "")
        head.append(f"| {request} | " + " | ".join(cells) + " |")
    return head


def lines(facts: Facts) -> list[str]:
    """Lines about group commit, one connection, two processes, start and memory."""
    rows = facts["rows"]
    said = []
    grouped = [row["jobs_per_group"] for row in pick(rows, group="writes", variant="SQLite")]
    if grouped:
        said.append(
            f"SQLite, 64 connections: {min(grouped):.0f} to {max(grouped):.0f} writes share one commit, one sync each."
        )
    alone = pick(rows, group="connections", connections=1, request="Resurs set")
    by_variant = {row["variant"]: row["per_second"] for row in alone}
    bare = next((rate for name, rate in by_variant.items() if name.startswith("bare SQLite")), 0)
    if bare and "SQLite" in by_variant:
        said.append(
            f"One connection: {by_variant['SQLite']:,} durable sets a second over HTTP and SOAP; "
            f"{bare:,} bare SQLite transactions one after the other ({bare / by_variant['SQLite']:.1f}×)."
        )
    return [*said, *_workers(rows), *_uploads(facts), *_start(facts)]


def _workers(rows: Sequence[Facts]) -> list[str]:
    found = {row["variant"]: row for row in pick(rows, group="workers")}
    one, two = found.get("PostgreSQL, 1 worker"), found.get("PostgreSQL, 2 workers")
    bare = [row for name, row in found.items() if name.startswith("bare")]
    if not one or not two or len(bare) != 2:
        return []
    by_cpu = 2 * one["cpu_us"] / two["cpu_us"]
    return [
        f"Two workers on PostgreSQL: {two['per_second'] / one['per_second']:.2f}× the peeks of one, on two cores that loader "
        f"and database share (two bare handlers: {bare[1]['per_second'] / bare[0]['per_second']:.2f}×); by CPU a request, "
        f"{by_cpu:.2f}× with a core each."
    ]


def _uploads(facts: Facts) -> list[str]:
    found = facts.get("uploads", ())
    return [
        f"A file of {row['megabytes']} MB through AttachmentService on {row['name']}, in pieces of {row['chunk']:,} bytes: "
        f"{row['in_mb']:.0f} MB more memory while it comes in, {row['out_mb']:.0f} MB while it goes out."
        for row in found
    ]


def _start(facts: Facts) -> list[str]:
    if not facts.get("start"):
        return []
    last = facts["start"][-1]
    text = (
        f"Start to first answer: {last['seconds']:.2f} s ({last['cpu_seconds']:.2f} s of CPU), {last['rss_mb']:.0f} MB"
    )
    loaded = f", {last['rss_loaded_mb']} MB after all rows" if last["rss_loaded_mb"] else ""
    return [f"{text}{loaded}; goal: 0.6 s, 80 MB."]
