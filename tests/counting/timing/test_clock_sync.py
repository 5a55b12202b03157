from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from imurep.counting.timing.clock_sync import SessionClock
from imurep.counting.timing.timing_params import ClockSyncParams

PACKET_S = 18 / 104.5


@dataclass(frozen=True)
class Seen:
    """How far the session's clock is off at some true times (s)."""

    at_s: np.ndarray[tuple[int], np.dtype[np.float64]]
    offset_ms: np.ndarray[tuple[int], np.dtype[np.float64]]
    """Against what it was when the clock began to follow."""
    rate_ppm: np.ndarray[tuple[int], np.dtype[np.float64]]

    def offset_after(self, seconds: float) -> float:
        return float(np.abs(self.offset_ms[self.at_s >= seconds]).max())

    def rate_after(self, seconds: float) -> float:
        return float(np.abs(self.rate_ppm[self.at_s >= seconds]).max())


def run(
    *, ppm: float, jitter_ms: float, loss: float, seed: int, seconds: float = 240.0, stalls: bool = False
) -> Seen:
    """A sensor over a link with events each 45 ms, of which a part is lost, and a host that dawdles."""
    rng = np.random.default_rng(seed)
    ready_s = np.arange(PACKET_S, seconds, PACKET_S)
    events = (
        np.ceil((ready_s + 0.004 + rng.uniform(0, 0.045)) / 0.045) + rng.geometric(1 - loss, ready_s.size) - 1
    )
    arrival_s = events * 0.045 + rng.exponential(jitter_ms / 1000, ready_s.size)
    if stalls:
        arrival_s += np.where(rng.random(ready_s.size) < 0.003, rng.uniform(0.5, 4, ready_s.size), 0)
    arrival_s = np.maximum.accumulate(arrival_s)
    device_us = np.rint(ready_s * 1e6 * (1 + ppm * 1e-6)).astype(np.int64) + 5 * 10**12
    clock = SessionClock(ClockSyncParams())
    clock.start(0, int(device_us[0]), round(arrival_s[0] * 1e6))
    offset_ms, rate_ppm = [], []
    for true_s, device, arrived_s in zip(ready_s, device_us.tolist(), arrival_s, strict=True):
        session_us = clock.session_us + clock.rate * (device - clock.device_us)
        offset_ms.append(session_us / 1e3 - true_s * 1e3)
        rate_ppm.append((clock.rate * (1 + ppm * 1e-6) - 1) * 1e6)
        clock.update(device, round(arrived_s * 1e6))
    offsets_ms = np.array(offset_ms)
    return Seen(ready_s, offsets_ms - offsets_ms[np.searchsorted(ready_s, 32)], np.array(rate_ppm))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("ppm", [0.0, 20.0, -500.0, 500.0])
@pytest.mark.parametrize(
    ("jitter_ms", "loss", "offset_ms", "rate_ppm"),
    [(3.0, 0.0, (7, 7), (505, 120)), (20.0, 0.2, (20, 15), (800, 250))],
    ids=["quiet", "busy"],
)
def test_it_finds_the_line_under_the_arrivals(
    *,
    ppm: float,
    jitter_ms: float,
    loss: float,
    offset_ms: tuple[float, float],
    rate_ppm: tuple[float, float],
    seed: int,
) -> None:
    seen = run(ppm=ppm, jitter_ms=jitter_ms, loss=loss, seed=seed)
    assert seen.offset_after(30) < offset_ms[0]
    assert seen.offset_after(120) < offset_ms[1]
    assert seen.rate_after(30) < rate_ppm[0]
    assert seen.rate_after(120) < rate_ppm[1]


@pytest.mark.parametrize("ppm", [-7000.0, 7000.0])
def test_a_clock_that_is_far_off_is_caught_up_with(ppm: float) -> None:
    seen = run(ppm=ppm, jitter_ms=3.0, loss=0.0, seed=1, seconds=900)
    assert seen.offset_after(0) < 300, "not 6 s"
    assert seen.offset_after(32) < 50
    assert seen.rate_after(60) < 400


def test_stalls_do_not_move_it() -> None:
    steady = run(ppm=20, jitter_ms=3, loss=0, seed=2)
    stalled = run(ppm=20, jitter_ms=3, loss=0, seed=2, stalls=True)
    assert stalled.offset_after(60) < steady.offset_after(60) + 25
    assert stalled.rate_after(60) < 1000


@pytest.mark.parametrize("late_s", [0.3, 5.0, 20.0])
def test_a_first_packet_from_a_backlog_bends_no_time(late_s: float) -> None:
    """All that waited comes at once; the time since the first sample stays right."""
    clock = SessionClock(ClockSyncParams())
    clock.start(0, 0, round(late_s * 1e6))
    for device_us in range(0, 300_000_000, 100_000):
        clock.update(device_us, max(device_us + 20_000, round(late_s * 1e6)))
        assert clock.rate == pytest.approx(1.0, abs=1e-3)
    assert clock.session_us - clock.device_us == pytest.approx(late_s * 1e6, abs=20e3)


def test_time_never_goes_back_or_jumps() -> None:
    rng = np.random.default_rng(4)
    clock = SessionClock(ClockSyncParams())
    clock.start(0, 0, 500_000)
    before_us, rate = 500_000.0, 1.0
    for device_us in range(100_000, 400_000_000, 100_000):
        session_us = clock.session_us + clock.rate * (device_us - clock.device_us)
        assert session_us - before_us == pytest.approx(
            100_000 * clock.rate, abs=1.0 + 1e5 * abs(clock.rate - rate)
        )
        before_us, rate = session_us, clock.rate
        clock.update(device_us, device_us + round(rng.exponential(50_000)))


def test_a_new_stream_starts_at_its_arrival_and_keeps_the_drift() -> None:
    clock = SessionClock(ClockSyncParams())
    clock.start(0, 0, 0)
    for device_us in range(0, 200_000_000, 100_000):
        clock.update(device_us, round(device_us * 1.0005))
    drift = clock.rate
    assert drift == pytest.approx(1.0005, abs=3e-5)
    clock.start(1, 7, 400_000_000)
    assert (clock.device_us, clock.session_us) == (7, 400_000_000)
    assert clock.rate == pytest.approx(drift, abs=3e-5)


def test_streams_of_one_device_share_it() -> None:
    clock = SessionClock(ClockSyncParams())
    clock.start(0, 1_000_000, 50_000)
    clock.start(0, 1_040_000, 120_000)
    assert (clock.device_us, clock.session_us) == (1_000_000, 50_000)
    clock.start(0, 1_000_000, 9_000_000)
    assert clock.session_us == 9_000_000, "unless they contradict each other"
