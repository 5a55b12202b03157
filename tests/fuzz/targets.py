"""What is fuzzed, and what must hold whatever the bytes."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from imurep.devices import KINDS
from imurep.devices.protocol import Disconnect, Read, StreamRequest, Subscribe, Write
from imurep.errors import PacketError, RecordingError
from imurep.events import Instruction, LinkEvent, Notification, Packet
from imurep.recording import open_recording
from tests.fuzz import scripts
from tests.fuzz.scripts import Act

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from imurep.devices.protocol import Step

STEPS = 16
"""More than this after one thing that happened is a loop."""


def decoder(script: bytes, protocol: str = "open_imu") -> None:
    """A packet, nothing, or PacketError."""
    decode = KINDS[protocol].decoder()
    now_us = 0
    for record in scripts.read(script):
        now_us += record.later_us
        try:
            packet = decode.feed(Notification(now_us, record.channel, record.payload))
        except PacketError:
            continue
        if packet is not None:
            values = [one for one in (packet.acc_ms2, packet.gyr_rads) if one is not None]
            assert len({one.shape for one in values}) == 1
            assert all(np.isfinite(one).all() and one.shape[1:] == (3,) for one in values)
            assert packet.acc_ms2 is not None or packet.apart


class _Radio:
    """Holds a conversation to its word."""

    def __init__(self, protocol: str) -> None:
        self.conversation = KINDS[protocol].conversation(StreamRequest())
        self.now_us = 0
        self.connected = False
        self.hung_up = False
        self.last: Step = Read("info")
        self.number = 0

    def play(self, record: scripts.Record) -> None:
        self.now_us += record.later_us
        talk = self.conversation
        match record.act:
            case Act.CONNECT:
                self.connected, self.hung_up = True, False
                self.check(talk.connected(self.now_us, 23 + len(record.payload)))
            case Act.DISCONNECT:
                talk.disconnected(self.now_us)
                self.connected = self.hung_up = False
                self.check(())
            case Act.STOP:
                self.check(talk.stop(self.now_us))
            case Act.WAKE:
                self.now_us = max(self.now_us, talk.wakes_us or 0)
                self.check(talk.wake(self.now_us))
            case Act.REFUSE:
                self.check(talk.refused(self.last, record.payload.hex(), self.now_us))
            case _:
                self.check(talk.feed(Notification(self.now_us, record.channel, self.answering(record))))

    def answering(self, record: scripts.Record) -> bytes:
        """With the number of the last request, as a sensor would, when it says 0xff."""
        payload = bytearray(record.payload)
        if record.channel == "control" and payload[1:2] == b"\xff":
            payload[1] = self.number
        return bytes(payload)

    def check(self, steps: Sequence[Step]) -> None:
        assert len(steps) <= STEPS
        assert all(isinstance(step, Subscribe | Read | Write | Disconnect) for step in steps)
        assert not any(isinstance(step, Disconnect) for step in steps[:-1])
        assert not (steps and self.hung_up)
        if not self.connected:
            assert all(step == Disconnect() for step in steps)
        for step in steps:
            self.last = step
            if isinstance(step, Disconnect):
                self.hung_up = self.connected
                assert "\n" not in step.problem
            elif isinstance(step, Write) and step.channel == "control":
                self.number = step.payload[1]
        talk = self.conversation
        assert talk.wakes_us is None or talk.wakes_us > self.now_us
        assert (talk.wakes_us is not None) == (self.connected and not self.hung_up)
        assert self.connected or not talk.streaming


def conversation(script: bytes, protocol: str = "open_imu") -> None:
    """Steps, never an exception; something is always due in the future, as long as it is connected."""
    radio = _Radio(protocol)
    for record in scripts.read(script):
        radio.play(record)


def recording(content: bytes) -> None:
    """Items, or RecordingError."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        try:
            for item in open_recording(Path(file.name)):
                assert isinstance(item, Notification | LinkEvent | Instruction | Packet)
        except RecordingError:
            pass


_NOTED = (
    b'{"format":"imurep-recording","version":1,"session":"a","sensor":"b","protocol":"open_imu","utc":null}\n'
    b'{"t_us":0,"link":"up"}\n{"t_us":1,"channel":"data","hex":"10 00"}\n'
    b'{"t_us":2,"channel":"x","base64":"AA=="}\n'
)
_TABLE = b"t_s,acc_x_g,acc_y_g,acc_z_g,gyr_x_dps,gyr_y_dps,gyr_z_dps\n0.0,1,0,-0.5,1,2,3\n0.01,1,,0,1,2,nan\n"

TARGETS: dict[str, tuple[Callable[[bytes], None], Callable[[], list[bytes]]]] = {
    "decoder": (decoder, scripts.seeds),
    "conversation": (conversation, scripts.seeds),
    "recording": (recording, lambda: [_NOTED, _TABLE]),
    **{
        f"{protocol}-{run.__name__}": (
            partial(run, protocol=protocol),
            partial(scripts.foreign_seeds, protocol),
        )
        for protocol in scripts.FOREIGN
        for run in (decoder, conversation)
    },
}
"""What runs, and from what it starts."""
