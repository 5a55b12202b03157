"""A recording onto disk: docs/reference/recording-format.md, written without a line of the reader's code."""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from firmware_sim.sensor.link import Notified

FORMAT = "imurep-recording"
VERSION = 1
PROTOCOL = "open_imu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a recording says of itself."""

    session: str
    sensor: str
    utc: str
    """Wall clock at arrival zero, ISO 8601 with time zone."""


def recording_bytes(heading: Heading, notifications: Iterable[Notified]) -> bytes:
    """JSON lines, gzipped. The same content gives the same bytes: no file name, no time in gzip's header."""
    lines = [
        {
            "format": FORMAT,
            "version": VERSION,
            "session": heading.session,
            "sensor": heading.sensor,
            "protocol": PROTOCOL,
            "utc": heading.utc,
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


def write_recording(path: Path, heading: Heading, notifications: Iterable[Notified]) -> None:
    """Write a recording, over an older one of that name."""
    path.write_bytes(recording_bytes(heading, notifications))
