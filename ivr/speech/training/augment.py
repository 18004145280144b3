"""Makes clean 8 kHz speech sound like a telephone call (numpy only, seeded by the caller)."""

import numpy as np
from scipy.signal import butter, fftconvolve, sosfilt

SR = 8000


# ------------------------------------------------------------------- G.711 tables
def _alaw_table():
    """int16 -> A-law -> int16, for every int16 value"""
    x = np.arange(-32768, 32768)
    sign, m = x < 0, np.where(x < 0, -x - 1, x) >> 3  # 13 bit magnitude
    m = np.minimum(m, 4095)
    seg = np.maximum(np.floor(np.log2(np.maximum(m, 1))).astype(int) - 4, 0)
    shift = np.maximum(seg, 1)
    q = np.where(seg == 0, m >> 1, (m >> shift) & 15)
    out = np.where(seg == 0, (q << 1) + 1, ((q + 16) << shift) + (1 << (shift - 1))) << 3
    return np.where(sign, -out, out).astype(np.int16)


def _ulaw_table():
    x = np.arange(-32768, 32768)
    s, m = np.sign(x), np.minimum(np.abs(x), 32635) / 32768
    y = np.rint(np.log1p(255 * m) / np.log(256) * 127) / 127
    return np.rint(s * (np.expm1(y * np.log(256)) / 255) * 32768).clip(-32768, 32767).astype(np.int16)


_ALAW, _ULAW = _alaw_table(), _ulaw_table()


def alaw(x):
    return _ALAW[np.clip(np.rint(x), -32768, 32767).astype(np.int32) + 32768].astype(np.float32)


def ulaw(x):
    return _ULAW[np.clip(np.rint(x), -32768, 32767).astype(np.int32) + 32768].astype(np.float32)


# ------------------------------------------------------------------------- noise
def coloured(rng, n, power):
    """white (0), pink (1), brown (2)"""
    s = np.fft.rfft(rng.standard_normal(n))
    f = np.maximum(np.arange(len(s)) * SR / n, 20.0)
    y = np.fft.irfft(s / f ** (power / 2), n)
    return (y / y.std()).astype(np.float32)


def rms(x):
    return float(np.sqrt(np.mean(x.astype(np.float64) ** 2)) + 1e-9)


def add_noise(x, noise, snr_db):
    """SNR against the speech-active part (the louder half of the frames)."""
    f = x[: len(x) // 160 * 160].reshape(-1, 160)
    e = np.sort((f.astype(np.float64) ** 2).mean(1))
    active = np.sqrt(e[len(e) // 2 :].mean()) if len(e) else 1.0
    return x + noise * (active / rms(noise) * 10 ** (-snr_db / 20))


class Augmenter:
    def __init__(self, seed, babble_source=None):
        self.rng = np.random.default_rng(seed)
        n = SR * 60
        self.pool = [coloured(self.rng, n, p) for p in (0, 1, 1.5, 2)]
        hum = np.sin(2 * np.pi * 50 * np.arange(n) / SR) + 0.5 * np.sin(2 * np.pi * 150 * np.arange(n) / SR)
        self.pool.append((hum + 0.3 * self.pool[1]).astype(np.float32))
        if babble_source is not None:  # callable -> float32 speech of one utterance
            for _ in range(3):
                b = np.zeros(n, np.float32)
                for _ in range(int(self.rng.integers(4, 9))):
                    p = 0
                    while p < n:
                        u = babble_source(self.rng)
                        u = u[: n - p]
                        b[p : p + len(u)] += u
                        p += len(u)
                self.pool.append(b / rms(b))
        self.bands = []
        for lo in (80, 150, 200, 250, 300, 350):
            for hi in (3000, 3200, 3400, 3600):
                for order in (2, 4):
                    self.bands.append(butter(order, [lo, hi], "band", fs=SR, output="sos"))

    def noise(self, n):
        p = self.pool[self.rng.integers(len(self.pool))]
        s = int(self.rng.integers(0, len(p) - n)) if n < len(p) else 0
        return np.resize(p[s : s + n], n)

    def __call__(self, x):
        """float32 int16-range speech -> the same length, as heard over the telephone"""
        g = self.rng
        x = x.astype(np.float32)
        n = len(x)
        if g.random() < 0.25:  # room
            t60 = g.uniform(0.08, 0.35)
            k = int(t60 * SR)
            ir = g.standard_normal(k) * np.exp(-6.9 * np.arange(k) / k) * g.uniform(0.05, 0.35)
            ir[0] = 1.0
            x = fftconvolve(x, ir.astype(np.float32))[:n].astype(np.float32)
        level = 10 ** (g.uniform(-34, -12) / 20) * 32768
        x *= level / max(rms(x[np.abs(x) > 50]) if (np.abs(x) > 50).any() else 1e9, 1.0)
        u = g.random()
        if u < 0.72:
            x = add_noise(x, self.noise(n), g.uniform(6, 35))
        elif u < 0.85:  # line noise only
            x = x + self.noise(n) * g.uniform(1, 12)
        if g.random() < 0.7:
            x = sosfilt(self.bands[g.integers(len(self.bands))], x).astype(np.float32)
        u = g.random()
        if u < 0.6:
            x = alaw(x)
        elif u < 0.8:
            x = ulaw(x)
        return np.clip(x, -32768, 32767)

    def no_speech(self, n):
        """noise, tones or near silence: everything is SIL"""
        g = self.rng
        x = self.noise(n) * 10 ** g.uniform(0, 3.2)
        if g.random() < 0.4:
            t = np.arange(n) / SR
            on = np.sin(2 * np.pi * t / g.uniform(0.3, 3) + g.uniform(0, 6)) > g.uniform(-0.5, 0.5)
            x = x * 0.1 + on * sum(
                np.sin(
                    2
                    * np.pi
                    * g.choice([350, 425, 440, 480, 620, 697, 770, 852, 941, 950, 1000, 1209, 1336, 1400, 1477])
                    * t
                )
                for _ in range(int(g.integers(1, 3)))
            ) * g.uniform(500, 8000)
        return np.clip(alaw(x.astype(np.float32)), -32768, 32767)
