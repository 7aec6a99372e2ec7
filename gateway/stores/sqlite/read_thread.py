"""A thread with a read-only connection of its own, so that a slow question in one thread does not delay those in another."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

from gateway.core.ports import StoreUnavailableError
from gateway.stores.engine.statements import Row
from gateway.stores.errors import StoreDamagedError, StoreError
from gateway.stores.sqlite.connection import Connection
from gateway.stores.sqlite.file import Reader
from gateway.stores.sqlite.publication import Publication

T = TypeVar("T")
_Question: TypeAlias = tuple[Callable[[Reader], Any], asyncio.Future[Any]]
Outcome: TypeAlias = tuple[Any, int] | Exception
"""A result with the mark of the last commit that it shows, or what the one who asked gets instead."""

_TURN_SECONDS: Final = 0.005
"""After so long the thread hands back the answers it has; the remaining questions wait for its next turn."""


class ReadingThread:
    """Opens the file at the first question; answers one question after the other.

    All questions that wait go to the thread together, because the way there and back costs more than reading a document.

    publication: what has to show a commit before an answer does.
    """

    def __init__(self, path: Path, name: str, publication: Publication) -> None:
        self._path = path
        self._publication = publication
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._reader: Reader | None = None
        self._waiting: deque[_Question] = deque()
        self._is_under_way = False
        self._is_closed = False

    async def ask(self, work: Callable[[Reader], T]) -> T:
        """Run `work` in the thread. Raises StoreUnavailableError, StoreOpenError."""
        return (await self.asked(work))[0]

    async def asked(self, work: Callable[[Reader], T]) -> tuple[T, int]:
        """The same, with the mark of the last commit that the result shows."""
        if self._is_closed:
            raise StoreUnavailableError(f"store {self._path} is closed")
        if self._publication.trouble:
            self._publication.check()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[tuple[T, int]] = loop.create_future()
        self._waiting.append((work, answer))
        if not self._is_under_way:
            self._is_under_way = True
            loop.call_soon(self._hand_over)
        try:
            found = await answer
        except StoreDamagedError as error:
            self._publication.take(error)
            raise StoreUnavailableError(str(error)) from error
        except sqlite3.Error as error:
            raise StoreUnavailableError(f"cannot read store {self._path}: {error}") from error
        if found[1] != self._publication.mark:
            await self._publication.reached(found[1])
        return found

    def _hand_over(self) -> None:
        questions = list(self._waiting)
        self._waiting.clear()
        answering = asyncio.get_running_loop().run_in_executor(self._thread, self._answer, [q[0] for q in questions])
        answering.add_done_callback(lambda done: self._tell(questions, done.result()))

    def _answer(self, works: Sequence[Callable[[Reader], Any]]) -> list[Outcome]:
        """In the thread: answer questions from the first one on, at least one, until the turn is over.

        They share one transaction. It begins after all of them were asked, so each sees what was committed before it.
        """
        try:
            if self._reader is None:
                self._reader = Reader(self._path)
            with self._reader.instant():
                return self._answers(self._reader, works)
        except Exception as error:  # nothing can be read now
            return [error] * len(works)

    def _answers(self, reader: Reader, works: Sequence[Callable[[Reader], Any]]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        enough = time.monotonic() + _TURN_SECONDS
        for work in works:
            try:
                outcomes.append((work(reader), reader.seen))
            except Exception as error:
                outcomes.append(error)
            if time.monotonic() > enough:
                break
        return outcomes

    def _tell(self, questions: Sequence[_Question], outcomes: Sequence[Outcome]) -> None:
        self._waiting.extendleft(reversed(questions[len(outcomes) :]))
        for (_, answer), outcome in zip(questions, outcomes, strict=False):
            if answer.done():  # the one who asked was cancelled
                continue
            if isinstance(outcome, Exception):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome)
        if self._waiting:
            self._hand_over()
        else:
            self._is_under_way = False

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in the thread; all that it reads is of one instant. Raises as `ask` does."""
        return await self.ask(lambda reader: reader.within(work))

    async def select(self, *selects: tuple[str, Sequence[Any]]) -> list[Sequence[Row]]:
        """The rows of several SELECTs, all of one instant; `{}` in a text stands for a value."""

        def work(connection: Connection) -> list[Sequence[Row]]:
            return [connection.run(text, *values).fetchall() for text, values in selects]

        return await self.read(work)

    async def close(self) -> None:
        """Answer what waits, close the connection and end the thread. May be called more than once."""
        if self._is_under_way:
            with contextlib.suppress(StoreError, StoreUnavailableError):
                await self.ask(lambda _: None)
        self._is_closed = True
        if self._reader is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._close_reader)
        self._thread.shutdown(wait=False)

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
