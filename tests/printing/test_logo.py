"""The logo of a document: which files are printed, and which are left out."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from gateway.printing.layout import STANDARD, Layout, Lines, Logo
from gateway.printing.pdf import write_pdf
from tests.printing.papers import a_document

WITHOUT = write_pdf(a_document(), STANDARD)


def image(form: str, mode: str = "RGB", size: tuple[int, int] = (20, 10)) -> bytes:
    """An image file."""
    target = io.BytesIO()
    Image.new(mode, size).save(target, form)
    return target.getvalue()


PRINTED = [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("PNG", "I;16"), ("PNG", "LA")]
PRINTED += [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("GIF", "P")]


@pytest.mark.parametrize(("form", "mode"), PRINTED)
def test_images_that_are_printed(form: str, mode: str) -> None:
    document = a_document(logo=image(form, mode))
    pdf = write_pdf(document, STANDARD)
    assert b"/Subtype /Image" in pdf
    assert pdf == write_pdf(document, STANDARD)


LEFT_OUT = {
    "nothing": b"",
    "text": b"no image",
    "a program for a printer": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 20 10\n",
    "a bitmap": image("BMP"),
    "a PNG file that ends early": image("PNG", size=(300, 300))[:100],
    "a JPEG file that ends early": image("JPEG")[:100],
    "a GIF file that ends early": image("GIF", "P")[:20],
    "the beginning of a PNG file": image("PNG")[:8],
    "too many pixels": image("PNG", "1", (2001, 2000)),
    "far too many pixels": image("PNG", "1", (20, 10)).replace(
        b"\0\0\0\x14\0\0\0\x0a", b"\x7f\xff\xff\xff\x7f\xff\xff\xff"
    ),
}


@pytest.mark.parametrize("logo", LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_files_that_are_left_out(logo: bytes) -> None:
    assert write_pdf(a_document(logo=logo), STANDARD) == WITHOUT


def test_it_is_as_large_as_fits_and_never_larger_than_it_is() -> None:
    for size, drawn in (((20, 10), b"20 0 0 10"), ((300, 10), b"100 0 0 3.333333"), ((10, 200), b"2.5 0 0 50")):
        layout = Layout((Logo(100, 50), Lines("seller")))
        pdf = write_pdf(a_document(logo=image("PNG", size=size)), layout)
        assert drawn + b" 0 0 cm" in pdf, (size, [line for line in pdf.splitlines() if b" cm" in line])
