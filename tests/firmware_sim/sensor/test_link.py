"""Losses, gaps and jitter do what they say; read back with struct, by offsets of the format."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.person.random_streams import RandomStreams
from firmware_sim.sensor.clock import Clock
from firmware_sim.sensor.link import FIRST_INDEX, Gap, LinkConditions, samples_per_packet, transmit
from firmware_sim.sensor.measurement import Samples

if TYPE_CHECKING:
    from firmware_sim.sensor.link import Delivery

RATE_HZ = 104.0


@dataclass(frozen=True)
class Read:
    arrival_us: int
    flags: int
    sequence: int
    n: int
    index: int
    t_us: int


def sent(seconds: float, radio: LinkConditions, axes: int = 6, clock: Clock | None = None) -> Delivery:
    n = int(seconds * RATE_HZ)
    counts = np.arange(n * axes, dtype=np.int64).astype(np.int16).reshape(n, axes)
    samples = Samples(counts, np.zeros(n, dtype=np.bool_), 0.000244, 0.035 if axes == 6 else None)
    return transmit(samples, clock or Clock(nominal_hz=RATE_HZ), radio, RandomStreams(3))


def read(delivery: Delivery) -> list[Read]:
    found = []
    for one in delivery.notifications:
        if one.channel == "data":
            _, flags, _, _, sequence, n, _, index, t_us = struct.unpack_from("<BBBBHBBIQ", one.payload)
            found.append(Read(one.arrival_us, flags, sequence, n, index - FIRST_INDEX, t_us))
    return found


def test_the_recording_starts_with_the_terms_of_the_stream() -> None:
    first = sent(2.0, LinkConditions()).notifications[0]
    assert (first.arrival_us, first.channel) == (0, "control")
    assert first.payload[:3] == bytes([0x82, 1, 0])


@pytest.mark.parametrize(
    ("rate_hz", "axes", "expected"), [(26, 6, 5), (52, 6, 10), (104, 6, 18), (208, 3, 37)]
)
def test_batches_fill_latency_or_notification(rate_hz: int, axes: int, expected: int) -> None:
    assert samples_per_packet(LinkConditions(), rate_hz, axes) == expected


def test_without_loss_every_sample_arrives_once_in_order() -> None:
    got = read(sent(30.0, LinkConditions()))
    assert [packet.sequence for packet in got] == list(range(len(got)))
    indices = np.concatenate([packet.index + np.arange(packet.n) for packet in got])
    assert indices.tolist() == list(range(int(30 * RATE_HZ)))


def test_loss_has_its_size_and_comes_in_bursts() -> None:
    delivery = sent(3000.0, LinkConditions(loss_part=0.05, loss_burst=3.0))
    sequence = np.array([packet.sequence for packet in read(delivery)])
    missing = np.diff(sequence) - 1
    assert delivery.packets_lost == missing.sum()
    assert delivery.packets_lost / delivery.packets_sent == pytest.approx(0.05, abs=0.015)
    assert missing[missing > 0].mean() == pytest.approx(3.0, abs=0.5)


def test_a_gap_takes_its_packets_and_reports_it_by_sequence() -> None:
    got = read(sent(20.0, LinkConditions(gaps=(Gap(10.0, 2.0),))))
    (hole,) = [k for k in range(1, len(got)) if got[k].sequence != got[k - 1].sequence + 1]
    lost_s = (got[hole].index - got[hole - 1].index - got[hole - 1].n) / RATE_HZ
    assert 2.0 <= lost_s <= 2.0 + 2 * 18 / RATE_HZ
    assert got[hole].flags == 0


def test_an_overrun_shows_by_index_and_flag() -> None:
    delivery = sent(20.0, LinkConditions(overruns=(Gap(10.0, 0.5),)))
    got = read(delivery)
    assert [packet.sequence for packet in got] == list(range(len(got)))
    (hole,) = [k for k in range(1, len(got)) if got[k].index != got[k - 1].index + got[k - 1].n]
    assert got[hole].flags == 0x02
    assert got[hole].index - got[hole - 1].index - got[hole - 1].n == delivery.samples_overrun == 52


def test_jitter_delays_and_never_reorders() -> None:
    calm, nervous = (read(sent(600.0, LinkConditions(jitter_ms=ms))) for ms in (0.0, 30.0))
    extra_ms = np.array([b.arrival_us - a.arrival_us for a, b in zip(calm, nervous, strict=True)]) / 1000
    assert extra_ms.min() >= 0
    assert extra_ms.mean() == pytest.approx(30.0, rel=0.15)
    assert np.diff([packet.arrival_us for packet in nervous]).min() >= 0


@settings(max_examples=25)
@given(
    loss=st.floats(0, 0.5),
    at=st.floats(0, 9),
    seconds=st.floats(0.01, 5),
    interval=st.floats(7.5, 200),
    ppm=st.floats(-500, 500),
)
def test_nothing_arrives_before_it_was_sampled(
    loss: float, at: float, seconds: float, interval: float, ppm: float
) -> None:
    clock = Clock(nominal_hz=RATE_HZ, rate_error_part=0.01, clock_error_ppm=ppm)
    radio = LinkConditions(loss_part=loss, gaps=(Gap(at, seconds),), interval_ms=interval)
    for packet in read(sent(10.0, radio, clock=clock)):
        assert packet.arrival_us > (packet.index + packet.n - 1) / clock.rate_hz * 1e6
        assert packet.t_us == clock.stamp_us(np.array([packet.index / clock.rate_hz]))[0]


def test_a_gap_without_a_place_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="place"):
        sent(5.0, LinkConditions(gaps=(Gap(None, 1.0),)))
