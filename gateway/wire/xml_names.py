"""Which names of elements and attributes are known already.

libxml2 keeps every name that it ever read (of elements, attributes, prefixes, namespaces and entities) as long as the
thread lives. A client could fill the memory with names that it makes up. So names are learned up to a bound. A document
with more names, or a big document, is parsed in a thread of its own; its names are freed when that thread ends.
"""

from __future__ import annotations

import re
from typing import Final

# Four patterns that never backtrack far: a client chooses the text, so each of them must take linear time.
_CUT_TAGS = re.compile(rb"<[^<>]*")
_NO_TAGS = re.compile(rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|(<\?[^\s?]*).*?(?:\?>|\Z)", re.DOTALL)
_WHOLE_TAGS = re.compile(rb"""<(?:[^<>"']++|"[^"]*"|'[^']*')*+""")
_NAMES = re.compile(rb"""xmlns(?::([^\s=:]+))?\s*=\s*("[^"]*"|'[^']*')|"[^"]*"|'[^']*'|([^\s<>/="':]+)""")
_REFERENCES = re.compile(rb"&([^\s;#&<]+)")
_LEARN_MOST: Final = 4096
_LONGEST: Final = 512
_SMALL: Final = 64 * 1024
_known_names: set[bytes] = set()
_known_tags: set[bytes] = set()
"""Whole tags whose names are known. Most documents differ only in their text, so this one comparison is enough for them."""


def is_familiar(text: bytes) -> bool:
    """True when the document (UTF-8) holds no name that is not known already, or that may still be learned."""
    if len(text) > _SMALL:
        return False
    tags = set(_CUT_TAGS.findall(text))
    # `&` may begin an entity reference, and libxml2 keeps the names of entities, too; they stand outside of tags.
    if tags <= _known_tags and b"&" not in text:
        return True
    new = _names(text) - _known_names
    if new:
        if len(_known_names) + len(new) > _LEARN_MOST or max(map(len, new)) > _LONGEST:
            return False
        _known_names.update(new)
    if len(_known_tags) + len(tags) <= _LEARN_MOST:
        _known_tags.update(tag for tag in tags if _is_uncut(tag))
    return True


def _names(text: bytes) -> set[bytes]:
    """Every name that a parser would keep, and perhaps more: a parser stops at the first error, this function does not."""
    names = set(_REFERENCES.findall(text))
    for tag in _WHOLE_TAGS.findall(_NO_TAGS.sub(rb"\1", text)):
        for prefix, namespace, name in _NAMES.findall(tag):
            names.update((prefix, namespace, name))
    return names


def _is_uncut(tag: bytes) -> bool:
    """True when the tag surely ends where it was cut, and not at a `>` inside an attribute value."""
    double, single = tag.count(b'"'), tag.count(b"'")
    even = double % 2 == 0 if single == 0 else double == 0 and single % 2 == 0
    return even and len(tag) <= _LONGEST and not tag.startswith(b"<!")
