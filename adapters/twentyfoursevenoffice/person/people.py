"""Which contact an employee is: users of the tenant's section name both. Source: PE-06."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.twentyfoursevenoffice.work import Work


def contact_ids(work: Work) -> Mapping[int, int]:
    """By employee, the id of the contact that the employee is."""
    return {
        user.employee_id: user.contact_id
        for bound in work.context.bindings
        if bound.tenant == work.identity.tenant
        for user in bound.binding.users
        if user.employee_id is not None and user.contact_id is not None
    }
