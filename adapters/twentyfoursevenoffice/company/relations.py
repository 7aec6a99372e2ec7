"""Relations between contacts and companies, and ids of companies in other systems. Source: CO-04, CO-53.

The answers hold only the items that failed; their types have no place for an error.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, TypeVar

from adapters.twentyfoursevenoffice.company.links import MAP, RELATION, company_key, values_in
from adapters.twentyfoursevenoffice.company.refused import ItemRefused, check_list, not_found
from adapters.twentyfoursevenoffice.company.tying import Tie, tied, untied
from adapters.twentyfoursevenoffice.orders.properties import Properties
from adapters.twentyfoursevenoffice.work import Work
from gateway.core.catalogue_records import CONTACT
from gateway.core.record_commands import GetRecords
from gateway.core.records import Record
from schemas.twentyfoursevenoffice.company.messages import (
    DeleteMaps,
    DeleteMapsResponse,
    DeleteRelations,
    DeleteRelationsResponse,
    SaveMaps,
    SaveMapsResponse,
    SaveRelations,
    SaveRelationsResponse,
)
from schemas.twentyfoursevenoffice.company.types import CompanyMap, Relation

RELATION_PROPERTIES: Final = Properties(Relation)
MAP_PROPERTIES: Final = Properties(CompanyMap)
T = TypeVar("T")


async def save_relations(work: Work, message: SaveRelations) -> SaveRelationsResponse:
    """Relate contacts to companies. The contact must exist if the tenant keeps any (inferred)."""
    check_list(work, message.relations)
    if message.relations is None:
        return SaveRelationsResponse(result=None)
    relations = [relation for relation in message.relations if relation is not None]
    kept = await work.context.service.read(GetRecords(work.identity.tenant, (), (CONTACT.name,)))
    wanted = [_relation(work, relation, check_contact=bool(kept.kinds)) for relation in relations]
    failed = await tied(work, RELATION, wanted, "SaveRelations")
    return SaveRelationsResponse.model_construct(result=_those(relations, failed))


async def delete_relations(work: Work, message: DeleteRelations) -> DeleteRelationsResponse:
    """Delete relations, which their contact and company name."""
    check_list(work, message.relations)
    if message.relations is None:
        return DeleteRelationsResponse(result=None)
    relations = [relation for relation in message.relations if relation is not None]
    wanted = [_relation(work, relation, check_contact=False) for relation in relations]
    failed = await untied(work, RELATION, wanted, "DeleteRelations")
    return DeleteRelationsResponse.model_construct(result=_those(relations, failed))


async def save_maps(work: Work, message: SaveMaps) -> SaveMapsResponse:
    """Keep ids that companies have elsewhere: one for each company and type of map (inferred)."""
    check_list(work, message.maps)
    if message.maps is None:
        return SaveMapsResponse(result=None)
    maps = [own for own in message.maps if own is not None]
    wanted = [_map(work, own) for own in maps]
    for at, own in enumerate(maps):
        if not own.external_id:
            wanted[at] = ItemRefused("company_property_missing", property="ExternalId")
    failed = await tied(work, MAP, wanted, "SaveMaps")
    return SaveMapsResponse.model_construct(result=_those(maps, failed))


async def delete_maps(work: Work, message: DeleteMaps) -> DeleteMapsResponse:
    """Delete maps. One that is sent with another ExternalId than it has fails (inferred)."""
    check_list(work, message.maps)
    if message.maps is None:
        return DeleteMapsResponse(result=None)
    maps = [own for own in message.maps if own is not None]
    failed = await untied(work, MAP, [_map(work, own) for own in maps], "DeleteMaps", _is_the_map)
    return DeleteMapsResponse.model_construct(result=_those(maps, failed))


def _those(items: Sequence[T], failed: Collection[int]) -> list[T | None]:
    return [item for at, item in enumerate(items) if at in failed]


def _relation(work: Work, relation: Relation, *, check_contact: bool) -> Tie | ItemRefused:
    contact, company = relation.contact_id, relation.company_id
    if contact <= 0 or company <= 0:
        return ItemRefused("company_property_missing", property="ContactId" if contact <= 0 else "CompanyId")
    tenant = work.identity.tenant
    needs = {company_key(tenant, company): not_found("CompanyId", company)}
    if check_contact:
        needs[CONTACT.key(tenant, contact)] = not_found("ContactId", contact)
    found_by = {"company": company, "contact": contact}
    return Tie(
        f"{contact}-{company}", found_by, not_found("ContactId", contact), needs, RELATION_PROPERTIES.given(relation)
    )


def _map(work: Work, own: CompanyMap) -> Tie | ItemRefused:
    if own.company_id <= 0:
        return ItemRefused("company_property_missing", property="CompanyId")
    if own.map_type < 0:
        return ItemRefused("property_invalid", property="MapType")
    needs = {company_key(work.identity.tenant, own.company_id): not_found("CompanyId", own.company_id)}
    found_by = {"company": own.company_id, "external_id": own.external_id or None}
    sent = {"MapType": own.map_type, "CompanyId": own.company_id, **MAP_PROPERTIES.given(own)}
    return Tie(f"{own.map_type}-{own.company_id}", found_by, not_found("MapType", own.map_type), needs, sent)


def _is_the_map(tie: Tie, record: Record) -> bool:
    sent = tie.sent.get("ExternalId")
    return not sent or values_in(record).get("ExternalId") == sent
