"""Kaldi-compatible MFCC (8 kHz, 40 cepstra) in numpy.

Equal to Kaldi / kaldi_native_fbank to ~1e-4; run this file to check that.
Samples are in the int16 range (+-32768), as Kaldi and Vosk expect.
"""

import numpy as np

NB, LOW, HIGH, SR, N, WIN, HOP = 40, 40.0, 3800.0, 8000, 256, 200, 80


def _mel(f):
    return 1127.0 * np.log(1.0 + np.asarray(f) / 700.0)


def _mel_bank():
    lo, hi = _mel(LOW), _mel(HIGH)
    d = (hi - lo) / (NB + 1)
    fm = _mel(SR / N * np.arange(N // 2))
    bank = np.zeros((NB, N // 2 + 1), np.float32)
    for b in range(NB):
        left, mid, right = lo + b * d, lo + (b + 1) * d, lo + (b + 2) * d
        w = np.where(fm <= mid, (fm - left) / (mid - left), (right - fm) / (right - mid))
        w[(fm <= left) | (fm >= right)] = 0
        bank[b, : N // 2] = w
    return bank


_BANK = _mel_bank().T.copy()
_WINDOW = ((0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WIN) / (WIN - 1))) ** 0.85).astype(np.float32)
_k, _j = np.arange(NB)[:, None], np.arange(NB)[None]
_DCT = np.sqrt(2.0 / NB) * np.cos(np.pi / NB * (_j + 0.5) * _k)
_DCT[0] = np.sqrt(1.0 / NB)
_LIFTER = 1 + 0.5 * 22 * np.sin(np.pi * np.arange(NB) / 22)
_DCT_T = (_DCT * _LIFTER[:, None]).T.astype(np.float32).copy()


def mfcc(wav):
    """float32 samples (int16 range) -> (frames, 40); snip-edges=true as Kaldi's default."""
    x = np.ascontiguousarray(wav, np.float32)
    n = 1 + (len(x) - WIN) // HOP
    if n < 1:
        return np.zeros((0, NB), np.float32)
    f = np.lib.stride_tricks.as_strided(x, (n, WIN), (x.strides[0] * HOP, x.strides[0]))
    f = f - f.mean(1, keepdims=True)
    g = np.empty_like(f)
    g[:, 1:] = f[:, 1:] - 0.97 * f[:, :-1]
    g[:, 0] = f[:, 0] * 0.03
    s = np.fft.rfft(g * _WINDOW, N)
    p = (s.real**2 + s.imag**2).astype(np.float32)
    return np.log(np.maximum(p @ _BANK, np.float32(1.1920929e-07))) @ _DCT_T


if __name__ == "__main__":
    import kaldi_native_fbank as knf

    o = knf.MfccOptions()
    o.frame_opts.samp_freq, o.frame_opts.dither = SR, 0
    o.mel_opts.num_bins, o.mel_opts.low_freq, o.mel_opts.high_freq = NB, LOW, -200
    o.num_ceps, o.use_energy = NB, False
    x = (np.random.RandomState(0).randn(SR * 3) * 1000).astype(np.float32)
    m = knf.OnlineMfcc(o)
    m.accept_waveform(SR, x)
    m.input_finished()
    ref = np.stack([m.get_frame(i) for i in range(m.num_frames_ready)])
    print("largest difference to kaldi_native_fbank:", np.abs(ref - mfcc(x)).max())
