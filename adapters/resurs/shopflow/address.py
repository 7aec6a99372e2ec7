"""getAddress: where somebody is registered. Source: R-41."""

from __future__ import annotations

from adapters.resurs import errors
from adapters.resurs.errors import Fault
from adapters.resurs.operation import OperationCall
from adapters.resurs.payments.model import Address
from adapters.resurs.payments.writing import address_message
from adapters.resurs.shop import CustomerKind
from adapters.resurs.shopflow.persons import is_government_id
from adapters.resurs.shopflow.register import address_of, registered
from schemas.resurs import common
from schemas.resurs import simplified as messages


async def get_address(call: OperationCall, message: messages.GetAddress) -> messages.GetAddressResponse:
    """The registered address of a person or an organisation; Sweden only.

    Without a customer type it looks for whoever has the id.
    """
    if call.who.country != "SE":
        raise Fault(errors.COUNTRY_NOT_SUPPORTED)
    given = message.government_id.strip()
    entry = registered(call.who, given)
    own: CustomerKind = "NATURAL" if entry is None else entry.type
    kind = own if message.customer_type is None else message.customer_type.value
    if not is_government_id(given, call.who.country, kind):
        raise Fault(errors.GOVERNMENT_ID, id=given)
    if entry is None or entry.type != kind:
        raise Fault(errors.PERSON_UNKNOWN)
    return messages.GetAddressResponse(result=address_message(address_of(entry)))


def read_address(address: common.Address) -> Address:
    """An address of a message."""
    return Address(
        address_row1=address.address_row1,
        postal_area=address.postal_area,
        postal_code=address.postal_code,
        country=address.country.value,
        full_name=address.full_name,
        first_name=address.first_name,
        last_name=address.last_name,
        address_row2=address.address_row2,
    )
