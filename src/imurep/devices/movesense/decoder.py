"""Decoder of Movesense sensors: notifications in, packets out.

The number of samples in a message gives the rate, and the time of the first one
shows what is missing, so answers are not needed. A message in parts is
given when its last part is there; one whose rest does not come is malformed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from imurep.devices.movesense import wire
from imurep.devices.movesense.wire import MessageType
from imurep.errors import PacketError
from imurep.events import Packet

if TYPE_CHECKING:
    from imurep.events import Notification

_SILENT_CHANNELS = {"battery"}
_STATUS_BYTES = 4
_LONGEST = 1024
"""Bytes that parts may add up to; a message at 208 Hz has 388."""


def anonymous(notification: Notification) -> Notification | None:
    """Leave out answers that are more than a status: that to HELLO has the serial number and the address."""
    payload = notification.payload
    if (
        notification.channel == "data"
        and payload[:1] == bytes([MessageType.ANSWER])
        and len(payload) > _STATUS_BYTES
    ):
        return None
    return notification


class MovesenseDecoder:
    """Decodes one session. Channels: ``data`` (answers, too) and ``battery``."""

    def __init__(self) -> None:
        self._part: tuple[int, bytes] | None = None
        """Reference and beginning of a message whose rest is to come."""
        self._batch = 0
        self._stream = -1

    def feed(self, notification: Notification) -> Packet | None:
        """Decode one notification; None for an answer, and for a part that is not the last.

        Raises PacketError for one that breaks the format, and for a part without its beginning or rest.
        """
        if notification.channel == "data":
            message = wire.parse(notification.payload)
            return (
                None if message.type is MessageType.ANSWER else self._data(message, notification.arrival_us)
            )
        if notification.channel not in _SILENT_CHANNELS:
            msg = f"channel {notification.channel!r} is not part of this protocol"
            raise PacketError(msg)
        return None

    def _data(self, message: wire.MovesenseMessage, arrival_us: int) -> Packet | None:
        part, self._part = self._part, None
        data = message.body
        if message.type is MessageType.DATA_MORE:
            if part is None or part[0] != message.reference:
                msg = "the rest of a message whose beginning did not come"
                raise PacketError(msg)
            data = part[1] + data
        if wire.is_whole(data):
            return self._packet(wire.parse_samples(data), arrival_us)
        if len(data) > _LONGEST:
            msg = f"a message of {len(data)} bytes that is no whole samples"
            raise PacketError(msg)
        self._part = message.reference, data
        if message.type is MessageType.DATA and part is not None:
            msg = "the rest of the message before did not come"
            raise PacketError(msg)
        return None

    def _packet(self, samples: wire.Imu6Message, arrival_us: int) -> Packet:
        if len(samples.acc_ms2) != self._batch:
            self._batch = len(samples.acc_ms2)
            self._stream += 1
        return Packet(
            arrival_us=arrival_us,
            acc_ms2=samples.acc_ms2,
            gyr_rads=np.radians(samples.gyr_dps),
            rate_hz=float(wire.BATCH_HZ * self._batch),
            stream=self._stream,
            time_us=samples.first_ms * 1000,
        )
