"""Where requests may go: every form of an address, and what no list allows."""

from __future__ import annotations

import pytest

from gateway.outbound.refusal import refusal
from gateway.spi.destinations import AllowList, allow_list, read_destination

DEFAULT = allow_list(["localhost"])
NAMED = allow_list(["shop.example.com", ".example.org", "10.0.0.0/8", "2001:db8::/32"])
EVERYTHING = allow_list(["0.0.0.0/0", "::/0", "anything.example.com"])


@pytest.mark.parametrize(
    ("allowed", "host", "address"),
    [
        (DEFAULT, "localhost", "127.0.0.1"),
        (DEFAULT, "any.example.com", "127.8.9.10"),
        (DEFAULT, "::1", "::1"),
        (DEFAULT, "::ffff:127.0.0.1", "::ffff:127.0.0.1"),
        (NAMED, "shop.example.com", "93.184.216.34"),
        (NAMED, "SHOP.example.com.", "93.184.216.34"),
        (NAMED, "shop.example.com", "192.168.1.1"),
        (NAMED, "a.b.example.org", "2606:2800:220:1::1"),
        (NAMED, "other.example.com", "10.1.2.3"),
        (NAMED, "other.example.com", "::ffff:10.1.2.3"),
        (NAMED, "x", "2001:db8::7"),
        (EVERYTHING, "x", "8.8.8.8"),
    ],
)
def test_where_a_request_may_go(allowed: AllowList, host: str, address: str) -> None:
    assert refusal(allowed, host, address, 80, [7071]) is None


@pytest.mark.parametrize(
    ("allowed", "host", "address", "word"),
    [
        (DEFAULT, "shop.example.com", "93.184.216.34", "not on the list"),
        (DEFAULT, "localhost", "10.0.0.1", "not on the list"),
        (DEFAULT, "x", "::ffff:8.8.8.8", "not on the list"),
        (NAMED, "localhost", "127.0.0.1", "not on the list"),
        (NAMED, "example.org", "93.184.216.34", "not on the list"),
        (NAMED, "notexample.org", "93.184.216.34", "not on the list"),
        (NAMED, "shop.example.com", "127.0.0.1", "of this machine"),
        (NAMED, "shop.example.com", "::1", "of this machine"),
        (NAMED, "shop.example.com", "::ffff:127.0.0.1", "of this machine"),
        (NAMED, "shop.example.com", "64:ff9b::7f00:1", "of this machine"),
        *(
            (allowed, host, address, word)
            for allowed, host in ((EVERYTHING, "x"), (EVERYTHING, "anything.example.com"))
            for address, word in (
                ("169.254.169.254", "link-local"),
                ("169.254.0.1", "link-local"),
                ("fe80::1", "link-local"),
                ("fe80::1%eth0", "link-local"),
                ("::ffff:169.254.169.254", "link-local"),
                ("::169.254.169.254", "link-local"),
                ("64:ff9b::a9fe:a9fe", "link-local"),
                ("2002:a9fe:a9fe::1", "link-local"),
                ("100.100.100.200", "metadata"),
                ("fd00:ec2::254", "metadata"),
                ("0.0.0.0", "single machine"),
                ("0.1.2.3", "single machine"),
                ("::", "single machine"),
                ("::ffff:0.0.0.0", "single machine"),
                ("224.0.0.1", "single machine"),
                ("255.255.255.255", "single machine"),
            )
        ),
    ],
)
def test_where_none_may_go(allowed: AllowList, host: str, address: str, word: str) -> None:
    assert word in (refusal(allowed, host, address, 80) or "")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
def test_the_admin_port_of_this_machine_is_refused_whatever_a_list_says(address: str) -> None:
    for allowed in (DEFAULT, EVERYTHING):
        assert "administered" in (refusal(allowed, "x", address, 7071, [7071]) or "")
        assert refusal(allowed, "x", address, 7070, [7071]) is None
    assert refusal(EVERYTHING, "x", "203.0.113.7", 7071, [7071]) is None  # another machine's


@pytest.mark.parametrize(
    "text", ["localhost", "a.example.com", ".example.com", "10.0.0.0/8", "::1", "[::1]", "10.0.0.1"]
)
def test_entries_of_a_list(text: str) -> None:
    assert read_destination(text) == text


@pytest.mark.parametrize("text", ["", "http://a.example.com", "a.example.com:80", "10.0.0.1/8", "*.example.com", "a b"])
def test_what_is_no_entry(text: str) -> None:
    with pytest.raises(ValueError, match="must be a host name, an address or a network"):
        read_destination(text)
