"""work/train.tsv -> work/lexicon.txt (word, cost, base phones) and work/general.tsv
(general words with a prior probability, so that unseen sentences can be decoded)."""

import collections
import contextlib
import os
import re
import sys

import jieba
from pypinyin import Style, lazy_pinyin, pinyin

import common as c
import corpus
from espeak import Espeak

GENERAL_WORDS = int(os.environ.get("ASR_GENERAL_WORDS", "7500"))
# single words for run-time grammars (a grammar can only use words of the vocabulary)
COMMANDS = ["是的", "不是", "对的", "不对", "好的", "不好", "可以", "不可以", "不用", "不用了", "不行", "不要", "要的", "没有", "确认", "取消", "返回", "重复", "重新说", "再说一遍", "没听清", "听不清", "听清了", "转人工", "人工", "人工服务", "人工客服", "满意", "不满意", "非常满意", "基本满意", "一般", "解决了", "没解决", "没有解决", "继续", "退出", "结束", "再见", "谢谢", "谢谢你", "投诉", "咨询", "求助", "举报", "建议", "表扬", "报警", "救命", "挪车", "查询", "帮助", "等一下", "稍等", "你好", "您好", "喂", "早上好", "海勃湾", "乌达", "海南", "海勃湾区", "乌达区", "海南区", "女士", "先生", "幺幺零", "幺二零", "幺幺九", "幺二三四五"]
ESPEAK_COST = 1.0


def common_hanzi():
    """GB2312 level 1: the 3755 common characters, in the codec of every Python."""
    out = []
    for hi in range(0xB0, 0xD8):
        for lo in range(0xA1, 0xFF):
            with contextlib.suppress(UnicodeDecodeError):
                out.append(bytes([hi, lo]).decode("gb2312"))
    return out


class EspeakReadings:
    """How espeak-ng itself reads hanzi (voice cmn-latn-pinyin): one reading a character,
    sometimes not the usual one (行 is always xing2).  Added as dearer variants, so that
    speech made straight from hanzi is understood too."""

    TONES = {"55": "1", "35": "2", "214": "3", "21": "3", "51": "4", "11": "5", "22": "5", "33": "5", "44": "5"}

    def __init__(self):
        self.esp = Espeak()
        self.inverse = {}
        for ch in common_hanzi():
            for syl in pinyin(ch, style=Style.TONE3, heteronym=True, neutral_tone_with_five=True)[0]:
                if c.syllable_phones(syl) and syl[:-1] + "1" not in self.inverse.values():
                    key = self._split(syl[:-1] + "1")
                    if key:
                        self.inverse.setdefault(key[0][0], syl[:-1] + "1")

    def _split(self, text):
        out = []
        for token in self.esp.phonemes(text).replace("_|", " ").split():
            m = re.fullmatch(r"(\D*)(\d+)(\D*)", re.sub(r"[',_:!]", "", token).replace("(en)", ""))
            if not m or m.group(2) not in self.TONES:
                return None
            out.append((m.group(1) + m.group(3), self.TONES[m.group(2)]))
        return out

    def reading(self, word):
        got = self._split(" ".join(word))
        if not got or len(got) != len(word) or any(k not in self.inverse for k, _ in got):
            return None
        return "_".join(self.inverse[k][:-1] + t for k, t in got)


def phones_of(syllables):
    out = []
    for s in syllables:
        p = c.syllable_phones(s)
        if p is None:
            return None
        out += [x for x in p if x]
    return tuple(out)


def sandhi(syllables, word):
    """Surface forms of a reading: 3+3 -> 2+3 inside the word; a final 3 may become 2 before
    the next word; 不 and 一 change with the next tone."""
    s = list(syllables)
    for i in range(len(s) - 1):
        if s[i][-1] == "3" and s[i + 1][-1] == "3":
            s[i] = s[i][:-1] + "2"
    forms = {tuple(s): 0.0}
    if s[-1][-1] == "3":
        forms[tuple(s[:-1] + [s[-1][:-1] + "2"])] = 0.7
    for i, ch in enumerate(word):
        if ch in "不一" and len(word) == len(s):
            for f, cost in list(forms.items()):
                for t in "24" if ch == "不" else "124":
                    g = f[:i] + (f[i][:-1] + t,) + f[i + 1 :]
                    forms.setdefault(g, cost + 0.7)
    return forms


def main():
    corpus.prepare_segmenter()
    readings = collections.defaultdict(collections.Counter)
    counts = collections.Counter()
    for name in ("train.tsv", "collected.tsv"):
        for line in open(os.path.join(c.WORK, name), encoding="utf-8"):
            _, words, pys = line.rstrip("\n").split("\t")
            for w, p in zip(words.split(), pys.split(), strict=False):
                if w != ",":
                    readings[w][p] += 1
                    counts[w] += 1
    # general words: the most frequent ones of jieba's dictionary
    freq = sorted(
        (
            (f, w)
            for w, f in jieba.dt.FREQ.items()
            if f and 2 <= len(w) <= 4 and all("\u4e00" <= ch <= "\u9fff" for ch in w)
        ),
        reverse=True,
    )
    general = {}
    for f, w in freq:
        if len(general) >= GENERAL_WORDS:
            break
        if not set(w) <= corpus._NUMERIC:
            general[w] = f
    for ch in common_hanzi():
        general.setdefault(ch, max(jieba.dt.FREQ.get(ch, 0) * 0.3, 30))
    for w, extra in (("喂", 3000), ("嗯", 3000), ("哎", 800), ("啊", 3000), ("呃", 1500), ("噢", 300), ("哦", 800)):
        general[w] = extra
    for w in COMMANDS:
        general[w] = max(general.get(w, 0), 400)
    for w in corpus.LETTERS:
        general[w] = 600
        readings[w][corpus.LETTERS[w]] += 1
        for p in corpus.LETTER_EXTRA.get(w, ()):
            readings[w][p] += 1
    for w in general:
        if w in corpus.LETTERS:
            continue
        readings[w]["_".join(lazy_pinyin(w, style=Style.TONE3, neutral_tone_with_five=True))] += 1
        if len(w) == 1:  # other readings of a single character, a little dearer
            for p in pinyin(w, style=Style.TONE3, heteronym=True, neutral_tone_with_five=True)[0][:3]:
                readings[w][p] += 0
    for w in corpus.DIGITS:
        readings[w]["_".join(lazy_pinyin(w, style=Style.TONE3))] += 1
    readings["嗯"] = collections.Counter({"en1": 1, "en4": 1, "en2": 1, "en5": 1})
    readings["幺"] = collections.Counter({"yao1": 1})
    general["幺"] = 5000

    esp = EspeakReadings()
    lex, odd = {}, 0
    for w in readings:
        p = esp.reading(w) if not w.isascii() and w != "幺" else None
        ph = phones_of(p.split("_")) if p else None
        if ph and p not in readings[w]:
            lex[(w, ph)] = ESPEAK_COST
            odd += 1
    print(odd, "words that espeak-ng reads differently")
    for w, rs in readings.items():
        best = max(rs.values())
        for p, n in rs.items():
            base_cost = 0.0 if n * 20 >= best else 1.5
            for form, extra in sandhi(p.split("_"), w).items():
                ph = phones_of(form)
                if ph is None:
                    continue
                cost = base_cost + extra
                if cost < lex.get((w, ph), 99):
                    lex[(w, ph)] = cost
    with open(os.path.join(c.WORK, "lexicon.txt"), "w", encoding="utf-8") as f:
        for (w, ph), cost in sorted(lex.items()):
            f.write(f"{w} {cost:.1f} {' '.join(ph)}\n")
        f.write("[unk] 0.0 SPN\n")
    total = sum(general.values())
    have = {w for w, _ in lex}
    with open(os.path.join(c.WORK, "general.tsv"), "w", encoding="utf-8") as f:
        for w, n in sorted(general.items(), key=lambda x: -x[1]):
            if w in have:
                f.write(f"{w}\t{n / total:.3g}\n")
    print(len(have), "words,", len(lex), "pronunciations,", len(counts), "of them in the corpus")


if __name__ == "__main__":
    sys.exit(main())
