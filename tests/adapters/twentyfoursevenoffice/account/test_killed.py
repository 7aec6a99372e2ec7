"""A server that is killed amid reservations and saves: nothing that it answered is lost, nothing is done twice."""

from __future__ import annotations

import json
import re
import signal
import threading
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from tests.adapters.twentyfoursevenoffice.account.office import V004, bundle, bundle_list, voucher
from tests.adapters.twentyfoursevenoffice.tenants import NAMESPACE, PATH, credential, envelope
from tests.long_form import short_or_long
from tests.processes import Running, serving

pytestmark = pytest.mark.long_form

CLIENTS: Final = 4
ROUNDS: Final = short_or_long(1, 12)
ANSWERS: Final = 25
"""So many good answers there are in a round before the server is killed."""
ENTRY: Final = "<argEntryId><Date>2024-03-15</Date><SortNo>1</SortNo><EntryNo>0</EntryNo></argEntryId>"


@dataclass
class Books:
    """What clients were answered, over all rounds."""

    reserved: list[int] = field(default_factory=list)
    saved: list[int] = field(default_factory=list)
    unknown: dict[int, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    enough: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


def send(url: str, path: str, operation: str, inner: str, session: str = "") -> str:
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{NAMESPACE}/{operation}"'}
    headers |= {"Cookie": f"ASP.NET_SessionId={session}"} if session else {}
    request = urllib.request.Request(url + path, envelope(operation, inner).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        text: str = answer.read().decode()
    return text


def log_in(url: str) -> str:
    return send(url, PATH, "Login", credential()).partition("<LoginResult>")[2].partition("<")[0]


def booking(number: int) -> str:
    return bundle_list(bundle(voucher(number, amount=f"{number}.00")))


def work(url: str, session: str, books: Books) -> None:
    """Reserve a number, book it, and so on until the server is gone."""
    while True:
        number = 0
        try:
            number = int(re.findall(r"<EntryNo>(\d+)<", send(url, V004, "GetEntryId", ENTRY, session))[0])
            with books.lock:
                books.reserved.append(number)
                books.unknown[number] = "asked"
            answer = send(url, V004, "SaveBundleList", booking(number), session)
            assert "<Type>Ok</Type>" in answer, answer
        except (OSError, EOFError):
            return
        with books.lock:
            books.saved.append(number)
            del books.unknown[number]
        books.enough.release()


def round_until_killed(server: Running, books: Books) -> None:
    session = log_in(server.data_url)
    threads = [threading.Thread(target=work, args=(server.data_url, session, books)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for _ in range(ANSWERS):
        assert books.enough.acquire(timeout=120)
    server.process.send_signal(signal.SIGKILL)
    for thread in threads:
        thread.join(120)


def asked(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return json.load(answer)


def test_kill_9(tmp_path: Path) -> None:
    books = Books()
    for _ in range(ROUNDS):
        with serving(tmp_path) as server:
            round_until_killed(server, books)
    assert len(set(books.reserved)) == len(books.reserved), "a number was handed out twice"
    with serving(tmp_path) as server:
        session = log_in(server.data_url)
        in_doubt = sorted(books.unknown)
        for number in in_doubt:
            again = send(server.data_url, V004, "SaveBundleList", booking(number), session)
            assert re.findall("<Type>(.*?)</Type>", again)[0] in ("Ok", "DataAlreadySaved")
        for number in books.saved:
            again = send(server.data_url, V004, "SaveBundleList", booking(number), session)
            assert "DataAlreadySaved" in again, f"voucher {number} was lost"
        found = asked(f"{server.admin_url}/v1/tenants/demo/gaps?series=voucher-1-2024&line=voucher")
        (line,) = found["lines"]
        holes = {number for gap in found["items"] for number in range(gap["first"], gap["last"] + 1)}
        assert {gap["reason"] for gap in found["items"]} <= {"reserved"}
        booked = set(books.saved) | set(in_doubt)
        assert holes == set(range(1, line["end"])) - booked, "only reservations whose answer was lost"
