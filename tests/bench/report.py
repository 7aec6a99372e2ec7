"""The figures as Markdown and JSON, and the tables that show them."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.bench.load import loader_name
from tests.bench.servers import LOADER_CORE, SERVER_CORE

Facts = Mapping[str, Any]

TITLES: Final = {
    "reads": "Each dialect's read",
    "writes": "Each dialect's durable write",
    "connections": "1, 8 and 256 connections",
    "journal": "The journal",
    "workers": "One process and two (PostgreSQL)",
    "two gateways": "Peeks beside another gateway that writes (PostgreSQL)",
    "documents": "Answers of 1,000 orders",
    "payments": "Payments of Resurs: 100,000 in the store, 64 connections",
    "services": "Services of 24SevenOffice: 100,000 customers in the store",
    "peers": "Other ways to answer the same peek",
    "issues": "Durable numbers a second",
}
HEAD: Final = (
    "| Request | Answered by | Conn. | Requests/s | p50 ms | p99 ms | CPU µs | Ratio (low–high) | Ratio by CPU | Goal |",
    "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
)


def machine() -> dict[str, Any]:
    """The machine that the figures were measured on."""
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return {
        "cpu": model[1] if model else platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "loader": loader_name(),
    }


def load_average() -> float:
    """The load average of the last minute: how many processes wanted a core."""
    return round(os.getloadavg()[0], 1)


def commit() -> dict[str, str]:
    """The measured version, if git knows it."""
    words = ["git", "rev-parse", "--short", "HEAD"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=Path(__file__).parent)
    return {"commit": done.stdout.strip()} if done.returncode == 0 else {}


def line(facts: Facts) -> str:
    """One row of a table."""
    first = f"| {facts['request']} | {facts['variant']} | {facts['connections']} | {facts['per_second']:,} "
    cpu = f"{facts['cpu_us']:,}" if facts["cpu_us"] else "–"
    if facts["store_cpu_us"]:
        cpu += f" + {facts['store_cpu_us']:,}"
    ratio = f"**{facts['ratio']:.2f}** ({facts['ratio_low']:.2f}–{facts['ratio_high']:.2f})"
    by_cpu = f"**{facts['cpu_ratio']:.2f}**" if facts["cpu_ratio"] else "–"
    goal = f"{facts['goal']:.2f}" if facts["goal"] else ""
    p99 = f"{facts['p99_ms']:.1f}" if facts["p99_ms"] else "–"
    return f"{first}| {facts['p50_ms']:.1f} | {p99} | {cpu} | {ratio} | {by_cpu} | {goal} |"


def tables(facts: Facts) -> str:
    """All groups, each with its remarks."""
    parts: list[str] = []
    rows = facts["rows"]
    for group in dict.fromkeys(facts["group"] for facts in rows):
        mine = pick(rows, group=group)
        parts += [f"### {TITLES[group]}", "", conditions(facts, group), "", *HEAD, *map(line, mine), ""]
        parts += [part for remark in remarks(mine) for part in (remark, "")]
    return "\n".join(parts).rstrip() + "\n"


def conditions(facts: Facts, group: str) -> str:
    """How busy the machine was, and which version was measured."""
    found = facts["measured"][group]
    busy = " to ".join(f"{load:g}" for load in found["load_average"])
    version = f", version {found['commit']}" if "commit" in found else ""
    return f"{found['rounds']} rounds of {found['seconds']:g} s, load average {busy}{version}."


def remarks(rows: Sequence[Facts]) -> list[str]:
    """Remarks about group commit, refused requests, and the lead over other servers."""
    groups = [
        f"{facts['request']} on {facts['variant']} over {facts['connections']}: {facts['jobs_per_group']:.1f}"
        for facts in rows
        if facts["jobs_per_group"]
    ]
    said = [f"Writes in one commit (one sync each): {'; '.join(groups)}."] if groups else []
    refused = sum(facts["not_2xx"] for facts in rows)
    if refused:
        share = max(facts["not_2xx"] / max(1, facts["answers"]) for facts in rows)
        why = "a higher number had come first on another connection"
        said.append(f"Refused sets, which count as answers: {refused:,}, at most {share:.1%} of a row ({why}).")
    return [*said, *ahead(rows), *http_share(rows)]


def http_share(rows: Sequence[Facts]) -> list[str]:
    """How much of a durable number's cost is HTTP, where databases without HTTP stand beside it."""
    mine = [facts for facts in rows if facts["group"] == "issues"]
    shares = [
        f"{facts['request']} on {facts['variant']} {1 / facts['cpu_ratio']:.1f}"
        for facts in mine
        if facts["variant"] in {"SQLite", "PostgreSQL"} and facts["cpu_ratio"]
    ]
    if not shares:
        return []
    what = "what one bare answer over HTTP takes (1.0); the rest is XML, the dialect, the rules, ledger and store"
    return [f"CPU of a durable number in multiples of {what}: {'; '.join(shares)}."]


def ahead(rows: Sequence[Facts]) -> list[str]:
    """The gateway's lead over each other server, as a factor by requests and by CPU."""
    mine = [facts for facts in rows if facts["group"] == "peers" and facts["variant"] == "SQLite"]
    said = [
        f"{facts['variant']} {mine[0]['per_second'] / facts['per_second']:.1f}× ({facts['cpu_us'] / mine[0]['cpu_us']:.1f}×)"
        for facts in rows
        if mine and facts["group"] == "peers" and facts["variant"] not in {"SQLite", rows[0]["variant"]}
    ]
    return [f"The gateway's requests per second as a multiple (by CPU): {'; '.join(said)}."] if said else []


METHOD: Final = """\
Every figure is a median over rounds. In a round each variant runs once, in an order that turns around, and is divided by the
bare aiohttp handler **of the same round**: it reads the body of the same request and answers 400 fixed bytes, on asyncio.
Server on core {server}; loader ({loader}) and database on core {other}. Journal and request log are off unless a row says
otherwise. Rows of two processes use both cores for everything.

- **Ratio**: requests per second. What a client sees, waiting for the disk included; shaken by whatever else the machine does.
- **Ratio by CPU**: CPU time (user + system) that the server process spends on a request. What a core can carry; hardly shaken.
  A second figure in the CPU column is the database server's, which has a core of its own and is not in the ratio.

A load average above 2 means that other work shared the two cores: then only the ratio by CPU says something.
Machine: {cpu}, {cores} cores, {system}, Python {python}."""


def method(facts: Facts) -> str:
    """How it was measured."""
    return METHOD.format(**facts["machine"], server=SERVER_CORE, other=LOADER_CORE)


def markdown(facts: Facts) -> str:
    """All figures as one page."""
    parts = ["# Speed", "", f"Last written by `{facts['command']}`.", "", method(facts), "", tables(facts)]
    parts += start_lines(facts)
    parts += upload_lines(facts)
    parts += growth_lines(facts, "growth", "### Growth", GROWTH)
    parts += growth_lines(facts, "records", "### Records", RECORDS)
    if facts["skipped"]:
        parts += ["### Not measured here", "", *(f"- {name}: {why}" for name, why in facts["skipped"].items()), ""]
    return "\n".join(parts).rstrip() + "\n"


def start_lines(facts: Facts) -> list[str]:
    """Cold start and memory."""
    if not facts.get("start"):
        return []
    head = [
        "### Start and memory",
        "",
        "| | Seconds to the first answer | CPU seconds | RSS MB after it | RSS MB after load |",
    ]
    rows = [
        f"| {row['name']} | {row['seconds']:.2f} | {row['cpu_seconds']:.2f} | {row['rss_mb']:.0f} "
        f"| {row['rss_loaded_mb'] or '–'} |"
        for row in facts["start"]
    ]
    return [*head, "|---|---:|---:|---:|---:|", *rows, ""]


UPLOADS: Final = """\
A file of AttachmentService goes in and comes out in pieces, one after the other. Memory is how much more the process has at
its peak than it had before."""


def upload_lines(facts: Facts) -> list[str]:
    """Time and memory of a large attachment."""
    if not facts.get("uploads"):
        return []
    head = [
        "### A large attachment",
        "",
        conditions(facts, "uploads"),
        "",
        UPLOADS,
        "",
        "| Store | MB | Bytes of a piece | Seconds in | MB more | Seconds out | MB more |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    rows = [
        f"| {row['name']} | {row['megabytes']} | {row['chunk']:,} | {row['in_seconds']:.1f} | {row['in_mb']:.0f} "
        f"| {row['out_seconds']:.1f} | {row['out_mb']:.0f} |"
        for row in facts["uploads"]
    ]
    return [*head, *rows, ""]


GROWTH: Final = """\
CPU of the server a request, in requests of the bare handler of the same round (16 connections); then seconds from starting
the process to its first answer with such a store, and its memory after that."""


RECORDS: Final = """\
Milliseconds of a question or command to the store, median of 25, one after the other; a save is durable then. Then the size of
the store, and the seconds until it is open."""


def growth_lines(facts: Facts, group: str, title: str, text: str) -> list[str]:
    """The curves of a group as tables."""
    if not facts.get(group):
        return []
    parts = [title, "", conditions(facts, group), "", text, ""]
    for curve in facts[group]:
        columns = curve["columns"]
        parts += [f"**{curve['title']}**", "", "| " + " | ".join(columns) + " |", "|" + "---:|" * len(columns)]
        parts += ["| " + " | ".join(map(_cell, row)) + " |" for row in curve["rows"]]
        parts.append("")
    return parts


def _cell(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def as_json(facts: Facts) -> str:
    """JSON with one row a line."""
    body = {**facts, "rows": "ROWS"}
    rows = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in facts["rows"])
    return json.dumps(body, indent=1, ensure_ascii=False).replace('"ROWS"', f"[\n{rows}\n ]") + "\n"


def write(facts: Facts, folder: Path) -> None:
    """Write `bench.json` and `bench.md`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.json").write_text(as_json(facts), encoding="utf-8")
    (folder / "bench.md").write_text(markdown(facts), encoding="utf-8")


def pick(rows: Iterable[Facts], **wanted: Any) -> list[Facts]:
    """The rows that have these values."""
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]
