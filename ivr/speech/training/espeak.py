"""Minimal ctypes binding to Debian's libespeak-ng.so.1 (package libespeak-ng1).

Gives the raw audio *and* the start time of every phoneme, so the training
audio comes with its own alignment (no forced aligner is needed).
"""

import ctypes as C

import numpy as np

RATE, VOLUME, PITCH, RANGE = 1, 2, 3, 4  # espeak_PARAMETER
EV_END, EV_WORD, EV_PHONEME = 0, 1, 7  # espeak_EVENT_TYPE


class _Id(C.Union):
    _fields_ = [("number", C.c_int), ("name", C.c_char_p), ("string", C.c_char * 8)]


class _Event(C.Structure):
    _fields_ = [
        ("type", C.c_int),
        ("uid", C.c_uint),
        ("text_position", C.c_int),
        ("length", C.c_int),
        ("audio_position", C.c_int),
        ("sample", C.c_int),
        ("user_data", C.c_void_p),
        ("id", _Id),
    ]


_CB = C.CFUNCTYPE(C.c_int, C.POINTER(C.c_short), C.c_int, C.POINTER(_Event))


class Espeak:
    def __init__(self, lib="libespeak-ng.so.1"):
        self.lib = C.CDLL(lib)
        # AUDIO_OUTPUT_SYNCHRONOUS=2, bit 0 of options: phoneme events
        self.rate = self.lib.espeak_Initialize(2, 0, None, 1)
        if self.rate <= 0:
            raise RuntimeError("espeak_Initialize failed")
        self._cb = _CB(self._callback)
        self.lib.espeak_SetSynthCallback(self._cb)
        self._audio, self._events = [], []

    def _callback(self, wav, n, events):
        if wav and n > 0:
            self._audio.append(np.ctypeslib.as_array(wav, (n,)).copy())
        i = 0
        while events[i].type != EV_END:
            e = events[i]
            name = e.id.string.decode("utf-8", "replace") if e.type == EV_PHONEME else ""
            self._events.append((e.type, e.sample, name, e.text_position))
            i += 1
        return 0

    def say(self, text, voice="cmn-latn-pinyin+m3", speed=150, pitch=45, prange=50):
        """-> (int16 samples at self.rate, [(event type, sample, phoneme, text pos)])"""
        if self.lib.espeak_SetVoiceByName(voice.encode()) != 0:
            raise RuntimeError("no such voice: " + voice)
        for k, v in ((RATE, speed), (PITCH, pitch), (RANGE, prange), (VOLUME, 80)):
            self.lib.espeak_SetParameter(k, int(v), 0)
        self._audio, self._events = [], []
        data = text.encode("utf-8")
        # position type 1 = character, flags: UTF-8 (1)
        self.lib.espeak_Synth(C.c_char_p(data), C.c_size_t(len(data) + 1), 0, 1, 0, 1, None, None)
        self.lib.espeak_Synchronize()
        wav = np.concatenate(self._audio) if self._audio else np.zeros(0, np.int16)
        return wav, self._events

    def phonemes(self, text, voice="cmn-latn-pinyin"):
        """espeak-ng's phoneme mnemonics for a text"""
        self.lib.espeak_SetVoiceByName(voice.encode())
        f = self.lib.espeak_TextToPhonemes
        f.restype = C.c_char_p
        p, out = C.c_char_p(text.encode("utf-8")), []
        while p.value:
            out.append(f(C.byref(p), 1, 0).decode("utf-8", "replace"))
        return " ".join(out)
