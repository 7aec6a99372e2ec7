"""The operations of PersonService, in the order of the contract."""

from __future__ import annotations

from typing import Final

from schemas.twentyfoursevenoffice.contract import Operation, ServiceContract
from schemas.twentyfoursevenoffice.person import messages as m

PERSON_SERVICE: Final = ServiceContract(
    "PersonService",
    "/CRM/Contact/PersonService.asmx",
    (
        Operation("GetPersonId", "Get person id.", m.GetPersonId, m.GetPersonIdResponse, authentication=True),
        Operation("SavePerson", "Save person.", m.SavePerson, m.SavePersonResponse, authentication=True),
        Operation(
            "GetPersonIdsByUserName",
            "Get person ids by user name.",
            m.GetPersonIdsByUserName,
            m.GetPersonIdsByUserNameResponse,
            authentication=True,
        ),
        Operation(
            "GetPersonIdByCompanyId",
            "Get person id by company id.",
            m.GetPersonIdByCompanyId,
            m.GetPersonIdByCompanyIdResponse,
        ),
        Operation("GetPersons", "Get persons.", m.GetPersons, m.GetPersonsResponse, authentication=True),
        Operation(
            "GetPersonsDetailed",
            "Get persons detailed.",
            m.GetPersonsDetailed,
            m.GetPersonsDetailedResponse,
            authentication=True,
        ),
        Operation("MakeRelation", "Make relation.", m.MakeRelation, m.MakeRelationResponse, authentication=True),
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
            "GetCategoryList", "Get category list.", m.GetCategoryList, m.GetCategoryListResponse, authentication=True
        ),
        Operation(
            "GetPersonCategoryList",
            "Get person category list.",
            m.GetPersonCategoryList,
            m.GetPersonCategoryListResponse,
            authentication=True,
        ),
        Operation(
            "GetPersonArrayCategoryList",
            "Get person array category list.",
            m.GetPersonArrayCategoryList,
            m.GetPersonArrayCategoryListResponse,
            authentication=True,
        ),
        Operation(
            "AddCategoryToPerson",
            "Add category to person.",
            m.AddCategoryToPerson,
            m.AddCategoryToPersonResponse,
            authentication=True,
        ),
        Operation(
            "RemoveCategoryFromPerson",
            "Remove category from person.",
            m.RemoveCategoryFromPerson,
            m.RemoveCategoryFromPersonResponse,
            authentication=True,
        ),
    ),
)
