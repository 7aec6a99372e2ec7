"""The endpoint under test: sends cases to it, obtains tokens, reads and moves its number line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Final

import aiohttp

from gateway.conformance.substitution import Replacement, Replacements
from gateway.testing.golden import Answer, CaseError, GoldenCase, send, with_tokens
from gateway.testing.profile import Profile, Reference, WireRequest

_SECONDS: Final = 30


class NoAnswer(Exception):
    """The endpoint did not answer; the text says how."""


@dataclass(slots=True)
class Endpoint:
    """One dialect at one address, for one customer. Use it as a context manager.

    url: the address, up to the vendor's own paths.
    profile: the profile of the dialect's cases.
    credentials: by the names of the profile. One that is not given keeps its value in the cases.
    replacements: what differs between the cases and this customer.
    """

    url: str
    profile: Profile
    credentials: Mapping[str, str] = field(default_factory=dict)
    replacements: Replacements = field(init=False)
    _session: aiohttp.ClientSession | None = None
    _tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = sorted(self.credentials.keys() - self.profile.credentials.keys() - self.profile.references.keys())
        if unknown:
            known = ", ".join([*self.profile.credentials, *self.profile.references]) or "none"
            raise CaseError(f"unknown credentials: {', '.join(unknown)}; the cases of this dialect know: {known}")
        self.url = self.url.rstrip("/")
        named = {**self.profile.references, **self.profile.credentials}
        self.replacements = Replacements(
            tuple(
                Replacement(name, reference, self._stands_for(name, reference), name in self.credentials)
                for name, reference in named.items()
            ),
            varies=self.profile.varies,
        )

    def _stands_for(self, name: str, reference: Reference) -> str:
        return self.credentials.get(name, reference.elsewhere or reference.value)

    async def __aenter__(self) -> Endpoint:
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        self._session = aiohttp.ClientSession(
            timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    def missing(self, case: GoldenCase) -> list[str]:
        """The credentials of a case that the user must give: all of them if any is given, otherwise only the extra ones."""
        tokens = [self.profile.tokens[name] for name in (*case.tokens, case.bearer) if name in self.profile.tokens]
        cases = [case, *(token.as_case() for token in tokens)]
        used = {name for own in cases for name in self.replacements.used_by(own)} - self.credentials.keys()
        needed = {name for name, item in self.profile.credentials.items() if self.credentials or item.extra}
        return sorted(used & needed)

    async def discover(self) -> None:
        """Find the ids that the customer has instead of those in the cases."""
        for name, reference in self.profile.references.items():
            if reference.request is not None and name not in self.credentials:
                found = (await self.ask(reference.request)).get("value")
                if found is not None:
                    self.rename(name, found)

    def rename(self, name: str, new: str) -> None:
        """Use another value for a reference of the profile from now on."""
        self.stand_for(Replacement(name, self.profile.references[name], new, given=True))

    def stand_for(self, replacement: Replacement) -> None:
        """Replace one more value from now on, or replace it in another way than before."""
        others = [item for item in self.replacements.values if item.name != replacement.name]
        self.replacements = replace(self.replacements, values=(*others, replacement))

    async def ask_in_turn(self, requests: Sequence[WireRequest]) -> dict[str, str]:
        """Send requests; each may use what earlier ones found. Returns what the last one found. Raises NoAnswer."""
        known: dict[str, str] = {}
        found: dict[str, str] = {}
        for request in requests:
            found = await self.ask(request, known)
            known |= found
        return found

    async def ask(self, request: WireRequest, values: Mapping[str, str] | None = None) -> dict[str, str]:
        """Send one of the profile's requests. Returns what was found in the answer. Raises NoAnswer."""
        case = self.replacements.apply(request.filled(values or {}).as_case())
        answer = await self.send(case)
        return request.found_in(answer.status, answer.body)

    async def tell(self, request: WireRequest, values: Mapping[str, str]) -> bool:
        """Send one of the profile's requests that change something. True when it was carried out. Raises NoAnswer."""
        case = self.replacements.apply(request.filled(values).as_case())
        answer = await self.send(case)
        good = answer.status == request.success
        return good and (request.find is None or "value" in request.found_in(answer.status, answer.body))

    async def send(self, case: GoldenCase) -> Answer:
        """Send a case with tokens in their places. Raises NoAnswer."""
        if self._session is None:
            raise RuntimeError("the endpoint is not open")
        tokens = {name: await self._token(name) for name in case.tokens}
        bearer = await self._token(case.bearer) if case.bearer else ""
        try:
            return await send(self._session, self.url, with_tokens(case, tokens, bearer))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__) from None

    async def _token(self, name: str) -> str:
        if name not in self._tokens:
            request = self.profile.tokens.get(name)
            if request is None:
                raise CaseError(f"profile.toml does not say how the token {name!r} is obtained")
            found = await self.ask(request)
            if "value" not in found:
                raise NoAnswer(f"no token {name!r} was given for the credentials")
            self._tokens[name] = found["value"]
        return self._tokens[name]

    def hidden(self, text: str) -> str:
        """A text without tokens and credentials, for reports."""
        for token in self._tokens.values():
            text = text.replace(token, "[token]")
        return self.replacements.hidden(text)
