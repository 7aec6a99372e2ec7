"""The vendor's validations of a document's form: what is wrong with it, or what it asks for in canonical values.

Source of the texts: R-31. Which of them the XML generations used is inferred throughout.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from adapters.invoicexpress.documents.clients import client_of
from adapters.invoicexpress.documents.lifecycle import DIALECT
from adapters.invoicexpress.documents.settings import DocumentSettings
from gateway.core.catalogue import Catalogue, Customer
from gateway.core.documents import MAX_DIGITS, Line
from gateway.wire.rails.numericality import is_blank, read_decimal
from gateway.wire.rails.parameters import Parameter, ParametersRefused, to_date
from schemas.invoicexpress.documents import ClientForm, DocumentForm, ItemForm, TaxForm

NOT_AN_ARRAY: Final = "Items element should be of type array"
ITEMS_INVALID: Final = "Invoice items is invalid"
CLIENT_INVALID: Final = "Client is invalid"
DUE_BEFORE: Final = "Due date must be later than date"
EMAIL_INVALID: Final = "Email must be an email address"
RETENTION_INVALID: Final = "Retention must be a number between 0 and 99.99"
DISCOUNT_INVALID: Final = "Discount is not a number"
QUANTITY_INVALID: Final = "Quantity must be a number greater than 0"
PRICE_INVALID: Final = "Unit price must be a number"
NO_MANUAL_NUMBERS: Final = "Manual sequence number is not supported"

_TEXTS: Final = ("reference", "observations", "tax_exemption", "tax_retention", "mb_reference")
_MAX_RETENTION: Final = Decimal("99.99")
_HUNDRED: Final = Decimal(100)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(slots=True)
class CheckedDocument:
    """A form after the validations.

    problems: what is wrong, in the order of the validations. When there are any, the other fields do not count.
    facts: what only this dialect knows, by name, in the form that is kept. A name that is absent was not sent.
    date: None when it was not sent.
    customer: the id of the client; None when none was sent.
    client: the fields of the client as they were sent; None when none was sent.
    sequence: the id on the wire; "" for the account's default; None when it was not sent.
    lines: None when they were not sent.
    replaced: the dates whose form is invalid, so that the current date takes their place.
    """

    problems: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    date: dt.date | None = None
    customer: int | None = None
    client: dict[str, str] | None = None
    sequence: str | None = None
    lines: tuple[Line, ...] | None = None
    replaced: list[str] = field(default_factory=list)

    def add(self, problem: str) -> None:
        """Note a problem, once."""
        if problem not in self.problems:
            self.problems.append(problem)

    def take_client(self, customers: Sequence[Customer]) -> None:
        """Find the client that was sent among the customers of its name."""
        if self.client is not None:
            self.customer, self.facts["client"] = client_of(self.client, customers)


class Dates(NamedTuple):
    """The dates of a document as it stands."""

    date: dt.date | None
    due_date: dt.date | None


def check_document(
    form: DocumentForm,
    settings: DocumentSettings,
    catalogue: Catalogue,
    today: dt.date,
    before: Dates | None,
) -> CheckedDocument:
    """Apply the validations.

    before: the dates of the document that is to be updated; None when one is to be created.
    """
    if "items" in form.model_fields_set and not isinstance(form.items, list):
        return CheckedDocument(problems=[NOT_AN_ARRAY])
    checked = CheckedDocument()
    sent = form.model_fields_set
    creating = before is None
    for name in _TEXTS:
        if name in sent:
            _check_text(checked, name, getattr(form, name))
    if not is_blank(form.manual_sequence_number):
        checked.add(NO_MANUAL_NUMBERS)
    if "sequence_id" in sent:
        checked.sequence = "" if is_blank(form.sequence_id) else str(form.sequence_id)
    if "client" in sent or creating:
        _check_client(checked, form.client, settings)
    if "retention" in sent:
        _check_retention(checked, form.retention)
    if "items" in sent or creating:
        checked.lines = _lines(checked, form.items or [], settings, catalogue)
    _check_dates(checked, form, settings, today, before)
    return checked


def text_of(value: Parameter) -> str | None:
    """What Ruby's to_s makes of a scalar. None stays None."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check_text(checked: CheckedDocument, name: str, value: Parameter) -> None:
    if isinstance(value, (list, dict)):
        checked.add(f"{name.replace('_', ' ').capitalize()} is invalid")
    else:
        checked.facts[name] = text_of(value)


def _check_retention(checked: CheckedDocument, value: Parameter) -> None:
    """Source: R-29, R-31."""
    if is_blank(value):
        checked.facts["retention"] = None
        return
    retention = _amount(value)
    if retention is None or not 0 <= retention <= _MAX_RETENTION:
        checked.add(RETENTION_INVALID)
    else:
        checked.facts["retention"] = retention


def _amount(value: Parameter) -> Decimal | None:
    """A number that the core can keep, or None."""
    amount = read_decimal(value)
    if amount is None:
        return None
    exponent = amount.as_tuple().exponent
    if amount.adjusted() >= MAX_DIGITS or not isinstance(exponent, int) or exponent < -MAX_DIGITS:
        return None
    return amount


# --- dates ------------------------------------------------------------------------------------------------------------


def _check_dates(
    checked: CheckedDocument,
    form: DocumentForm,
    settings: DocumentSettings,
    today: dt.date,
    before: Dates | None,
) -> None:
    """Check both dates and their order. A due date that is missing is the date. Source: R-26, R-31, R-39.

    The order does not count when a date was replaced, because what the vendor replaces is never a refusal; nor when neither
    date was sent.
    """
    read = _DateReader(checked, form, settings, today)
    date = read("date", today, before.date if before else None)
    due = read("due_date", date or today, before.due_date if before else None)
    is_sent = bool(form.model_fields_set & {"date", "due_date"})
    if is_sent and not checked.replaced and date is not None and due is not None and due < date:
        checked.add(DUE_BEFORE)
    checked.date, checked.facts["due_date"] = date, due


@dataclass(frozen=True, slots=True)
class _DateReader:
    """Reads the dates of a form; problems and replaced dates go to `checked`."""

    checked: CheckedDocument
    form: DocumentForm
    settings: DocumentSettings
    today: dt.date

    def __call__(self, name: str, otherwise: dt.date, before: dt.date | None) -> dt.date | None:
        """One date.

        otherwise: what a date that was not sent can mean.
        before: the date of the document that is updated.
        """
        value: Parameter = getattr(self.form, name)
        if name not in self.form.model_fields_set:
            return before or self._blank(name, self.settings.missing_dates == "today", otherwise)
        if is_blank(value):
            return self._blank(name, self.settings.blank_dates == "today", self.today)
        if isinstance(value, dt.datetime):
            return value.date()
        if isinstance(value, dt.date):
            return value
        try:
            return to_date(value) if isinstance(value, str) else self._replaced(name)
        except ParametersRefused:
            return self._replaced(name)

    def _blank(self, name: str, is_accepted: bool, instead: dt.date) -> dt.date | None:
        if is_accepted:
            return instead
        self.checked.add(f"{name.replace('_', ' ').capitalize()} can't be blank")
        return None

    def _replaced(self, name: str) -> dt.date:
        """The vendor puts the current date in the place of one whose form is invalid. Source: R-39."""
        self.checked.replaced.append(name)
        return self.today


# --- clients ----------------------------------------------------------------------------------------------------------


def _form(model: type[BaseModel], value: Parameter) -> Any:
    """The element as a form; None when it has no children."""
    return model.model_validate(value) if isinstance(value, dict) and value else None


def _check_client(checked: CheckedDocument, value: Parameter, settings: DocumentSettings) -> None:
    """Source: R-27, R-31."""
    form: ClientForm | None = _form(ClientForm, value)
    sent = {} if form is None else {name: getattr(form, name) for name in sorted(form.model_fields_set)}
    if is_blank(sent.get("name")) or any(isinstance(part, (list, dict)) for part in sent.values()):
        checked.add(CLIENT_INVALID)
        return
    texts = {name: text for name, part in sent.items() if (text := text_of(part)) is not None}
    country, email = texts.get("country", ""), texts.get("email", "")
    if settings.countries and country.strip() and country not in settings.countries:
        checked.add(f"Country {country} was not found")
    if email.strip() and not _EMAIL.fullmatch(email.strip()):
        checked.add(EMAIL_INVALID)
    checked.client = texts
    checked.take_client(())


# --- items ------------------------------------------------------------------------------------------------------------


def _lines(
    checked: CheckedDocument, items: Sequence[Parameter], settings: DocumentSettings, catalogue: Catalogue
) -> tuple[Line, ...]:
    if not items:
        checked.add(ITEMS_INVALID)
    lines = [_line(checked, item, settings, catalogue) for item in items]
    return tuple(replace(line, position=index) for index, line in enumerate(lines, 1) if line is not None)


def _line(checked: CheckedDocument, value: Parameter, settings: DocumentSettings, catalogue: Catalogue) -> Line | None:
    """One item, or None with the problems noted. Source: R-26, R-31."""
    form: ItemForm | None = _form(ItemForm, value)
    texts = () if form is None else (form.name, form.description, form.unit)
    if form is None or is_blank(form.name) or any(isinstance(text, (list, dict)) for text in texts):
        checked.add(ITEMS_INVALID)
        return None
    discount = Decimal(0) if is_blank(form.discount) else _amount(form.discount)
    quantity, price = _amount(form.quantity), _amount(form.unit_price)
    unit = text_of(form.unit)
    if discount is None:
        checked.add(DISCOUNT_INVALID)
    elif not 0 <= discount <= _HUNDRED:
        bound = "greater than or equal to 0" if discount < 0 else "less than or equal to 100"
        checked.add(f"Discount must be {bound}")
    if quantity is None or quantity <= 0:
        checked.add(QUANTITY_INVALID)
    if price is None:
        checked.add(PRICE_INVALID)
    if settings.units and unit and unit not in settings.units:
        checked.add(f"Unit {unit} is not included in the list of accepted units")
    tax = _tax(checked, form.tax, settings, catalogue)
    name = text_of(form.name) or ""
    facts = {"name": name, "description": text_of(form.description), "unit": unit, **tax.facts}
    if discount is None or quantity is None or price is None:
        return None
    return Line(name, quantity, price, discount, tax.rate, extras={DIALECT: facts})


@dataclass(frozen=True, slots=True)
class _Tax:
    """The tax of one item.

    rate: percent.
    facts: `tax_id` and `tax_name`, None when there is no such tax.
    """

    rate: Decimal
    facts: Mapping[str, Any]


_NO_TAX: Final = _Tax(Decimal(0), {"tax_id": None, "tax_name": None})


def _tax(checked: CheckedDocument, value: Parameter, settings: DocumentSettings, catalogue: Catalogue) -> _Tax:
    """The tax of an item: the catalogue's of that name, else the value in the item, else none or the default. R-30, D-17."""
    form: TaxForm | None = _form(TaxForm, value)
    name = text_of(form.name) if form is not None and not isinstance(form.name, (list, dict)) else None
    if name and (found := _tax_named(name, catalogue)) is not None:
        return found
    if form is None or is_blank(form.value):
        return _default_tax(settings, catalogue)
    rate = _amount(form.value)
    if rate is None or not 0 <= rate <= _HUNDRED:
        checked.add("Tax value must be a number between 0 and 100")
        return _NO_TAX
    return _Tax(rate, {"tax_id": None, "tax_name": name})


def _tax_named(name: str, catalogue: Catalogue) -> _Tax | None:
    """A tax code by its name, else by its number: people see both."""
    codes: Iterable[Any] = catalogue.tax_codes.values()
    for code in (*(one for one in codes if one.name == name), *(one for one in codes if one.number == name)):
        return _Tax(code.rate, {"tax_id": code.id, "tax_name": name})
    return None


def _default_tax(settings: DocumentSettings, catalogue: Catalogue) -> _Tax:
    group = catalogue.default_type_group
    if settings.missing_tax == "none" or group is None:
        return _NO_TAX
    code = catalogue.tax_codes.get(group.tax_code) if group.tax_code is not None else None
    name = code.name if code is not None else group.name
    return _Tax(group.vat_rate, {"tax_id": group.tax_code, "tax_name": name})
