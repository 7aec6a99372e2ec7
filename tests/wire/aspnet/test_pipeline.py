"""Routes, the order of steps, ModelState, HttpError and charsets: cases that the recorded pairs leave out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.aspnet import httperror
from gateway.wire.aspnet.charset import Undecodable, encoded, json_text
from gateway.wire.aspnet.modelstate import ModelState
from gateway.wire.aspnet.pipeline import ApiFault, Entity, Options, bind_body, bind_text, select
from gateway.wire.aspnet.routes import Route, RouteTable
from tests.wire.aspnet.echo import VALUE

TABLE: RouteTable[str] = RouteTable(
    [Route("v1/Things/{id}", {"GET": "read", "POST": "write"}), Route("v1/Things", {"GET": "list"})]
)
HOST = "https://h.example"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/Things", ("list", {})),
        ("/V1/tHINGS", ("list", {})),
        ("/v1/Things/", ("list", {})),
        ("/v1/Things//", ("list", {})),
        ("/v1/Things/7", ("read", {"id": "7"})),
        ("/v1/%54hings/a%20b", ("read", {"id": "a b"})),
        ("/v1/Things/%E2%82%AC", ("read", {"id": "€"})),
        ("/v1%2FThings", ("list", {})),
        ("/v1/x/../Things/./7", ("read", {"id": "7"})),
        ("/v1/Things/%20", ("read", {"id": " "})),
        ("/v1/Things/a%2Fb", None),
        ("/v1/Things/7/8", None),
        ("//v1/Things", None),
        ("/v1//Things", None),
        ("/v1", None),
        ("/", None),
        ("", None),
    ],
)
def test_routes(path: str, expected: tuple[str, dict[str, str]] | None) -> None:
    if expected is None:
        with pytest.raises(ApiFault) as fault:
            select(TABLE, "GET", HOST, path, "")
        assert fault.value.status == 404
    else:
        matched, action = select(TABLE, "GET", HOST, path, "")
        assert (action, dict(matched.values)) == expected


@pytest.mark.parametrize(("path", "allow"), [("/v1/Things", "GET"), ("/v1/Things/7", "GET, POST")])
def test_wrong_verb(path: str, allow: str) -> None:
    with pytest.raises(ApiFault) as fault:
        select(TABLE, "post" if "7" in path else "POST", HOST, path, "")
    assert (fault.value.status, fault.value.headers) == (405, (("Allow", allow),))


def test_detail_for_local_callers() -> None:
    with pytest.raises(ApiFault) as fault:
        select(TABLE, "GET", HOST, "/x", "a=1", Options(error_detail=True))
    assert fault.value.error == {
        "Message": "No HTTP resource was found that matches the request URI 'https://h.example/x?a=1'.",
        "MessageDetail": "No route data was found for this request.",
    }


@pytest.mark.parametrize(
    ("route", "query", "expected"),
    [
        ("7", "", "7"),
        ("7", "id=9", "9"),
        ("7", "x=1&ID=9&id=8", "9"),
        ("7", "id2=9", "7"),
        ("7", "id=a+b%2F", "a b/"),
        (" ", "", None),
        ("7", "id", None),
        ("7", "id=%20", None),
        (" ", "id=9", "9"),
    ],
)
def test_text_parameters(route: str, query: str, expected: str | None) -> None:
    state = ModelState()
    assert bind_text("id", {"id": route}, query, state) == expected
    required = "A value is required but was not present in the request."
    assert list(state.items()) == ([] if expected else [("id.String", [required])])


@pytest.mark.parametrize(
    ("body", "content_type", "length_known", "expected", "errors"),
    [
        (b"", None, True, None, 0),
        (b"", "nonsense", True, None, 0),
        (b"", "application/xml", True, None, 0),
        (b"", "application/json", False, None, 0),
        (b"", "application/xml", False, None, 1),
        (b"", "application/x-www-form-urlencoded", False, 0, 0),
        (b'{"NextNumberShouldBe":3}', "text/json", False, 3, 0),
        (b"\xff\xfe{\x00}\x00", "application/json", True, 0, 0),
        (b"\xfe\xff\x00{\x00}", "application/json", True, 0, 0),
        (b'\xef\xbb\xbf{"Prefix":"\xe9"}', "application/json", True, 0, 0),
        (b'{"Prefix":"\xe9"}', "application/json", True, None, 1),
        (b"{}", "application/json; charset=utf-16", True, None, 1),
    ],
)
def test_bodies(body: bytes, content_type: str | None, length_known: bool, expected: int | None, errors: int) -> None:
    state = ModelState()
    value = bind_body(Entity(body, content_type, length_known), VALUE, "value", state)
    assert (value["NextNumberShouldBe"] if value else None) == expected
    assert [len(texts) for _, texts in state.items()] == [1] * errors


@pytest.mark.parametrize(
    ("content_type", "named"),
    [(None, None), ("", None), ("json", None), ("Text/Plain; charset=utf-8", "Text/Plain")],
)
def test_unsupported_types(content_type: str | None, named: str | None) -> None:
    for entity in (Entity(b"x", content_type), Entity(b"", content_type, length_known=False)):
        with pytest.raises(ApiFault) as fault:
            bind_body(entity, VALUE, "value", ModelState())
        assert (fault.value.status, fault.value.error) == (415, httperror.unsupported(named))


def test_model_state_keys() -> None:
    state = ModelState()
    for path in ("", "Name", "NAME", "['a b'].c", "[0]"):
        state.add("value", path)
    state.add("", "alone", "text")
    generic = "An error has occurred."
    assert dict(state.items()) == {
        "value": [generic],
        "value.Name": [generic, generic],
        "value['a b'].c": [generic],
        "value[0]": [generic],
        "alone": ["text"],
    }


@pytest.mark.parametrize(
    ("error", "json_text_", "xml"),
    [
        ({}, "{}", "<Error />"),
        (httperror.message("a<b"), '{"Message":"a<b"}', "<Error><Message>a&lt;b</Message></Error>"),
        ({"Empty": "", "None": None}, '{"Empty":"","None":null}', "<Error><Empty /><None /></Error>"),
        (
            {"Inner": {"a": ["x", "y"]}},
            '{"Inner":{"a":["x","y"]}}',
            "<Error><Inner><a>x y</a></Inner></Error>",
        ),
        (
            {"v['a b']._x0041_": "1"},
            '{"v[\'a b\']._x0041_":"1"}',
            "<Error><v_x005B__x0027_a_x0020_b_x0027__x005D_._x005F_x0041_>1"
            "</v_x005B__x0027_a_x0020_b_x0027__x005D_._x005F_x0041_></Error>",
        ),
        (
            {"0:é😀": "1"},
            '{"0:é😀":"1"}',
            "<Error><_x0030__x003A_é_xD83D__xDE00_>1</_x0030__x003A_é_xD83D__xDE00_></Error>",
        ),
    ],
)
def test_error_bodies(error: dict[str, Any], json_text_: str, xml: str) -> None:
    assert (httperror.error_json(error), httperror.error_xml(error)) == (json_text_, xml)


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("a%20b%3Cc%3E%22%7B%7D", 'a b<c>"{}'),
        ("%41%7e", "A~"),
        ("a%2fb%2Fc", "a%2fb%2Fc"),
        ("%25%3F%23%26%3D%2B", "%25%3F%23%26%3D%2B"),
        ("%C3%A9%e9", "é%E9"),
        ("%00%0a%C2%85", "%00%0a%C2%85"),
        ("%zz%4", "%zz%4"),
    ],
)
def test_addresses_as_shown(uri: str, shown: str) -> None:
    assert httperror.displayed(uri) == shown


def test_answer_charsets() -> None:
    assert encoded("é", "utf-8") == b"\xc3\xa9"
    assert encoded("é", "utf-16") == b"\xff\xfe\xe9\x00"


@given(st.binary(max_size=60), st.sampled_from(["utf-8", "utf-16"]))
def test_any_bytes_are_decoded_or_refused(body: bytes, charset: str) -> None:
    try:
        json_text(body, charset)
    except Undecodable:
        return


@given(st.text(max_size=60))
def test_no_path_breaks_the_routes(path: str) -> None:
    matched = TABLE.match(path)
    assert matched is None or matched.action("GET") in {"read", "list"}
