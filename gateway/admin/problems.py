"""What can go wrong on the admin port, as RFC 9457 problem documents. `type` is stable: programs may compare it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from gateway.journal.models import Refusal

PREFIX: Final = "urn:invoice-gateway:problem:"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A kind of problem.

    name: the last part of its `type`.
    status: its HTTP status.
    title: the same text for every occurrence.
    """

    name: str
    status: int
    title: str

    @property
    def type(self) -> str:
        """The URI that names it."""
        return PREFIX + self.name


MALFORMED_BODY: Final = ProblemKind("malformed-body", 400, "The body is not JSON")
BROKEN_REQUEST: Final = ProblemKind("broken-request", 400, "The request is not HTTP as this server speaks it")
UNAUTHORIZED: Final = ProblemKind("unauthorized", 401, "A bearer token is needed")
READ_ONLY_TOKEN: Final = ProblemKind("read-only-token", 403, "This token may only read")
FOREIGN_ORIGIN: Final = ProblemKind("foreign-origin", 403, "A web page of another origin may not ask this")
NOT_FOUND: Final = ProblemKind("not-found", 404, "There is nothing at this path")
TENANT_UNKNOWN: Final = ProblemKind("tenant-unknown", 404, "There is no such tenant")
SERIES_UNKNOWN: Final = ProblemKind("series-unknown", 404, "The tenant has no such series")
COUNTER_UNKNOWN: Final = ProblemKind("counter-unknown", 404, "The series has no line for this kind of document")
DOCUMENT_UNKNOWN: Final = ProblemKind("document-unknown", 404, "The tenant has no such document")
WORK_UNKNOWN: Final = ProblemKind("work-unknown", 404, "The tenant has no such item of work")
SEEDS_UNKNOWN: Final = ProblemKind("seeds-unknown", 404, "No dialect of the tenant has anything of this name")
REQUEST_UNKNOWN: Final = ProblemKind(
    "request-unknown", 404, "The journal has no such request, and lost none that could be it"
)
FAULT_UNKNOWN: Final = ProblemKind("fault-unknown", 404, "No such fault rule is in force")
SNAPSHOT_UNKNOWN: Final = ProblemKind("snapshot-unknown", 404, "The tenant has no such snapshot")
DIALECT_UNKNOWN: Final = ProblemKind("dialect-unknown", 404, "No such dialect is served")
METHOD_NOT_ALLOWED: Final = ProblemKind("method-not-allowed", 405, "This path does not know the method")
BODY_TIMEOUT: Final = ProblemKind("body-timeout", 408, "The body did not arrive in time")
TENANT_EXISTS: Final = ProblemKind("tenant-exists", 409, "There is a tenant of this id")
TENANT_CONFIGURED: Final = ProblemKind("tenant-configured", 409, "The tenant is in the configuration file")
PRODUCTION_TENANT: Final = ProblemKind("production-tenant", 409, "Refused for a production tenant")
CREDENTIALS_TAKEN: Final = ProblemKind("credentials-taken", 409, "Credentials lead to more than one tenant")
REFUSED: Final = ProblemKind("refused", 409, "The rules about numbers refuse it")
SNAPSHOT_EXISTS: Final = ProblemKind("snapshot-exists", 409, "The tenant has a snapshot of this name")
SNAPSHOT_TOO_LARGE: Final = ProblemKind("snapshot-too-large", 409, "The tenant has too much for a snapshot")
SNAPSHOT_UNUSABLE: Final = ProblemKind("snapshot-unusable", 409, "The snapshot cannot be restored any more")
CATALOGUE_TOO_LARGE: Final = ProblemKind(
    "catalogue-too-large", 409, "There are too many customers or products for one answer"
)
SEED_REFUSED: Final = ProblemKind("seed-refused", 409, "It cannot be put in: an id or a number is taken")
WORK_SETTLED: Final = ProblemKind("work-settled", 409, "The item of work is not to be done any more")
JOURNAL_OFF: Final = ProblemKind("journal-off", 409, "The journal is switched off")
REQUEST_GONE: Final = ProblemKind(
    "request-gone", 410, "The journal does not know: it let go of what this could have been"
)
SETTINGS_CHANGED: Final = ProblemKind("settings-changed", 412, "The settings are not those of the given ETag any more")
BODY_TOO_LARGE: Final = ProblemKind("body-too-large", 413, "The body is larger than this server takes")
UNSUPPORTED_MEDIA_TYPE: Final = ProblemKind("unsupported-media-type", 415, "The body must be application/json")
INVALID_REQUEST: Final = ProblemKind("invalid-request", 422, "Something in the request is not as it must be")
PRECONDITION_REQUIRED: Final = ProblemKind(
    "precondition-required", 428, "If-Match is needed, with the ETag that GET gave"
)
EVIDENCE_UNAVAILABLE: Final = ProblemKind(
    "evidence-unavailable", 500, "The golden cases of a dialect, or its code, cannot be used"
)
INTERNAL: Final = ProblemKind("internal", 500, "The gateway has a bug")
STORE_UNAVAILABLE: Final = ProblemKind("store-unavailable", 503, "The store cannot answer now")
STOPPING: Final = ProblemKind("stopping", 503, "The server stops; nothing was done")
TOO_MANY_CONNECTIONS: Final = ProblemKind("too-many-connections", 503, "The server has too many connections")
NO_WORKER: Final = ProblemKind("no-worker", 503, "No worker process can answer now")
WORKERS_DIFFER: Final = ProblemKind("workers-differ", 503, "Not every worker process has the change")
JOURNAL_UNAVAILABLE: Final = ProblemKind("journal-unavailable", 503, "The journal cannot answer now")

KINDS: Final = tuple(value for value in list(globals().values()) if isinstance(value, ProblemKind))


class Problem(Exception):
    """Carries a problem to the answer.

    kind: the kind of problem.
    detail: what is special about this occurrence.
    headers: further headers of the answer.
    members: further fields of the document.
    """

    def __init__(
        self, kind: ProblemKind, detail: str = "", headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(f"{kind.name}: {detail}")
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members

    def document(self) -> dict[str, Any]:
        """The problem document."""
        kind = self.kind
        document = {"type": kind.type, "title": kind.title, "status": kind.status}
        return {**document, **({"detail": self.detail} if self.detail else {}), **self.members}


class FieldError(BaseModel):
    """What is wrong with one field.

    place: where it was given.
    field: its path, like series.0.key; "" for the whole body.
    message: what is wrong.
    """

    model_config = ConfigDict(frozen=True)

    place: str = Field(pattern="^(body|query|path|header)$")
    field: str
    message: str


class ProblemDocument(BaseModel):
    """An RFC 9457 problem document.

    type: the kind of problem; stable.
    title: the same for every occurrence.
    status: the HTTP status.
    detail: what is special about this occurrence.
    errors: for invalid-request, one for each wrong field.
    refusal: for refused, as in the journal.
    """

    model_config = ConfigDict(extra="allow")

    type: str = Field(pattern=f"^{PREFIX}[a-z-]+$")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str = ""
    errors: list[FieldError] | None = None
    refusal: Refusal | None = None
