"""GetApproverList: who could approve files: the users that may work for the client company. Source: AT-10, AT-37."""

from __future__ import annotations

from adapters.twentyfoursevenoffice.settings import User
from adapters.twentyfoursevenoffice.work import Work
from schemas.twentyfoursevenoffice.attachment.messages import GetApproverList, GetApproverListResponse
from schemas.twentyfoursevenoffice.common import KeyValuePair


async def get_approver_list(work: Work, _: GetApproverList) -> GetApproverListResponse:
    """A pair for each user: ContactId and name, as ImageFile.ContactId names approvers.

    The employee id stands in for a ContactId that is not given (inferred). A user with neither is left out.
    """
    own = next(each.binding for each in work.context.bindings if each.tenant == work.identity.tenant)
    pairs: dict[int, KeyValuePair] = {}
    for user in own.users:
        works_here = any(each.client == work.identity.client.id and not each.blocked for each in user.identities)
        number = _number(user)
        if works_here and number is not None:
            pairs.setdefault(number, KeyValuePair(key=str(number), value=user.name or user.username))
    return GetApproverListResponse.model_construct(result=list(pairs.values()))


def _number(user: User) -> int | None:
    return user.employee_id if user.contact_id is None else user.contact_id
