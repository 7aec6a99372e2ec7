"""A service at its path, and how clients reach it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from adapters.twentyfoursevenoffice.account.service import ACCOUNT_V002
from adapters.twentyfoursevenoffice.codec import make_endpoint
from adapters.twentyfoursevenoffice.findings import note_findings
from adapters.twentyfoursevenoffice.service import Service
from adapters.twentyfoursevenoffice.settings import Binding, Settings
from gateway.core.values import TenantId
from gateway.spi.adapter import Bound, Call, Endpoint
from gateway.wire.soap.asmx import AsmxCall, AsmxEndpoint, AsmxReply
from gateway.wire.soap.binding import ArrayType, describe
from gateway.wire.soap.envelope import ENVELOPE_11, ENVELOPE_12, SoapVersion
from schemas.twentyfoursevenoffice.contract import Operation, ServiceContract
from schemas.twentyfoursevenoffice.operations import AUTHENTICATE
from schemas.twentyfoursevenoffice.operations import SERVICES as CONTRACTS

_REPEATED_LOGINS: Final = frozenset({"SetIdentityById"})


@dataclass(frozen=True, slots=True)
class Mounted:
    """A service at its path.

    service: None for Authenticate.
    methods: the .NET method of each operation, for stack traces.
    """

    endpoint: AsmxEndpoint
    service: Service | None
    methods: Mapping[str, str]


def mount_login(settings: Settings) -> Mounted:
    """Authenticate at its path."""
    return Mounted(make_endpoint(AUTHENTICATE, settings, _REPEATED_LOGINS), None, {})


def mount(service: Service, settings: Settings) -> Mounted:
    """A service at its path."""
    endpoint = make_endpoint(service.contract, settings, service.repeated)
    name = service.contract.name
    methods = {
        each.name: f"Office24Seven.WebService.{name}.{name}.{each.name}({_parameters(each)})"
        for each in service.contract.operations
    }
    return Mounted(endpoint, service, methods)


_CLR_NAMES: Final = MappingProxyType(
    {
        "int": "Int32",
        "long": "Int64",
        "string": "String",
        "base64Binary": "Byte[]",
        "guid": "Guid",
        "decimal": "Decimal",
        "short": "Int16",
        "boolean": "Boolean",
        "dateTime": "DateTime",
    }
)
"""What .NET calls simple types."""


def _parameters(operation: Operation) -> str:
    """The parameters of an operation's method, as a stack trace shows them."""
    found = []
    for element in describe(operation.request).elements:
        is_array = isinstance(element.type, ArrayType)
        name = element.type.item.type.name if isinstance(element.type, ArrayType) else element.type.name
        found.append(f"{_CLR_NAMES.get(name, name)}{'[]' if is_array else ''} {element.name}")
    return ", ".join(found)


def read(mounted: Mounted, call: Call) -> AsmxCall | AsmxReply:
    """Read a request, and note what is odd about it while somebody watches."""
    endpoint = mounted.endpoint
    received = endpoint.receive(call)
    if call.trace is not None and isinstance(received, AsmxCall):
        operation = received.operation
        harmless = operation.header is None and (
            operation.name in endpoint.options.remembered or not operation.request.model_fields
        )
        note_findings(call, received, endpoint.service.namespace, endpoint.options.limits, harmless)
    return received


def version_of(call: Call) -> SoapVersion:
    """The SOAP version of an answer to a request that was not read: that of its envelope, else that of its media type."""
    start = call.body[:2000]
    for version, namespace in ((SoapVersion.SOAP_11, ENVELOPE_11), (SoapVersion.SOAP_12, ENVELOPE_12)):
        if namespace.encode() in start:
            return version
    media_type = call.headers.get("Content-Type", "").lower()
    return SoapVersion.SOAP_12 if "application/soap+xml" in media_type else SoapVersion.SOAP_11


def endpoints_of(bindings: Iterable[Bound[Binding]], base_url: str, tenant: TenantId) -> list[Endpoint]:
    """The services for each user of a tenant."""
    found = []
    for bound in bindings:
        if bound.tenant != tenant:
            continue
        application = str(bound.binding.applications[0])
        for user in bound.binding.users:
            credentials = {
                "application_id": application,
                "username": user.username,
                "password": user.password.get_secret_value(),
            }
            for service in CONTRACTS:
                url = base_url + service.path
                found.append(
                    Endpoint(
                        title=f"{_title(service)}, {user.username}",
                        url=url,
                        wsdl_url=f"{url}?WSDL",
                        credentials=credentials,
                        example=_example(url, credentials) if service is AUTHENTICATE else "",
                    )
                )
    return found


def _title(contract: ServiceContract) -> str:
    """What people call a service: with its version where two of its name are served."""
    return f"{contract.name} V002" if contract is ACCOUNT_V002.contract else contract.name


def _example(url: str, credentials: Mapping[str, str]) -> str:
    envelope = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        f'<Login xmlns="{AUTHENTICATE.namespace}"><credential>'
        f"<ApplicationId>{credentials['application_id']}</ApplicationId><Password>{credentials['password']}</Password>"
        f"<Username>{credentials['username']}</Username></credential></Login></e:Body></e:Envelope>"
    )
    action = f"SOAPAction: {AUTHENTICATE.namespace}/Login"
    return f"curl -H 'Content-Type: text/xml' -H '{action}' -d '{envelope}' {url}"
