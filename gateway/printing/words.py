"""The words of a printed document, and how amounts and dates are written, in six languages. Ours, and no vendor's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Final

_SPACE: Final = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Language:
    """The words of one language, and its way to write amounts and dates.

    group: the text between thousands.
    point: the text before decimals.
    date: a pattern of strftime.
    """

    words: Mapping[str, str]
    group: str
    point: str
    date: str

    def word(self, name: str) -> str:
        """A word by its name: one of `_NAMES`, or one that a dialect has added. Raises KeyError."""
        return self.words[name]

    def with_words(self, more: Mapping[str, str]) -> Language:
        """The same language with further words, or with others in their place."""
        return replace(self, words=MappingProxyType({**self.words, **more}))

    def amount(self, value: Decimal, places: int | None = 2) -> str:
        """An amount with so many places. None shows as many as it has, and none for a whole number."""
        if places is None:
            value = value.normalize() if value else Decimal(0)
            places = max(0, -int(value.as_tuple().exponent))
        text = f"{value:,.{places}f}"
        return text.translate({ord(","): self.group, ord("."): self.point})

    def day(self, value: dt.date) -> str:
        """A date."""
        return value.strftime(self.date)


_NAMES: Final = (
    "invoice",
    "credit_note",
    "void",
    "number",
    "date",
    "due",
    "customer",
    "organization",
    "order",
    "our_reference",
    "your_reference",
    "reference",
    "credited",
    "payment_id",
    "currency",
    "delivery",
    "description",
    "quantity",
    "price",
    "discount",
    "vat",
    "amount",
    "vat_rate",
    "basis",
    "vat_amount",
    "net",
    "rounding",
    "total",
    "page",
)


def _language(words: str, group: str, point: str, date: str) -> Language:
    return Language(
        MappingProxyType(dict(zip(_NAMES, words.split("|"), strict=True))), group=group, point=point, date=date
    )


LANGUAGES: Final[Mapping[str, Language]] = MappingProxyType(
    {
        "no": _language(
            "Faktura|Kreditnota|Annullert|Fakturanr.|Fakturadato|Forfallsdato|Kundenr.|Org.nr.|Ordrenr.|Vår ref.|"
            "Deres ref.|Referanse|Krediterer faktura|KID|Valuta|Leveringsadresse|Beskrivelse|Antall|Pris|Rabatt %|MVA %|"
            "Beløp|MVA-sats %|Grunnlag|MVA|Sum eks. MVA|Øreavrunding|Å betale|Side",
            _SPACE,
            ",",
            "%d.%m.%Y",
        ),
        "sv": _language(
            "Faktura|Kreditfaktura|Makulerad|Fakturanr|Fakturadatum|Förfallodatum|Kundnr|Org.nr|Ordernr|Vår referens|"
            "Er referens|Referens|Krediterar faktura|OCR|Valuta|Leveransadress|Beskrivning|Antal|Pris|Rabatt %|Moms %|"
            "Belopp|Momssats %|Underlag|Moms|Summa exkl. moms|Öresavrundning|Att betala|Sida",
            _SPACE,
            ",",
            "%Y-%m-%d",
        ),
        "da": _language(
            "Faktura|Kreditnota|Annulleret|Fakturanr.|Fakturadato|Forfaldsdato|Kundenr.|CVR-nr.|Ordrenr.|Vores ref.|"
            "Jeres ref.|Reference|Krediterer faktura|Betalings-id|Valuta|Leveringsadresse|Beskrivelse|Antal|Pris|Rabat %|"
            "Moms %|Beløb|Momssats %|Grundlag|Moms|Beløb uden moms|Øreafrunding|At betale|Side",
            ".",
            ",",
            "%d.%m.%Y",
        ),
        "fi": _language(
            "Lasku|Hyvityslasku|Mitätöity|Laskun numero|Laskun päiväys|Eräpäivä|Asiakasnumero|Y-tunnus|Tilausnumero|"
            "Viitteemme|Viitteenne|Viite|Hyvittää laskun|Viitenumero|Valuutta|Toimitusosoite|Kuvaus|Määrä|Hinta|Alennus %|"
            "ALV %|Summa|ALV-kanta %|Veroton|ALV|Veroton yhteensä|Pyöristys|Maksettava|Sivu",
            _SPACE,
            ",",
            "%d.%m.%Y",
        ),
        "pt": _language(
            "Fatura|Nota de crédito|Anulada|Fatura n.º|Data|Vencimento|Cliente n.º|NIF|Encomenda n.º|A nossa referência|"
            "A sua referência|Referência|Credita a fatura|Referência de pagamento|Moeda|Morada de entrega|Descrição|"
            "Quantidade|Preço|Desconto %|IVA %|Valor|Taxa de IVA %|Incidência|IVA|Total sem IVA|Arredondamento|Total a pagar|"
            "Página",
            ".",
            ",",
            "%d/%m/%Y",
        ),
        "en": _language(
            "Invoice|Credit note|Void|Invoice no.|Invoice date|Due date|Customer no.|Company no.|Order no.|Our reference|"
            "Your reference|Reference|Credits invoice|Payment id|Currency|Delivery address|Description|Quantity|Price|"
            "Discount %|VAT %|Amount|VAT rate %|Basis|VAT|Total excl. VAT|Rounding|To pay|Page",
            ",",
            ".",
            "%Y-%m-%d",
        ),
    }
)

_SYNONYMS: Final = MappingProxyType({"nb": "no", "nn": "no"})


def language_of(code: str, more: Mapping[str, Mapping[str, str]] = MappingProxyType({})) -> Language:
    """A language by its code: two letters, perhaps with a region. English stands in for a language that is not known.

    more: further words by language, or others in place of those here.
    """
    short = code.replace("_", "-").partition("-")[0].lower()
    short = _SYNONYMS.get(short, short)
    known = short if short in LANGUAGES else "en"
    return LANGUAGES[known].with_words(more[known]) if known in more else LANGUAGES[known]
