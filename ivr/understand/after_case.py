"""Does the caller ask how their own case stands?"""

from ivr.line import Heard
from kb.pinyin import encode

# Each alone is enough; matched by sound, because the recogniser has its own way of writing 工单.
ASKS = (
    "工单进度", "工单号", "我的工单", "查工单", "查一下工单", "查询工单",
    "工单办", "工单处理", "案件进度", "诉求进度", "我反映的", "我上次反映",
    "上次反映的", "之前反映的", "前几天反映的", "昨天反映的", "我投诉的", "上次投诉的",
    "之前投诉的", "我上报的", "上次打电话说的", "之前打电话说的", "上次说的那个事", "反映过的问题",
    "反映的问题办",
)  # fmt: skip
SOUNDS = tuple(encode(phrase) for phrase in ASKS)


def asks_progress(heard: Heard) -> bool:
    """Whether they want to know what became of something they reported before."""
    said = encode(heard.words)
    return any(sound in said for sound in SOUNDS)
