"""Commands about whole stores: begin them, copy them, put a copy back."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn, TypeVar

import typer

from gateway.cli.common import ConfigOption, JsonOption, load, out, say, show

if TYPE_CHECKING:
    from gateway.config.model import Config
    from gateway.config.yaml_file import Document
    from gateway.tenants.moving_on import Wish
    from gateway.tenants.restoring import Restored
    from gateway.tenants.store_init import StoreBegun

app = typer.Typer(help="Whole stores: begin them, back them up, restore them.", no_args_is_help=True)

T = TypeVar("T")
_MOST_LINES: Final = 50
NameOption = Annotated[
    str | None,
    typer.Option("--store", help="Name of the store; needed when several are configured.", show_default=False),
]
AheadOption = Annotated[
    int | None,
    typer.Option(
        help="How many numbers each line may have given out since the copy was made; 0 says none.", show_default=False
    ),
]
NextOption = Annotated[
    list[str] | None,
    typer.Option(
        "--next", help="TENANT/SERIES/KIND=N: where one line goes on, instead; may be repeated.", show_default=False
    ),
]


def _wrong(text: str) -> NoReturn:
    """End the program because of what was typed."""
    say(f"invoice-gateway: {text}")
    raise typer.Exit(2)


def _chosen(config: Config, name: str | None) -> tuple[str, str]:
    """A store's name and URL."""
    sections = config.store_sections()
    if name is None and len(sections) > 1:
        _wrong(f"--store is needed, because several stores are configured: {', '.join(sections)}")
    chosen = next(iter(sections)) if name is None else name
    if chosen not in sections:
        _wrong(f"--store: found {name!r}: no store of this name (a name, no address); allowed: {', '.join(sections)}")
    return chosen, sections[chosen].url.get_secret_value()


@app.command("init")
def store_init(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Make the stores that do not exist, and begin the production tenants that no store has anything of.

    A gateway refuses to begin these by itself. What is there already stays as it is.
    """
    loaded, document = load(config)
    done = _begin(loaded, document)
    if as_json:
        out([asdict(one) for one in done])
        return
    for one in done:
        for text in _said(one) or [f"store {one.store!r} ({one.address}): nothing to begin"]:
            show(text)


def begin_and_say(config: Config, document: Document, *, accept: bool) -> None:
    """What `serve --new-store` does before it serves. accept: also in a store that is older than the watermark."""
    texts = [text for one in _begin(config, document, accept=accept) for text in _said(one)]
    for text in texts or [
        "--new-store had nothing to begin; leave it out of the next start, because it takes away a protection"
    ]:
        say(text)


def _begin(config: Config, document: Document, *, accept: bool = False) -> list[StoreBegun]:
    from gateway.config.validated import plan
    from gateway.tenants.store_init import begin

    return asyncio.run(begin(plan(config, document), accept=accept))


def _said(begun: StoreBegun) -> list[str]:
    from gateway.tenants.beginning import shown

    head = f"store {begun.store!r} ({begun.address})"
    texts = [f"{head}: made a new store"] if begun.made else []
    if begun.tenants:
        texts.append(f"{head}: began production tenants: {shown(begun.tenants)}")
    return texts


@app.command("backup")
def store_backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
    config: ConfigOption = None,
    store: NameOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy a SQLite store into one file, of one instant, while a gateway serves or not. Prints what the copy holds."""
    loaded, _ = load(config)
    name, url = _chosen(loaded, store)
    from gateway.stores import POSTGRES, sqlite_path
    from gateway.stores.sqlite.backup import FileExistsAlreadyError, back_up

    if url.startswith(POSTGRES):
        _wrong(
            f"store {name!r} is in PostgreSQL: back it up with pg_dump, or with a base backup and the archived log for "
            "point-in-time recovery; after a restore run `invoice-gateway store restored` before any gateway starts"
        )
    try:
        held = back_up(sqlite_path(url).resolve(), file)
    except FileExistsAlreadyError as error:
        _wrong(str(error))
    if as_json:
        lines = [{**line._asdict(), "kind": line.line} for line in held.lines]  # `kind` is the former name
        out({"file": str(file), "store": name, "entries": held.entries, "last": held.last, "lines": lines})
        return
    last = f", the last one of {held.last}" if held.last else ""
    show(f"{file}: store {name!r}, {held.entries} ledger entries{last}")
    if held.lines:  # no line may have begun
        _table(["tenant", "series", "line", "next", "issued"], held.lines)


@app.command("restore")
def store_restore(
    file: Annotated[Path, typer.Argument(help="The copy, as `store backup` has made it; it stays as it is.")],
    config: ConfigOption = None,
    store: NameOption = None,
    ahead: AheadOption = None,
    following: NextOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a copy in the place of a SQLite store, and move its lines on. The gateway must not be running.

    The copy's ledger is verified first. The former store stays beside it under another name. Numbers that were given out after
    the copy was made are not in it: --ahead or --next says how far they may have gone.
    """
    loaded, _ = load(config)
    name, url = _chosen(loaded, store)
    from gateway.stores import POSTGRES
    from gateway.tenants.restoring import restore_file

    if url.startswith(POSTGRES):
        _wrong(
            f"store {name!r} is in PostgreSQL: restore it with pg_restore or point-in-time recovery, and then run "
            "`invoice-gateway store restored` before any gateway starts"
        )
    wish = _wish(ahead, following)
    _report(_moved(restore_file(loaded, name, file, wish)), f"restored from {file}", as_json)


@app.command("restored")
def store_restored(
    config: ConfigOption = None,
    store: NameOption = None,
    ahead: AheadOption = None,
    following: NextOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move the lines of a store on that was put back by other means, such as pg_restore. No gateway may be running on it.

    Numbers that were given out after the backup are not in the store: --ahead or --next says how far they may have gone.
    """
    loaded, _ = load(config)
    name, _ = _chosen(loaded, store)
    from gateway.tenants.restoring import restored_elsewhere

    wish = _wish(ahead, following)
    _report(_moved(restored_elsewhere(loaded, name, wish)), "lines moved on", as_json)


def _wish(ahead: int | None, following: Sequence[str] | None) -> Wish:
    from gateway.tenants.moving_on import WishError, read_wish

    try:
        return read_wish(ahead, following or ())
    except WishError as error:
        _wrong(str(error))


def _moved(work: Coroutine[Any, Any, T]) -> T:
    from gateway.tenants.moving_on import WishError

    try:
        return asyncio.run(work)
    except WishError as error:
        _wrong(f"nothing was changed: {error}")


def _report(done: Restored, what: str, as_json: bool) -> None:
    if as_json:
        out({**asdict(done), "moved": [line._asdict() for line in done.moved]})
        return
    last = f"; before it, the last entry was of {done.last}" if done.last else ""
    show(f"store {done.store!r} ({done.address}): {what}; {done.entries} ledger entries{last}")
    if done.kept:
        show(f"the former store is kept as {done.kept}")
    _table(["tenant", "series", "kind", "next in the copy", "next now"], [list(line) for line in done.moved])
    for text in done.cautions:
        say(f"note: {text}")


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """The first lines, for people."""
    from gateway.cli.remote import table

    table(head, [["unset" if cell is None else cell for cell in row] for row in rows[:_MOST_LINES]])
    if len(rows) > _MOST_LINES:
        say(f"and {len(rows) - _MOST_LINES} lines more; --json lists all")
