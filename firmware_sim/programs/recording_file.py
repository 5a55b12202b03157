"""Writes recordings, after docs/reference/recording-format.md; shares no code with the reader."""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from firmware_sim.sensor.link import Notification

FORMAT = "imurep-recording"
VERSION = 1
PROTOCOL = "open_imu"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingHeader:
    """First line of a recording."""

    session: str
    sensor: str
    utc: str
    """Wall clock at arrival zero, ISO 8601 with time zone."""


def recording_bytes(header: RecordingHeader, notifications: Iterable[Notification]) -> bytes:
    """Return gzipped JSON lines. Equal content gives equal bytes: gzip's header has no name and no time."""
    lines = [
        {
            "format": FORMAT,
            "version": VERSION,
            "session": header.session,
            "sensor": header.sensor,
            "protocol": PROTOCOL,
            "utc": header.utc,
        },
        {"t_us": 0, "link": "up", "reason": ""},
        *(
            {"t_us": one.arrival_us, "channel": one.channel, "hex": one.payload.hex()}
            for one in notifications
        ),
    ]
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=9, mtime=0) as stream:
        for line in lines:
            stream.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
    return packed.getvalue()


def write_recording(path: Path, header: RecordingHeader, notifications: Iterable[Notification]) -> None:
    """Write a recording; a file of that name is replaced."""
    path.write_bytes(recording_bytes(header, notifications))
