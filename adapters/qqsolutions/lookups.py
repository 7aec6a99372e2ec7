"""What a client asks before it asks for numbers: is its token alive, and which locations are there. Source: R-40 to R-42."""

from __future__ import annotations

from adapters.qqsolutions.auth import Directory
from adapters.qqsolutions.codec import Codec
from adapters.qqsolutions.mapping import locations_from_configured, page_of_locations
from adapters.qqsolutions.operations import Lookup
from adapters.qqsolutions.settings import Settings
from gateway.core.values import TenantId
from gateway.wire.aspnet.negotiation import Format
from gateway.wire.aspnet.pipeline import boolean_body


class Lookups:
    """Answers them from the configuration; no number is read."""

    def __init__(self, settings: Settings, directory: Directory, codec: Codec) -> None:
        self._settings = settings
        self._directory = directory
        self._codec = codec

    def answer(self, lookup: Lookup, tenant: TenantId, location: str, chosen: Format) -> bytes | None:
        """The body of an answer; None for a location that the tenant does not have.

        location: the id of the location that is asked for.
        """
        if lookup == "ping":
            return boolean_body(True, chosen)
        found = locations_from_configured(self._directory.locations(tenant))
        if lookup == "locations" and self._settings.user_locations == "data":
            return self._codec.write_location(page_of_locations(found), chosen)
        if lookup == "locations":
            return self._codec.write_locations(found, chosen)
        own = next((one for one in found if str(one.id) == location), None)
        if own is None and self._settings.location_unknown_on_get == "not_found":
            return None
        return self._codec.write_location(own, chosen)
