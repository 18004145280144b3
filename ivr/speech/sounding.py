"""Does somebody speak in these 20 ms?"""

import numpy as np
import webrtcvad
from numpy.typing import NDArray

RATE = 8000
FLOOR_START = 60.0  # RMS of 32767; a quiet line
FLOOR_LIMIT = 1500.0  # RMS; louder than that is not a background
ABOVE_FLOOR = 2.2  # times the floor (7 dB)
LEAST = 110.0  # RMS, about -49 dBFS; softer than that no telephone speech was found
OVER_ROBOT = 2.0  # while the robot speaks its echo may come back: that much louder than usual
FALL, RISE = 0.2, 0.01  # how fast the floor follows downwards and upwards, per frame


class Sounding:
    """Level above the line's own floor and the shape of speech (WebRTC's detector), both needed."""

    def __init__(self) -> None:
        self._floor = FLOOR_START
        self._shape = webrtcvad.Vad(2)

    def __call__(self, frame: NDArray[np.int16], robot_speaks: bool = False) -> bool:
        """frame: 160 samples at 8 kHz."""
        samples = frame.astype(np.float32)
        level = float(np.sqrt(np.dot(samples, samples) / max(1, len(samples))))
        needed = max(LEAST, self._floor * ABOVE_FLOOR) * (OVER_ROBOT if robot_speaks else 1.0)
        loud = level > needed
        shaped = loud and self._shape.is_speech(frame.tobytes(), RATE)
        if not shaped:
            step = FALL if level < self._floor else RISE
            self._floor = min(FLOOR_LIMIT, self._floor + (level - self._floor) * step)
        return shaped
