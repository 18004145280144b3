"""Do these words end like a finished wish, or do they plainly go on?"""

import re

from ivr.speech.turns import Readiness

GOES_ON = re.compile(
    r"(我家在|我在|家住|住在|地址是|电话是|号码是|那个|这个|就是|就是说|然后|还有|因为|所以|但是|而且|如果|要是|比如|"
    r"我想问一下|想问一下|请问一下|我想咨询|咨询一下|想了解|我想问|请问|我要投诉|我要反映|反映一下|"
    r"的话|以后|之后|的时候|关于|对于|在|把|被|跟|和|给|到|从|向|的)$"
)
FINISHED = re.compile(
    r"(吗|嘛|呢|怎么办|怎么弄|怎么交|怎么办理|怎么申请|多少钱|在哪|在哪里|在哪儿|哪里办|什么时候|什么材料|什么手续|几点|多久|"
    r"多长时间|能不能|可不可以|行不行|什么条件|有没有人管|没人管|管不管|谢谢|处理一下|解决一下|看一下|管一管|人工|是什么|为什么|了)$"
)


def ending(words: str) -> Readiness:
    """By the last words alone; the knowledge base may know better."""
    if len(words) >= 5 and FINISHED.search(words):
        return Readiness.COMPLETE
    if GOES_ON.search(words) or len(words) <= 3:
        return Readiness.UNFINISHED
    return Readiness.OPEN
