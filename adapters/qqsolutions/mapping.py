"""From the vendor's messages to commands, and from results to its answers: the only place where both vocabularies meet.

A location shows one series. InvoiceNumbers and ReceiptNumbers are its lines for invoices and receipts. Prefix and suffix
belong to the series, so both lines show the same ones (D-01).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from adapters.qqsolutions.auth import Office
from adapters.qqsolutions.settings import Line, Location, Settings
from gateway.core.commands import STRICT, UNCHANGED, GetSeries, SetPolicy, Unchanged, UpdateSeries
from gateway.core.refusals import NumberOutOfRange, Refused
from gateway.core.values import INVOICE, RECEIPT, Caller, CounterKey, DocumentKind, Origin, SeriesView
from schemas.qqsolutions.messages import (
    ActionResultOfSequenceNumberDTO,
    LocationDTO,
    PageOfLocationDTO,
    SequenceNumberDTO,
    SequenceValueDTO,
)

DIALECT: Final = "qqsolutions"
_LOWER_TOO: Final = SetPolicy(allow_lower=True)
KINDS: Final[dict[Line, DocumentKind]] = {"invoice": INVOICE, "receipt": RECEIPT}


def query_from_get(caller: Caller, office: Office) -> GetSeries:
    """The question behind both GETs."""
    return GetSeries(caller.tenant, office.series, DIALECT)


def number_shown(view: SeriesView, line: Line, settings: Settings) -> int:
    """The next number of a line as clients see it. Source: R-20."""
    number = view.next_number(KINDS[line])
    return settings.unset_number if number is None else number


def number_from_view(
    view: SeriesView, office: Office, line: Line, settings: Settings, number: int | None = None
) -> SequenceNumberDTO:
    """A line as GET shows it. Source: R-03, R-20.

    number: the number to show instead of the one that the line has.
    """
    value = SequenceValueDTO.model_construct(
        next_number_should_be=number_shown(view, line, settings) if number is None else number,
        suffix=view.series.suffix,
        prefix=view.series.prefix,
    )
    return SequenceNumberDTO.model_construct(
        id=int(view.series.id),
        location_id=office.number,
        related_to=settings.related_to.get(line),
        sequence_value=value,
    )


def command_from_post(
    message: SequenceValueDTO, caller: Caller, office: Office, line: Line, settings: Settings, request_id: str
) -> UpdateSeries:
    """The command behind both POSTs: it sets number and affixes together or nothing. Raises Refused(NumberOutOfRange).

    The message cannot tell 0 from an absent number, so 0 is refused by default. Source: R-21, R-23.
    """
    number = message.next_number_should_be
    key = CounterKey(office.series, KINDS[line])
    least = 0 if settings.zero in {"accept", "keep"} else 1
    if number < least:
        raise Refused(NumberOutOfRange(key, number, least, 2**31 - 1))
    keeps = number == 0 and settings.zero == "keep"
    return UpdateSeries(
        caller.tenant,
        office.series,
        _LOWER_TOO if settings.lower_numbers == "accept" else STRICT,
        Origin(DIALECT, caller.principal, request_id),
        prefix=_affix(message.prefix, settings),
        suffix=_affix(message.suffix, settings),
        counters={} if keeps else {key.line: number},
    )


def _affix(text: str | None, settings: Settings) -> str | Unchanged | None:
    return UNCHANGED if text is None and settings.missing_members == "merge" else text


def envelope_from_view(
    view: SeriesView, office: Office, line: Line, settings: Settings, number: int
) -> ActionResultOfSequenceNumberDTO:
    """The answer to a POST that worked and left the line at this number. Source: R-04."""
    return _envelope(settings, is_success=True, result=number_from_view(view, office, line, settings, number))


def failed_envelope(code: str | None, text: str, settings: Settings) -> ActionResultOfSequenceNumberDTO:
    """The answer to a POST that was understood and refused. Source: R-22, R-24."""
    return _envelope(settings, is_success=False, error_code=code, error_message=text)


def locations_from_configured(locations: Iterable[Location]) -> list[LocationDTO]:
    """Locations as clients find them. Source: R-41."""
    return [
        LocationDTO(location_id=one.shown_id, qqid=one.shown_id, id=one.shown_id, name=one.name or one.id)
        for one in locations
    ]


def page_of_locations(locations: list[LocationDTO]) -> PageOfLocationDTO:
    """All locations on one page. Source: R-41."""
    return PageOfLocationDTO(data=locations, total_items=len(locations))


def _envelope(
    settings: Settings,
    is_success: bool,
    result: SequenceNumberDTO | None = None,
    error_code: str | None = None,
    error_message: str | None = None,
) -> ActionResultOfSequenceNumberDTO:
    return ActionResultOfSequenceNumberDTO.model_construct(
        result=result,
        created_by=settings.created_by,
        entity_id=settings.entity_id,
        row_source=settings.row_source,
        policy_id=settings.policy_id,
        is_success=is_success,
        error_code=error_code,
        error_message=error_message,
        info_message=None,
    )
