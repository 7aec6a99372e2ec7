"""What the sequence service answers: one class for each command or query, named after what was done."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.catalogue import Catalogue
from gateway.core.documents import Document, DocumentId
from gateway.core.values import Counter, Issued, Series, SeriesView


@dataclass(frozen=True, slots=True)
class NextPeeked:
    """Answer to PeekNext: the series and the line as committed. `counter.next_number` is None while the line is unset."""

    series: Series
    counter: Counter


@dataclass(frozen=True, slots=True)
class SeriesRead:
    """Answer to GetSeries."""

    view: SeriesView


@dataclass(frozen=True, slots=True)
class SeriesListed:
    """Answer to ListSeries, by ascending id."""

    views: tuple[SeriesView, ...]


@dataclass(frozen=True, slots=True)
class NextSet:
    """Answer to SetNext and MoveAhead: the line before and after."""

    series: Series
    before: Counter
    after: Counter


@dataclass(frozen=True, slots=True)
class SeriesCreated:
    """Answer to CreateSeries."""

    view: SeriesView


@dataclass(frozen=True, slots=True)
class SeriesOpened:
    """Answer to OpenSeries. created: the series was not there before."""

    series: Series
    created: bool


@dataclass(frozen=True, slots=True)
class BoundsSet:
    """Answer to SetBounds: the line before and after."""

    series: Series
    before: Counter
    after: Counter


@dataclass(frozen=True, slots=True)
class SeriesUpdated:
    """Answer to UpdateSeries."""

    view: SeriesView


@dataclass(frozen=True, slots=True)
class DefaultSet:
    """Answer to SetDefault."""

    view: SeriesView


@dataclass(frozen=True, slots=True)
class NumberIssued:
    """Answer to Issue, Claim and Reserve.

    replayed: the key had this number already.
    """

    series: Series
    issued: Issued
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class NumberVoided:
    """Answer to Void."""

    issued: Issued


@dataclass(frozen=True, slots=True)
class Saved:
    """One document of a SaveDocuments as it now stands.

    issued, series: set when this save asked for a number or voided one.
    replayed: nothing was changed, because the key was used before; the document is as it stands now.
    """

    document: Document
    issued: Issued | None = None
    series: Series | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class DocumentsSaved:
    """Answer to SaveDocuments: one item per save, in their order."""

    saved: tuple[Saved, ...]


@dataclass(frozen=True, slots=True)
class DocumentsRead:
    """Answer to GetDocuments: those that exist, by ascending id."""

    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class DocumentsFound:
    """Answer to SearchDocuments: one page, by ascending id.

    more: there are further ones after the last.
    """

    documents: tuple[Document, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class DocumentIdsFound:
    """Answer to SearchDocumentIds: ascending ids.

    more: there are further ones after the last.
    """

    ids: tuple[DocumentId, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class CatalogueSaved:
    """Answer to SaveCatalogue: the catalogue as it now stands, without items that are records."""

    catalogue: Catalogue
