"""What the shop's end users read, in the languages of the vendor's four countries.

A name in braces is replaced by a fact of the error. Only the Swedish texts marked so are the vendor's; all others are inferred
(R-27) and can be configured with `user_error_messages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.resurs.settings import UserText
from adapters.resurs.shop import Language

USER_TEXTS: Final[Mapping[Language, Mapping[UserText, str]]] = MappingProxyType(
    {
        "sv": {
            "too_low": "Startnummer för faktura får inte vara lägre än tidigare nummer",  # R-18, documented
            "too_high": "Startnummer för faktura är för högt",
            "not_found": "Uppgiften finns inte",
            "not_possible": "Åtgärden kan inte utföras",
            "not_supported": "Funktionen stöds inte",
            "technical": "Ett tekniskt fel har inträffat, försök igen senare",
            "payment_unknown": "Efterfrågad order/betalning ({id}) kan inte hittas i databasen.",  # P-80, documented
            "frozen": "Betalningen är fryst och kan inte debiteras.",
            "payment_state": "Åtgärden är inte tillåten i betalningens nuvarande läge.",
            "over_finalize": "Beloppet är högre än vad som kan debiteras.",
            "over_credit": "Beloppet är högre än vad som kan krediteras.",
            "over_annul": "Beloppet är högre än vad som kan annulleras.",
            "over_limit": "Beloppet ryms inte inom krediten.",
            "number_used": "Fakturanummer {id} finns redan.",
            "number_not_allowed": "Fakturanummer får inte anges för betalsättet.",
            "invalid_field": "Uppgiften {field} är felaktig.",
            "method_forbids": "Åtgärden är inte tillåten för betalsättet.",
            "government_id": "Personnummer/Organisationsnummer {id} verkar vara inkorrekt",  # P-140, documented
            "id_used": "{id} används redan.",
            "signing_required": "Köpet måste signeras.",
            "card_refused": "Kortet kan inte användas för köpet.",
            "weak_password": "Lösenordet är för svagt.",
        },
        "no": {
            "too_low": "Startnummer for faktura kan ikke være lavere enn tidligere nummer",
            "too_high": "Startnummer for faktura er for høyt",
            "not_found": "Opplysningen finnes ikke",
            "not_possible": "Handlingen kan ikke utføres",
            "not_supported": "Funksjonen støttes ikke",
            "technical": "En teknisk feil har oppstått, prøv igjen senere",
            "payment_unknown": "Forespurt ordre/betaling ({id}) finnes ikke i databasen.",
            "frozen": "Betalingen er fryst og kan ikke debiteres.",
            "payment_state": "Handlingen er ikke tillatt i betalingens nåværende tilstand.",
            "over_finalize": "Beløpet er høyere enn det som kan debiteres.",
            "over_credit": "Beløpet er høyere enn det som kan krediteres.",
            "over_annul": "Beløpet er høyere enn det som kan annulleres.",
            "over_limit": "Beløpet er høyere enn kreditten.",
            "number_used": "Fakturanummer {id} finnes allerede.",
            "number_not_allowed": "Fakturanummer kan ikke oppgis for betalingsmåten.",
            "invalid_field": "Opplysningen {field} er feil.",
            "method_forbids": "Handlingen er ikke tillatt for betalingsmåten.",
            "government_id": "Fødselsnummer/organisasjonsnummer {id} ser ut til å være feil",
            "id_used": "{id} er allerede i bruk.",
            "signing_required": "Kjøpet må signeres.",
            "card_refused": "Kortet kan ikke brukes til kjøpet.",
            "weak_password": "Passordet er for svakt.",
        },
        "da": {
            "too_low": "Startnummer for faktura må ikke være lavere end tidligere nummer",
            "too_high": "Startnummer for faktura er for højt",
            "not_found": "Oplysningen findes ikke",
            "not_possible": "Handlingen kan ikke udføres",
            "not_supported": "Funktionen understøttes ikke",
            "technical": "Der er opstået en teknisk fejl, prøv igen senere",
            "payment_unknown": "Den ønskede ordre/betaling ({id}) findes ikke i databasen.",
            "frozen": "Betalingen er spærret og kan ikke debiteres.",
            "payment_state": "Handlingen er ikke tilladt i betalingens nuværende tilstand.",
            "over_finalize": "Beløbet er højere end det, der kan debiteres.",
            "over_credit": "Beløbet er højere end det, der kan krediteres.",
            "over_annul": "Beløbet er højere end det, der kan annulleres.",
            "over_limit": "Beløbet er højere end kreditten.",
            "number_used": "Fakturanummer {id} findes allerede.",
            "number_not_allowed": "Fakturanummer må ikke angives for betalingsmetoden.",
            "invalid_field": "Oplysningen {field} er forkert.",
            "method_forbids": "Handlingen er ikke tilladt for betalingsmetoden.",
            "government_id": "CPR-nummer/CVR-nummer {id} ser ud til at være forkert",
            "id_used": "{id} er allerede i brug.",
            "signing_required": "Købet skal underskrives.",
            "card_refused": "Kortet kan ikke bruges til købet.",
            "weak_password": "Adgangskoden er for svag.",
        },
        "fi": {
            "too_low": "Laskun aloitusnumero ei saa olla pienempi kuin aiempi numero",
            "too_high": "Laskun aloitusnumero on liian suuri",
            "not_found": "Tietoa ei löydy",
            "not_possible": "Toimintoa ei voi suorittaa",
            "not_supported": "Toimintoa ei tueta",
            "technical": "Tapahtui tekninen virhe, yritä myöhemmin uudelleen",
            "payment_unknown": "Pyydettyä tilausta/maksua ({id}) ei löydy tietokannasta.",
            "frozen": "Maksu on jäädytetty, eikä sitä voi veloittaa.",
            "payment_state": "Toiminto ei ole sallittu maksun nykyisessä tilassa.",
            "over_finalize": "Summa on suurempi kuin veloitettavissa oleva.",
            "over_credit": "Summa on suurempi kuin hyvitettävissä oleva.",
            "over_annul": "Summa on suurempi kuin peruttavissa oleva.",
            "over_limit": "Summa ylittää luoton.",
            "number_used": "Laskunumero {id} on jo olemassa.",
            "number_not_allowed": "Laskunumeroa ei saa antaa tälle maksutavalle.",
            "invalid_field": "Tieto {field} on virheellinen.",
            "method_forbids": "Toiminto ei ole sallittu tälle maksutavalle.",
            "government_id": "Henkilötunnus/Y-tunnus {id} näyttää virheelliseltä",
            "id_used": "{id} on jo käytössä.",
            "signing_required": "Osto on allekirjoitettava.",
            "card_refused": "Korttia ei voi käyttää ostoon.",
            "weak_password": "Salasana on liian heikko.",
        },
    }
)


def filled(text: str, facts: Mapping[str, str]) -> str:
    """The text with its facts. Braces around anything else stay: configured texts may hold them."""
    for name, value in facts.items():
        text = text.replace(f"{{{name}}}", value)
    return text
