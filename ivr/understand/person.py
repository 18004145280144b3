"""Does the caller want a person, want to go, or only say hello?"""

import re

from ivr.line import Heard

# As Vosk writes them too: 转人工 is heard as 专人工, 人工 as 人公, 仁工.
PERSON = re.compile(
    r"[转专砖]?[人仁][工公功](?!智能|湖|林|费|降雨|增雨|流产|草坪|受孕|授精|费用|成本)(客服|服务|坐席|座席|台|接|来)?|话务员|接线员|客服|"
    r"(找|换|要|跟|和|转)(个|一个)?(真人|活人)|真人|(跟|和|找)人(说|讲|聊)|不要机器|机器人"
)
ENOUGH = re.compile(
    r"^(没有了?|没了|没事了?|不用了?|谢谢|再见|拜拜|好的?|行|知道了|明白了|清楚了|可以了|就这样|挂了|嗯|没问题|没别的)+(谢谢|再见|您|你|啊|吧|了)*$"
)
WRONG = re.compile(r"不对|不是这个|错了|答错|不是我(问|要)|没回答|答非所问|听不懂|不是问|说的不是|步对|不队")
HELLO = re.compile(r"^(喂+|你好|您好|在吗|有人吗|请问|一二三四五热线吗?)+啊?$")


def wants_person(heard: Heard) -> bool:
    """Key 0 at any time, or the word for a person."""
    return heard.key == "0" or bool(PERSON.search(heard.words))


def has_enough(heard: Heard) -> bool:
    """Nothing more to ask."""
    return bool(ENOUGH.match(heard.words))


def rejects(heard: Heard) -> bool:
    """The answer was wrong."""
    return bool(WRONG.search(heard.words))


def only_hello(heard: Heard) -> bool:
    """A greeting and no wish yet."""
    return bool(HELLO.match(heard.words))
