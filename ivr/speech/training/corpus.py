"""Templates -> sentences with word boundaries and pinyin.

work/train.tsv   sentences for the language model (and most of the training speech)
work/held.tsv    evaluation sentences: unseen templates (kind = template group) and
                 unseen sentences of the training templates (kind = seen-template)
work/fresh.tsv   sentences of templates.FRESH, a test set nothing was tuned on
Each line: kind <TAB> words <TAB> pinyin, words separated by spaces, the syllables of a
word joined by '_', ',' is a pause.
"""

import os
import random
import re
import sys

import jieba
from pypinyin import Style, lazy_pinyin

import common as c
import general_templates
import slots
import templates

NUM_TRAIN = int(os.environ.get("ASR_SENTENCES", "60000"))
NUM_GENERAL = int(os.environ.get("ASR_GENERAL_SENTENCES", "36000"))
DIGITS = "零一二三四五六七八九"
LETTERS = {
    "A": "ei1",
    "B": "bi4",
    "C": "xi1",
    "D": "di4",
    "E": "yi4",
    "F": "ai2_fu5",
    "G": "ji4",
    "H": "ai1_qu4",
    "J": "zhei4",
    "K": "kai4",
    "L": "ai1_lou2",
    "M": "ai1_mu5",
    "N": "en1",
    "P": "pi4",
    "Q": "kiu1",
    "R": "a4_er5",
    "S": "ai1_si5",
    "T": "ti4",
    "U": "you1",
    "V": "wei1",
    "W": "da2_bu5_liu5",
    "X": "ai1_ke4_si5",
    "Y": "wai4",
    "Z": "zei4",
    "I": "ai4",
    "O": "ou1",
}
LETTERS["Q"] = "kou1"  # 'kiu' is not a Mandarin syllable
# other ways to say them; the last groups are espeak-ng's (voice cmn-latn-pinyin)
LETTER_EXTRA = {
    "C": ["sei1", "si1"],
    "N": ["en4"],
    "F": ["ai1_fu2", "ai2_fu2"],
    "L": ["ai1_le4", "ai2_le5"],
    "R": ["a4", "er2"],
    "H": ["ai1_chi5", "ei2_chi5"],
    "X": ["ai1_ke5_si4", "ai2_ke5_si5"],
    "E": ["yi1"],
    "O": ["ou4"],
    "A": ["ei4"],
    "G": ["zhi4"],
    "K": ["kei4"],
    "M": ["ai2_mu5"],
    "Q": ["kiu1", "qiu1"],
    "S": ["ai2_si5"],
    "Z": ["zi4"],
    "W": ["da2_bu4_liu4"],
}


def digit(r, yao):
    d = r.randrange(10)
    return "幺" if d == 1 and yao else DIGITS[d]


def spell(number, yao):
    return " " + " ".join("幺" if ch == "1" and yao else DIGITS[int(ch)] for ch in number) + " "


def number_words(n):
    """0..99999999 in Chinese words"""
    if n < 10:
        return DIGITS[n]
    out = ""
    if n >= 10000:
        hi, lo = divmod(n, 10000)
        return number_words(hi) + "万" + (("零" if lo < 1000 else "") + number_words(lo) if lo else "")
    for base, name in ((1000, "千"), (100, "百"), (10, "十")):
        d, n = divmod(n, base)
        if d:
            if name == "十" and d == 1 and not out:
                out += "十"
            else:
                out += DIGITS[d] + name
        elif out and n and not out.endswith("零"):
            out += "零"
    return out + (DIGITS[n] if n else "")


def spaced(s):
    return " " + " ".join(s) + " "


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def gen(self, name):
        r = self.r
        yao = r.random() < 0.6
        if name == "车牌":
            body = "".join(
                r.choice("0123456789") if r.random() < 0.8 else r.choice("ABCDEFGHJKLMNPQRSTUVWXYZ")
                for _ in range(6 if r.random() < 0.15 else 5)
            )
            head = r.choice(
                ["蒙 C "] * 8 + ["蒙 A ", "蒙 B ", "蒙 L ", "蒙 K ", "宁 A ", "宁 B ", "陕 A ", "京 A ", "甘 A "]
            )
            return (
                " "
                + head
                + " ".join(
                    ("幺" if yao else "一") if ch == "1" else DIGITS[int(ch)] if ch.isdigit() else ch for ch in body
                )
                + " "
            )
        if name == "电话":
            if r.random() < 0.2:
                return spell("0473" * (r.random() < 0.5) + str(r.randrange(2, 9)) + "%06d" % r.randrange(10**6), yao)
            return spell("1" + r.choice("3456789") + "%09d" % r.randrange(10**9), yao)
        if name == "身份证":
            return spell(
                "1503%02d" % r.choice([2, 3, 4])
                + "19%02d%02d%02d" % (r.randrange(40, 99), r.randrange(1, 13), r.randrange(1, 29))
                + "%04d" % r.randrange(10**4),
                yao,
            )
        if name == "工单":
            return spell(
                "20%02d%02d%02d" % (r.randrange(24, 28), r.randrange(1, 13), r.randrange(1, 29))
                + "%04d" % r.randrange(10**4),
                yao,
            )
        if name == "数字":
            return spell("".join(r.choice("0123456789") for _ in range(r.randrange(1, 9))), yao)
        if name == "金额":
            k = r.random()
            n = (
                r.randrange(1, 100)
                if k < 0.3
                else r.randrange(1, 100) * 100
                if k < 0.7
                else r.randrange(1, 100) * 1000
                if k < 0.9
                else r.randrange(10, 9999)
            )
            return spaced(number_words(n).replace("二百", "两百").replace("二千", "两千")) + r.choice(
                ["块", "块钱", "元", "元钱", "元", "块 五", "元 三 角"]
            )
        if name == "温度":
            return spaced(number_words(r.randrange(8, 20)))
        if name == "岁":
            return spaced(number_words(r.randrange(55, 100)))
        if name == "人数":
            return r.choice(["一", "两", "三", "四", "五", "六", "七", "八"])
        if name == "月数":
            return r.choice(["一", "两", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十五"])
        if name == "门牌":
            return spaced(number_words(r.randrange(1, 400)))
        if name == "楼号":
            a, b, f = r.randrange(1, 60), r.randrange(1, 8), r.randrange(1, 30)
            s = spaced(number_words(a)) + "号楼"
            if r.random() < 0.7:
                s += spaced(number_words(b)) + "单元"
                k = r.random()
                if k < 0.4:
                    s += spell("%d%02d" % (f, r.randrange(1, 5)), yao) + ("室" if r.random() < 0.5 else "")
                elif k < 0.6:
                    s += spaced(number_words(f)) + r.choice(["楼", "层"])
            return s
        if name == "地址":
            k = r.random()
            区, 路, 小区, 地标, 方位 = (r.choice(getattr(slots, n)) for n in ("区", "路", "小区", "地标", "方位"))
            楼 = self.gen("楼号") if r.random() < 0.6 else ""
            return (
                区 + 小区 + 楼
                if k < 0.2
                else 区 + 路 + 小区 + 楼
                if k < 0.35
                else 小区 + 楼
                if k < 0.55
                else 路 + 地标 + 方位
                if k < 0.65
                else 区 + 路 + 地标 + 方位
                if k < 0.72
                else 区 + 路
                if k < 0.8
                else 路 + self.gen("门牌") + "号"
                if k < 0.86
                else 地标 + 方位
                if k < 0.94
                else 区 + r.choice(slots.街道)
                if k < 0.97
                else 区 + r.choice(slots.镇)
            )
        if name == "月份":
            return r.choice(["这个月", "上个月", "去年"] + [number_words(i) + "月份" for i in range(1, 13)])
        if name == "年份":
            return r.choice(["今年", "去年", "明年", "前年"] + [spaced("二零二" + x) + "年" for x in "三四五六"])
        if name == "日期":
            k = r.random()
            if k < 0.5:
                return (
                    spaced(number_words(r.randrange(1, 13)))
                    + "月"
                    + spaced(number_words(r.randrange(1, 32)))
                    + r.choice("号日")
                )
            if k < 0.8:
                return r.choice(
                    ["今天", "明天", "后天", "大后天", "下周一", "下周二", "下周三", "下周四", "下周五", "这周五", "下个星期一", "下个星期三", "星期六", "星期天", "周末", "礼拜天", "礼拜三", "本周五"]
                )
            return (
                spaced("二零二" + r.choice("三四五六七"))
                + "年"
                + spaced(number_words(r.randrange(1, 13)))
                + "月"
                + spaced(number_words(r.randrange(1, 32)))
                + "日"
            )
        if name == "钟点":
            return (
                r.choice(["上午", "下午", "早上", "晚上", "中午", ""])
                + r.choice(["一", "两", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"])
                + "点"
                + r.choice(
                    [
                        "",
                        "",
                        "半",
                        "整",
                        "一刻",
                        spaced(r.choice(["十", "二十", "四十", "五十", "三十五", "十五"])) + "分",
                        "钟",
                        "左右",
                    ]
                )
            )
        if name == "名字":
            return r.choice(
                ["伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "霞", "平", "刚", "桂英", "秀兰", "建国", "建军", "志强", "海燕", "晓明", "丽华", "文静", "小红", "玉兰", "国强", "红梅", "俊杰", "浩然", "子轩", "雨涵", "欣怡", "巴特尔", "其其格", "乌兰", "格日乐", "娜仁", "苏日娜", "斯琴"]
            )
        return r.choice(getattr(slots, name))

    def sentence(self, template):
        s = template
        while True:
            m = re.search(r"\(([^()]*)\)", s)
            if not m:
                break
            s = s[: m.start()] + self.r.choice(m.group(1).split("|")) + s[m.end() :]
        return re.sub(r"\{([^{}]+)\}", lambda m: self.gen(m.group(1)), s)


# ----------------------------------------------------------------- words and pinyin
def prepare_segmenter():
    jieba.setLogLevel(60)
    jieba.initialize()
    for name, words in vars(slots).items():
        if not isinstance(words, list) or name in (
            "称呼",
            "求助",
            "办事问",
            "账单事",
            "挡车",
            "动物事",
            "消费问题",
            "物业问题",
            "欠薪",
            "重复",
            "人工",
            "公交问题",
            "医院事",
        ):
            continue
        for w in words:
            if (
                2 <= len(w) <= 4
                and jieba.get_FREQ(w) is None
                and name
                in ("区", "镇", "街道", "路", "小区", "地标", "医院", "部门", "科室", "证件", "社保险种", "医保类")
            ):
                jieba.add_word(w)


_NUMERIC = set("零一二三四五六七八九十百千万两幺半点")


def words_of(text):
    """-> words; ',' for a pause.  Numbers are cut digit by digit."""
    out = []
    for clause in re.split("[，,]", text):
        if out and clause.strip():
            out.append(",")
        for chunk in clause.split():
            if re.fullmatch("[A-Z]", chunk):
                out.append(chunk)
                continue
            for w in jieba.cut(chunk, HMM=False):
                if len(w) > 1 and set(w) <= _NUMERIC:
                    out.extend(w)
                else:
                    out.append(w)
    return out


def pinyin_of(words):
    """Pinyin per word from the reading of the whole clause (so 长, 行, 还 ... are right)."""
    out, i = [], 0
    while i < len(words):
        j = i
        while j < len(words) and words[j] != "," and not words[j].isascii():
            j += 1
        if j > i:
            text = "".join("一" if w == "幺" else w for w in words[i:j])
            # pypinyin applies no sandhi here; espeak does tone 3 + tone 3 itself
            py = lazy_pinyin(list(words[i:j]), style=Style.TONE3, neutral_tone_with_five=True)
            assert len(py) == len(text), (words[i:j], py)
            py = ["en1" if ch == "嗯" else p for ch, p in zip(text, py, strict=False)]  # pypinyin: n2
            k = 0
            for w in words[i:j]:
                out.append("_".join(py[k : k + len(w)]))
                k += len(w)
            i = j
        else:
            out.append("," if words[i] == "," else LETTERS[words[i]])
            i += 1
    return out


def main():
    os.makedirs(c.WORK, exist_ok=True)
    prepare_segmenter()
    mk = Maker(c.SEED)
    seen = set()
    # every template gets the same share, but short lists (yes/no ...) exhaust themselves
    with open(os.path.join(c.WORK, "train.tsv"), "w", encoding="utf-8") as f:
        n = tries = 0
        while n < NUM_TRAIN and tries < NUM_TRAIN * 3:
            t = templates.TRAIN[tries % len(templates.TRAIN)]
            tries += 1
            s = mk.sentence(t)
            w = words_of(s)
            key = "".join(w)
            if key in seen or len(key) > 42:
                continue
            try:
                p = pinyin_of(w)
            except (AssertionError, KeyError):
                continue
            if not all(c.syllable_phones(x) for q in p if q != "," for x in q.split("_")):
                continue
            seen.add(key)
            n += 1
            f.write(f"train\t{' '.join(w)}\t{' '.join(p)}\n")
        mg = Maker(c.SEED + 2)
        for k in range(NUM_GENERAL):
            s = mg.sentence(general_templates.GENERAL[k % len(general_templates.GENERAL)])
            w = words_of(s)
            key = "".join(w)
            if key in seen:
                continue
            seen.add(key)
            n += 1
            f.write(f"general\t{' '.join(w)}\t{' '.join(pinyin_of(w))}\n")
    print(n, "training sentences")
    mk = Maker(c.SEED + 1)
    held = 0
    with open(os.path.join(c.WORK, "held.tsv"), "w", encoding="utf-8") as f:

        def put(kind, t):
            w = words_of(mk.sentence(t))
            key = "".join(w)
            if key in seen or len(key) > 42:
                return 0
            p = pinyin_of(w)
            seen.add(key)
            f.write(f"{kind}\t{' '.join(w)}\t{' '.join(p)}\n")
            return 1

        for kind, ts in templates.HELD_OUT.items():
            for t in ts:
                for _ in range(8 if "{" in t else 1):
                    held += put(kind, t)
        for t in templates.TRAIN:
            if "{" in t:
                for _ in range(2):
                    held += put("seen-template", t)
    mk = Maker(c.SEED + 3)
    with open(os.path.join(c.WORK, "fresh.tsv"), "w", encoding="utf-8") as f:
        for t in templates.FRESH:
            for _ in range(4 if "{" in t else 2):
                w = words_of(mk.sentence(t))
                f.write(f"fresh\t{' '.join(w)}\t{' '.join(pinyin_of(w))}\n")
    print(held, "held-out sentences")


if __name__ == "__main__":
    sys.exit(main())
