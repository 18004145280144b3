"""What may another system send, and how much of it?  One table: the handlers read by it, the description prints it."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from routing.catalogue import Catalogue, Leaf
from routing.dispatch import Report
from routing.open_desk import Wanted

CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f"
TEXT = rf"^[^{CONTROL}]*[^\s{CONTROL}][^{CONTROL}]*$"  # several lines, not empty
LINE = r"^[^\x00-\x1f\x7f]*$"
SAID = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"  # one line, not empty
CODE = r"^[0-9]{4}$"
NUMBER = r"^[0-9]{14}$"
LIST_OF = "^{0}(,{0}){{0,{1}}}$"
AT_ONCE = 50  # numbers or codes in one request
PAGE_SIZE = 50
PAGE_SIZE_MOST = 200
PAGES_MOST = 1000
FIELDS_MOST = 40  # of a form; more is no report
SPAN = timedelta(days=90)  # GeoReport v2: what is shown when no dates are given
KEY_PATTERN = r"^[\x21-\x7e]{8,128}$"  # Idempotency-Key
LATITUDE, LONGITUDE = 90.0, 180.0  # degrees either way
PRIVACY = {"public": "公开", "confidential": "要求保密", "anonymous": "匿名"}
STATUS = ("open", "closed")


class Wrong(ValueError):
    """What came is not what may come; the message is for the sender.  `status` is the answer's."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Field:
    """One argument; `longest` in characters, `number` when it is one, with its bounds."""

    name: str
    says: str
    pattern: str = LINE
    longest: int = 64
    required: bool = False
    values: tuple[str, ...] = ()
    number: tuple[float, float] | None = None

    def read(self, given: Mapping[str, str]) -> str:
        """The value, "" when there is none; a number is left out rather than left empty."""
        value = given.get(self.name, "")
        if not value:
            if self.required or (self.number and self.name in given):
                raise Wrong(f"{self.name} is missing or empty")
            return ""
        if len(value) > self.longest:
            raise Wrong(f"{self.name} is longer than {self.longest} characters")
        if not re.fullmatch(self.pattern, value) or (self.values and value not in self.values):
            raise Wrong(f"{self.name} is not as it must be")
        return value


SENT = {
    field.name: field
    for field in (
        Field("service_code", "事项编码, 见 services", CODE, 4, required=True),
        Field("description", "诉求内容", TEXT, 4000, required=True),
        Field("address_string", "地址或地点的文字描述", longest=400),
        Field("lat", "纬度 (WGS-84)", number=(-LATITUDE, LATITUDE)),
        Field("long", "经度 (WGS-84)", number=(-LONGITUDE, LONGITUDE)),
        Field("first_name", "名; 只有热线可见", longest=30),
        Field("last_name", "姓; 只有热线可见", longest=30),
        Field("phone", "联系电话; 只有热线可见", r"^\+?[0-9]([ -]?[0-9]){4,19}$", 40),
        Field("email", "电子邮箱; 只有热线可见", r"^[^@\s\x00-\x1f\x7f]{1,60}@[^@\s\x00-\x1f\x7f]{1,60}$", 121),
        Field("attribute[kind]", "诉求类型, 见 services/{code}", longest=16),
        Field("attribute[privacy]", "隐私要求", longest=16, values=tuple(PRIVACY)),
        Field("jurisdiction_id", "只有一个城市, 可不填"),
    )
}
ASKED = {
    field.name: field
    for field in (
        Field("service_request_id", f"工单编号, 逗号分隔, 至多 {AT_ONCE} 个; 有它时不看其他条件",
              LIST_OF.format("[0-9]{14}", AT_ONCE - 1), 15 * AT_ONCE),
        Field("service_code", f"事项编码, 逗号分隔, 至多 {AT_ONCE} 个",
              LIST_OF.format("[0-9]{4}", AT_ONCE - 1), 5 * AT_ONCE),
        Field("start_date", "登记时间不早于 (ISO 8601, 带时区); 不填时为 end_date 前 90 天", longest=40),
        Field("end_date", "登记时间不晚于 (ISO 8601, 带时区); 不填时为现在", longest=40),
        Field("status", "open、closed, 或两者用逗号分隔", r"^(open|closed)(,(open|closed))?$", 13),
        Field("page", "页码, 从 1 起", r"^[0-9]+$", 6, number=(1, PAGES_MOST)),
        Field("page_size", "每页条数", r"^[0-9]+$", 6, number=(1, PAGE_SIZE_MOST)),
        Field("jurisdiction_id", "只有一个城市, 可不填"),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sent:
    """A report as it came in."""

    report: Report
    contact_name: str
    privacy: str
    content: str  # hash of all that was sent


def form(body: bytes) -> dict[str, str]:
    """The fields of a urlencoded form; of a field that came twice the last."""
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=FIELDS_MOST
        )
    except ValueError:
        raise Wrong("the form is not UTF-8, or has too many fields") from None
    return dict(pairs)


def sent(given: Mapping[str, str], catalogue: Catalogue) -> Sent:
    """Wrong says what is the matter with it."""
    value = {name: field.read(given) for name, field in SENT.items()}
    leaf = catalogue.leaves.get(value["service_code"])
    if leaf is None:
        raise Wrong("service_code was not found", 404)
    point = _point(value["lat"], value["long"])
    kind = value["attribute[kind]"]
    if kind and kind not in catalogue.kinds:
        raise Wrong(f"attribute[kind] is none of {', '.join(catalogue.kinds)}")
    phone = re.sub(r"[ -]", "", value["phone"])
    phone = re.sub(r"^(\+|00)86(?=1\d{10}$)", "", phone)  # as a call from it shows it
    report = Report(
        text=value["description"].strip(), place=value["address_string"].strip() or _in_words(point), matter=leaf.code,
        contact=phone, kind=kind, point=point, other_contact=value["email"],
    )  # fmt: skip
    content = hashlib.sha256(json.dumps(value, ensure_ascii=True, sort_keys=True).encode()).hexdigest()
    return Sent(
        report, _name(value["last_name"], value["first_name"]), value["attribute[privacy]"] or "public", content
    )


def _point(lat: str, long: str) -> tuple[float, float] | None:
    if not lat and not long:
        return None
    try:
        found = float(lat), float(long)
    except ValueError:
        raise Wrong("lat and long are two numbers, given together") from None
    if not (abs(found[0]) <= LATITUDE and abs(found[1]) <= LONGITUDE):  # NaN is on no side of anything
        raise Wrong("lat or long lies outside the Earth")
    return found


def _in_words(point: tuple[float, float] | None) -> str:
    """Degrees and minutes: a row of decimals would be taken for a telephone number and hidden from the unit."""
    if point is None:
        return ""
    parts = []
    for value, sides in zip(point, ("北纬南纬", "东经西经"), strict=True):
        degrees, minutes = divmod(round(abs(value) * 60, 3), 60)
        parts.append(f"{sides[:2] if value >= 0 else sides[2:]}{degrees:.0f}°{minutes:.3f}′")
    return " ".join(parts)


def _name(last: str, first: str) -> str:
    """In the order in which the name is said."""
    western = bool(last and first) and (last + first).isascii()
    return f"{first.strip()} {last.strip()}" if western else f"{last.strip()}{first.strip()}"


def asked(given: Mapping[str, str], now: datetime) -> Wanted:
    """Wrong says what is the matter with it."""
    value = {name: field.read(given) for name, field in ASKED.items()}
    until = moment("end_date", value["end_date"])
    since = moment("start_date", value["start_date"])
    wanted = set(filter(None, value["status"].split(",")))
    try:
        start = since or (until or now) - SPAN
    except OverflowError:
        raise Wrong("end_date is not as it must be") from None
    return Wanted(
        numbers=tuple(dict.fromkeys(filter(None, value["service_request_id"].split(",")))),
        matters=tuple(dict.fromkeys(filter(None, value["service_code"].split(",")))),
        since=start,
        until=until,
        over=None if len(wanted) != 1 else "closed" in wanted,
        page=_count("page", value["page"], 1),
        size=_count("page_size", value["page_size"], PAGE_SIZE),
    )


def moment(name: str, text: str) -> datetime | None:
    """Aware, UTC; Wrong when it is none.  None: nothing was said."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.upper().replace(":60", ":59"))  # a leap second is the one before it
        if at.tzinfo is None:
            raise ValueError
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Wrong(f"{name} is no moment with a time zone, like 2026-03-02T08:00:00+08:00") from None


def _count(name: str, text: str, otherwise: int) -> int:
    least, most = ASKED[name].number or (1, 1)
    if not text:
        return otherwise
    if not least <= int(text) <= most:
        raise Wrong(f"{name} lies between {least:.0f} and {most:.0f}")
    return int(text)


def kinds(leaf: Leaf) -> list[dict[str, str]]:
    return [{"key": kind, "name": kind} for kind in leaf.kinds]
