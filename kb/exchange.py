"""How do articles travel?  CSV, XLSX and JSONL, read row by row with every error named, and written again."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import openpyxl
from charset_normalizer import from_bytes
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from kb.article import Article, State
from kb.editing import Flaw, said_wrongly
from kb.fields import COLUMNS, FORM, read, shown

LARGEST = 64 << 20  # bytes of a file
UNPACKED = 1 << 30  # bytes of an XLSX when unpacked: more is no list of articles
MOST = 200_000  # rows
TRIED = 200_000  # bytes whose encoding is guessed
FORMATS = {"csv": "CSV", "xlsx": "XLSX", "jsonl": "JSONL"}
CELL = 32_767  # characters a workbook's cell holds
NEEDED = ("question", "spoken")
FORMULA = ("=", "+", "-", "@", "\t")  # what a spreadsheet would take for a command
EMPTY = Article("", 1, "", (), "", "", state=State.DRAFT)


class BadFile(ValueError):
    """The whole file cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file: what it says by our names.  `number` is the line a person sees, from 1."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that can be read."""

    format: str
    encoding: str
    unknown: tuple[str, ...]  # columns nobody knows; they are left out
    expected: int  # rows, about
    rows: Iterator[Row]


def opened(name: str, data: bytes) -> Opened:
    """BadFile when it is empty, too large, no text, or has no column for the question and the answer."""
    if len(data) > LARGEST:
        raise BadFile(f"文件超过 {LARGEST >> 20} MB")
    if not data.strip():
        raise BadFile("文件是空的")
    if data[:4] == b"PK\x03\x04":
        return _xlsx(data)
    text, encoding = decoded(data)
    if name.lower().endswith((".jsonl", ".ndjson", ".json")) or text.lstrip().startswith("{"):
        return Opened("jsonl", encoding, (), text.count("\n") + 1, _json_rows(text))
    return _csv(text, encoding)


def decoded(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding: UTF-8 if it can be, else the likeliest Chinese one."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _strictly(data, encoding), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        guess = from_bytes(data[:TRIED], cp_isolation=["gb18030", "big5"]).best()
    return _strictly(data, guess.encoding if guess else "gb18030"), guess.encoding if guess else "gb18030"


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise BadFile("文字编码无法识别, 请另存为 UTF-8") from None


def _named(header: Iterable[Any]) -> tuple[list[str | None], tuple[str, ...]]:
    """Our name of every column, and those that have none."""
    titles = [str(h).strip() if h is not None else "" for h in header]
    names = [COLUMNS.get(t) or COLUMNS.get(t.lower()) for t in titles]
    doubled = {n for n in names if n and names.count(n) > 1}
    if doubled:
        raise BadFile(f"有重复的列: {'、'.join(sorted(doubled))}")
    missing = [f.zh for f in FORM if f.name in NEEDED and f.name not in names]
    if missing:
        raise BadFile(f"缺少列: {'、'.join(missing)}")
    return names, tuple(t for t, n in zip(titles, names, strict=True) if t and n is None)


def _csv(text: str, encoding: str) -> Opened:
    first = text.split("\n", 1)[0]
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=max(",\t;", key=first.count))
    try:
        names, unknown = _named(next(lines))
    except (csv.Error, StopIteration):
        raise BadFile("不是 CSV 文件") from None

    def rows() -> Iterator[Row]:
        try:
            for cells in lines:
                if any(c.strip() for c in cells):
                    yield Row(lines.line_num, {n: _unquoted(c) for n, c in zip(names, cells, strict=False) if n})
        except csv.Error as problem:
            raise BadFile(f"第 {lines.line_num} 行: {problem}") from None

    return Opened("csv", encoding, unknown, text.count("\n"), rows())


def _unquoted(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from calculating."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def _xlsx(data: bytes) -> Opened:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > UNPACKED:
                raise BadFile("表格解压后过大")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        lines = sheet.iter_rows(values_only=True)
        names, unknown = _named(next(lines))
    except BadFile:
        raise
    except StopIteration:
        raise BadFile("表格是空的") from None
    except Exception as problem:  # a damaged workbook fails in as many ways as openpyxl has lines
        raise BadFile("表格无法打开") from problem

    def rows() -> Iterator[Row]:
        for number, cells in enumerate(lines, 2):
            if any(c is not None and str(c).strip() for c in cells):
                yield Row(number, {n: c for n, c in zip(names, cells, strict=False) if n})

    return Opened("xlsx", "", unknown, sheet.max_row or 0, rows())


def _json_rows(text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                values = json.loads(line)
                if not isinstance(values, dict):
                    raise TypeError
            except (ValueError, TypeError):
                yield Row(number, {"": "不是 JSON 对象"})
                continue
            yield Row(number, {COLUMNS[k]: v for k, v in values.items() if k in COLUMNS})


def checked(row: Row, before: Article | None) -> tuple[Article, list[Flaw]]:
    """The article a row describes, laid over the one it changes, and what is wrong with the row."""
    if "" in row.values:
        return EMPTY, [Flaw("", str(row.values[""]))]
    wanted = str(row.values.get("id") or "").strip()
    article, found = read(before or EMPTY, row.values, id=wanted)
    if len(wanted) > 32 or not all(c.isalnum() or c in "-_." for c in wanted):
        found.append(Flaw("id", "编号只能用字母、数字和 - _ . 且不超过 32 个字符"))
    for field in FORM:
        if field.name in NEEDED and not getattr(article, field.name) and not any(f.field == field.name for f in found):
            found.append(Flaw(field.name, f"请填写{field.zh}"))
    return article, found + said_wrongly(article)


def titles() -> list[str]:
    return ["编号", *(f.zh for f in FORM)]


def cells(article: Article) -> list[str]:
    return [article.id, *(shown(article, f.name) for f in FORM)]


def write(format_: str, articles: Iterable[Article], out: BinaryIO) -> None:
    """All articles, in the form opened() reads."""
    {"csv": _write_csv, "xlsx": _write_xlsx, "jsonl": _write_jsonl}[format_](articles, out)


def _write_csv(articles: Iterable[Article], out: BinaryIO) -> None:
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    lines = csv.writer(text)
    lines.writerow(titles())
    for article in articles:
        lines.writerow([f"'{c}" if c.startswith(FORMULA) else c for c in cells(article)])
    text.detach()


def _write_jsonl(articles: Iterable[Article], out: BinaryIO) -> None:
    names = ["id", *(f.name for f in FORM)]
    for article in articles:
        values = {n: getattr(article, n) for n in names}
        line = {k: v for k, v in values.items() if v not in ("", (), None, False)}
        out.write((json.dumps(line, ensure_ascii=False, default=str) + "\n").encode())


def _write_xlsx(articles: Iterable[Article], out: BinaryIO) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("知识条目")
    sheet.append(titles())
    for article in articles:
        line = []
        for text in cells(article):
            cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text)[:CELL])
            cell.data_type = "s"  # never a formula
            line.append(cell)
        sheet.append(line)
    book.save(out)
