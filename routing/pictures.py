"""What of a file that somebody sent may be kept?  Its kind by its content; of a picture the picture and nothing else.

A photograph is decoded and written anew: turned upright, no larger than it must be, without the place, the camera, the
preview and the comments that came in it.  A document (PDF) is kept as it is and only ever handed out as a download.
"""

import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

JPEG, PNG, WEBP, PDF = "image/jpeg", "image/png", "image/webp", "application/pdf"
FORMATS = {"JPEG": JPEG, "MPO": JPEG, "PNG": PNG, "WEBP": WEBP}  # MPO: some telephones put a second picture behind
ZH = {JPEG: "JPEG", PNG: "PNG", WEBP: "WebP", PDF: "PDF"}
QUALITY = 85  # of JPEG and WebP, 1..95
PDF_END = 2048  # bytes at the end of a PDF within which it says that it ends


class BadFile(ValueError):
    """The file cannot be kept; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a city takes."""

    size: int = 10 << 20  # bytes of one file
    number: int = 6  # files with one form
    per_case: int = 40  # files of one case
    kinds: frozenset[str] = frozenset(ZH)  # media types
    pixels: int = 50_000_000  # of one picture, before it is made smaller
    side: int = 2560  # pixels of the longer side, as kept


@dataclass(frozen=True, slots=True)
class Clean:
    """A file as it may be kept."""

    data: bytes
    media: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def picture(self) -> bool:
        return self.media != PDF


def clean(data: bytes, limits: Limits) -> Clean:
    """The file without what is nobody's business.  BadFile says what is wrong with it."""
    if len(data) > limits.size:
        raise BadFile(f"文件超过 {limits.size / (1 << 20):g} MB")
    kept = _document(data) if data.startswith(b"%PDF-") else _picture(data, limits)
    if kept.media not in limits.kinds:
        raise BadFile(f"不能上传 {ZH[kept.media]} 文件")
    return kept


def _document(data: bytes) -> Clean:
    if b"%%EOF" not in data[-PDF_END:]:
        raise BadFile("PDF 文件不完整，请重新上传")
    return Clean(data, PDF)


def _picture(data: bytes, limits: Limits) -> Clean:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is below
            with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"]) as opened:
                return _anew(opened, limits)
    except BadFile:
        raise
    except UnidentifiedImageError:
        raise BadFile("只能上传 JPEG、PNG、WebP 图片或 PDF 文件") from None
    except (Image.DecompressionBombError, MemoryError):
        raise BadFile(_too_many(limits)) from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError):
        raise BadFile("图片不完整或已损坏，请重新上传") from None


def _anew(opened: Image.Image, limits: Limits) -> Clean:
    if opened.width * opened.height > limits.pixels:  # known from the first bytes; nothing was decoded yet
        raise BadFile(_too_many(limits))
    media = FORMATS[opened.format or ""]
    opened.draft("RGB", (limits.side, limits.side))  # a JPEG is decoded no larger than needed
    upright = ImageOps.exif_transpose(opened)
    mode = "RGBA" if media != JPEG and upright.has_transparency_data else "RGB"
    upright = upright.convert(mode)
    upright.thumbnail((limits.side, limits.side), Image.Resampling.LANCZOS)
    bare = Image.new(mode, upright.size)  # a new picture has no comments, profiles or places to take along
    bare.paste(upright)
    out = io.BytesIO()
    match media:
        case "image/png":
            bare.save(out, "PNG", optimize=False)
        case "image/webp":
            bare.save(out, "WEBP", quality=QUALITY, method=2)
        case _:
            bare.save(out, "JPEG", quality=QUALITY)
    return Clean(out.getvalue(), media)


def _too_many(limits: Limits) -> str:
    return f"图片太大，至多 {limits.pixels / 10_000:g} 万像素"
