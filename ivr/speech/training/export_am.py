"""work/am.pt -> MODEL/am/final.mdl, conf/, graph/phones/word_boundary.int"""

import os
import sys

import numpy as np
import torch

import common as c
import kaldi_io
from net import Tdnn, kaldi_layers

ACOUSTIC_SCALE = float(os.environ.get("ASR_ACOUSTIC_SCALE", "0.45"))
UNK_BOOST = float(os.environ.get("ASR_UNK_BOOST", "5"))  # > 1: [unk] wins more often in grammars


def main():
    ckpt = torch.load(os.path.join(c.WORK, "am.pt"), weights_only=False)
    model = Tdnn(hidden=ckpt["hidden"])
    model.load_state_dict(ckpt["model"])
    model.eval()
    for d in ("am", "conf", "graph/phones"):
        os.makedirs(os.path.join(c.MODEL, d), exist_ok=True)

    w = kaldi_io.Writer(os.path.join(c.MODEL, "am/final.mdl"))
    kaldi_io.write_transition_model(w, c.kaldi_phone_pdfs())
    layers, ow, ob = kaldi_layers(model)
    priors = np.maximum(ckpt["counts"] / ckpt["counts"].sum(), 1e-5)
    # units that never occur in the training text must never win
    priors[ckpt["counts"] == 0] = 1.0
    priors[c.PDF["SPN"]] /= UNK_BOOST
    kaldi_io.write_tdnn(w, layers, ow, ob, priors, 40)
    w.close()
    with open(os.path.join(c.MODEL, "conf/mfcc.conf"), "w") as f:
        f.writelines(f"--{k}={v}\n" for k, v in c.MFCC_CONF.items())
    with open(os.path.join(c.MODEL, "conf/model.conf"), "w") as f:
        f.write(
            "--min-active=100\n--max-active=1500\n--beam=8.0\n--lattice-beam=4.0\n"
            f"--acoustic-scale={ACOUSTIC_SCALE}\n--frame-subsampling-factor=3\n"
            "--endpoint.silence-phones=1\n"
            "--endpoint.rule2.min-trailing-silence=0.5\n"
            "--endpoint.rule3.min-trailing-silence=0.75\n"
            "--endpoint.rule4.min-trailing-silence=1.0\n"
        )
    kinds = {"B": "begin", "I": "internal", "E": "end", "S": "singleton"}
    with open(os.path.join(c.MODEL, "graph/phones/word_boundary.int"), "w") as f:
        for i, p in enumerate(c.kaldi_phones()):
            if i:
                f.write(f"{i} {'nonword' if p == 'SIL' else kinds[p[-1]]}\n")
    print("final.mdl:", os.path.getsize(os.path.join(c.MODEL, "am/final.mdl")), "bytes")


if __name__ == "__main__":
    sys.exit(main())
