"""Writers for the Kaldi binary formats that a Vosk model needs (no Kaldi required)."""

import struct

import numpy as np


class Writer:
    """Kaldi binary stream: '\\0B' header, tokens end in a space, numbers carry a size byte."""

    def __init__(self, path):
        self.f = open(path, "wb")
        self.f.write(b"\0B")

    def raw(self, data):
        self.f.write(data)

    def token(self, t):
        self.f.write(t.encode() + b" ")

    def int(self, v):
        self.f.write(b"\4" + struct.pack("<i", int(v)))

    def float(self, v):
        self.f.write(b"\4" + struct.pack("<f", float(v)))

    def double(self, v):
        self.f.write(b"\x08" + struct.pack("<d", float(v)))

    def int_vector(self, v):
        v = np.asarray(v, "<i4")
        self.f.write(b"\4" + struct.pack("<i", len(v)) + v.tobytes())

    def vector(self, v):
        v = np.asarray(v, "<f4")
        self.token("FV")
        self.int(len(v))
        self.f.write(v.tobytes())

    def matrix(self, m, compress=True):
        """compress: 16 bits a value ('CM2'); Kaldi's Matrix::Read accepts it anywhere."""
        m = np.asarray(m, np.float32)
        if not compress:
            self.token("FM")
            self.int(m.shape[0])
            self.int(m.shape[1])
            self.f.write(np.ascontiguousarray(m, "<f4").tobytes())
            return
        lo, rng = float(m.min()), float(m.max() - m.min()) or 1.0
        q = np.clip(np.rint((m - lo) * (65535.0 / rng)), 0, 65535).astype("<u2")
        self.token("CM2")
        self.f.write(struct.pack("<ffii", lo, rng, *m.shape) + np.ascontiguousarray(q).tobytes())

    def close(self):
        self.f.close()


# ------------------------------------------------------------------ transition model
def write_transition_model(w, phone_pdfs):
    """phone_pdfs: {phone id >= 1: [pdf of HMM state 0, 1, ...]}.

    Left-to-right HMMs; every state has a self-loop (transition 0) and an exit
    (transition 1), both with probability 1/2.
    """
    phones = sorted(phone_pdfs)
    lens = sorted({len(p) for p in phone_pdfs.values()})
    w.token("<TransitionModel>")
    w.token("<Topology>")
    w.int_vector(phones)
    w.int_vector([-1] + [lens.index(len(phone_pdfs[p])) if p in phone_pdfs else -1 for p in range(1, max(phones) + 1)])
    w.int(len(lens))
    for n in lens:
        w.int(n + 1)
        for s in range(n):
            w.int(s)  # pdf class
            w.int(2)  # transitions
            for dest in (s, s + 1):
                w.int(dest)
                w.float(0.5)
        w.int(-1)  # final state: no pdf, no transitions
        w.int(0)
    w.token("</Topology>")
    tuples = [(p, s, pdf) for p in phones for s, pdf in enumerate(phone_pdfs[p])]
    w.token("<Triples>")
    w.int(len(tuples))
    for t in tuples:
        for v in t:
            w.int(v)
    w.token("</Triples>")
    w.token("<LogProbs>")
    w.vector([0.0] + [np.log(0.5)] * (2 * len(tuples)))
    w.token("</LogProbs>")
    w.token("</TransitionModel>")


def transition_ids(phone_pdfs):
    """{phone: [(forward transition-id, self-loop transition-id) of HMM state 0, 1, ...]}:
    Kaldi numbers transitions from 1 in the order of the tuples above."""
    tids, n = {}, 1
    for p in sorted(phone_pdfs):
        for _ in phone_pdfs[p]:
            tids.setdefault(p, []).append((n + 1, n))
            n += 2
    return tids


# ---------------------------------------------------------------------------- nnet3
def _affine(w, weight, bias):
    w.token("<FixedAffineComponent>")
    w.token("<LinearParams>")
    w.matrix(weight)
    w.token("<BiasParams>")
    w.vector(bias)
    w.token("</FixedAffineComponent>")


def _nonlinear(w, kind, dim):
    w.token(f"<{kind}>")
    w.token("<Dim>")
    w.int(dim)
    w.token("<ValueAvg>")
    w.vector([])
    w.token("<DerivAvg>")
    w.vector([])
    w.token("<Count>")
    w.double(0.0)
    w.token(f"</{kind}>")


def _noop(w, dim):
    w.token("<NoOpComponent>")
    w.token("<Dim>")
    w.int(dim)
    w.token("<BackpropScale>")
    w.float(1.0)
    w.token("</NoOpComponent>")


def write_tdnn(w, layers, out_weight, out_bias, priors, feat_dim):
    """layers: [(weight, bias, [frame offsets])]; from the second layer on there is a skip
    connection x_l = x_{l-1} + relu(affine(splice(x_{l-1}))).  Output: log-softmax."""
    config = [f"input-node name=input dim={feat_dim}"]
    comps = []
    x, left, right = "input", 0, 0
    for i, (weight, bias, offsets) in enumerate(layers, 1):
        dim = weight.shape[0]
        spl = ", ".join(f"Offset({x}, {o})" if o else x for o in offsets)
        config.append(f"component-node name=l{i}.affine component=l{i}.affine input=Append({spl})")
        config.append(f"component-node name=l{i}.relu component=l{i}.relu input=l{i}.affine")
        comps.append((f"l{i}.affine", lambda weight=weight, bias=bias: _affine(w, weight, bias)))
        comps.append((f"l{i}.relu", lambda dim=dim: _nonlinear(w, "RectifiedLinearComponent", dim)))
        if i == 1:
            x = "l1.relu"
        else:
            config.append(f"component-node name=l{i}.sum component=l{i}.sum input=Sum({x}, l{i}.relu)")
            comps.append((f"l{i}.sum", lambda dim=dim: _noop(w, dim)))
            x = f"l{i}.sum"
        left -= min(offsets)
        right += max(offsets)
    config.append(f"component-node name=output.affine component=output.affine input={x}")
    config.append("component-node name=output.log-softmax component=output.log-softmax input=output.affine")
    config.append("output-node name=output input=output.log-softmax objective=linear")
    comps.append(("output.affine", lambda: _affine(w, out_weight, out_bias)))
    comps.append(("output.log-softmax", lambda: _nonlinear(w, "LogSoftmaxComponent", len(out_bias))))
    w.token("<Nnet3>")
    w.raw(b"\n" + "\n".join(config).encode() + b"\n\n")
    w.token("<NumComponents>")
    w.int(len(comps))
    for name, write in comps:
        w.token("<ComponentName>")
        w.token(name)
        write()
    w.token("</Nnet3>")
    w.token("<LeftContext>")
    w.int(left)
    w.token("<RightContext>")
    w.int(right)
    w.token("<Priors>")
    w.vector(priors)
