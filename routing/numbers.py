"""What of a text may somebody read who must not learn telephone numbers?"""

import re

HIDDEN = "[号码由热线保管]"
# Seven digits or more, said or written, however they are grouped: a telephone number of the citizen.
NUMBER = re.compile(
    r"(?P<date>(?:19|20)\d\d[-.]\d{1,2}[-.]\d{1,2}(?!\d))|(?:[0-9０-９零〇一二三四五六七八九幺两][\s\-—－.]?){7,}"
)


def without_numbers(text: str, instead: str = HIDDEN) -> str:
    return NUMBER.sub(lambda found: found["date"] or instead, text)
