"""Train the acoustic model: cross-entropy on the labels that came with the speech.

One process makes (freshly augmented) batches, this one trains.  Runs for a given number
of steps (or minutes) with a one-cycle learning rate; writes work/am.pt every SAVE_EVERY
steps.
"""

import math
import multiprocessing as mp
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

import common as c
from augment import Augmenter
from features import mfcc
from net import HIDDEN, Tdnn

STEPS = int(os.environ.get("ASR_STEPS", "6900"))
MINUTES = float(os.environ.get("ASR_TRAIN_MINUTES", "0"))  # > 0: finish in this time on a busy machine
ROUND = int(os.environ.get("ASR_ROUND", "0"))
RESUME = os.environ.get("ASR_RESUME") == "1"  # start from work/am.pt
BATCH = 16
PEAK_LR = float(os.environ.get("ASR_LR", "1.6e-3"))
SAVE_EVERY = 1000
THREADS = int(os.environ.get("ASR_THREADS", "1"))


class Data:
    def __init__(self):
        self.audio = np.memmap(os.path.join(c.WORK, "audio.i16"), np.int16, "r")
        self.labels = np.memmap(os.path.join(c.WORK, "labels.i16"), np.int16, "r")
        self.utts = np.load(os.path.join(c.WORK, "utts.npy"))

    def get(self, i):
        a, n, l, m = self.utts[i]
        return np.array(self.audio[a : a + n], np.float32), np.array(self.labels[l : l + m])

    def random_speech(self, rng):
        x = self.get(int(rng.integers(len(self.utts))))[0]
        return x / (np.sqrt((x**2).mean()) + 1)


def example(data, aug, i):
    g = aug.rng
    if g.random() < 0.015:
        n = int(g.integers(8000, 32000))
        f = mfcc(aug.no_speech(n))
        return f, np.zeros((len(f) + 2) // 3, np.int16)
    x, lab = data.get(i)
    if g.random() < 0.5:  # shift the frame grid
        k = int(g.integers(0, 240))
        x = np.concatenate([np.zeros(k, np.float32), x])[: len(x)]
    if g.random() < 0.12:  # a little speech becomes 'garbage' for [unk]
        s = int(g.integers(0, max(1, len(lab) - 20)))
        w = lab[s : s + int(g.integers(8, 24))]
        w[w != c.PDF["SIL"]] = c.PDF["SPN"]
    f = mfcc(aug(x))
    return f, lab[: (len(f) + 2) // 3]


def batches(seed, queue, num):
    torch.set_num_threads(1)
    data = Data()
    aug = Augmenter(seed, data.random_speech)
    g = np.random.default_rng(seed + 1)
    length = data.utts[:, 1]
    made = 0
    while made < num:
        order = g.permutation(len(length))
        for k in range(0, len(order) - BATCH * 20 + 1, BATCH * 20):
            part = order[k : k + BATCH * 20]
            part = part[np.argsort(length[part], kind="stable")].reshape(20, BATCH)
            for b in g.permutation(20):
                ex = [example(data, aug, int(i)) for i in part[b]]
                t = max(len(f) for f, _ in ex)
                t = (t + 2) // 3 * 3
                feats = np.stack([np.pad(f, ((0, t - len(f)), (0, 0)), "edge") for f, _ in ex])
                labs = np.full((len(ex), t // 3), -1, np.int64)
                for i, (_, l) in enumerate(ex):
                    labs[i, : len(l)] = l[: t // 3]
                queue.put((feats, labs))
                made += 1
                if made >= num:
                    return


def main():
    torch.manual_seed(c.SEED)
    torch.set_num_threads(THREADS)
    queue = mp.get_context("fork").Queue(12)
    worker = mp.get_context("fork").Process(
        target=batches, args=(c.SEED + 10 * ROUND, queue, STEPS // 2 + 62), daemon=True
    )
    worker.start()
    model = Tdnn()
    data = Data()
    aug = Augmenter(c.SEED + 7, data.random_speech)
    sample = np.concatenate([example(data, aug, i)[0] for i in range(400)])
    model.mean.copy_(torch.tensor(sample.mean(0)))
    model.std.copy_(torch.tensor(sample.std(0)))
    counts = np.bincount(np.asarray(data.labels), minlength=c.NUM_PDFS).astype(float)
    spoken = counts.sum() - counts[c.PDF["SIL"]]
    counts[c.PDF["SPN"]] = 0.02 * spoken
    print(sum(p.numel() for p in model.parameters()), "parameters;", (counts > 0).sum(), "pdfs seen of", c.NUM_PDFS)
    if RESUME:
        before = torch.load(os.path.join(c.WORK, "am.pt"), weights_only=False)
        model.load_state_dict(before["model"])
        counts += before["counts"]  # the priors cover all rounds
    opt = torch.optim.AdamW(model.parameters(), lr=PEAK_LR, weight_decay=1e-3, betas=(0.9, 0.98), fused=True)
    warm, done = 0.06, 0.0
    t0, loss_sum, right, seen, wait = time.time(), 0.0, 0, 0, 0.0
    replay, pick = [], np.random.default_rng(c.SEED)
    for step in range(1, STEPS + 1):
        if step % 2 or len(replay) < 60:
            t1 = time.time()
            feats, labs = queue.get()
            wait += time.time() - t1
            replay.append((feats, labs))
        else:  # every batch is used twice: halves the augmentation work
            feats, labs = replay.pop(int(pick.integers(len(replay) // 2 + 1)))
        done = max(step / STEPS, (time.time() - t0) / (MINUTES * 60) if MINUTES else 0.0)
        lr = PEAK_LR * (
            done / warm
            if done < warm
            else 0.005 + 0.995 * 0.5 * (1 + math.cos(math.pi * min(1.0, (done - warm) / (1 - warm))))
        )
        for group in opt.param_groups:
            group["lr"] = lr
        model.train()
        x, y = torch.from_numpy(feats), torch.from_numpy(labs).reshape(-1)
        with torch.autocast("cpu", torch.bfloat16):
            out = model(x, drop=0.1)
        out = out.float().reshape(-1, c.NUM_PDFS)
        loss = F.cross_entropy(out, y, ignore_index=-1)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 3.0)
        opt.step()
        m = y >= 0
        loss_sum += float(loss.detach())
        right += int((out.argmax(1)[m] == y[m]).sum())
        seen += int(m.sum())
        if step % 100 == 0:
            print(
                f"step {step} loss {loss_sum / 100:.3f} frame-acc {right / seen:.3f} lr {lr:.5f} "
                f"{time.time() - t0:.0f} s (waited {wait:.0f} s)",
                flush=True,
            )
            loss_sum, right, seen = 0.0, 0, 0
        if step % SAVE_EVERY == 0 or step == STEPS or done >= 1.0:
            torch.save(
                {"model": model.state_dict(), "hidden": HIDDEN, "counts": counts, "step": step},
                os.path.join(c.WORK, "am.pt.tmp"),
            )
            os.replace(os.path.join(c.WORK, "am.pt.tmp"), os.path.join(c.WORK, "am.pt"))
        if done >= 1.0:
            break
    worker.terminate()


if __name__ == "__main__":
    sys.exit(main())
