"""PersonService: the handler of each operation that is served."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.person.relations import make_relation
from adapters.twentyfoursevenoffice.person.save import save_person
from adapters.twentyfoursevenoffice.person.search import get_persons, get_persons_detailed
from adapters.twentyfoursevenoffice.service import Handler, Service
from gateway.spi.adapter import Evidence
from schemas.twentyfoursevenoffice.person.contract import PERSON_SERVICE

HANDLERS: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "SavePerson": save_person,
        "GetPersons": get_persons,
        "GetPersonsDetailed": get_persons_detailed,
        "MakeRelation": make_relation,
    }
)
"""The handler of each operation; others are declined."""

PERSON: Final = Service(PERSON_SERVICE, HANDLERS, Evidence.DOCUMENTED)
