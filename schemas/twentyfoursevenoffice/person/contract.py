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
        Operation(
            "GetPersonId",
            "Gets the id of the person with a personal number.",
            m.GetPersonId,
            m.GetPersonIdResponse,
            header=Authentication,
        ),
        Operation(
            "SavePerson",
            "Saves a person, and returns its id.",
            m.SavePerson,
            m.SavePersonResponse,
            header=Authentication,
        ),
        Operation(
            "GetPersonIdsByUserName",
            "Gets the ids of the persons with a user name.",
            m.GetPersonIdsByUserName,
            m.GetPersonIdsByUserNameResponse,
            header=Authentication,
        ),
        Operation(
            "GetPersonIdByCompanyId",
            "Gets the id of the person behind a customer. Needs a session.",
            m.GetPersonIdByCompanyId,
            m.GetPersonIdByCompanyIdResponse,
        ),
        Operation(
            "GetPersons",
            "Gets persons by search parameters, with their most important properties.",
            m.GetPersons,
            m.GetPersonsResponse,
            header=Authentication,
        ),
        Operation(
            "GetPersonsDetailed",
            "Gets persons by search parameters, with all properties.",
            m.GetPersonsDetailed,
            m.GetPersonsDetailedResponse,
            header=Authentication,
        ),
        Operation(
            "MakeRelation",
            "Ties a person to a customer, or changes that relation. Returns whether it succeeded.",
            m.MakeRelation,
            m.MakeRelationResponse,
            header=Authentication,
        ),
        Operation(
            "GetRelations", "Gets the relations of a person. Needs a session.", m.GetRelations, m.GetRelationsResponse
        ),
        Operation(
            "GetRelationsChangedAfter",
            "Gets the relations that were changed after a moment. Needs a session.",
            m.GetRelationsChangedAfter,
            m.GetRelationsChangedAfterResponse,
        ),
        Operation(
            "DeleteRelation",
            "Deletes the relation of a person to a customer. Needs a session.",
            m.DeleteRelation,
            m.DeleteRelationResponse,
        ),
        Operation("GetNotes", "Gets the notes about a person. Needs a session.", m.GetNotes, m.GetNotesResponse),
        Operation(
            "GetAllNotes", "Gets the notes about all persons. Needs a session.", m.GetAllNotes, m.GetAllNotesResponse
        ),
        Operation(
            "AddNote", "Adds a note about a person, and returns its id. Needs a session.", m.AddNote, m.AddNoteResponse
        ),
        Operation("DeleteNote", "Deletes a note. Needs a session.", m.DeleteNote, m.DeleteNoteResponse),
        Operation(
            "DeleteNoteById", "Deletes a note by its id. Needs a session.", m.DeleteNoteById, m.DeleteNoteByIdResponse
        ),
        Operation(
            "GetCategoryList",
            "Gets all categories of persons.",
            m.GetCategoryList,
            m.GetCategoryListResponse,
            header=Authentication,
        ),
        Operation(
            "GetPersonCategoryList",
            "Gets the ids of the categories of a person.",
            m.GetPersonCategoryList,
            m.GetPersonCategoryListResponse,
            header=Authentication,
        ),
        Operation(
            "GetPersonArrayCategoryList",
            "Gets the ids of the categories of several persons.",
            m.GetPersonArrayCategoryList,
            m.GetPersonArrayCategoryListResponse,
            header=Authentication,
        ),
        Operation(
            "AddCategoryToPerson",
            "Puts a person into a category.",
            m.AddCategoryToPerson,
            m.AddCategoryToPersonResponse,
            header=Authentication,
        ),
        Operation(
            "RemoveCategoryFromPerson",
            "Takes a person out of a category.",
            m.RemoveCategoryFromPerson,
            m.RemoveCategoryFromPersonResponse,
            header=Authentication,
        ),
    ),
    host="webservices.24sevenoffice.com",
)
