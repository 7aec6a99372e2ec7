"""The tests that every dialect must pass, besides its authors' own tests. Three lines in a test module run all of them:

    from gateway.testing.adapter_suite import AdapterSuite

    class TestMyVendor(AdapterSuite):
        dialect = "myvendor"

`dialect` is the name of an entry point of the group `invoice_gateway.adapters`. The golden cases beside it and their
`profile.toml` feed the tests; everything runs in this process, on the real rules, without a server or a database.
"""

from __future__ import annotations

import json
import random
import time
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Final

import pytest
from pydantic import BaseModel, ValidationError

from gateway.core.refusals import Refusal, Refused
from gateway.core.values import TenantId
from gateway.spi.adapter import Call, Failure, Reply, addresses_of, generated_binding
from gateway.spi.redaction import redactor_for
from gateway.spi.trace import Trace
from gateway.testing.coverage_table import coverage_differences, readmes
from gateway.testing.fact_names import facts_in
from gateway.testing.golden import BrokenCase, CaseError, GoldenCase, differences, earlier, learned, titles
from gateway.testing.harness import BASE_URL, Bench, Subject, call_to, check, check_sound, run, subject_of
from gateway.testing.line_state import state_differences, undeclared_lines
from gateway.testing.owned_series import shown_series_of_others
from gateway.testing.refusal_samples import one_of_each
from gateway.testing.request_mutations import spoilt
from gateway.testing.response_checks import text_of, with_other_text

_ODD_PATHS: Final = (
    "",
    "/",
    "//",
    "/%00",
    "/..",
    "/\u00e9",
    "/%zz",
    "*",
    "/" + "a" * 5000,
    "/?",
    "/\\",
    "/a b",
    "/readyz",
)
_CLAIM_SECONDS: Final = 0.000_5
"""The longest that `claims` may take for one path, on average: the data port asks it for every request of every dialect."""


class AdapterSuite:
    """Derive a class from it that names the dialect.

    dialect: the name of its entry point.
    settings: the dialect's own settings, for all tests but the golden cases.
    """

    dialect: ClassVar[str] = ""
    settings: ClassVar[dict[str, Any]] = {}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each refusal, failure and golden case; a broken case fails as `test_golden_case` alone."""
        if metafunc.cls is None or not getattr(metafunc.cls, "dialect", ""):
            return
        if "case" in metafunc.fixturenames:
            subject = subject_of(metafunc.cls.dialect)
            cases = subject.found if metafunc.function.__name__ == "test_golden_case" else subject.cases
            metafunc.parametrize("case", cases, ids=titles(cases))
        if "refusal" in metafunc.fixturenames:
            metafunc.parametrize("refusal", one_of_each(), ids=lambda refusal: type(refusal).__name__)
        if "failure" in metafunc.fixturenames:
            metafunc.parametrize("failure", list(Failure), ids=lambda failure: failure.name.lower())

    @property
    def subject(self) -> Subject:
        """The dialect, its cases and its profile."""
        return subject_of(self.dialect)

    def bench(self) -> Bench:
        """The dialect, built afresh."""
        return self.subject.bench(self.settings)

    # --- the adapter itself -------------------------------------------------------------------------------------------

    def test_the_adapter_is_what_its_entry_point_says(self) -> None:
        adapter = self.subject.adapter
        check(adapter.name == self.dialect, f"the adapter calls itself {adapter.name!r}")
        check(bool(adapter.title.strip()), "the adapter has no title")
        for model in (adapter.Settings, adapter.Binding):
            check(issubclass(model, BaseModel), f"{model.__name__} is no pydantic model")
            with pytest.raises(ValidationError):
                model.model_validate({"no-such-key": 1, **self._section(model)})

    def test_settings_all_have_defaults_and_do_not_change(self) -> None:
        settings = self.subject.adapter.Settings()
        check(bool(settings.model_config.get("frozen")), "Settings must be frozen: a dialect is built from them once")

    def test_there_are_golden_cases_and_tenants_for_them(self) -> None:
        check(bool(self.subject.cases), "no golden cases were found beside the adapter")
        check(bool(self.subject.profile.tenants), "profile.toml names no tenants")

    def test_it_can_be_built_without_tenants(self) -> None:
        bench = Bench(self.subject, {}, tenants=())
        for path in self.subject.paths:
            check_sound(run(bench.run(call_to(path))), f"GET {path}")

    def test_made_up_credentials_are_usable_and_differ(self) -> None:
        adapter, tenants = self.subject.adapter, ("made-up-1", "made-up-2")
        made = [generated_binding(adapter, TenantId(name), "main", random.Random(name)) for name in tenants]
        if None in made:
            pytest.skip("the adapter makes up no credentials; tenants made at run time must bring theirs")
        sections = [
            {"id": name, "series": [{"key": "main"}], self.dialect: own}
            for name, own in zip(tenants, made, strict=True)
        ]
        check(json.loads(json.dumps(made)) == made, "a made-up binding must be plain JSON values")
        bench = Bench(self.subject, self.settings, tenants=sections)
        given = [bench.dialect.endpoints(BASE_URL, TenantId(name)) for name in tenants]
        check(all(given), "endpoints names nothing for a made-up tenant")
        named = [{value for one in own for value in one.credentials.values()} for own in given]
        check(bool(named[0]) and named[0] != named[1], "two tenants have the same made-up credentials")
        for one in (one for own in given for one in own):
            path, _, query = one.url.removeprefix(BASE_URL).partition("?")
            check_sound(run(bench.run(call_to(path, query))), one.url)

    # --- paths --------------------------------------------------------------------------------------------------------

    def test_claims_is_consistent_and_cheap(self) -> None:
        dialect = self.bench().dialect
        paths = [*_ODD_PATHS, *self.subject.paths]
        check(all(dialect.claims(path) == dialect.claims(path) for path in paths), "claims changes its mind")
        # The bound is about a hundred times what a cheap `claims` takes: only a search or I/O in it reaches that.
        started = time.perf_counter()
        for _ in range(20):
            for path in paths:
                dialect.claims(path)
        each = (time.perf_counter() - started) / (20 * len(paths))
        check(each < _CLAIM_SECONDS, f"claims takes {each * 1e6:.0f} µs a path")

    def test_it_claims_some_paths_of_its_cases_but_not_everything(self) -> None:
        dialect = self.bench().dialect
        good = [case for case in self.subject.cases if case.status < 400]
        missed = [case.name for case in good if not dialect.claims(case.path.partition("?")[0])]
        check(not missed, f"answered in a golden case, but not claimed: {missed}")
        check(not dialect.claims("/no/vendor/has/this/path"), "claims every path")
        unclaimed = [path for path in addresses_of(dialect) if not dialect.claims(path)]
        check(not unclaimed, f"named as addresses, but not claimed: {unclaimed}")

    def test_what_endpoints_name_is_claimed_and_answered(self) -> None:
        bench = self.bench()
        endpoints = bench.dialect.endpoints(BASE_URL, bench.tenant)
        check(bool(endpoints), "endpoints names nothing, so a client does not know how to get there")
        for url in (url for endpoint in endpoints for url in (endpoint.url, endpoint.wsdl_url) if url):
            check(url.startswith(BASE_URL + "/"), f"{url} does not begin with the address by which the client came")
            check(" " not in url, f"{url!r} has a space, which no client can send")
            path, _, query = url.removeprefix(BASE_URL).partition("?")
            check(bench.dialect.claims(path), f"{path} is named, but not claimed")
            check_sound(run(bench.run(call_to(path, query))), url)

    # --- coverage -----------------------------------------------------------------------------------------------------

    def test_the_coverage_table_is_complete_in_itself(self) -> None:
        operations = self.bench().dialect.operations
        names = [operation.name for operation in operations]
        check(len(set(names)) == len(names), "an operation is listed twice")
        check(any(operation.served for operation in operations), "no operation is served")
        silent = [operation.name for operation in operations if not operation.served and not operation.note.strip()]
        check(not silent, f"declined without a reason: {silent}")

    def test_the_coverage_table_of_the_readme_says_what_the_dialect_declares(self) -> None:
        found = coverage_differences(self._readme(), self.bench().dialect.operations)
        check(not found, "\n".join(found))

    def test_every_served_operation_has_a_good_case_and_a_refused_one(self) -> None:
        profile = self.subject.profile
        for operation in self.bench().dialect.operations:
            own = [case for case in self.subject.cases if profile.operation_of(case) in {operation.name, "*"}]
            if not operation.served:
                continue
            good = [case for case in own if not profile.is_negative(case) and profile.operation_of(case) != "*"]
            check(bool(good), f"{operation.name}: no golden case that succeeds")
            check(any(map(profile.is_negative, own)), f"{operation.name}: no golden case that is refused")

    def test_cases_are_about_operations_of_the_table(self) -> None:
        known = {operation.name for operation in self.bench().dialect.operations} | {"*"}
        strange = {self.subject.profile.operation_of(case) for case in self.subject.cases} - known
        check(not strange, f"cases about operations that the coverage table does not list: {sorted(strange)}")

    def test_cases_cite_facts_of_the_readme(self) -> None:
        facts = facts_in(self._readme())
        unknown = {case.name: case.source for case in self.subject.cases if not facts_in(case.source) <= facts}
        check(not unknown, f"sources that the README does not have: {unknown}")

    # --- golden cases -------------------------------------------------------------------------------------------------

    def test_golden_case(self, case: GoldenCase | BrokenCase) -> None:
        if isinstance(case, BrokenCase):
            pytest.fail(case.error, pytrace=False)
        bench = self.subject.bench(case.settings)
        if not bench.dialect.claims(case.path.partition("?")[0]):
            pytest.skip("belongs to no dialect without a prefix or host name of its own")
        found = run(self._differences(bench, case))
        check(not found, "\n".join([case.title, *found]))

    def test_watching_does_not_change_the_answer(self) -> None:
        # Costly findings are only looked for while somebody watches (ADR-18); that must not show in the answer.
        for case in self.subject.claimed:
            bench = self.subject.bench(case.settings)
            bench.watch.recording = True
            bench.watch.refresh()
            found = run(self._differences(bench, case))
            check(not found, "\n".join([f"{case.name}, while watched: {case.title}", *found]))

    # --- refusals and failures ----------------------------------------------------------------------------------------

    def test_every_refusal_is_worded(self, refusal: Refusal) -> None:
        bench = self.bench()
        call = self._authenticated(bench)
        # Any refusal at any operation, also where today's rules never give it: `refuse` is total (ADR-1).
        for operation in ("", *(operation.name for operation in bench.dialect.operations)):
            call.operation = operation
            reply = bench.dialect.refuse(call, refusal)
            check_sound(reply, f"{type(refusal).__name__} at {operation or 'no operation'}")
            self._shows_no_secret(reply, type(refusal).__name__)

    def test_every_failure_is_worded(self, failure: Failure) -> None:
        bench = self.bench()
        for path in self.subject.paths:
            reply = bench.dialect.fail(call_to(path, method="POST"), failure)
            check_sound(reply, failure.name)
            check(
                reply.status >= 400 or bool(reply.body),
                f"{failure.name}: an empty {reply.status} says nothing to the client",
            )
            self._shows_no_secret(reply, failure.name)

    def test_a_refusal_is_passed_on_and_ends_the_request(self, refusal: Refusal) -> None:
        for case in self.subject.changes:
            bench = self.subject.bench(case.settings)
            trace = run(self._refused(bench, case, refusal))
            after = [step for step in trace.steps if step.refusal is not None]
            check(bool(after), f"{case.name}: the core was not asked")
            check(
                not any(step.committed for step in trace.steps),
                f"{case.name}: something was done in spite of a refusal",
            )

    def test_a_refused_request_consumes_nothing(self) -> None:
        for case in (
            case for case in self.subject.claimed if self.subject.profile.is_negative(case) and not case.before
        ):
            bench = self.subject.bench(case.settings)
            run(bench.arrange(case.given))
            before = bench.store.state.ledger()
            run(bench.answer(case))
            check(bench.store.state.ledger() == before, f"{case.name}: refused, but the ledger has moved")

    # --- health -------------------------------------------------------------------------------------------------------

    def test_spoilt_requests_are_answered_in_dialect_and_change_nothing_when_refused(self) -> None:
        chance = random.Random(20240229)
        bench = self.bench()
        run(bench.arrange(dict.fromkeys(self._first_series(), 444)))
        for case in self.subject.claimed:
            ready = run(bench.ready(case))
            for name, other in spoilt(ready, chance):
                if not bench.dialect.claims(other.path.partition("?")[0]):
                    continue
                # One bench for all requests: what a bad request leaves behind in the dialect shows in the later ones.
                before = len(bench.store.state.ledger())
                call = bench.call(other)
                reply = run(bench.run(call))
                what = f"{case.name}, {name}"
                check_sound(reply, what)
                check(
                    call.outcome != Failure.INTERNAL.name.lower(), f"{what}: answered with the dialect's 'bug' answer"
                )
                if reply.status >= 400:
                    check(len(bench.store.state.ledger()) == before, f"{what}: refused, but something was done")

    def test_series_of_another_dialect_are_never_shown(self) -> None:
        found = run(shown_series_of_others(self.bench(), self.subject.claimed))
        check(not found, "\n".join(found))

    def test_a_good_request_still_works_afterwards(self) -> None:
        bench = self.bench()
        cases = [case for case in self.subject.claimed if not case.settings]
        for case in cases:
            run(bench.answer(case))
        negative = self.subject.profile.is_negative
        good = [case for case in cases if case.status < 400 and not negative(case)]
        case = next((case for case in good if not case.before), good[0])  # nothing is sent before it here
        call, answer = run(bench.answer(case))
        check(answer.status < 500, f"{case.name}: {answer.status} after {len(cases)} other requests ({call.outcome})")

    # --- secrets ------------------------------------------------------------------------------------------------------

    def test_secrets_do_not_show_in_settings_and_bindings(self) -> None:
        bench = self.bench()
        for bound in bench.bindings:
            text = repr(bound.binding) + str(bound.binding) + bound.binding.model_dump_json()
            for secret in self.subject.secrets:
                check(secret not in text, "a secret of the binding is printed with it; use gateway.spi.secrets.Secret")

    def test_answers_do_not_echo_what_was_wrong_with_credentials(self) -> None:
        canary = "c4n4ry-pass-phrase"
        bench = self.bench()
        for case in self.subject.claimed:
            ready = run(bench.ready(case))
            for secret in self.subject.secrets:
                other = with_other_text(ready, secret, canary)
                if other is None:
                    continue
                reply = run(bench.run(bench.call(other)))
                check(canary not in text_of(reply), f"{case.name}: a wrong secret comes back in the answer")

    def test_what_is_recorded_holds_no_secret(self) -> None:
        bench = self.bench()
        redact = redactor_for(bench.dialect)
        for case in self.subject.claimed:
            ready = run(bench.ready(case))
            call = bench.call(ready)
            kept = redact(call, run(bench.run(call)))
            bodies = [kept.request_body.text, kept.reply_body.text]
            text = " ".join(
                [kept.query, *bodies, *(value for _, value in (*kept.request_headers, *kept.reply_headers))]
            )
            for secret in (*self.subject.secrets, *bench.tokens()):
                check(
                    secret not in text, f"{case.name}: a secret would be kept in the journal; see gateway.spi.redaction"
                )

    # --- what the tests above need ------------------------------------------------------------------------------------

    def _section(self, model: type[BaseModel]) -> dict[str, Any]:
        """Values that the model accepts, so that it can only refuse the unknown key beside them."""
        if model is self.subject.adapter.Settings:
            return {}
        section = self.subject.profile.tenants[0].get(self.dialect, {}) if self.subject.profile.tenants else {}
        return dict(section)

    def _readme(self) -> str:
        folder = Path(str(import_module(self.subject.point.module).__file__)).parent
        found = readmes(folder) or readmes(folder.parent)
        check(bool(found), "there is no README.md beside the adapter")
        return found

    def _first_series(self) -> list[str]:
        return [item["key"] for item in self.subject.profile.tenants[0].get("series", ())][:1]

    def _authenticated(self, bench: Bench) -> Call:
        """A call of an authenticated client: that of the first case that succeeds."""
        case = next(case for case in self.subject.claimed if case.status < 400)
        call, _ = run(bench.answer(case))
        call.outcome = ""
        return call

    async def _differences(self, bench: Bench, case: GoldenCase) -> list[str]:
        try:
            await bench.arrange(case.given)
        except CaseError as error:
            return [f"{case.folder}: {error}"]
        ready = await bench.ready(case)
        for index, sent in enumerate(ready.before):
            reply = await bench.run(bench.call(earlier(ready)[index]))
            if reply.status != sent.status:
                return [f"what is sent before was answered with {reply.status}: {reply.body[:2000]!r}"]
            ready = learned(ready, index, reply.body)
        _, answer = await bench.answer(ready)
        check_sound(Reply(answer.status, tuple(answer.headers.items()), answer.body), case.name)
        found = differences(case, answer, BASE_URL) + await state_differences(bench.store, bench.tenant, case.state)
        return found + undeclared_lines(bench.store.state, self.subject.adapter)

    async def _refused(self, bench: Bench, case: GoldenCase, refusal: Refusal) -> Trace:
        await bench.arrange(case.given)
        call = bench.call(await bench.ready(case))

        async def execute(_: object) -> object:
            raise Refused(refusal)

        bench.store.execute = execute  # type: ignore[assignment, method-assign]
        reply, trace = await bench.trace(call)
        check_sound(reply, f"{case.name} refused")
        return trace

    def _shows_no_secret(self, reply: Reply, what: str) -> None:
        text = text_of(reply)
        for secret in self.subject.secrets:
            check(secret not in text, f"{what}: the answer holds a secret of the tenant")
