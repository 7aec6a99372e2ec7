"""Words on the PDFs of this dialect alone, in the languages of the vendor's four countries. All are inferred."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.resurs.shop import Country

CURRENCIES: Final[Mapping[Country, str]] = MappingProxyType({"SE": "SEK", "NO": "NOK", "DK": "DKK", "FI": "EUR"})

WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "sv": {
            "article": "Artikelnr",
            "unit": "Enhet",
            "order_date": "Orderdatum",
            "payment": "Betalning",
            "phone": "Tel.",
            "fax": "Fax",
            "vat_registration": "Momsreg.nr",
            "company_tax": "Godkänd för F-skatt",
            "purchase": "Köp enligt order",
            "crediting": "Kreditering",
            "credited_total": "Krediterat belopp",
            "creditor": "Fordran enligt denna faktura är överlåten till Resurs Bank, som är borgenär. Betala till Resurs Bank.",
            "creditor_credit": "Resurs Bank är borgenär för den fordran som denna kreditfaktura gäller.",
        },
        "no": {
            "article": "Varenr.",
            "unit": "Enhet",
            "order_date": "Ordredato",
            "payment": "Betaling",
            "phone": "Tlf.",
            "fax": "Faks",
            "vat_registration": "MVA-nr.",
            "company_tax": "",
            "purchase": "Kjøp ifølge ordre",
            "crediting": "Kreditering",
            "credited_total": "Kreditert beløp",
            "creditor": "Fordringen i denne fakturaen er overdratt til Resurs Bank, som er kreditor. Betal til Resurs Bank.",
            "creditor_credit": "Resurs Bank er kreditor for fordringen som denne kreditnotaen gjelder.",
        },
        "da": {
            "article": "Varenr.",
            "unit": "Enhed",
            "order_date": "Ordredato",
            "payment": "Betaling",
            "phone": "Tlf.",
            "fax": "Fax",
            "vat_registration": "Momsnr.",
            "company_tax": "Registreret for selskabsskat",
            "purchase": "Køb ifølge ordre",
            "crediting": "Kreditering",
            "credited_total": "Krediteret beløb",
            "creditor": "Fordringen i denne faktura er overdraget til Resurs Bank, som er kreditor. Betal til Resurs Bank.",
            "creditor_credit": "Resurs Bank er kreditor for den fordring, som denne kreditnota vedrører.",
        },
        "fi": {
            "article": "Tuotenro",
            "unit": "Yksikkö",
            "order_date": "Tilauspäivä",
            "payment": "Maksutapahtuma",
            "phone": "Puh.",
            "fax": "Faksi",
            "vat_registration": "ALV-numero",
            "company_tax": "Merkitty ennakkoperintärekisteriin",
            "purchase": "Tilauksen mukainen ostos",
            "crediting": "Hyvitys",
            "credited_total": "Hyvitetty summa",
            "creditor": "Tämän laskun saatava on siirretty Resurs Bankille, joka on velkoja. Maksa Resurs Bankille.",
            "creditor_credit": "Resurs Bank on tämän hyvityslaskun koskeman saatavan velkoja.",
        },
    }
)
"""By language and name. The vendor has no company tax note in Norway."""
