"""What is different between two forms of an article?  Field by field, character by character; pure."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from kb.article import Article
from kb.fields import FORM, shown


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters; `kind` is same, gone or new."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in both forms."""

    name: str
    zh: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


def differences(before: Article, after: Article) -> list[Difference]:
    """The fields that are not the same, in the order of the form."""
    found = []
    for field in FORM:
        old, new = shown(before, field.name), shown(after, field.name)
        if old != new:
            found.append(Difference(field.name, field.zh, *_pieces(old, new)))
    return found


def _pieces(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    left, right = [], []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if a < b:
            left.append(Piece("same" if kind == "equal" else "gone", old[a:b]))
        if c < d:
            right.append(Piece("same" if kind == "equal" else "new", new[c:d]))
    return tuple(left), tuple(right)
