"""The framework's error bodies: an ordered set of keys, as JSON an object, as XML `<Error>` with one element per key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import unquote_to_bytes

from gateway.wire.aspnet.datacontract import xml_text_of
from gateway.wire.aspnet.json_writer import write_json
from gateway.wire.aspnet.modelstate import GENERIC_ERROR, ModelState

HttpError: TypeAlias = Mapping[str, Any]
"""Key to text, list of texts, nested HttpError, or None."""

INVALID: Final = "The request is invalid."
DENIED: Final = "Authorization has been denied for this request."
NO_CONTENT_TYPE: Final = (
    "The request contains an entity body but no Content-Type header. "
    "The inferred media type 'application/octet-stream' is not supported for this resource."
)


def message(text: str) -> HttpError:
    """An error that is only a message."""
    return {"Message": text}


def generic() -> HttpError:
    """What a remote client sees of an exception."""
    return message(GENERIC_ERROR)


def denied() -> HttpError:
    """401."""
    return message(DENIED)


def invalid(state: ModelState) -> HttpError:
    """400: the errors of ModelState by key."""
    return {"Message": INVALID, "ModelState": {key: list(texts) for key, texts in state.items()}}


def not_found(uri: str, detail: str = "") -> HttpError:
    """404; `uri` is absolute, as sent. `detail` goes along where error detail is shown."""
    error = {"Message": f"No HTTP resource was found that matches the request URI '{displayed(uri)}'."}
    return {**error, "MessageDetail": detail} if detail else error


def bad_verb(method: str) -> HttpError:
    """405."""
    return message(f"The requested resource does not support http method '{method}'.")


def unsupported(media_type: str | None) -> HttpError:
    """415; None when no Content-Type could be read."""
    if media_type is None:
        return message(NO_CONTENT_TYPE)
    return message(f"The request entity's media type '{media_type}' is not supported for this resource.")


_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_RESERVED: Final = frozenset(";/?:@&=+$,#[]!'()*%\\")


def displayed(uri: str) -> str:
    """A URI as System.Uri shows it: escapes are undone except reserved characters, `%`, backslash and controls."""
    return _ESCAPES.sub(lambda run: "".join(_unescaped(run[0])), uri)


def _unescaped(run: str) -> Iterator[str]:
    """Valid UTF-8 of printable characters appears as such, everything else stays escaped."""
    # `surrogateescape` marks bytes that are no UTF-8 as U+DC80 to U+DCFF, so one walk sees both. Reserved characters keep
    # the spelling of the client (`%2f` or `%2F`); hence the position in the original run is carried along.
    at = 0
    for sign in unquote_to_bytes(run).decode("utf-8", "surrogateescape"):
        raw = sign.encode("utf-8", "surrogateescape")
        if sign <= "\x7f":
            yield run[at : at + 3] if sign in _RESERVED or not sign.isprintable() else sign
        elif "\x80" <= sign <= "\x9f" or "\udc80" <= sign <= "\udcff":
            yield "".join(f"%{byte:02X}" for byte in raw)
        else:
            yield sign
        at += 3 * len(raw)


# --- writing ----------------------------------------------------------------------------------------------------------


def error_json(error: HttpError) -> str:
    """The error as JSON, keys in order of insertion."""
    return write_json(error)


def error_xml(error: HttpError, line_end: str = "\r\n") -> str:
    """The error as XML: no namespace, no declaration; several texts of one key are joined by a blank."""
    return f"<Error>{''.join(_elements(error, line_end))}</Error>" if error else "<Error />"


def _elements(error: HttpError, line_end: str) -> Iterator[str]:
    for key, value in error.items():
        name = local_name(key)
        content = _content(value, line_end)
        yield f"<{name}>{content}</{name}>" if content else f"<{name} />"


def _content(value: Any, line_end: str) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "".join(_elements(value, line_end))
    text = value if isinstance(value, str) else " ".join(value)
    return xml_text_of(text, line_end)


_NAME_START: Final = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u3001-\ud7ff\uf900-\ufdcf"
)
# The first alternative escapes an underscore that would read as an escape itself (`_x0041_`).
_NOT_A_NAME = re.compile(f"_(?=x[0-9A-Fa-f]{{4}}_)|\\A[^{_NAME_START}]|[^{_NAME_START}.0-9\xb7\u0300-\u036f-]")


def local_name(key: str) -> str:
    """A key as an element name: what a name cannot hold becomes `_xHHHH_` (XmlConvert.EncodeLocalName)."""
    return _NOT_A_NAME.sub(lambda sign: "".join(f"_x{unit:04X}_" for unit in _units(sign[0])), key)


def _units(sign: str) -> list[int]:
    code = ord(sign)
    if code <= 0xFFFF:
        return [code]
    code -= 0x10000
    return [0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF)]
