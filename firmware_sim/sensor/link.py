"""From samples to notifications: FIFO batches, a queue, losses, gaps, and when each one arrives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.sensor import control, packets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware_sim.person.random_streams import RandomStreams
    from firmware_sim.sensor.clock import Clock
    from firmware_sim.sensor.measurement import Samples

MTU = 247
REQUEST = 1
"""Number of the START that a recording begins with the answer to."""
STREAM = 1
FIRST_INDEX = 1000
"""Index of the first sample; the sensor sampled before the recording."""
QUEUE_S = 0.004
"""From the FIFO's watermark to the radio's queue; own estimate."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A hole in the data."""

    start_s: float | None
    """None: amid the first set."""
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkConditions:
    """The link and its faults."""

    latency_ms: float = 200.0
    """Longest time that a sample waits for its packet to be full."""
    interval_ms: float = 45.0
    """Connection interval: packets arrive at its events. 30-50 ms on phones and BlueZ."""
    jitter_ms: float = 3.0
    """Mean of the exponential delay of the host on top of that."""
    loss_part: float = 0.0
    """Fraction of the packets that the sensor's full queue drops, in bursts. (The link layer itself repeats
    until a packet is through.)"""
    loss_burst: float = 3.0
    """Mean length of a burst in packets."""
    gaps: tuple[Gap, ...] = ()
    """Stretches whose packets are lost on the link."""
    overruns: tuple[Gap, ...] = ()
    """Stretches whose samples the sensor itself lost."""


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification on its way into a recording."""

    arrival_us: int
    channel: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """All notifications, and what was lost."""

    notifications: list[Notification]
    packets_sent: int
    packets_lost: int
    samples_overrun: int


def samples_per_packet(radio: LinkConditions, rate_hz: float, axes: int) -> int:
    """As many as the latency allows and the notification holds."""
    fit = packets.samples_that_fit(MTU, axes)
    return max(1, min(fit, int(radio.latency_ms / 1000 * rate_hz)))


def transmit(samples: Samples, clock: Clock, radio: LinkConditions, streams: RandomStreams) -> Delivery:
    """Pack, lose and deliver. Arrival times count true microseconds from the first sample."""
    n, axes = samples.counts.shape
    t_s = np.arange(n) / clock.rate_hz
    stamps_us = clock.stamp_us(t_s)
    size = samples_per_packet(radio, clock.nominal_hz, axes)
    gyroscope = samples.gyr_dps_per_lsb is not None
    layout = packets.LAYOUT_ACC | (packets.LAYOUT_GYR if gyroscope else 0)

    batches, overrun = _batches(t_s, size, radio.overruns)
    first = np.array([batch[0] for batch in batches])
    last = np.array([batch[-1] for batch in batches])
    dropped = _dropped(first.size, radio, streams.named("loss"))
    lost = dropped | _out_of_reach(t_s[first], t_s[last], radio)
    arrivals_us = _arrivals_us(t_s[last], radio, streams.named("arrival"))
    terms = control.Terms(
        rate_mhz=round(clock.nominal_hz * 1000),
        layout=layout,
        stream=STREAM,
        acc_g_per_lsb=samples.acc_g_per_lsb,
        gyr_dps_per_lsb=samples.gyr_dps_per_lsb,
        samples_per_packet=size,
        first_index=FIRST_INDEX,
    )
    started = control.response(
        control.Operation.START, REQUEST, control.Status.DONE, control.terms_body(terms)
    )
    sent = [Notification(0, "control", started)]
    for sequence, batch in enumerate(batches):
        if lost[sequence]:
            continue
        flags = packets.FLAG_CLIPPED if samples.clipped[batch].any() else 0
        if sequence > 0 and batch[0] != batches[sequence - 1][-1] + 1:
            flags |= packets.FLAG_OVERRUN
        if sequence > 0 and dropped[sequence - 1]:
            flags |= packets.FLAG_QUEUE_DROPPED
        header = packets.DataHeader(
            stream=STREAM,
            layout=layout,
            sequence=sequence,
            index=FIRST_INDEX + int(batch[0]),
            t_us=int(stamps_us[batch[0]]),
            flags=flags,
        )
        payload = packets.data_payload(header, samples.counts[batch])
        sent.append(Notification(int(arrivals_us[sequence]), "data", payload))
    return Delivery(sent, len(batches), int(lost.sum()), overrun)


def _batches(
    t_s: NDArray[np.float64], size: int, overruns: tuple[Gap, ...]
) -> tuple[list[NDArray[np.intp]], int]:
    """Sample numbers of each packet; an overrun ends one packet and starts the next."""
    kept = np.ones(t_s.size, dtype=np.bool_)
    for gap in overruns:
        kept &= ~_within(gap, t_s, t_s)
    numbers = np.flatnonzero(kept)
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    batches = [run[at : at + size] for run in runs for at in range(0, run.size, size)]
    return batches, int(t_s.size - numbers.size)


def _dropped(n: int, radio: LinkConditions, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Two states, good and bad (Gilbert 1960); the first packet always goes through."""
    dropped = np.zeros(n, dtype=np.bool_)
    if radio.loss_part > 0:
        leave = 1.0 / radio.loss_burst
        enter = leave * radio.loss_part / (1.0 - radio.loss_part)
        bad = False
        for k, draw in enumerate(rng.random(n)):  # a chain of states: each packet depends on the one before
            bad = draw >= leave if bad else draw < enter
            dropped[k] = bad
        dropped[0] = False
    return dropped


def _out_of_reach(
    start_s: NDArray[np.float64], end_s: NDArray[np.float64], radio: LinkConditions
) -> NDArray[np.bool_]:
    lost = np.zeros(start_s.size, dtype=np.bool_)
    for gap in radio.gaps:
        lost |= _within(gap, start_s, end_s)
    return lost


def _arrivals_us(
    ready_s: NDArray[np.float64], radio: LinkConditions, rng: np.random.Generator
) -> NDArray[np.int64]:
    """At the first connection event after a packet is ready, plus jitter, never out of order."""
    interval_s = radio.interval_ms / 1000
    event_s = np.ceil((ready_s + QUEUE_S + rng.uniform(0, interval_s)) / interval_s) * interval_s
    arrival_s = np.maximum.accumulate(event_s + rng.exponential(radio.jitter_ms / 1000, ready_s.size))
    return np.rint(arrival_s * 1e6).astype(np.int64)


def _within(gap: Gap, start_s: NDArray[np.float64], end_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether any of [start_s, end_s] falls into a gap. Raises ValueError for a gap that was never placed."""
    if gap.start_s is None:
        msg = "a gap has no place; give its start"
        raise ValueError(msg)
    touched: NDArray[np.bool_] = (end_s >= gap.start_s) & (start_s < gap.start_s + gap.seconds)
    return touched
