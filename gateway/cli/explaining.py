"""The command explain."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.common import JsonOption, out, say, show

if TYPE_CHECKING:
    from gateway.cli.explanation import Explanation

app = typer.Typer()


@app.command()
def explain(
    file: Annotated[
        Path, typer.Argument(help="A raw request: request line, headers, empty line, body; - for standard input.")
    ],
    next_number: Annotated[int, typer.Option("--next", help="The next number of the line that it meets.")] = 444,
    unset: Annotated[bool, typer.Option("--unset", help="The request meets a line that was never set.")] = False,
    as_json: JsonOption = False,
) -> None:
    """What a request is: dialect, operation, canonical command, and how the other dialects would say the same."""
    from gateway.cli.explanation import explain as explained
    from gateway.spi.foreign_text import TextError, read_bytes

    try:
        raw = read_bytes(sys.stdin.buffer if str(file) == "-" else file)
    except TextError as error:
        raise typer.BadParameter(f"{file} {error}") from None
    found = explained(raw, None if unset else next_number)
    if as_json:
        out(found.facts())
        return
    _print(found)


def _print(found: Explanation) -> None:
    import json

    show(f"dialect    {found.dialect}: {found.title}")
    show(f"operation  {found.operation or '(none)'}")
    show(f"outcome    {found.outcome}, status {found.status}")
    for finding in found.findings:
        show(f"finding    {finding}")
    for asked in found.asked:
        show(f"\n{asked.command} {json.dumps(asked.parameters, ensure_ascii=False)}")
        show(f"→ {json.dumps(asked.answer, ensure_ascii=False)}")
    show(f"\nanswer:\n{found.reply}")
    for saying in found.same:
        show(
            f"\nthe same in {saying.dialect}: {saying.reason}".rstrip()
            + ("" if saying.reason else f"\n{saying.request}")
        )
    if found.as_demo:
        say("no customer here has its credentials; explained as if the demo customer of the golden cases had sent it")
