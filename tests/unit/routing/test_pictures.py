"""What of a photograph is kept, and what is refused."""

import io
import struct
import zlib

import pytest
from photos import BLUE, CAMERA, PDF, RED, photo
from PIL import Image

from routing.pictures import JPEG, PNG, WEBP, BadFile, Limits, clean

LIMITS = Limits(side=100)


def near(one, other):
    return all(abs(a - b) < 24 for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(("form", "media"), [("JPEG", JPEG), ("PNG", PNG), ("WEBP", WEBP)])
def test_nobody_learns_from_a_photograph_where_and_with_what_it_was_taken(form, media):
    taken = photo(form=form)
    assert Image.open(io.BytesIO(taken)).getexif().get_ifd(0x8825)  # the telephone did write it
    kept = clean(taken, LIMITS)
    assert kept.media == media
    picture = Image.open(io.BytesIO(kept.data))
    assert dict(picture.getexif()) == {}
    assert CAMERA.encode() not in kept.data
    assert b"Exif" not in kept.data


def test_a_photograph_taken_sideways_is_seen_upright_and_no_larger_than_needed():
    kept = clean(photo(400, 300, sideways=True), LIMITS)
    picture = Image.open(io.BytesIO(kept.data))
    assert picture.size == (100, 75)
    assert near(picture.getpixel((30, 40)), RED)
    assert near(picture.getpixel((70, 40)), BLUE)


def test_the_same_photograph_sent_again_is_the_same_file():
    assert clean(photo(), LIMITS).sha256 == clean(photo(), LIMITS).sha256


def test_a_document_stays_as_it_is():
    assert clean(PDF, LIMITS).data == PDF


def bomb():
    """A PNG of a few bytes that says it is as large as a football field."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (bomb(), "图片太大"),
        (photo(9000, 6000), "图片太大，至多 5000 万像素"),
        (photo(800, 600)[:-900], "不完整或已损坏"),
        (photo(form="PNG")[:200], "不完整或已损坏"),
        (PDF[:-8], "PDF 文件不完整"),
        (b"<html><script>alert(1)</script>", "只能上传"),
        (b"GIF89a" + bytes(40), "只能上传"),
        (b"", "只能上传"),
        (bytes(Limits().size + 1), "超过 10 MB"),
    ],
    ids=["bomb", "giant", "half a jpeg", "half a png", "half a pdf", "a page", "a gif", "nothing", "too many bytes"],
)
def test_what_is_no_whole_picture_of_a_sensible_size_is_refused_in_words(sent, says):
    with pytest.raises(BadFile, match=says):
        clean(sent, LIMITS)


def test_a_city_decides_which_kinds_it_takes():
    with pytest.raises(BadFile, match="不能上传 PDF"):
        clean(PDF, Limits(kinds=frozenset({JPEG})))
