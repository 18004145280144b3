"""The acoustic model: a small residual TDNN (PyTorch).

Every layer is an affine transform of spliced frames, so it maps one to one onto Kaldi's
Append(Offset(...)) + FixedAffineComponent.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

import common as c

HIDDEN = 288
FIRST = list(range(-4, 5))  # feature frames seen by the first layer
DILATIONS = (1, 1, 1, 2, 2, 2, 3)  # in 30 ms steps; context +-(4 + 36) frames


def pad_time(x, left, right):
    """repeat the first / last frame, as Kaldi does at the edges"""
    return torch.cat([x[:, :1].expand(-1, left, -1), x, x[:, -1:].expand(-1, right, -1)], 1)


class Layer(nn.Module):
    def __init__(self, dim, dilation):
        super().__init__()
        self.dilation = dilation
        self.affine = nn.Linear(3 * dim, dim, bias=False)
        self.norm = nn.BatchNorm1d(dim)

    def forward(self, x):
        d, t = self.dilation, x.shape[1]
        p = pad_time(x, d, d)
        z = torch.cat([p[:, :t], p[:, d : d + t], p[:, 2 * d : 2 * d + t]], 2)
        return x + F.relu(self.norm(self.affine(z).flatten(0, 1)).view(x.shape))


class Tdnn(nn.Module):
    def __init__(self, feat_dim=40, hidden=HIDDEN, pdfs=c.NUM_PDFS):
        super().__init__()
        self.register_buffer("mean", torch.zeros(feat_dim))
        self.register_buffer("std", torch.ones(feat_dim))
        self.first = nn.Linear(feat_dim * len(FIRST), hidden, bias=False)
        self.norm = nn.BatchNorm1d(hidden)
        self.layers = nn.ModuleList(Layer(hidden, d) for d in DILATIONS)
        self.out = nn.Linear(hidden, pdfs)

    def forward(self, feats, drop=0.0):
        """(batch, frames, 40) -> (batch, ceil(frames / 3), pdfs) logits"""
        x = (feats - self.mean) / self.std
        t = (x.shape[1] + c.SUBSAMPLE - 1) // c.SUBSAMPLE
        x = pad_time(x, -FIRST[0], FIRST[-1] + c.SUBSAMPLE)
        x = x.unfold(1, len(FIRST), c.SUBSAMPLE)[:, :t].transpose(2, 3).flatten(2)
        x = self.first(x)
        x = F.relu(self.norm(x.flatten(0, 1)).view(x.shape))
        for layer in self.layers:
            x = layer(x)
        if drop:
            x = F.dropout(x, drop, self.training)
        return self.out(x)


def fold(weight, norm):
    """affine followed by batch-norm -> one affine: weight, bias"""
    g = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return weight * g[:, None], norm.bias - norm.running_mean * g


def kaldi_layers(model):
    """-> ([(weight, bias, frame offsets)], out weight, out bias) as numpy arrays"""
    with torch.no_grad():
        w, b = fold(model.first.weight, model.norm)
        w = w / model.std.repeat(len(FIRST))
        b = b - w @ model.mean.repeat(len(FIRST))
        layers = [(w.numpy(), b.numpy(), FIRST)]
        for layer in model.layers:
            w, b = fold(layer.affine.weight, layer.norm)
            o = layer.dilation * c.SUBSAMPLE
            layers.append((w.numpy(), b.numpy(), [-o, 0, o]))
        return layers, model.out.weight.numpy(), model.out.bias.numpy()
