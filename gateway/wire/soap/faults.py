"""Writes SOAP faults, 1.1 and 1.2. The caller brings the layout (prefix, indentation) and all texts of the vendor."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from gateway.wire.soap.envelope import SoapVersion
from gateway.wire.xml import escape_attribute, escape_text


class FaultCode(enum.Enum):
    """The standard codes: their local names in SOAP 1.1 and 1.2."""

    CLIENT = ("Client", "Sender")
    SERVER = ("Server", "Receiver")
    MUST_UNDERSTAND = ("MustUnderstand", "MustUnderstand")
    VERSION_MISMATCH = ("VersionMismatch", "VersionMismatch")

    def __init__(self, name_11: str, name_12: str) -> None:
        self.name_11 = name_11
        self.name_12 = name_12


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault to be written.

    code: the standard code.
    text: what went wrong, in words.
    detail: XML inside the detail element; "" writes an empty element, None writes none.
    actor: faultactor (1.1) or Role (1.2); None writes none.
    subcode: a qualified name for 1.2, whose prefix the caller declares; None writes none.
    language: the language of `text`, written in 1.2.
    """

    code: FaultCode
    text: str
    detail: str | None = None
    actor: str | None = None
    subcode: str | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Layout:
    """How an envelope looks.

    prefix: the prefix of the envelope's namespace.
    declaration: what stands before the envelope.
    indent: blanks per level; 0 writes everything on one line.
    declarations: further `xmlns:…="…"` of the Envelope element, as text.
    """

    prefix: str = "soap"
    declaration: str = ""
    indent: int = 0
    declarations: str = ""


COMPACT: Final = Layout()


def write_envelope(payload: str, version: SoapVersion = SoapVersion.SOAP_11, layout: Layout = COMPACT) -> str:
    """An envelope without Header around `payload`. In an indented layout, the payload brings its own line breaks."""
    p, one, two = layout.prefix, _break(layout, 1), _break(layout, 2)
    names = f'xmlns:{p}="{version.namespace}"' + (f" {layout.declarations}" if layout.declarations else "")
    start = f"{layout.declaration}<{p}:Envelope {names}>{one}<{p}:Body>{two}"
    return f"{start}{payload}{one}</{p}:Body>{_break(layout, 0)}</{p}:Envelope>"


def write_fault(fault: Fault, version: SoapVersion = SoapVersion.SOAP_11, layout: Layout = COMPACT) -> str:
    """The Fault element as it stands in the Body."""
    return _fault_11(fault, layout) if version is SoapVersion.SOAP_11 else _fault_12(fault, layout)


def write_fault_envelope(fault: Fault, version: SoapVersion = SoapVersion.SOAP_11, layout: Layout = COMPACT) -> str:
    """A whole message that holds only the fault."""
    return write_envelope(write_fault(fault, version, layout), version, layout)


def _break(layout: Layout, level: int) -> str:
    return "\n" + " " * (layout.indent * level) if layout.indent else ""


def _fault_11(fault: Fault, layout: Layout) -> str:
    p, four = layout.prefix, _break(layout, 4)
    parts = [
        f"<faultcode>{p}:{fault.code.name_11}</faultcode>",
        f"<faultstring>{escape_text(fault.text)}</faultstring>",
    ]
    if fault.actor is not None:
        parts.append(f"<faultactor>{escape_text(fault.actor)}</faultactor>")
    if fault.detail is not None:
        inside = f"{four}{fault.detail}{_break(layout, 3)}" if fault.detail else ""
        parts.append(f"<detail>{inside}</detail>" if inside else "<detail/>")
    return _joined(parts, layout)


def _fault_12(fault: Fault, layout: Layout) -> str:
    p = layout.prefix
    four, five = _break(layout, 4), _break(layout, 5)
    language = escape_attribute(fault.language)
    code = f"{four}<{p}:Value>{p}:{fault.code.name_12}</{p}:Value>"
    if fault.subcode is not None:
        code += f"{four}<{p}:Subcode>{five}<{p}:Value>{escape_text(fault.subcode)}</{p}:Value>{four}</{p}:Subcode>"
    three = _break(layout, 3)
    parts = [
        f"<{p}:Code>{code}{three}</{p}:Code>",
        f'<{p}:Reason>{four}<{p}:Text xml:lang="{language}">{escape_text(fault.text)}</{p}:Text>{three}</{p}:Reason>',
    ]
    if fault.actor is not None:
        parts.append(f"<{p}:Role>{escape_text(fault.actor)}</{p}:Role>")
    if fault.detail is not None:
        inside = f"{four}{fault.detail}{three}" if fault.detail else ""
        parts.append(f"<{p}:Detail>{inside}</{p}:Detail>" if inside else f"<{p}:Detail/>")
    return _joined(parts, layout)


def _joined(parts: list[str], layout: Layout) -> str:
    three = _break(layout, 3)
    inside = "".join(f"{three}{part}" for part in parts)
    return f"<{layout.prefix}:Fault>{inside}{_break(layout, 2)}</{layout.prefix}:Fault>"
