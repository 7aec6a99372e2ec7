"""What customers read on pages and in links, in the languages of the vendor's four countries. All of it is ours (inferred)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from adapters.resurs.shop import Language


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language.

    title, ask, sign, refuse, signed, refused, back: of the signing page; `ask` holds {amount} and {method}.
    terms, sekki, price: of the three links beside a method.
    plan, month, cost, once, tail: of the table of costs; `cost` holds {amount}.
    test: what the pages of legal texts say.
    """

    title: str
    ask: str
    sign: str
    refuse: str
    signed: str
    refused: str
    back: str
    terms: str
    sekki: str
    price: str
    plan: str
    month: str
    cost: str
    once: str
    tail: str
    test: str


WORDS: Final[Mapping[Language, Words]] = {
    "sv": Words(
        title="Signera köpet",
        ask="Du betalar {amount} med {method}.",
        sign="Signera",
        refuse="Avbryt",
        signed="Köpet är signerat.",
        refused="Köpet är inte signerat.",
        back="Tillbaka till butiken",
        terms="Allmänna villkor",
        sekki="Standardiserad europeisk konsumentkreditinformation",
        price="Prisinformation",
        plan="Betalsätt",
        month="Kostnad per månad",
        cost="Köpet kostar {amount}.",
        once="Hela beloppet",
        tail="Beloppen är avrundade.",
        test="Det här är en testmiljö. Inga avtal ingås här.",
    ),
    "no": Words(
        title="Signer kjøpet",
        ask="Du betaler {amount} med {method}.",
        sign="Signer",
        refuse="Avbryt",
        signed="Kjøpet er signert.",
        refused="Kjøpet er ikke signert.",
        back="Tilbake til butikken",
        terms="Generelle vilkår",
        sekki="Standardiserte europeiske opplysninger om forbrukerkreditt",
        price="Prisinformasjon",
        plan="Betalingsmåte",
        month="Kostnad per måned",
        cost="Kjøpet koster {amount}.",
        once="Hele beløpet",
        tail="Beløpene er avrundet.",
        test="Dette er et testmiljø. Ingen avtaler inngås her.",
    ),
    "da": Words(
        title="Underskriv købet",
        ask="Du betaler {amount} med {method}.",
        sign="Underskriv",
        refuse="Annuller",
        signed="Købet er underskrevet.",
        refused="Købet er ikke underskrevet.",
        back="Tilbage til butikken",
        terms="Almindelige vilkår",
        sekki="Standardiserede europæiske forbrugerkreditoplysninger",
        price="Prisinformation",
        plan="Betalingsmetode",
        month="Omkostning pr. måned",
        cost="Købet koster {amount}.",
        once="Hele beløbet",
        tail="Beløbene er afrundet.",
        test="Dette er et testmiljø. Der indgås ingen aftaler her.",
    ),
    "fi": Words(
        title="Allekirjoita osto",
        ask="Maksat {amount} maksutavalla {method}.",
        sign="Allekirjoita",
        refuse="Peruuta",
        signed="Osto on allekirjoitettu.",
        refused="Ostoa ei ole allekirjoitettu.",
        back="Takaisin kauppaan",
        terms="Yleiset ehdot",
        sekki="Vakiomuotoiset eurooppalaiset kuluttajaluottotiedot",
        price="Hintatiedot",
        plan="Maksutapa",
        month="Kustannus kuukaudessa",
        cost="Osto maksaa {amount}.",
        once="Koko summa",
        tail="Summat on pyöristetty.",
        test="Tämä on testiympäristö. Täällä ei tehdä sopimuksia.",
    ),
}
CURRENCIES: Final[Mapping[Language, str]] = {"sv": "kr", "no": "kr", "da": "kr", "fi": "€"}
