"""The messages of PersonService."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from schemas.twentyfoursevenoffice.person.types import (
    Category,
    NoteData,
    PersonCategories,
    PersonItem,
    PersonSearchParameters,
    RelationData,
)
from schemas.twentyfoursevenoffice.primitives import DATEMIN, Int, Long, Message


class GetPersonId(Message):
    """Asks for GetPersonId."""

    consumer_person_no: str | None = Field(None, alias="consumerPersonNo")


class GetPersonIdResponse(Message):
    """The answer to GetPersonId."""

    result: Annotated[Long, "min:1"] = Field(0, alias="GetPersonIdResult")


class SavePerson(Message):
    """Asks for SavePerson."""

    person_item: PersonItem | None = Field(None, alias="personItem")


class SavePersonResponse(Message):
    """The answer to SavePerson."""

    result: Annotated[Long, "min:1"] = Field(0, alias="SavePersonResult")


class GetPersonIdsByUserName(Message):
    """Asks for GetPersonIdsByUserName."""

    username: str | None = Field(None, alias="username")


class GetPersonIdsByUserNameResponse(Message):
    """The answer to GetPersonIdsByUserName."""

    result: list[Long] | None = Field(None, alias="GetPersonIdsByUserNameResult")


class GetPersonIdByCompanyId(Message):
    """Asks for GetPersonIdByCompanyId."""

    company_id: Annotated[Int, "min:1"] = Field(0, alias="companyId")


class GetPersonIdByCompanyIdResponse(Message):
    """The answer to GetPersonIdByCompanyId."""

    result: Annotated[Long, "min:1"] = Field(0, alias="GetPersonIdByCompanyIdResult")


class GetPersons(Message):
    """Asks for GetPersons."""

    person_search: PersonSearchParameters | None = Field(None, alias="personSearch")


class GetPersonsResponse(Message):
    """The answer to GetPersons."""

    result: list[PersonItem | None] | None = Field(None, alias="GetPersonsResult")


class GetPersonsDetailed(Message):
    """Asks for GetPersonsDetailed."""

    person_search: PersonSearchParameters | None = Field(None, alias="personSearch")


class GetPersonsDetailedResponse(Message):
    """The answer to GetPersonsDetailed."""

    result: list[PersonItem | None] | None = Field(None, alias="GetPersonsDetailedResult")


class MakeRelation(Message):
    """Asks for MakeRelation."""

    relation: RelationData | None = Field(None, alias="relation")


class MakeRelationResponse(Message):
    """The answer to MakeRelation."""

    result: Annotated[bool, "min:1"] = Field(False, alias="MakeRelationResult")


class GetRelations(Message):
    """Asks for GetRelations."""

    person_id: Annotated[Long, "min:1"] = Field(0, alias="personId")


class GetRelationsResponse(Message):
    """The answer to GetRelations."""

    result: list[RelationData | None] | None = Field(None, alias="GetRelationsResult")


class GetRelationsChangedAfter(Message):
    """Asks for GetRelationsChangedAfter."""

    changed_after: Annotated[datetime, "min:1"] = Field(DATEMIN, alias="changedAfter")


class GetRelationsChangedAfterResponse(Message):
    """The answer to GetRelationsChangedAfter."""

    result: list[RelationData | None] | None = Field(None, alias="GetRelationsChangedAfterResult")


class DeleteRelation(Message):
    """Asks for DeleteRelation."""

    person_id: Annotated[Long, "min:1"] = Field(0, alias="personId")
    company_id: Annotated[Long, "min:1"] = Field(0, alias="companyId")


class DeleteRelationResponse(Message):
    """The answer to DeleteRelation."""


class GetNotes(Message):
    """Asks for GetNotes."""

    person_id: Annotated[Long, "min:1"] = Field(0, alias="personId")


class GetNotesResponse(Message):
    """The answer to GetNotes."""

    result: list[NoteData | None] | None = Field(None, alias="GetNotesResult")


class GetAllNotes(Message):
    """Takes nothing."""


class GetAllNotesResponse(Message):
    """The answer to GetAllNotes."""

    result: list[NoteData | None] | None = Field(None, alias="GetAllNotesResult")


class AddNote(Message):
    """Asks for AddNote."""

    note: NoteData | None = Field(None, alias="note")


class AddNoteResponse(Message):
    """The answer to AddNote."""

    result: Annotated[Int, "min:1"] = Field(0, alias="AddNoteResult")


class DeleteNote(Message):
    """Asks for DeleteNote."""

    note: NoteData | None = Field(None, alias="note")


class DeleteNoteResponse(Message):
    """The answer to DeleteNote."""


class DeleteNoteById(Message):
    """Asks for DeleteNoteById."""

    note_id: Annotated[Int, "min:1"] = Field(0, alias="noteId")


class DeleteNoteByIdResponse(Message):
    """The answer to DeleteNoteById."""


class GetCategoryList(Message):
    """Takes nothing."""


class GetCategoryListResponse(Message):
    """The answer to GetCategoryList."""

    result: list[Category | None] | None = Field(None, alias="GetCategoryListResult")


class GetPersonCategoryList(Message):
    """Asks for GetPersonCategoryList."""

    person_id: Annotated[Long, "min:1"] = Field(0, alias="personId")


class GetPersonCategoryListResponse(Message):
    """The answer to GetPersonCategoryList."""

    result: list[Int] | None = Field(None, alias="GetPersonCategoryListResult")


class GetPersonArrayCategoryList(Message):
    """Asks for GetPersonArrayCategoryList."""

    person_ids: list[Int] | None = Field(None, alias="personIds")


class GetPersonArrayCategoryListResponse(Message):
    """The answer to GetPersonArrayCategoryList."""

    result: list[PersonCategories | None] | None = Field(None, alias="GetPersonArrayCategoryListResult")


class AddCategoryToPerson(Message):
    """Asks for AddCategoryToPerson."""

    person_id: Annotated[Long, "min:1"] = Field(0, alias="personId")
    category_id: Annotated[Int, "min:1"] = Field(0, alias="categoryId")


class AddCategoryToPersonResponse(Message):
    """The answer to AddCategoryToPerson."""


class RemoveCategoryFromPerson(Message):
    """Asks for RemoveCategoryFromPerson."""

    person_id: Annotated[Long, "min:1"] = Field(0, alias="personId")
    category_id: Annotated[Int, "min:1"] = Field(0, alias="categoryId")


class RemoveCategoryFromPersonResponse(Message):
    """The answer to RemoveCategoryFromPerson."""
