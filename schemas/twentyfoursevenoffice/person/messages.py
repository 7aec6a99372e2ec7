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
    """Asks for the id of a person."""

    consumer_person_no: str | None = Field(None, alias="consumerPersonNo")


class GetPersonIdResponse(Message):
    """The id."""

    result: Annotated[Long, "min:1"] = Field(0, alias="GetPersonIdResult")


class SavePerson(Message):
    """A person to be saved. One without an id is new."""

    person_item: PersonItem | None = Field(None, alias="personItem")


class SavePersonResponse(Message):
    """The id."""

    result: Annotated[Long, "min:1"] = Field(0, alias="SavePersonResult")


class GetPersonIdsByUserName(Message):
    """Asks for the ids of persons."""

    username: str | None = Field(None, alias="username")


class GetPersonIdsByUserNameResponse(Message):
    """The ids."""

    result: list[Long] | None = Field(None, alias="GetPersonIdsByUserNameResult")


class GetPersonIdByCompanyId(Message):
    """Asks for the id of a person."""

    company_id: Annotated[Int, "min:1"] = Field(0, alias="companyId")


class GetPersonIdByCompanyIdResponse(Message):
    """The id."""

    result: Annotated[Long, "min:1"] = Field(0, alias="GetPersonIdByCompanyIdResult")


class GetPersons(Message):
    """Asks for persons."""

    person_search: PersonSearchParameters | None = Field(None, alias="personSearch")


class GetPersonsResponse(Message):
    """The persons that were found."""

    result: list[PersonItem | None] | None = Field(None, alias="GetPersonsResult")


class GetPersonsDetailed(Message):
    """Asks for persons."""

    person_search: PersonSearchParameters | None = Field(None, alias="personSearch")


class GetPersonsDetailedResponse(Message):
    """The persons that were found."""

    result: list[PersonItem | None] | None = Field(None, alias="GetPersonsDetailedResult")


class MakeRelation(Message):
    """A relation to be saved."""

    relation: RelationData | None = Field(None, alias="relation")


class MakeRelationResponse(Message):
    """Whether it was saved."""

    result: Annotated[bool, "min:1"] = Field(False, alias="MakeRelationResult")


class GetRelations(Message):
    """Asks for the relations of a person."""

    person_id: Annotated[Long, "min:1"] = Field(0, alias="personId")


class GetRelationsResponse(Message):
    """The relations."""

    result: list[RelationData | None] | None = Field(None, alias="GetRelationsResult")


class GetRelationsChangedAfter(Message):
    """Asks for relations."""

    changed_after: Annotated[datetime, "min:1"] = Field(DATEMIN, alias="changedAfter")


class GetRelationsChangedAfterResponse(Message):
    """The relations."""

    result: list[RelationData | None] | None = Field(None, alias="GetRelationsChangedAfterResult")


class DeleteRelation(Message):
    """Asks to delete a relation."""

    person_id: Annotated[Long, "min:1"] = Field(0, alias="personId")
    company_id: Annotated[Long, "min:1"] = Field(0, alias="companyId")


class DeleteRelationResponse(Message):
    """Holds nothing."""


class GetNotes(Message):
    """Asks for the notes about a person."""

    person_id: Annotated[Long, "min:1"] = Field(0, alias="personId")


class GetNotesResponse(Message):
    """The notes."""

    result: list[NoteData | None] | None = Field(None, alias="GetNotesResult")


class GetAllNotes(Message):
    """Takes nothing."""


class GetAllNotesResponse(Message):
    """The notes."""

    result: list[NoteData | None] | None = Field(None, alias="GetAllNotesResult")


class AddNote(Message):
    """A note to be saved."""

    note: NoteData | None = Field(None, alias="note")


class AddNoteResponse(Message):
    """The id of the note."""

    result: Annotated[Int, "min:1"] = Field(0, alias="AddNoteResult")


class DeleteNote(Message):
    """Asks to delete a note."""

    note: NoteData | None = Field(None, alias="note")


class DeleteNoteResponse(Message):
    """Holds nothing."""


class DeleteNoteById(Message):
    """Asks to delete a note."""

    note_id: Annotated[Int, "min:1"] = Field(0, alias="noteId")


class DeleteNoteByIdResponse(Message):
    """Holds nothing."""


class GetCategoryList(Message):
    """Takes nothing."""


class GetCategoryListResponse(Message):
    """The categories."""

    result: list[Category | None] | None = Field(None, alias="GetCategoryListResult")


class GetPersonCategoryList(Message):
    """Asks for the categories of a person."""

    person_id: Annotated[Long, "min:1"] = Field(0, alias="personId")


class GetPersonCategoryListResponse(Message):
    """The ids of the categories."""

    result: list[Int] | None = Field(None, alias="GetPersonCategoryListResult")


class GetPersonArrayCategoryList(Message):
    """Asks for the categories of persons."""

    person_ids: list[Int] | None = Field(None, alias="personIds")


class GetPersonArrayCategoryListResponse(Message):
    """The persons with the ids of their categories."""

    result: list[PersonCategories | None] | None = Field(None, alias="GetPersonArrayCategoryListResult")


class AddCategoryToPerson(Message):
    """A person and a category."""

    person_id: Annotated[Long, "min:1"] = Field(0, alias="personId")
    category_id: Annotated[Int, "min:1"] = Field(0, alias="categoryId")


class AddCategoryToPersonResponse(Message):
    """Holds nothing."""


class RemoveCategoryFromPerson(Message):
    """A person and a category."""

    person_id: Annotated[Long, "min:1"] = Field(0, alias="personId")
    category_id: Annotated[Int, "min:1"] = Field(0, alias="categoryId")


class RemoveCategoryFromPersonResponse(Message):
    """Holds nothing."""
