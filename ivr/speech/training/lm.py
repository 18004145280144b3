"""A small n-gram estimator: interpolated absolute discounting, Stolcke pruning, ARPA text."""

import collections
import math

DISCOUNT = {1: 0.5, 2: 0.6, 3: 0.7}
COMPRESS = {1: 0.75, 2: 0.6, 3: 0.6}  # counts of template text mean little: use count ** x
MIN_BACKOFF = {2: 0.45, 3: 0.3}  # at least this share always goes to the lower order


def count(sentences, order=3):
    counts = [collections.defaultdict(collections.Counter) for _ in range(order)]
    for words, weight in sentences:
        seq = ("<s>",) + tuple(words) + ("</s>",)
        for i in range(1, len(seq)):
            for n in range(order):
                if i - n >= 0:
                    counts[n][seq[i - n : i]][seq[i]] += weight
    return counts


def estimate(counts, unigram_prior, prior_mass, min_count=(0, 0, 0, 0)):
    """-> [{ngram: p}] per order (interpolated, so p already holds the lower orders' share)
    and {history: back-off weight}.  unigram_prior: {word: p}, prior_mass: its share."""
    probs, bows = [], {}
    uni = {w: n ** COMPRESS[1] for w, n in counts[0][()].items()}
    tot = sum(uni.values())
    uni = {w: (1 - prior_mass) * n / tot for w, n in uni.items()}
    for w, p in unigram_prior.items():
        uni[w] = uni.get(w, 0.0) + prior_mass * p
    z = sum(uni.values())
    probs.append({(w,): p / z for w, p in uni.items()})
    for n in range(1, len(counts)):
        cur = {}
        for h, ctr in counts[n].items():
            kept = {w: k ** COMPRESS[n + 1] for w, k in ctr.items() if k >= min_count[n + 1]}
            if not kept or (len(h) > 1 and h not in probs[-1]):
                continue
            d = DISCOUNT[n + 1]
            tot = sum(k ** COMPRESS[n + 1] for k in ctr.values())
            lam = max(1.0 - sum(k - d for k in kept.values()) / tot, MIN_BACKOFF[n + 1])
            z = (1.0 - lam) / sum(k - d for k in kept.values())
            for w, k in kept.items():
                cur[h + (w,)] = (k - d) * z + lam * lookup(probs, bows, h[1:] + (w,))
            bows[h] = lam
        probs.append(cur)
    return probs, bows


def lookup(probs, bows, g):
    bow = 1.0
    while True:
        p = probs[len(g) - 1].get(g) if len(g) <= len(probs) else None
        if p is not None:
            return bow * p
        bow *= bows.get(g[:-1], 1.0)
        g = g[1:]
        if not g:
            return 1e-9


def prune(probs, bows, counts, threshold):
    """Drop n-grams (highest order first) whose removal changes little (Stolcke 1998, simplified)."""
    total = sum(counts[0][()].values())
    needed = set()
    for n in range(len(probs) - 1, 0, -1):
        drop = []
        for g, p in probs[n].items():
            if g in needed:
                continue
            h = g[:-1]
            ph = sum(counts[n][h].values()) / total
            alt = bows[h] * lookup(probs, bows, g[1:])
            if ph * p * abs(math.log(p) - math.log(alt)) < threshold:
                drop.append(g)
        for g in drop:
            del probs[n][g]
        by_hist = collections.defaultdict(list)
        for g in probs[n]:
            by_hist[g[:-1]].append(g)
        for h in [h for h in bows if len(h) == n]:
            gs = by_hist.get(h)
            if not gs:
                del bows[h]
                continue
            num = 1.0 - sum(probs[n][g] for g in gs)
            den = 1.0 - sum(lookup(probs, bows, g[1:]) for g in gs)
            bows[h] = max(num, 1e-6) / max(den, 1e-6)
            for k in range(1, len(h) + 1):  # a history must itself be an n-gram
                if h[:k] != ("<s>",):
                    needed.add(h[:k])
    return probs, bows


def write_arpa(path, probs, bows):
    with open(path, "w", encoding="utf-8") as f:
        f.write("\\data\\\n")
        for n, o in enumerate(probs, 1):
            f.write(f"ngram {n}={len(o) + (n == 1)}\n")
        for n, o in enumerate(probs, 1):
            f.write(f"\n\\{n}-grams:\n")
            if n == 1:
                f.write(f"-99 <s> {math.log10(bows.get(('<s>',), 1.0)):.5f}\n")
            for g, p in o.items():
                line = f"{math.log10(p):.5f} {' '.join(g)}"
                if n < len(probs) and g in bows:
                    line += f" {math.log10(bows[g]):.5f}"
                f.write(line + "\n")
        f.write("\n\\end\\\n")


def read_arpa(path):
    """-> [{ngram: (ln p, ln back-off)}] per order"""
    out, n = [], 0
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if line.endswith("-grams:"):
            n += 1
            out.append({})
        elif n and line and not line.startswith("\\"):
            f = line.split()
            bow = float(f[n + 1]) if len(f) > n + 1 else 0.0
            out[-1][tuple(f[1 : n + 1])] = (float(f[0]) * math.log(10), bow * math.log(10))
    return out


def perplexity(probs, bows, sentences):
    lp = n = 0
    for words in sentences:
        seq = ["<s>"] + list(words) + ["</s>"]
        for i in range(1, len(seq)):
            g = tuple(seq[max(0, i - len(probs) + 1) : i + 1])
            lp += math.log(lookup(probs, bows, g))
            n += 1
    return math.exp(-lp / max(n, 1))
