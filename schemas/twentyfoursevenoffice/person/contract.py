"""The operations of PersonService, in the order of the contract."""

from __future__ import annotations

from typing import Final

from schemas.twentyfoursevenoffice.contract import Operation, ServiceContract
from schemas.twentyfoursevenoffice.person import messages as m
from schemas.twentyfoursevenoffice.person.types import Authentication

PERSON_SERVICE: Final = ServiceContract(
    "PersonService",
    "/CRM/Contact/PersonService.asmx",
    (
        Operation("GetPersonId", "Get person id.", m.GetPersonId, m.GetPersonIdResponse, header=Authentication),
        Operation("SavePerson", "Save person.", m.SavePerson, m.SavePersonResponse, header=Authentication),
        Operation(
            "GetPersonIdsByUserName",
            "Get person ids by user name.",
            m.GetPersonIdsByUserName,
            m.GetPersonIdsByUserNameResponse,
            header=Authentication,
        ),
        Operation(
            "GetPersonIdByCompanyId",
            "Get person id by company id.",
            m.GetPersonIdByCompanyId,
            m.GetPersonIdByCompanyIdResponse,
        ),
        Operation("GetPersons", "Get persons.", m.GetPersons, m.GetPersonsResponse, header=Authentication),
        Operation(
            "GetPersonsDetailed",
            "Get persons detailed.",
            m.GetPersonsDetailed,
            m.GetPersonsDetailedResponse,
            header=Authentication,
        ),
        Operation("MakeRelation", "Make relation.", m.MakeRelation, m.MakeRelationResponse, header=Authentication),
        Operation("GetRelations", "Get relations.", m.GetRelations, m.GetRelationsResponse),
        Operation(
            "GetRelationsChangedAfter",
            "Get relations changed after.",
            m.GetRelationsChangedAfter,
            m.GetRelationsChangedAfterResponse,
        ),
        Operation("DeleteRelation", "Delete relation.", m.DeleteRelation, m.DeleteRelationResponse),
        Operation("GetNotes", "Get notes.", m.GetNotes, m.GetNotesResponse),
        Operation("GetAllNotes", "Get all notes.", m.GetAllNotes, m.GetAllNotesResponse),
        Operation("AddNote", "Add note.", m.AddNote, m.AddNoteResponse),
        Operation("DeleteNote", "Delete note.", m.DeleteNote, m.DeleteNoteResponse),
        Operation("DeleteNoteById", "Delete note by id.", m.DeleteNoteById, m.DeleteNoteByIdResponse),
        Operation(
            "GetCategoryList", "Get category list.", m.GetCategoryList, m.GetCategoryListResponse, header=Authentication
        ),
        Operation(
            "GetPersonCategoryList",
            "Get person category list.",
            m.GetPersonCategoryList,
            m.GetPersonCategoryListResponse,
            header=Authentication,
        ),
        Operation(
            "GetPersonArrayCategoryList",
            "Get person array category list.",
            m.GetPersonArrayCategoryList,
            m.GetPersonArrayCategoryListResponse,
            header=Authentication,
        ),
        Operation(
            "AddCategoryToPerson",
            "Add category to person.",
            m.AddCategoryToPerson,
            m.AddCategoryToPersonResponse,
            header=Authentication,
        ),
        Operation(
            "RemoveCategoryFromPerson",
            "Remove category from person.",
            m.RemoveCategoryFromPerson,
            m.RemoveCategoryFromPersonResponse,
            header=Authentication,
        ),
    ),
    host="webservices.24sevenoffice.com",
)
