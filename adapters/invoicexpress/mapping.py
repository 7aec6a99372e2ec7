"""From messages to commands, and from results to messages.

The vendor shows the last number used (`current_…`, R-04), the core keeps the next one. Only this module adds and takes
away the 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from adapters.invoicexpress.settings import Settings
from gateway.core.commands import CreateSeries, SetPolicy, UpdateSeries
from gateway.core.values import (
    CREDIT_NOTE,
    DEBIT_NOTE,
    INVOICE,
    MAX_NUMBER,
    Caller,
    DocumentKind,
    LineName,
    Origin,
    SeriesId,
    SeriesView,
    document_kind,
)
from gateway.wire.rails.numericality import is_blank, read_number
from gateway.wire.rails.parameters import Parameter
from schemas.invoicexpress.messages import ID_OFFSETS, TYPES_V1, Sequence, SequenceForm, SequenceV1, TypeCounter

FORM_COUNTERS: Final = (
    ("current_invoice_number", INVOICE),
    ("current_credit_note_number", CREDIT_NOTE),
    ("current_debit_note_number", DEBIT_NOTE),
)
"""Fields and counters, in the order in which answers list their errors. Source: R-11."""
MAX_CURRENT: Final = MAX_NUMBER - 1
"""The highest "last number used" that leaves a next number."""
_KINDS_V1: Final = tuple((name, document_kind(name)) for name in TYPES_V1)
KINDS: Final = frozenset(kind for _, kind in (*FORM_COUNTERS, *_KINDS_V1))
"""Every kind of document that a sequence of either generation has a counter for."""

SERIE_TAKEN: Final = "Serie has already been taken"
_BLANK: Final = "Serie can't be blank"
_TAKEN_V1: Final = "Sequence name already exists."
_INVALID_V1: Final = "The sequence name is invalid"


def taken_message(settings: Settings, creating: bool) -> str:
    """The text for a name that another sequence has. Source: R-11; the v1 text is known from a client."""
    return _TAKEN_V1 if creating and settings.generation == "v1" else SERIE_TAKEN


def label(kind: LineName) -> str:
    """How texts name a counter: the one of invoices counts as the sequence's own, the others carry their type. Source: R-11."""
    return "Current number" if kind == INVOICE else kind.replace("_", " ").capitalize() + ":"


@dataclass(slots=True)
class Checked:
    """A form after the vendor's validations.

    problems: what is wrong with it, in the vendor's words. When there are any, the other fields do not count.
    name: of the sequence.
    counters: the next number by kind; None clears the line. A kind that is absent stays as it is.
    make_default: make the sequence the account's default.
    """

    problems: list[str] = field(default_factory=list)
    name: str = ""
    counters: dict[LineName, int | None] = field(default_factory=dict)
    make_default: bool = False


def check(form: SequenceForm, settings: Settings, creating: bool) -> Checked:
    """Apply the validations that need no other sequence. The form gets all problems, in order. Source: R-10, R-11."""
    checked = Checked(make_default=form.default_sequence == "1")
    blank = _INVALID_V1 if creating and settings.generation == "v1" else _BLANK
    checked.problems.extend(_serie_problems(form.serie, blank, settings.max_serie_length))
    checked.name = _as_text(form.serie)
    missing = settings.missing_counters_on_create if creating else settings.missing_counters_on_update
    for name, kind in FORM_COUNTERS:
        if name not in form.model_fields_set and missing != "error":
            continue
        _check_counter(checked, kind, getattr(form, name), settings)
    return checked


def _serie_problems(serie: Parameter, blank: str, max_length: int) -> list[str]:
    if isinstance(serie, (list, dict)) and serie:
        return ["Serie is invalid"]
    if is_blank(serie):
        return [blank]
    if len(_as_text(serie)) > max_length:
        return [f"Serie is too long (maximum is {max_length} characters)"]
    return []


def _as_text(serie: Parameter) -> str:
    """Ruby's to_s, for a serie that came with a type."""
    return str(serie).lower() if isinstance(serie, bool) else str(serie)


def _check_counter(checked: Checked, kind: DocumentKind, value: Parameter, settings: Settings) -> None:
    number = read_number(value, settings.numericality)
    if number is None:
        checked.problems.append(f"{label(kind)} is not a number")
    elif number.negative:
        checked.problems.append(f"{label(kind)} must be greater than or equal to 0")
    elif number.stored > MAX_CURRENT:
        checked.problems.append(f"{label(kind)} must be less than or equal to {MAX_CURRENT}")
    else:
        clears = number.stored == 0 and settings.zero_means == "unset"
        checked.counters[kind] = None if clears else number.stored + 1


def policy_of(settings: Settings) -> SetPolicy:
    """Any number may be set as long as no document was finalized. Source: R-12."""
    return SetPolicy(
        allow_lower=True,
        allow_clear=settings.zero_means == "unset",
        allow_when_issued=False,
        locked_by=frozenset({INVOICE}) if settings.locked_by == "invoices" else frozenset(),
    )


def create_command(caller: Caller, checked: Checked, by: Origin) -> CreateSeries:
    """A checked form to the command of create."""
    return CreateSeries(caller.tenant, checked.name, by, counters=checked.counters, make_default=checked.make_default)


def update_command(caller: Caller, series: SeriesId, checked: Checked, policy: SetPolicy, by: Origin) -> UpdateSeries:
    """A checked form to the command of update, which changes name, counters and default together. Source: R-05."""
    return UpdateSeries(
        caller.tenant,
        series,
        policy,
        by,
        name=checked.name,
        counters=checked.counters,
        make_default=checked.make_default,
    )


class SequenceIds:
    """Ids on the wire: `base + step * id` of the series. Source: R-09."""

    def __init__(self, base: int, step: int) -> None:
        self._base = base
        self._step = step

    def of_series(self, series: SeriesId) -> int:
        """The id that clients see."""
        return self._base + self._step * series

    def of_type(self, series: SeriesId, name: str, is_v1: bool) -> int:
        """The id by which documents of a type name their sequence.

        In v1 each type has its own, before that all share one. R-35.
        """
        return self.of_series(series) + (ID_OFFSETS[name] if is_v1 else 0)

    def series_of_type(self, text: str, name: str, is_v1: bool) -> SeriesId | None:
        """The series that the `sequence_id` of a document means; None for a text that is no such id."""
        text = text.strip()
        if not (text.isascii() and text.isdigit()) or len(text) > 18:
            return None
        return self.to_series(str(int(text) - ID_OFFSETS[name])) if is_v1 else self.to_series(text)

    def to_series(self, text: str) -> SeriesId | None:
        """The series that the id in a path means.

        None for a text that is no id, and for an id between those of two sequences.
        """
        if not (text.isascii() and text.isdigit()) or len(text) > 18:
            return None
        series, rest = divmod(int(text) - self._base, self._step)
        return SeriesId(series) if rest == 0 and series > 0 else None


def current(view: SeriesView, kind: DocumentKind) -> int:
    """The last number used; 0 while the line is unset, and also while its next number is 0 (D-06)."""
    return max((view.next_number(kind) or 1) - 1, 0)


def sequence_from_view(view: SeriesView, ids: SequenceIds) -> Sequence:
    """A series in the legacy shape."""
    return Sequence(
        id=ids.of_series(view.series.id),
        serie=view.series.name,
        current_invoice_number=current(view, INVOICE),
        current_credit_note_number=current(view, CREDIT_NOTE),
        current_debit_note_number=current(view, DEBIT_NOTE),
        default_sequence=1 if view.series.is_default else 0,
    )


def sequence_v1_from_view(view: SeriesView, ids: SequenceIds) -> SequenceV1:
    """A series in the v1 shape: one counter and one id for each type."""
    first = ids.of_series(view.series.id)
    counters = tuple(
        TypeCounter(type=name, number=current(view, kind), sequence_id=first + ID_OFFSETS[name])
        for name, kind in _KINDS_V1
    )
    flag = 1 if view.series.is_default else 0
    return SequenceV1(id=first, serie=view.series.name, default_sequence=flag, counters=counters)
