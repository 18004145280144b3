"""Did the caller say yes or no?"""

import re

from ivr.line import Heard

NO = re.compile(
    r"不是|不对|没有|不用|不要|不需要|没了|没事|不紧急|不危险|否|错了|说错|答错|不|^没|^无|步对|不队|补对|布是|梅有|没又"
)
YES = re.compile(r"是|对|有|嗯|好|行|可以|没错|正确|需要|要|确实|快|救|队|事的|紧急|危险")
MISLEADING = re.compile(r"是不是|有没有|对不对|要不要|没错|不错")


def yes_or_no(heard: Heard) -> bool | None:
    """True for yes or key 1, False for no or key 2, None when it was neither."""
    if heard.key:
        return {"1": True, "2": False}.get(heard.key)
    words = MISLEADING.sub("", heard.words)
    if "没错" in heard.words or "不错" in heard.words:
        return True
    if NO.search(words):
        return False
    return True if YES.search(words) else None
