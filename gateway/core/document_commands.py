"""A command about one document that is made from what the document is at the moment of the decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from gateway.core.commands import Command, SaveDocument
from gateway.core.documents import Document, DocumentId
from gateway.core.results import DocumentsSaved
from gateway.core.values import Origin, Series, TenantId

SeriesOf: TypeAlias = Callable[[], Series]
"""The series of the document, or the tenant's default one. Raises Refused."""


@dataclass(frozen=True, slots=True)
class ChangeDocument(Command[DocumentsSaved]):
    """Save one document as a function of what it is, so that nobody can change it between reading and saving.

    document: its id.
    change: pure, and quick: it runs where commands are decided, and may run more than once before the command takes effect.
        None leaves the document as it is; then the answer has no item.
    issue_key: the key of the number that `change` may ask for, so that it is looked up beforehand; "" when there is none.
    Refused: DocumentUnknown for one that is not there or belongs to another tenant; what SaveDocuments is refused with.
    """

    tenant: TenantId
    document: DocumentId
    change: Callable[[Document, SeriesOf], SaveDocument | None]
    by: Origin
    issue_key: str = ""
