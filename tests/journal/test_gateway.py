"""The journal of a real gateway: no secret on disk, the canonical command beside the raw messages, nothing when it is off."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.config.yaml_file import ConfigError
from gateway.core.values import TenantId
from gateway.journal.models import Entry, Filter, JournalError
from gateway.server import wiring
from gateway.server.wiring import Gateway
from gateway.simulation.fault_models import FaultRule
from tests.conftest import EXAMPLE, MakeGateway, base_url, example_config, only
from tests.cross_dialect.faces import InvoiceXpress, Qq, Resurs
from tests.simulation.raw import PEEK, Rig, set_to, soap


def secrets_of(section: Any) -> set[str]:
    """Every value of the example configuration whose key marks it as secret."""
    if isinstance(section, dict):
        own = {
            str(v) for k, v in section.items() if re.search(r"password|secret|api_key|token", k) and isinstance(v, str)
        }
        return own.union(*map(secrets_of, section.values()))
    return set().union(*map(secrets_of, section)) if isinstance(section, list) else set()


SECRETS = secrets_of(yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))) - {""}


def on_disk(folder: Path) -> bytes:
    files = sorted(folder.glob("*.journal.db*"))
    assert files
    return b"".join(file.read_bytes() for file in files)


def test_the_example_has_secrets_to_look_for() -> None:
    assert {"demo-secret", "demo-key"} <= SECRETS


async def test_no_secret_reaches_the_disk(make_gateway: MakeGateway) -> None:
    client = await make_gateway()
    gateway: Gateway = client.server.gateway  # type: ignore[attr-defined]
    url, session = base_url(client), client.session
    qq = Qq(session, url)
    assert await Resurs(session, url).set(444)
    assert await qq.set(445)
    assert await InvoiceXpress(session, url).update(445)
    rig = Rig(client)
    await rig.send(soap("<c:changePassword><newPassword>demo-secret</newPassword></c:changePassword>"))
    await rig.send(soap("<c:newPassword>demo-secret"))  # broken, and in the wrong place
    odd = (("/sequences.xml?api%5Fkey=demo-key", None), ("/nowhere?api_key=demo-key", {"password": "demo-secret"}))
    for path, body in odd:
        async with session.post(url + path, data=body, headers={"Referer": f"{url}/?API_KEY=demo-key"}):
            pass
    assert gateway.journal is not None
    everything = Filter()
    assert (await gateway.journal.count(everything)).count >= 9
    found = on_disk(gateway.journal.path.parent)
    encoded = {base64.b64encode(f"demo-se:{secret}".encode()).decode() for secret in SECRETS}
    for secret in {*SECRETS, *encoded, qq.token}:
        assert secret.encode() not in found, secret
    assert b"peekInvoiceSequence" in found or b"setInvoiceSequence" in found  # the control: the messages are there
    assert qq.token


async def test_the_store_is_no_journal(make_gateway: MakeGateway, tmp_path: Path) -> None:
    store = tmp_path / "gateway-0" / "gateway.db"  # where the first gateway of a test has its store
    with pytest.raises(ConfigError, match=r"journal\.path: is the file of the store 'default'"):
        await make_gateway({**only("resurs"), "journal": {"path": str(store)}})
    assert store.exists()
    assert not list(store.parent.glob("*.damaged"))


async def entries_of(rig: Rig, **question: Any) -> list[Entry]:
    assert rig.gateway.journal is not None
    return list((await rig.gateway.journal.find(Filter(**question))).entries)


@pytest.fixture
async def rig(make_gateway: MakeGateway) -> Rig:
    return Rig(await make_gateway(only("resurs")))


async def test_a_command_its_parameters_and_its_result(rig: Rig) -> None:
    await rig.send(set_to(444))
    await rig.send(set_to(443))
    await rig.send(PEEK)
    done, refused, peeked = await entries_of(rig, tenant="demo")
    (command,) = done.commands
    assert (command.command, command.committed, command.refusal, command.error) == ("SetNext", True, None, "")
    assert command.parameters["next_number"] == 444
    assert command.parameters["counter"]["line"] == "invoice"
    assert command.result is not None
    assert (command.result["before"]["next_number"], command.result["after"]["next_number"]) == (None, 444)
    (command,) = refused.commands
    assert (refused.outcome, command.committed, command.result) == ("NumberBehind", False, None)
    assert command.refusal is not None
    facts = command.refusal.facts
    assert (command.refusal.name, facts["requested"], facts["next_number"]) == ("NumberBehind", 443, 444)
    (command,) = peeked.commands
    assert (command.command, command.committed, peeked.number) == ("PeekNext", False, 444)
    assert peeked.request.body.text.startswith("<s:Envelope")
    assert "<nextInvoiceNumber>444</nextInvoiceNumber>" in peeked.reply.body.text
    assert ("Authorization", "Basic [redacted]") in peeked.request.headers


async def test_what_a_fault_did_is_told(rig: Rig) -> None:
    added = rig.gateway.faults.add(FaultRule.model_validate({"action": {"kind": "lost_reply"}, "nth": 1}))
    rig.gateway.faults.add(FaultRule.model_validate({"action": {"kind": "reset"}, "operation": "peekInvoiceSequence"}))
    await rig.send(set_to(444))
    await rig.send(PEEK)
    lost, reset = await entries_of(rig)
    assert (lost.faults, lost.reply.broken, lost.reply.status) == ((added.id,), "reset", 200)
    assert [command.committed for command in lost.commands] == [True]
    assert (reset.outcome, reset.reply.status, reset.reply.broken, reset.commands) == ("reset", None, "reset", ())


NEAR = [
    ("wrong-namespace", soap('<peekInvoiceSequence xmlns="urn:other"/>')),
    ("unknown-operation", soap("<c:peekInvoiceSequences/>")),
    ("wrong-credential", soap("<c:peekInvoiceSequence/>", credentials="ZGVtby1zZTp3cm9uZw==")),
    ("unreadable-message", soap("<c:peek")),
    ("unknown-path", soap("<c:peekInvoiceSequence/>", path="/ws/V4/NoService")),
    ("wrong-path-case", soap("<c:peekInvoiceSequence/>", path=Resurs.path.lower())),
]


@pytest.mark.parametrize(("code", "request_bytes"), NEAR)
async def test_near_misses(rig: Rig, code: str, request_bytes: bytes) -> None:
    await rig.send(PEEK)
    seen = await rig.send(request_bytes)
    assert seen.status >= 400
    assert rig.gateway.journal is not None
    page = await rig.gateway.journal.near_misses()
    assert [entry.near_miss for entry in page.entries] == [code]
    assert (await rig.gateway.journal.near_misses(Filter(near_miss=code))).entries == page.entries


async def test_who_is_not_known_belongs_to_no_tenant(rig: Rig) -> None:
    await rig.send(NEAR[2][1])
    assert [entry.tenant for entry in await entries_of(rig, tenant="")] == [None]
    assert await entries_of(rig, tenant="demo") == []


async def test_strict_refuses_before_anything_is_consumed(make_gateway: MakeGateway) -> None:
    series = [{"key": "main", "default": True}]
    account = {"username": "demo-se", "password": "demo-secret", "country": "SE", "series": "main"}
    tenant = {"id": "demo", "profile": "strict", "series": series, "resurs": {"accounts": [account]}}
    rig = Rig(await make_gateway({**only("resurs"), "tenants": [tenant]}))
    pasted = set_to(444)
    head, _, body = pasted.partition(b"\r\n\r\n")
    body += b"\xc2\xa0"
    head = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(body), head)
    seen = await rig.send(head + b"\r\n\r\n" + body)
    assert (seen.status, b"<errorTypeId>1<" in seen.body, b"strict profile" in seen.body) == (500, True, True)
    assert await rig.moves() == []
    (entry,) = await entries_of(rig)
    assert (entry.outcome, entry.findings, entry.commands) == ("strict", ("trailing-content",), ())
    assert (await rig.send(set_to(444))).status == 200
    rig.gateway.watch.strict.discard(TenantId("demo"))
    assert (await rig.send((head + b"\r\n\r\n" + body).replace(b"444", b"445"))).status == 200
    assert await rig.moves() == [444, 445]


async def test_off_touches_no_journal(
    tmp_path: Path, aiohttp_client: Any, make_gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("the journal is off")

    monkeypatch.setattr(wiring, "new_journal", never)
    for name in ("record", "start", "_hand_over"):
        monkeypatch.setattr(wiring.Journal, name, never)
    rig = Rig(await make_gateway({**only("resurs"), "journal": {"mode": "off"}}))
    assert rig.gateway.journal is None
    assert not rig.gateway.watch.active
    assert (await rig.send(set_to(444))).status == 200
    folder = rig.gateway.store.default.path.parent  # type: ignore[attr-defined]
    assert list(folder.glob("*journal*")) == []


async def test_off_and_on_again_leaves_a_gap(tmp_path: Path) -> None:
    async def run(mode: str) -> tuple[bool, list[str]]:
        config, document = example_config(tmp_path, {**only("resurs"), "journal": {"mode": mode}})
        async with Gateway(config, document) as gateway:
            if gateway.journal is None:
                return True, []
            completeness = (await gateway.journal.count()).completeness
            return completeness.complete, [gap.reason for gap in completeness.gaps]

    assert await run("on") == (True, [])
    assert await run("on") == (True, [])
    await run("off")
    assert await run("on") == (False, ["off"])


def test_yaml_reads_on_and_off_as_words(tmp_path: Path) -> None:
    for mode in ("on", "off"):
        text = EXAMPLE.read_text(encoding="utf-8").replace("mode: on ", f"mode: {mode} ")
        folder = tmp_path / mode
        folder.mkdir()
        (folder / "config.yaml").write_text(text, encoding="utf-8")
        from gateway.config.loading import load_config

        assert load_config(folder / "config.yaml")[0].journal.mode == mode


async def test_a_journal_that_cannot_be_opened_stops_the_start_with_a_text(tmp_path: Path) -> None:
    config, document = example_config(
        tmp_path, {**only("resurs"), "journal": {"path": str(tmp_path / "config.yaml" / "x")}}
    )
    with pytest.raises(JournalError, match="cannot open journal"):
        async with Gateway(config, document):
            pass


async def test_figures_are_among_the_metrics(rig: Rig) -> None:
    await rig.send(PEEK)
    text = rig.gateway.metrics.exposition()[0].decode()
    assert "invoice_gateway_journal_recorded 1.0" in text
