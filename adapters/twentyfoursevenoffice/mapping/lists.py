"""The three lists of the tenant's catalogue from which clients choose. Source: R-50 to R-52."""

from __future__ import annotations

from uuid import UUID

from adapters.twentyfoursevenoffice.work import Work
from gateway.core.catalogue import Template
from schemas.twentyfoursevenoffice import messages as m


async def get_delivery_methods(work: Work, _message: m.GetDeliveryMethods) -> m.GetDeliveryMethodsResponse:
    """All delivery methods by id."""
    methods = work.catalogue.delivery_methods.values()
    return m.GetDeliveryMethodsResponse(
        result=[m.DeliveryMethod(id=each.id, description=each.name) for each in methods]
    )


async def get_payment_methods(work: Work, _message: m.GetPaymentMethods) -> m.GetPaymentMethodsResponse:
    """All payment methods by id."""
    methods = work.catalogue.payment_methods.values()
    return m.GetPaymentMethodsResponse(result=[m.PaymentMethod(id=each.id, name=each.name) for each in methods])


async def get_invoice_templates(work: Work, _message: m.GetInvoiceTemplates) -> m.GetInvoiceTemplatesResponse:
    """All invoice templates by id. The default one is marked."""
    default = work.catalogue.default_template
    templates = work.catalogue.templates.values()
    return m.GetInvoiceTemplatesResponse(result=[_template(each, each is default) for each in templates])


def _template(template: Template, is_default: bool) -> m.TemplateModel:
    return m.TemplateModel(
        file_name=template.file_name,
        name=template.name,
        id=UUID(template.id),
        language=template.language,
        country=template.country,
        is_system_template=template.is_system,
        is_default=is_default,
        modified=template.modified,
        customers=list(template.customers),
    )
