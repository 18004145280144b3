"""How does a Python process become a telephone?  pjsua2, the only module that knows it.

Rules that keep it alive: no worker thread (every callback runs inside `pump`), a reference to each call until it is
disconnected, and everything dropped before the library is destroyed.  The PyPI build carries four calls a process.
"""

import atexit
import contextlib
import ctypes
import os
import socket
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pjsua2 as pj

CALLS = 4  # per process, compiled into the PyPI build
CLOCK = 8000  # Hz


def silent_file() -> Path:
    """A second of silence as a WAV, made once per process."""
    file = Path(tempfile.gettempdir()) / f"silence-{os.getpid()}.wav"
    if not file.exists():
        with wave.open(str(file), "wb") as w:
            w.setparams((1, 2, CLOCK, 0, "NONE", ""))
            w.writeframes(bytes(2 * CLOCK))
        atexit.register(file.unlink, missing_ok=True)
    return file


def free_port(address: str) -> int:
    """A UDP port nobody uses on that address just now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((address, 0))
        return int(s.getsockname()[1])


class PutDown(Exception):
    """Whoever holds this telephone puts the receiver down."""


class Softphone(pj.Account):  # type: ignore[misc]
    """One telephone with one number; incoming calls go to `on_ring`."""

    def __init__(self, endpoint: pj.Endpoint, number: str, address: str) -> None:
        super().__init__()
        self._endpoint = endpoint
        self.on_ring: Callable[[Call], None] | None = None
        self.put_down: Callable[[], bool] = lambda: False
        self.calls: list[Call] = []
        config = pj.AccountConfig()
        config.idUri = f"sip:{number}@{address}"
        config.regConfig.registerOnAdd = False
        media = config.mediaConfig.transportConfig
        media.boundAddress = media.publicAddress = address
        media.port = 10000 + os.getpid() % 4000 * 12  # its own range: strays of another process's call are not heard
        config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
        self.create(config, True)

    def onIncomingCall(self, prm: pj.OnIncomingCallParam) -> None:
        call = Call(self, prm.callId)
        call.invite = prm.rdata.wholeMsg
        self.calls.append(call)
        if self.on_ring is not None:
            self.on_ring(call)

    def dial(self, uri: str) -> "Call":
        call = Call(self)
        self.calls.append(call)
        param = pj.CallOpParam(True)
        param.opt.audioCount, param.opt.videoCount = 1, 0
        call.dialled = time.monotonic()
        call.makeCall(uri, param)
        return call

    def hang_up(self) -> None:
        """End every call."""
        for call in self.calls:
            call.bye()

    def pump(self, seconds: float, until: Callable[[], object] | None = None, step: int = 10) -> bool:
        """Let the telephone live for that long, or until something is so; whether it is.  PutDown when that happens.

        step: ms between looks.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.put_down():
                raise PutDown
            if until is not None and until():
                return True
            self._endpoint.libHandleEvents(step)
        return bool(until is not None and until())


class Call(pj.Call):  # type: ignore[misc]
    """One call.  Keep it until `done`."""

    def __init__(self, account: Softphone, call_id: int = -1) -> None:
        super().__init__(account, call_id)
        self.invite = ""
        self.done = False
        self.code = 0
        self.dialled = 0.0
        self.confirmed: float | None = None
        self.digits = ""
        self.heard: Path | None = None
        self.said: Path | None = None
        self._audio: pj.AudioMedia | None = None
        self._player: pj.AudioMediaPlayer | None = None
        self._heard_into: pj.AudioMediaRecorder | None = None
        self._said_into: pj.AudioMediaRecorder | None = None
        self._silence: pj.AudioMediaPlayer | None = None

    def record(self, heard: Path, said: Path) -> None:
        """Record both sides on one clock from the moment there is sound: sample n of both files is the same instant."""
        self.heard, self.said = heard, said

    def onCallState(self, prm: pj.OnCallStateParam) -> None:  # noqa: ARG002 - pjsua2's signature
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self.confirmed = time.monotonic()
        if info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.code = info.lastStatusCode
            # closes the files
            self._player = self._silence = self._heard_into = self._said_into = self._audio = None
            self.done = True

    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:  # noqa: ARG002 - pjsua2's signature
        info = self.getInfo()  # kept: its list of media dies with it
        for number, media in enumerate(info.media):
            if media.type != pj.PJMEDIA_TYPE_AUDIO or media.status != pj.PJSUA_CALL_MEDIA_ACTIVE:
                continue
            self._audio = self.getAudioMedia(number)
            if self.heard is not None and self._heard_into is None:
                self._heard_into = pj.AudioMediaRecorder()
                self._heard_into.createRecorder(str(self.heard))
                self._audio.startTransmit(self._heard_into)
                # a recorder runs only while it has a source: endless silence keeps both in step
                self._said_into = pj.AudioMediaRecorder()
                self._said_into.createRecorder(str(self.said))
                self._silence = pj.AudioMediaPlayer()
                self._silence.createPlayer(str(silent_file()), 0)
                self._silence.startTransmit(self._said_into)

    @property
    def has_sound(self) -> bool:
        return self._audio is not None

    def play(self, file: Path, *, loop: bool = False) -> None:
        """Speak a WAV file (8 kHz, 16 bit, mono)."""
        self.hush()
        self._player = pj.AudioMediaPlayer()
        self._player.createPlayer(str(file), 0 if loop else pj.PJMEDIA_FILE_NO_LOOP)
        self._player.startTransmit(self._audio)
        if self._said_into is not None:
            self._player.startTransmit(self._said_into)

    def level(self) -> int:
        """How loud the other side is just now, 0..255; speech at -20 dBFS swings between 2 and 35."""
        # "Tx" is the bridge's view: what the call's port transmits into it
        return 0 if self._audio is None else int(self._audio.getTxLevel())

    def hush(self) -> None:
        """Stop speaking."""
        self._player = None

    def onDtmfDigit(self, prm: pj.OnDtmfDigitParam) -> None:
        self.digits += prm.digit

    def ring(self) -> None:
        self._answer(180)

    def take(self) -> None:
        self._answer(200)

    def refuse(self, code: int) -> None:
        self._answer(code)

    def _answer(self, code: int) -> None:
        param = pj.CallOpParam()
        param.statusCode = code
        self.answer(param)

    def press(self, digits: str) -> None:
        self.dialDtmf(digits)

    def bye(self) -> None:
        if not self.done:
            with contextlib.suppress(pj.Error):
                self.hangup(pj.CallOpParam(True))


@contextlib.contextmanager
def silenced() -> Iterator[None]:
    """The library greets on standard output before it can be told not to; a caller's JSON must stay JSON."""
    sys.stdout.flush()
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        ctypes.CDLL(None).fflush(None)  # into a pipe C keeps the greeting back, and would say it later
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


@contextlib.contextmanager
def softphone(number: str, address: str = "127.0.0.2", port: int = 0) -> Iterator[Softphone]:
    """A telephone on that loopback address; all calls are ended and the library destroyed on the way out."""
    endpoint = pj.Endpoint()
    with silenced():
        endpoint.libCreate()
    config = pj.EpConfig()
    config.logConfig.level = config.logConfig.consoleLevel = 0
    config.uaConfig.threadCnt, config.uaConfig.mainThreadOnly = 0, True
    config.uaConfig.maxCalls = CALLS
    media = config.medConfig
    media.clockRate = media.sndClockRate = CLOCK
    media.channelCount, media.noVad, media.ecTailLen, media.threadCnt = 1, True, 0, 1
    # as little buffering as possible: the recordings show when sound arrived
    media.jbInit = media.jbMinPre = 0
    media.jbMaxPre, media.jbMax = 2, 50
    endpoint.libInit(config)
    transport = pj.TransportConfig()
    transport.port, transport.boundAddress, transport.publicAddress = port, address, address
    endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    for codec in endpoint.codecEnum2():
        priority = {"PCMA/8000": 200, "PCMU/8000": 100}.get(codec.codecId[:9], 0)
        endpoint.codecSetPriority(codec.codecId, priority)
    phone = Softphone(endpoint, number, address)
    try:
        yield phone
    finally:
        phone.hang_up()
        phone.pump(3, lambda: all(call.done for call in phone.calls))
        phone.pump(0.3)  # the recordings are finished a tick later by the bridge's own thread
        phone.calls.clear()
        phone.on_ring = None
        phone.shutdown()
        endpoint.libDestroy()
