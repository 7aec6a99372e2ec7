"""Commands that ask a running gateway, and `explain`, used by a person and by a script."""

from __future__ import annotations

import base64
import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from gateway.cli import app
from gateway.cli.explanation import explain, read_request
from gateway.simulation.fault_models import POINTS
from gateway.testing.client import Admin, Gateway, Tenant
from gateway.testing.golden import CaseError
from tests.processes import run, serving

CASES = Path(__file__).parent.parent / "adapters"
TOKEN = "a-token-for-the-admin-port"
Invoke = Callable[..., Result]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("gateway")
    (folder / "gateway.yaml").write_text(f"admin_token: {TOKEN}\n", encoding="utf-8")
    with serving(folder, folder / "gateway.yaml") as running:
        yield Gateway(Admin(running.admin_url, TOKEN), running.data_url)


@pytest.fixture
def tenant(gateway: Gateway) -> Iterator[Tenant]:
    with gateway.tenant() as tenant:
        yield tenant


@pytest.fixture
def invoke(gateway: Gateway, tmp_path: Path) -> Invoke:
    """Run a command against the gateway, with the gateway's token in a file."""
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n", encoding="utf-8")

    def call(*words: str, code: int = 0) -> Result:
        environment = {"INVOICE_GATEWAY_ADMIN_URL": gateway.admin.url, "INVOICE_GATEWAY_ADMIN_TOKEN_FILE": str(file)}
        done = CliRunner().invoke(app, list(words), env=environment)
        assert done.exit_code == code, done.output + repr(done.exception)
        return done

    return call


def ask(tenant: Tenant, key: str | None = None) -> None:
    """One request of an InvoiceXpress client."""
    access = tenant.invoicexpress
    url = f"{access.url}?api_key={key or access.credentials['api_key']}"
    with urllib.request.urlopen(url, timeout=60) as answer:
        answer.read()


def as_json(done: Result) -> Any:
    return json.loads(done.stdout)


def test_requests(tenant: Tenant, invoke: Invoke) -> None:
    ask(tenant)
    shown = invoke("requests", "--tenant", tenant.id).stdout
    assert "sequences.list" in shown
    page = as_json(invoke("requests", "--tenant", tenant.id, "--operation", "sequences.list", "--json"))
    assert [entry["reply"]["status"] for entry in page["entries"]] == [200]
    raw = invoke("requests", "--raw", str(page["entries"][0]["id"])).stdout
    assert "GET /sequences.xml?api_key=[redacted] HTTP/1.1" in raw
    assert as_json(invoke("requests", "--tenant", tenant.id, "--status", "500", "--json"))["entries"] == []
    assert as_json(invoke("requests", "--tenant", tenant.id, "--near-misses", "--json"))["entries"] == []


def test_requests_that_almost_matched_say_why(tenant: Tenant, invoke: Invoke) -> None:
    began = tenant.admin.get("/v1/journal")["position"]
    with pytest.raises(urllib.error.HTTPError):
        ask(tenant, key="wrong")
    url = tenant.invoicexpress.url.replace("sequences", "SEQUENCES")
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(urllib.request.Request(url, headers={"User-Agent": "shouting"}), timeout=60)
    shown = invoke("requests", "--near-misses", "--limit", "2").stdout
    assert "near miss: wrong-credential" in shown
    assert "near miss: wrong-path-case" in shown
    assert "/SEQUENCES.xml" in shown, "where no operation was found, the path is told"
    page = as_json(invoke("requests", "--near-misses", "--user-agent", "shouting", "--json"))
    assert [entry["near_miss"] for entry in page["entries"] if entry["id"] > began] == ["wrong-path-case"]


def test_requests_are_counted_and_told_by_time_and_client(tenant: Tenant, invoke: Invoke) -> None:
    ask(tenant)
    own = ["requests", "--tenant", tenant.id]
    assert invoke(*own, "--count").stdout == "1\n"
    assert as_json(invoke(*own, "--count", "--since", "2099-01-01T00:00:00Z", "--json"))["count"] == 0
    assert as_json(invoke(*own, "--until", "2099-01-01T00:00:00Z", "--json"))["entries"]
    assert invoke(*own, "--count", "--strict").stdout == "0\n"
    assert invoke(*own, "--count", "--near-misses").stdout == "0\n"
    clients = invoke(*own, "--clients").stdout
    assert "Python-urllib" in clients
    (client,) = as_json(invoke(*own, "--clients", "--json"))["clients"]
    assert (client["requests"], client["would_fail"]) == (1, 0)


def test_kinds_of_faults(invoke: Invoke) -> None:
    kinds = {own["kind"]: own for own in as_json(invoke("faults", "kinds", "--json"))}
    assert set(kinds) == set(POINTS)
    assert kinds["lost_reply"]["points"] == ["after_commit"]
    assert "overloaded" in kinds["failure"]["values"][0]
    assert "NumberTaken" in kinds["refusal"]["values"][0]
    assert all(own["meaning"] and "`" not in own["meaning"] for own in kinds.values())
    shown = invoke("faults", "kinds").stdout
    assert all(kind in shown for kind in POINTS)


def test_wait(tenant: Tenant, invoke: Invoke) -> None:
    ask(tenant)
    words = ["wait", "--tenant", tenant.id, "--timeout", "0.05"]
    assert "sequences.list → 200" in invoke(*words).stdout
    assert as_json(invoke(*words, "--json"))["matched"] is True
    assert "1 of 2 within" in invoke(*words, "-n", "2", code=1).output
    assert "0 of 1 within" in invoke(*words, "--from-now", code=1).output


def test_faults(tenant: Tenant, invoke: Invoke) -> None:
    fault = invoke(
        "faults",
        "add",
        "failure",
        "failure=overloaded",
        "--tenant",
        tenant.id,
        "--dialect",
        "invoicexpress",
        "--first",
        "1",
    ).stdout.strip()
    with pytest.raises(urllib.error.HTTPError):
        ask(tenant)
    ask(tenant)
    (listed,) = as_json(invoke("faults", "list", "--tenant", tenant.id, "--json"))
    assert (listed["id"], listed["hits"], listed["calls"]) == (fault, 1, 2)
    assert "failure failure=overloaded" in invoke("faults", "list", "--tenant", tenant.id).stdout
    assert "removed after 1 hits in 2 calls" in invoke("faults", "remove", fault).output
    invoke("faults", "add", "latency", "seconds=0.01", "--tenant", tenant.id)
    assert "1 rules removed" in invoke("faults", "clear", "--tenant", tenant.id).output


def test_state(tenant: Tenant, invoke: Invoke, tmp_path: Path) -> None:
    wanted = tmp_path / "seed.yaml"
    wanted.write_text(
        "series:\n  - {key: main, numbers: {invoice: 445}}\n  - {key: other, name: 2024}\n", encoding="utf-8"
    )
    wanted.write_text(wanted.read_text(encoding="utf-8").replace("name: 2024", 'name: "2024"'), encoding="utf-8")
    with wanted.open("a", encoding="utf-8") as file:
        file.write("payments:\n  - {id: P-1, amount: 9.50}\n  - {id: P-2, amount: 20}\n")
    said = invoke("seed", str(wanted), "--tenant", tenant.id, "--reason", "a test").output
    assert "445" in said
    assert "payments: 2 made" in said
    assert [(one["id"], float(one["amount"])) for one in tenant.kept("payments")] == [("P-1", 9.5), ("P-2", 20)]
    tenant.assert_next(445)
    invoke("snapshot", "save", "before", "--tenant", tenant.id)
    tenant.set_next(900)
    assert [one["name"] for one in as_json(invoke("snapshot", "list", "--tenant", tenant.id, "--json"))] == ["before"]
    invoke("snapshot", "restore", "before", "--tenant", tenant.id)
    tenant.assert_next(445)
    assert as_json(invoke("snapshot", "drop", "before", "--tenant", tenant.id, "--json")) == {"dropped": "before"}
    assert as_json(invoke("reset", "--tenant", tenant.id, "--json"))["series"][0]["key"] == "main"
    tenant.assert_next(None)


def test_gaps(tenant: Tenant, invoke: Invoke) -> None:
    tenant.set_next(445)
    tenant.set_next(450)
    found = as_json(invoke("gaps", "--tenant", tenant.id, "--json"))
    assert [(gap["first"], gap["last"], gap["reason"]) for gap in found["items"]] == [(445, 449, "set")]
    done = invoke("gaps", "--tenant", tenant.id, "--series", "main", "--kind", "invoice")
    assert "445" in done.stdout
    assert "0 held, 5 missing" in done.output


def test_mistakes_are_a_line_and_an_exit_code(gateway: Gateway, tmp_path: Path) -> None:
    known = {"INVOICE_GATEWAY_ADMIN_TOKEN": TOKEN}
    here = ["--admin-url", gateway.admin.url]
    for words, extra, said in [
        (["reset", "--tenant", "nobody", *here], known, "tenant-unknown"),
        (["gaps", "--tenant", "x", *here], {}, "unauthorized"),
        (["requests", "--admin-url", "http://127.0.0.1:9"], known, "no gateway answers at http://127.0.0.1:9"),
        (["faults", "add", "no-such-kind", *here], known, "invalid-request"),
    ]:
        done = run(*words, folder=tmp_path, **extra)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
        assert said in done.stderr
    usage = run("faults", "add", "latency", "two", *here, folder=tmp_path)
    assert (usage.returncode, "name=value" in usage.stderr) == (2, True)


def message(case: str, **headers: str) -> bytes:
    """A request of Resurs's golden cases, in the form in which it is sent."""
    body = (CASES / "resurs" / "cases" / case / "request.xml").read_bytes()
    named = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"POST /ws/V4/ConfigurationService HTTP/1.1\r\nHost: x\r\n{named}\r\n".encode() + body


BASIC = "Basic " + base64.b64encode(b"shop:not-the-demo-password").decode()


@pytest.mark.parametrize(
    ("authorization", "as_demo"),
    [("Basic ZGVtby1zZTpkZW1vLXNlY3JldA==", False), ("Basic [redacted]", False), (BASIC, True)],
)
def test_explain_says_the_same_in_the_other_dialects(authorization: str, as_demo: bool) -> None:
    found = explain(message("setInvoiceSequence/sample", Authorization=authorization, Content_Type="text/xml"))
    assert (found.dialect, found.operation, found.status, found.as_demo) == (
        "resurs",
        "setInvoiceSequence",
        200,
        as_demo,
    )
    (asked,) = found.asked
    assert (asked.command, asked.parameters["next_number"]) == ("SetNext", 445)
    same = {saying.dialect: saying for saying in found.same}
    assert "<current_invoice_number>444</current_invoice_number>" in same["invoicexpress"].request
    assert '"NextNumberShouldBe":445' in same["qqsolutions"].request
    assert same["twentyfoursevenoffice"].reason


@pytest.mark.parametrize(
    ("raw", "dialect", "operation", "command"),
    [
        (b"GET /sequences.xml?api_key=demo-key HTTP/1.1\n\n", "invoicexpress", "sequences.list", "ListSeries"),
        (b"GET /sequences/1.xml?api_key=[redacted] HTTP/1.1\n\n", "invoicexpress", "sequences.get", "GetSeries"),
        (
            b"GET http://x/v1/Locations/37/Finance/InvoiceNumbers HTTP/1.1\nAuthorization: Bearer [redacted]\n\n",
            "qqsolutions",
            "GET v1/Locations/{locationID}/Finance/InvoiceNumbers",
            "GetSeries",
        ),
        (
            message("peekInvoiceSequence/sample", Authorization="Basic [redacted]"),
            "resurs",
            "peekInvoiceSequence",
            "PeekNext",
        ),
    ],
)
def test_explain_reads(raw: bytes, dialect: str, operation: str, command: str) -> None:
    found = explain(raw)
    assert (found.dialect, found.operation, [asked.command for asked in found.asked]) == (dialect, operation, [command])
    assert sum(bool(saying.request) for saying in found.same) == 2


def test_explain_knows_a_vendor_by_its_host() -> None:
    found = explain(b"GET /no/such/path HTTP/1.1\r\nhost: WebServices.24sevenoffice.com:443\r\n\r\n")
    assert (found.dialect, found.status) == ("twentyfoursevenoffice", 404)


def test_explain_refusals_and_clearing() -> None:
    lower = explain(message("setInvoiceSequence/lower", Authorization="Basic [redacted]"))
    assert lower.status == 500
    assert lower.asked[0].answer["refusal"] == "NumberBehind"
    cleared = explain(message("setInvoiceSequence/clear-absent", Authorization="Basic [redacted]"))
    assert {saying.reason for saying in cleared.same if saying.dialect != "twentyfoursevenoffice"} == {
        "cannot clear a line"
    }


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "first line"),
        (b"hello", "first line"),
        (b"GET /nowhere HTTP/1.1\n\n", "no dialect has the path /nowhere"),
        (b"GET / HTTP/1.1\nno header\n\n", "not a header"),
    ],
)
def test_explain_nothing(raw: bytes, said: str) -> None:
    with pytest.raises(CaseError, match=said):
        explain(raw)


def test_a_raw_request_is_read_as_it_goes_over_the_wire() -> None:
    case = read_request(b"\r\nPUT http://h:1/a?b=c HTTP/1.1\r\nA: b\r\nContent-Length: 3\r\n\r\nabcdef")
    assert (case.method, case.path, case.headers["A"], case.body) == ("PUT", "/a?b=c", "b", b"abc")


def test_explain_on_the_command_line(tmp_path: Path) -> None:
    raw = message("setInvoiceSequence/sample", Authorization=BASIC, Content_Type="text/xml")
    (tmp_path / "request.txt").write_bytes(raw)
    shown = CliRunner().invoke(app, ["explain", str(tmp_path / "request.txt")])
    assert shown.exit_code == 0, shown.output
    assert "the same in qqsolutions:" in shown.output
    assert "explained as if the demo customer" in shown.output
    facts = json.loads(CliRunner().invoke(app, ["explain", "-", "--json", "--unset"], input=raw).stdout)
    assert facts["commands"][0]["answer"]["result"]["before"]["next_number"] is None
    assert run("explain", "no-such-file", folder=tmp_path).returncode == 2


def test_scaffold_client(tmp_path: Path) -> None:
    written = json.loads(CliRunner().invoke(app, ["scaffold", "client", "--into", str(tmp_path), "--json"]).stdout)
    assert {Path(path).name for path in written} >= {"__init__.py", "pytest_plugin.py", "tenant.py"}
    again = CliRunner().invoke(app, ["scaffold", "client", "--into", str(tmp_path)])
    assert again.exit_code == 0


def test_every_command_that_shows_something_has_json() -> None:
    silent = {"serve", "export", "schema"}  # a ready line; JSON lines or CSV; always JSON
    commands = [*app.registered_commands]
    for group in app.registered_groups:
        assert group.typer_instance is not None
        commands += group.typer_instance.registered_commands
    names = {command.name or getattr(command.callback, "__name__", "") for command in commands}
    assert names >= {
        "requests",
        "wait",
        "explain",
        "conform",
        "evidence",
        "gaps",
        "seed",
        "reset",
        "save",
        "add",
        "dialect",
    }
    for command in commands:
        name = command.name or getattr(command.callback, "__name__", "")
        assert name in silent or "as_json" in getattr(command.callback, "__annotations__", {}), name


def test_there_is_completion_for_the_shell() -> None:
    assert "--install-completion" in CliRunner().invoke(app, ["--help"]).output
