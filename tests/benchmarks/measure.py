"""What is measured. Each ratio comes from repeats that take turns, and from the fastest of them."""

from __future__ import annotations

import gc
import os
import struct
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from vqf import VQF

import imurep
from imurep.counting.pipeline import Pipeline
from imurep.devices import decoder_for
from tests.benchmarks.hours import PACKET, RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imurep.events import Notification, Packet
    from tests.benchmarks.hours import Hour

_CHUNK = 64
"""Packets between two turns: VQF alone, then everything."""
LOST = 10
"""Packets that come late,"""
LATE_S = 60.0
"""by so much."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """Time that VQF takes alone, time of everything, in seconds."""

    bare_s: float
    whole_s: float

    @property
    def value(self) -> float:
        """How many times as long."""
        return self.whole_s / self.bare_s


def batch(hour: Hour, repeats: int) -> Ratio:
    """``imurep.analyze`` against VQF's batch update, over the same arrays."""
    bare_s, whole_s = [], []
    for _ in range(repeats):
        bare = VQF(1 / RATE_HZ)
        begin_s = time.perf_counter()
        bare.updateBatch(hour.gyr_rads, hour.acc_ms2)
        bare_s.append(time.perf_counter() - begin_s)
        begin_s = time.perf_counter()
        imurep.analyze(hour.time_us, hour.acc_ms2, hour.gyr_rads)
        whole_s.append(time.perf_counter() - begin_s)
    return Ratio(min(bare_s), min(whole_s))


@dataclass(frozen=True, slots=True)
class Live:
    """Seconds per packet."""

    mean: Ratio
    median_s: float
    slowest_s: float


def live(hour: Hour, repeats: int) -> Live:
    """``Pipeline.push`` of notifications, bytes to events, against VQF's batch update of 8 samples."""
    runs = [_live_run(hour) for _ in range(repeats)]
    whole_s = np.min([packets_s for packets_s, _ in runs], axis=0)
    bare_s = np.min([chunks_s for _, chunks_s in runs], axis=0)
    return Live(
        Ratio(float(bare_s.mean()) / _CHUNK, float(whole_s.mean())),
        float(np.median(whole_s)),
        float(whole_s.max()),
    )


def _live_run(hour: Hour) -> tuple[list[float], list[float]]:
    """Seconds of each packet, and of VQF over each chunk of as many."""
    pipeline, bare = Pipeline(decoder=decoder_for("open_imu")), VQF(1 / RATE_HZ)
    now = time.perf_counter
    first, *data = hour.notifications
    pipeline.push(first)
    packets_s, chunks_s = [], []
    for at in range(0, len(data) - _CHUNK + 1, _CHUNK):
        rows = [slice(row, row + PACKET) for row in range(at * PACKET, (at + _CHUNK) * PACKET, PACKET)]
        samples = [(hour.gyr_rads[row], hour.acc_ms2[row]) for row in rows]
        begin_s = now()
        for gyr_rads, acc_ms2 in samples:
            bare.updateBatch(gyr_rads, acc_ms2)
        chunks_s.append(now() - begin_s)
        for notification in data[at : at + _CHUNK]:
            begin_s = now()
            pipeline.push(notification)
            packets_s.append(now() - begin_s)
    return packets_s, chunks_s


@dataclass(frozen=True, slots=True)
class Rewind:
    """What it costs that packets come a minute late, in seconds."""

    copy_s: float
    """The push in which the gap is given up: the count is copied."""
    recount_s: float
    """The push of the last late packet: what came since is counted again."""


def rewind(hour: Hour, repeats: int) -> Rewind:
    """Lose ten packets in the middle of a session and send them again after 60 s more."""
    decoder = decoder_for("open_imu")
    packets = [packet for one in hour.notifications if (packet := decoder.feed(one)) is not None]
    packets = [replace(packet, resendable=True) for packet in packets]
    lost = len(packets) // 2
    back = lost + LOST + round(LATE_S * RATE_HZ / PACKET)
    runs = [_rewind_run(packets[:back], lost) for _ in range(repeats)]
    return Rewind(min(copy_s for copy_s, _ in runs), min(recount_s for _, recount_s in runs))


def _rewind_run(packets: Sequence[Packet], lost: int) -> tuple[float, float]:
    pipeline, now = Pipeline(), time.perf_counter
    for packet in packets[:lost]:
        pipeline.push(packet)
    copy_s = 0.0
    for packet in packets[lost + LOST :]:
        begin_s, waits = now(), pipeline.waiting
        pipeline.push(packet)
        if waits and not pipeline.waiting:
            copy_s = now() - begin_s
    arrival_us = packets[-1].arrival_us
    *late, last = (
        replace(packet, arrival_us=arrival_us, sequence=None, backfill=True)
        for packet in packets[lost : lost + LOST]
    )
    for packet in late:
        pipeline.push(packet)
    begin_s = now()
    pipeline.push(last)
    return copy_s, now() - begin_s


@dataclass(frozen=True, slots=True)
class HourOfDay:
    """How a day of streaming stands after one more hour."""

    packet_s: float
    """Processor time per packet."""
    memory_bytes: int
    """Resident memory at its end; 0 where the system does not tell."""


def day(hour: Hour, times: int) -> Iterator[HourOfDay]:
    """Stream an hour so many times over, as one session whose counters and clocks go on."""
    pipeline = Pipeline(decoder=decoder_for("open_imu"))
    first, *data = hour.notifications
    pipeline.push(first)
    for number in range(times):
        spent_s = 0.0
        for at in range(0, len(data), _CHUNK):
            moved = later(data[at : at + _CHUNK], Elapsed.over(data, number))
            begin_s = time.process_time()
            for notification in moved:
                pipeline.push(notification)
            spent_s += time.process_time() - begin_s
        gc.collect()
        yield HourOfDay(spent_s / len(data), _resident_bytes())


_COUNTERS = struct.Struct("<4xH2xIQ")  # of a Data notification: sequence, index, device time


def later(data: Sequence[Notification], by: Elapsed) -> list[Notification]:
    """Make Data notifications what they would be after more packets and time."""
    moved = []
    for one in data:
        sequence, index, time_us = _COUNTERS.unpack_from(one.payload)
        payload = bytearray(one.payload)
        struct.pack_into("<H", payload, 4, (sequence + by.packets) & 0xFFFF)
        struct.pack_into(
            "<IQ", payload, 8, (index + by.packets * PACKET) & 0xFFFFFFFF, time_us + by.device_us
        )
        arrival_us = one.arrival_us + by.device_us
        moved.append(replace(one, arrival_us=arrival_us, payload=bytes(payload)))
    return moved


@dataclass(frozen=True, slots=True)
class Elapsed:
    """How far a stream has come."""

    packets: int
    device_us: int

    @classmethod
    def over(cls, data: Sequence[Notification], times: int) -> Elapsed:
        """After these Data notifications came so many times, without a break."""
        first_us, last_us = (_COUNTERS.unpack_from(data[at].payload)[2] for at in (0, -1))
        return cls(len(data) * times, round((last_us - first_us) * len(data) / (len(data) - 1)) * times)


def _resident_bytes() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
