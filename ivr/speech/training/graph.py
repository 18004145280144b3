"""Lexicon + n-gram -> HCLr.fst, Gr.fst, words.txt (look-ahead composition at run time).

HCL is written out directly as a prefix tree over transition-ids: the model is
context independent, so there is no C, and the word label sits at the leaf, so no
determinisation and no disambiguation symbols are needed.  Only Debian's OpenFst
command-line tools (libfst-tools, libfst22-plugins-base) are called.
"""

import glob
import os
import subprocess
import sys

import common as c
import kaldi_io
from lm import read_arpa

WORD_COST = 0.0  # word insertion penalty
SIL_COST, NOSIL_COST = 1.2, 0.4


def read_lexicon():
    lex = []
    with open(os.path.join(c.WORK, "lexicon.txt"), encoding="utf-8") as f:
        for line in f:
            word, cost, *phones = line.split()
            lex.append((word, float(cost), phones))
    return lex


def hcl_arcs(lexicon, word_id, tids):
    """Arcs (src, dst, input tid, output word, cost).  State 0 = after a word (start),
    state 1 = before a word (final), state 2 = silence."""
    arcs = [
        (0, 1, 0, 0, NOSIL_COST),
        (0, 2, tids["SIL"][0][0], 0, SIL_COST),
        (2, 2, tids["SIL"][0][1], 0, 0.0),
        (2, 1, 0, 0, 0.0),
    ]
    node = {}
    n = 3
    for word, cost, base in lexicon:
        state = 1
        for phone in c.position_phones(base):
            for fwd, loop in tids[phone]:
                key = (state, fwd)
                if key not in node:
                    node[key] = n
                    arcs.append((state, n, fwd, 0, 0.0))
                    arcs.append((n, n, loop, 0, 0.0))
                    n += 1
                state = node[key]
        arcs.append((state, 0, 0, word_id[word], cost + WORD_COST))
    return arcs


def write_fst_text(path, arcs, finals, start):
    arcs = sorted(arcs, key=lambda a: (a[0] != start, a[0]))
    with open(path, "w") as f:
        for s, d, i, o, w in arcs:
            f.write(f"{s}\t{d}\t{i}\t{o}\t{w:.4g}\n")
        for s, w in finals:
            f.write(f"{s}\t{w:.4g}\n")


def sh(cmd):
    # Debian keeps OpenFst's type plug-ins (olabel_lookahead-fst.so) off the loader's path
    env = dict(os.environ, LD_LIBRARY_PATH=":".join(glob.glob("/usr/lib/*/fst/*")))
    subprocess.run(["bash", "-c", "set -e -o pipefail; " + cmd], check=True, env=env)


def g_arcs(arpa, word_id):
    """Back-off n-gram as an acceptor; the back-off arc is an epsilon."""
    ids = {}

    def state(h):
        return ids.setdefault(h, len(ids))

    hist = {()} | {g for o in arpa[:-1] for g in o if g[-1] != "</s>"}
    start = ("<s>",)
    state(start)
    arcs, finals = [], []
    for order in arpa:
        for g, (logp, _) in order.items():
            h, w = g[:-1], g[-1]
            if w == "<s>":
                continue
            if w == "</s>":
                finals.append((state(h), -logp))
                continue
            nxt = g if len(g) < len(arpa) else g[1:]
            while nxt not in hist:
                nxt = nxt[1:]
            arcs.append((state(h), state(nxt), word_id[w], word_id[w], -logp))
    for order in arpa[:-1]:
        for g, (_, bow) in order.items():
            if g in ids and g[-1] != "</s>":
                back = g[1:]
                while back not in hist:
                    back = back[1:]
                arcs.append((ids[g], state(back), 0, 0, -bow))
    return arcs, finals


def main():
    g_dir = os.path.join(c.MODEL, "graph")
    tmp = os.path.join(c.WORK, "graph")
    os.makedirs(tmp, exist_ok=True)
    os.makedirs(g_dir, exist_ok=True)
    lexicon = read_lexicon()
    words = sorted({w for w, _, _ in lexicon})
    word_id = {w: i + 1 for i, w in enumerate(words)}
    phones = c.kaldi_phones()
    tids = {phones[i]: t for i, t in kaldi_io.transition_ids(c.kaldi_phone_pdfs()).items()}
    write_fst_text(f"{tmp}/HCL.txt", hcl_arcs(lexicon, word_id, tids), [(1, 0.0)], 0)
    sh(
        f"fstcompile {tmp}/HCL.txt | fstarcsort --sort_type=olabel | "
        f"fstconvert --fst_type=olabel_lookahead --save_relabel_opairs={tmp}/relabel > {g_dir}/HCLr.fst"
    )
    relabel = dict(map(int, line.split()) for line in open(f"{tmp}/relabel"))

    arpa = read_arpa(os.path.join(c.WORK, "lm.arpa"))
    arcs, finals = g_arcs(arpa, {w: relabel[i] for w, i in word_id.items()})
    write_fst_text(f"{tmp}/G.txt", arcs, finals, 0)
    sh(
        f"fstcompile {tmp}/G.txt | fstconnect | fstarcsort --sort_type=ilabel | "
        f"fstconvert --fst_type=const > {g_dir}/Gr.fst"
    )
    with open(f"{g_dir}/words.txt", "w", encoding="utf-8") as f:
        f.write("<eps> 0\n")
        for i, w in sorted((relabel[i], w) for w, i in word_id.items()):
            f.write(f"{w} {i}\n")
    # no disambiguation symbols; Vosk wants the file, an id that never occurs is harmless
    with open(f"{g_dir}/disambig_tid.int", "w") as f:
        f.write("10000000\n")
    for name in ("HCLr.fst", "Gr.fst", "words.txt"):
        print(name, os.path.getsize(f"{g_dir}/{name}"), "bytes")
    print(len(words), "words,", len(arcs), "G arcs")


if __name__ == "__main__":
    sys.exit(main())
