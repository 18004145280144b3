"""How is a written sentence said?  Numbers, dates and codes in words, then numbered pinyin for espeak-ng."""

import re
from functools import lru_cache

import cn2an
from pypinyin import Style, lazy_pinyin

DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
TELEPHONE_DIGITS = DIGITS | {"1": "幺"}
LETTERS = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            *("诶", "毕", "西", "弟", "衣", "艾弗", "吉", "艾尺", "爱", "杰", "开", "艾勒", "艾姆"),
            *("恩", "欧", "批", "秋", "阿儿", "艾斯", "提", "优", "维", "大不溜", "艾克斯", "外", "贼"),
        ),
        strict=True,
    )
)
SERVICE_NUMBERS = re.compile(
    r"(?<![\d.])(1[12]\d|12\d{3}|9[56]\d{3})(?![\d.]|[元块天日个人平米万千分年月公斤克度户家条次吨岁周小])"
)
YEAR = re.compile(r"(\d{4})(?=年)")
PERCENT = re.compile(r"(\d+(?:\.\d+)?)[%％]")
CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:：](\d{2})(?!\d)")
PHONE = re.compile(r"\d{3,4}-\d{7,8}|(?<!\d)1\d{10}(?!\d)|\d{5,}")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
PAUSES = str.maketrans(
    {"，": ",", "。": ".", "？": "?", "！": ".", "；": ",", "：": ",", "、": ",", "（": ",", "）": ","}
)


def digit_by_digit(digits: str) -> str:
    return "".join(TELEPHONE_DIGITS.get(d, "") for d in digits)


def clock(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    words = str(cn2an.an2cn(str(hour))) + "点"
    if minute:
        words += ("零" if minute < 10 else "") + cn2an.an2cn(str(minute)) + "分"
    return words


def spoken(text: str) -> str:
    """The sentence with every figure and Latin letter as the words a person would say; idempotent."""
    text = YEAR.sub(lambda m: "".join(DIGITS[d] for d in m[1]), text)
    text = CLOCK.sub(clock, text)
    text = PERCENT.sub(lambda m: "百分之" + cn2an.an2cn(m[1]), text)
    text = PHONE.sub(lambda m: digit_by_digit(m[0]), text)
    text = SERVICE_NUMBERS.sub(lambda m: digit_by_digit(m[0]), text)
    text = NUMBER.sub(lambda m: cn2an.an2cn(m[0]), text)
    return re.sub(r"[A-Za-z]", lambda m: LETTERS[m[0].upper()], text)


@lru_cache(maxsize=4096)
def pinyin(text: str) -> str:
    """Numbered pinyin with pauses, as espeak-ng's voice cmn-latn-pinyin reads it (neutral tone = 5)."""
    parts = []
    for clause in re.split(r"([,.?])", spoken(text).translate(PAUSES)):
        if clause in {",", ".", "?"}:
            parts.append(clause + " ")
            continue
        hanzi = "".join(re.findall(r"[\u4e00-\u9fff]+", clause))
        syllables = lazy_pinyin(hanzi, style=Style.TONE3, neutral_tone_with_five=True, v_to_u=False)
        parts.append(" ".join(syllables))
    return "".join(parts).strip()
