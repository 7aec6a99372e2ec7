"""The nine operations of Authenticate: logins, sessions, identities. Source: R-13 to R-22."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, TypeAlias
from uuid import UUID

from pydantic import BaseModel

from adapters.twentyfoursevenoffice.auth import Directory, Login, Member
from adapters.twentyfoursevenoffice.errors import OperationFault
from adapters.twentyfoursevenoffice.sessions import Session, Sessions, cookie_of, session_cookie
from gateway.spi.adapter import Call
from gateway.spi.findings import Finding
from schemas.twentyfoursevenoffice import messages as m

Answer: TypeAlias = tuple[BaseModel, tuple[tuple[str, str], ...]]
"""A response and further headers."""


class Authenticate:
    """Answers the operations by name."""

    def __init__(self, directory: Directory, sessions: Sessions) -> None:
        self._directory = directory
        self._sessions = sessions
        self._operations: Final[dict[str, Callable[[Call, Any], Awaitable[Answer]]]] = {
            "AuthenticateByToken": self._by_token,
            "Login": self._login,
            "HasSession": self._has_session,
            "GetIdentity": self._identity,
            "GetIdentities": self._identities,
            "SetIdentity": self._set_identity,
            "SetIdentityById": self._set_identity_by_id,
            "GetIdentitiesWithCredential": self._with_credential,
            "GetIdentitiesWithCredentialByService": self._with_credential_by_service,
        }

    async def answer(self, call: Call, operation: str, message: BaseModel) -> Answer:
        """Answer one call. Raises OperationFault."""
        return await self._operations[operation](call, message)

    # --- logins ---

    async def _login(self, call: Call, message: m.Login) -> Answer:
        """A session, or an empty text for a bad credential. Source: R-13, R-32."""
        credential = message.credential or m.Credential()
        login = self._proven(call, credential)
        if login is None:
            return m.LoginResponse(result=""), ()
        session = await self._begin(call, login, _chosen(login, credential.identity_id))
        return m.LoginResponse(result=session), (session_cookie(session),)

    async def _by_token(self, call: Call, message: m.AuthenticateByToken) -> Answer:
        """A session and the identities that it may work as. Source: R-21."""
        token = message.token or m.Token()
        self._check_application(token.application_id)
        login = self._directory.by_token(token.application_id, token.id)
        if login is None:
            call.guessed = ""
            call.found(Finding.WRONG_CREDENTIAL)
            raise OperationFault("token_unknown")
        member = _chosen(login, m.EMPTYGUID)
        session = await self._begin(call, login, member)
        passport = m.Passport(
            id=member.user.id, email=login.username, identities=_shown(login, member), session_id=session
        )
        return m.AuthenticateByTokenResponse(result=passport), (session_cookie(session),)

    async def _with_credential(self, call: Call, message: m.GetIdentitiesWithCredential) -> Answer:
        """The identities that a credential reaches; none for a bad one (inferred)."""
        return m.GetIdentitiesWithCredentialResponse(result=self._reachable(call, message.credential)), ()

    async def _with_credential_by_service(self, call: Call, message: m.GetIdentitiesWithCredentialByService) -> Answer:
        """The same; every identity may use every service here (inferred)."""
        return m.GetIdentitiesWithCredentialByServiceResponse(result=self._reachable(call, message.credential)), ()

    def _reachable(self, call: Call, credential: m.Credential | None) -> list[m.Identity | None]:
        login = self._proven(call, credential or m.Credential())
        return [] if login is None else _shown(login, None)

    def _proven(self, call: Call, credential: m.Credential) -> Login | None:
        self._check_application(credential.application_id)
        found = self._directory.by_password(
            credential.application_id, credential.username or "", credential.password or ""
        )
        if found is None:
            call.outcome, call.guessed = "wrong_credential", credential.username or ""
            call.found(Finding.WRONG_CREDENTIAL)
        return found

    def _check_application(self, application: UUID) -> None:
        if not self._directory.has_application(application):
            raise OperationFault("application_unknown")

    async def _begin(self, call: Call, login: Login, member: Member) -> str:
        _note(call, member)
        return await self._sessions.begin(login, member)

    # --- with a session ---

    async def _has_session(self, call: Call, _message: m.HasSession) -> Answer:
        """Answer whether there is a session. Never a fault. Source: R-19."""
        session = await self._sessions.find(call)
        if session is not None and session.member is not None:
            _note(call, session.member)
        return m.HasSessionResponse(result=session is not None), ()

    async def _identity(self, call: Call, _message: m.GetIdentity) -> Answer:
        session, member = await self.member(call)
        return m.GetIdentityResponse(result=_identity_of(member, session.login, member)), ()

    async def _identities(self, call: Call, _message: m.GetIdentities) -> Answer:
        session = await self._session(call)
        return m.GetIdentitiesResponse(result=_shown(session.login, session.member)), ()

    async def _set_identity(self, call: Call, message: m.SetIdentity) -> Answer:
        identity = m.EMPTYGUID if message.identity is None else message.identity.id
        return m.SetIdentityResponse(result=await self._switched(call, identity)), ()

    async def _set_identity_by_id(self, call: Call, message: m.SetIdentityById) -> Answer:
        return m.SetIdentityByIdResponse(result=await self._switched(call, message.identity_id)), ()

    async def _switched(self, call: Call, identity: UUID) -> bool:
        """Make the session work as an identity. False, and no change, for one that is out of its reach. Source: R-20."""
        session = await self._session(call)
        member = session.login.member(identity)
        if member is None or member.identity.blocked:
            return False
        _note(call, member)
        return await self._sessions.switch(session, member)

    async def member(self, call: Call) -> tuple[Session, Member]:
        """Return the session of a call and the identity that it works as. Raises OperationFault. Source: R-34, R-35."""
        session = await self._session(call)
        if session.member is None or session.member.identity.blocked:
            raise OperationFault("no_identity")
        return session, session.member

    async def _session(self, call: Call) -> Session:
        session = await self._sessions.find(call)
        if session is None:
            if cookie_of(call) is not None:
                call.found(Finding.SESSION_EXPIRED)
            raise OperationFault("no_session")
        if session.member is not None:
            _note(call, session.member)
        return session


def _note(call: Call, member: Member) -> None:
    call.tenant, call.principal = member.tenant, member.caller.principal


def _chosen(login: Login, identity: UUID) -> Member:
    """The identity that a login asks for, else its default one. Raises OperationFault. Source: R-14, R-33."""
    member = login.member(identity) if identity.int else login.default()
    if member is None or member.identity.blocked:
        raise OperationFault("identity_blocked")
    return member


def _shown(login: Login, current: Member | None) -> list[m.Identity | None]:
    members: Iterable[Member] = login.available()
    return [_identity_of(member, login, current) for member in members]


def _identity_of(member: Member, login: Login, current: Member | None) -> m.Identity:
    user, identity = member.user, member.identity
    default = login.default()
    return m.Identity(
        id=member.id,
        user=m.User(
            contact_id=m.INTMIN if user.contact_id is None else user.contact_id,
            id=user.id,
            name=user.name,
            employee_id=m.INTMIN if user.employee_id is None else user.employee_id,
        ),
        client=m.Client(id=member.client.id, name=member.client.name),
        is_current=current is not None and member.id == current.id,
        is_default=default is not None and member.id == default.id,
        is_protected=identity.protected,
        is_disabled=identity.disabled,
    )
