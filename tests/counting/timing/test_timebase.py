from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imurep.counting.timing.timebase import Timebase
from imurep.counting.timing.timing_params import RateParams, SensorJoinParams, TimestampParams, TimingParams
from imurep.errors import ConfigError, PacketError
from imurep.events import Gap, ImuBlock, Packet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

PERIOD_US = 1e6 / 104


@dataclass(frozen=True)
class Result:
    """All blocks in one."""

    time_us: NDArray[np.int64]
    acc_ms2: NDArray[np.float64]
    gyr_rads: NDArray[np.float64] | None
    rate_hz: NDArray[np.float64]
    gaps: list[Gap]
    blocks: int

    def same_as(self, other: Result) -> bool:
        return (
            self.gaps == other.gaps
            and np.array_equal(self.time_us, other.time_us)
            and np.array_equal(self.acc_ms2, other.acc_ms2)
            and np.array_equal(self.rate_hz, other.rate_hz)
            and (self.gyr_rads is None) == (other.gyr_rads is None)
            and (
                self.gyr_rads is None
                or other.gyr_rads is None
                or np.array_equal(self.gyr_rads, other.gyr_rads)
            )
        )


def result_of(items: Iterable[ImuBlock | Gap]) -> Result:
    """Put together what came out, having checked what always holds."""
    items = list(items)
    blocks = [item for item in items if isinstance(item, ImuBlock)]
    gaps = [item for item in items if isinstance(item, Gap)]
    for before, after in pairwise(items):
        if isinstance(after, Gap):
            assert isinstance(before, ImuBlock), "a gap lies between samples"
            assert before.time_us[-1] < after.start_us < after.end_us
        elif isinstance(before, Gap):
            assert after.time_us[0] == before.end_us or after.rate_hz > 100, "later only when thinned"
            assert after.time_us[0] >= before.end_us
    if not blocks:
        return Result(np.empty(0, np.int64), np.empty((0, 3)), None, np.empty(0), gaps, 0)
    for block in blocks:
        assert block.time_us.dtype == np.int64
        assert len(block.time_us) == len(block.acc_ms2) > 0
        assert block.gyr_rads is None or block.gyr_rads.shape == block.acc_ms2.shape
    gyr_rads = [block.gyr_rads for block in blocks if block.gyr_rads is not None]
    result = Result(
        np.concatenate([block.time_us for block in blocks]),
        np.concatenate([block.acc_ms2 for block in blocks]),
        np.concatenate(gyr_rads) if gyr_rads else None,
        np.concatenate([np.full(len(block.time_us), block.rate_hz) for block in blocks]),
        gaps,
        len(blocks),
    )
    assert (np.diff(result.time_us) > 0).all()
    return result


def through(timebase: Timebase, packets: Iterable[Packet]) -> Result:
    items: list[ImuBlock | Gap] = []
    for packet in packets:
        items += timebase.push(packet)
    return result_of(items + timebase.flush())


def numbered(n: int) -> NDArray[np.float64]:
    """Values that tell which sample they are."""
    return np.arange(n * 3, dtype=np.float64).reshape(n, 3)


def stamped(
    stamps_us: NDArray[np.int64] | list[int], cuts: Iterable[int] = (), *, gyro: bool = False
) -> list[Packet]:
    stamps = np.asarray(stamps_us, dtype=np.int64)
    values = numbered(len(stamps))
    return [
        Packet(
            arrival_us=int(part[0]),
            acc_ms2=values[first:end],
            gyr_rads=-values[first:end] if gyro else None,
            stamps_us=part,
        )
        for first, end in pairwise([0, *sorted(cuts), len(stamps)])
        if len(part := stamps[first:end])
    ]


def even(n: int, period_us: float = PERIOD_US) -> NDArray[np.int64]:
    return np.asarray(np.rint(np.arange(n) * period_us), dtype=np.int64)


def on_a_grid(n: int, period_us: float, grid_us: float, seed: int = 1) -> NDArray[np.int64]:
    """Samples stamped at the next connection event of a radio, a bit jittered: as in flextail."""
    jitter_us = np.random.default_rng(seed).integers(0, 3000, n)
    return np.asarray(np.ceil(np.arange(n) * period_us / grid_us) * grid_us + jitter_us).astype(np.int64)


# Stamped samples


def test_even_stamps_are_kept() -> None:
    stamps = even(5000)
    result = through(Timebase(), stamped(stamps, gyro=True))
    assert np.array_equal(result.time_us, stamps)
    assert np.array_equal(result.acc_ms2, numbered(5000))
    assert result.gyr_rads is not None
    assert np.array_equal(result.gyr_rads, -numbered(5000))
    assert result.gaps == []
    np.testing.assert_allclose(result.rate_hz, 104, rtol=2e-5)
    assert result.blocks < 10


@pytest.mark.parametrize("rate_hz", [10.0, 25.0, 52.08, 100.0, 104.0, 208.0, 250.0])
def test_stamps_rounded_to_milliseconds_are_kept(rate_hz: float) -> None:
    stamps = np.rint(np.arange(2000) * 1e3 / rate_hz).astype(np.int64) * 1000
    result = through(Timebase(), stamped(stamps))
    assert np.array_equal(result.time_us, stamps)
    np.testing.assert_allclose(result.rate_hz[0], rate_hz, rtol=0.006)
    np.testing.assert_allclose(result.rate_hz[-1], rate_hz, rtol=0.001)


def test_stamps_on_the_grid_of_the_radio_are_spread_evenly() -> None:
    period_us = 40_900.0
    stamps = on_a_grid(1000, period_us, 30_000.0)
    result = through(Timebase(), stamped(stamps))
    assert result.gaps == []
    spacing = np.diff(result.time_us)
    assert np.abs(spacing - period_us).max() < 0.03 * period_us
    assert np.abs(result.time_us - stamps).max() < 1.5 * period_us
    np.testing.assert_allclose(result.rate_hz, 1e6 / period_us, rtol=0.01)


def test_samples_that_come_late_in_a_bunch_are_no_gap() -> None:
    period_us = 40_900.0
    true = even(600, period_us)
    stamps = on_a_grid(600, period_us, 30_000.0)
    late = (stamps > 10_000_000) & (stamps < 10_350_000)
    stamps[late] = 10_350_000
    result = through(Timebase(), stamped(stamps))
    assert result.gaps == []
    assert np.abs(result.time_us - true).max() < 80_000


def test_a_logger_that_starts_with_a_backlog() -> None:
    """As in bmhad: the first 40 samples are stamped at once, although they were taken before."""
    period_us = 32_200.0
    stamps = on_a_grid(600, period_us, 25_000.0) + 3_000_000
    stamps[:40] = stamps[40] + np.arange(40) // 10
    result = through(Timebase(), stamped(stamps))
    assert result.gaps == []
    np.testing.assert_allclose(result.rate_hz, 1e6 / period_us, rtol=0.02)
    assert np.abs(np.diff(result.time_us) - period_us).max() < 0.1 * period_us


@pytest.mark.parametrize("jittered", [False, True])
@pytest.mark.parametrize("at", [1, 20, 300, 301, 320, 597])
def test_a_pause_after_which_samples_stay_late_is_a_gap(at: int, *, jittered: bool) -> None:
    period_us = 40_000.0
    stamps = on_a_grid(600, period_us, 30_000.0) if jittered else even(600, period_us)
    stamps[at:] += 2_000_000
    result = through(Timebase(), stamped(stamps))
    (gap,) = result.gaps
    assert np.array_equal(result.acc_ms2, numbered(600))
    assert gap.end_us == result.time_us[at]
    assert gap.start_us == pytest.approx(result.time_us[at - 1] + period_us, abs=0.05 * period_us)
    assert abs(gap.end_us - stamps[at]) < 3 * period_us


def test_a_small_hole_is_no_gap_and_keeps_the_stamps() -> None:
    stamps = np.delete(even(1000, 10_000.0), slice(500, 512))
    result = through(Timebase(), stamped(stamps))
    assert result.gaps == []
    assert np.array_equal(result.time_us, stamps)
    np.testing.assert_allclose(result.rate_hz, 100, rtol=1e-6)


def test_a_clock_that_steps_back_a_little() -> None:
    stamps = even(1000, 10_000.0)
    stamps[500:] -= 400_000
    result = through(Timebase(), stamped(stamps))
    assert result.gaps == []
    assert np.array_equal(result.time_us[:480], stamps[:480])
    assert np.array_equal(result.time_us[650:], stamps[650:]), "it is caught up with"


def test_a_clock_that_steps_back_far() -> None:
    stamps = even(1000, 10_000.0)
    stamps[500:] -= 600_000
    with pytest.raises(PacketError, match=r"time goes back by 0\.59 s to 4\.4 s"):
        through(Timebase(), stamped(stamps))
    timebase = Timebase()
    first, second = stamped(stamps, [500])
    timebase.push(first)
    with pytest.raises(PacketError, match="goes back"):
        timebase.push(second)


def test_a_slow_drift_is_followed() -> None:
    stamps = np.rint(np.cumsum(np.linspace(40_000, 41_500, 20_000))).astype(np.int64)
    result = through(Timebase(), stamped(stamps))
    assert np.array_equal(result.time_us, stamps)
    jittered = stamps + np.random.default_rng(0).integers(0, 30_000, len(stamps))
    result = through(Timebase(), stamped(jittered))
    assert np.abs(result.time_us - jittered).max() < 60_000
    np.testing.assert_allclose(result.rate_hz[-1], 1e6 / 41_500, rtol=0.01)


@pytest.mark.parametrize("rate_hz", [0.1, 1.0, 9.0])
@pytest.mark.parametrize("n", [5, 1000])
def test_too_slow(rate_hz: float, n: int) -> None:
    with pytest.raises(PacketError, match=r"counting reps needs at least 10 Hz"):
        through(Timebase(), stamped(even(n, 1e6 / rate_hz)))


@pytest.mark.parametrize("n", [2, 300])
def test_time_that_does_not_advance(n: int) -> None:
    with pytest.raises(PacketError, match="time does not advance; check the unit"):
        through(Timebase(), stamped([7] * n))


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_samples_for_a_rate(n: int) -> None:
    assert through(Timebase(), stamped(even(n))).blocks == 0


@pytest.mark.parametrize("n", [2, 3, 31, 32, 33, 47, 48, 49, 80])
def test_few_samples(n: int) -> None:
    result = through(Timebase(), stamped(even(n)))
    assert np.array_equal(result.time_us, even(n))


@pytest.mark.parametrize("rate_hz", [416.0, 800.0, 8000.0])
def test_fast_data_are_thinned(rate_hz: float) -> None:
    n = int(rate_hz) * 4
    stamps = even(n, 1e6 / rate_hz)
    result = through(Timebase(), stamped(stamps, gyro=True))
    assert 130 <= result.rate_hz[0] <= 260
    k = round(rate_hz / result.rate_hz[0])
    assert len(result.time_us) == n // k
    np.testing.assert_allclose(result.acc_ms2[0], numbered(k).mean(axis=0))
    np.testing.assert_allclose(result.time_us[0], stamps[:k].mean(), atol=1)
    assert result.gyr_rads is not None
    assert np.array_equal(result.gyr_rads, -result.acc_ms2)


def test_thinning_starts_anew_after_a_gap() -> None:
    stamps = even(4000, 1e6 / 800)
    stamps[2001:] += 3_000_000
    result = through(Timebase(), stamped(stamps))
    (gap,) = result.gaps
    assert len(result.time_us) == 2001 // 4 + 1999 // 4
    assert gap.end_us <= result.time_us[500]


def test_rows_that_are_not_finite_are_left_out() -> None:
    (packet,) = stamped(even(400), gyro=True)
    assert packet.acc_ms2 is not None
    assert packet.gyr_rads is not None
    packet.acc_ms2[100, 1] = np.nan
    packet.gyr_rads[200:300, 2] = np.inf
    result = through(Timebase(), [packet])
    good = np.r_[0:100, 101:200, 300:400]
    assert np.array_equal(result.time_us, even(400)[good])
    assert result.gaps == [Gap(int(even(400)[199]) + 9615, int(even(400)[300]))]


def test_the_gyroscope_may_appear() -> None:
    first, second = stamped(even(300), [150], gyro=True)
    without = Packet(arrival_us=0, acc_ms2=first.acc_ms2, gyr_rads=None, stamps_us=first.stamps_us)
    timebase = Timebase()
    items = timebase.push(without) + timebase.push(second) + timebase.flush()
    blocks = [item for item in items if isinstance(item, ImuBlock)]
    assert sum(len(block.time_us) for block in blocks if block.gyr_rads is None) == 150
    assert sum(len(block.time_us) for block in blocks if block.gyr_rads is not None) == 150


@st.composite
def stamps_of_a_logger(draw: st.DrawFn) -> NDArray[np.int64]:
    """Even or jittery, with holes, gaps, bunches, repeats and small steps back; up to 10 s."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    rate_hz = draw(st.sampled_from([11.0, 24.5, 31.0, 50.0, 104.0, 230.0, 800.0]))
    n = draw(st.integers(2, 700))
    spacing = np.full(n, 1e6 / rate_hz)
    for _ in range(draw(st.integers(0, 3))):
        spacing[draw(st.integers(0, n - 1))] += draw(st.sampled_from([1e5, 3e5, 5e5, 4e6, -3e5]))
    stamps = np.cumsum(spacing) + draw(st.integers(-(10**15), 10**15))
    jitter_us = draw(st.sampled_from([0.0, 500.0, 5e3, 3e4]))
    stamps += rng.uniform(0, jitter_us, n)
    if draw(st.booleans()):
        stamps = np.sort(stamps)
    grid_us = draw(st.sampled_from([1.0, 1e3, 3e4]))
    return np.asarray(np.rint(stamps / grid_us) * grid_us).astype(np.int64)


@settings(max_examples=150)
@given(stamps=stamps_of_a_logger(), data=st.data(), single=st.booleans())
def test_it_does_not_matter_how_samples_are_cut(
    *, stamps: NDArray[np.int64], data: st.DataObject, single: bool
) -> None:
    cuts = range(1, len(stamps)) if single else data.draw(st.lists(st.integers(0, len(stamps)), max_size=20))
    try:
        whole = through(Timebase(), stamped(stamps, gyro=True))
    except PacketError:
        with pytest.raises(PacketError):
            through(Timebase(), stamped(stamps, cuts, gyro=True))
    else:
        assert whole.same_as(through(Timebase(), stamped(stamps, cuts, gyro=True)))


@settings(max_examples=60)
@given(stamps_of_a_logger(), st.integers(-(10**12), 10**12))
def test_a_shift_of_time_shifts_times(stamps: NDArray[np.int64], shift_us: int) -> None:
    try:
        plain = through(Timebase(), stamped(stamps))
    except PacketError:
        return
    shifted = through(Timebase(), stamped(stamps + shift_us))
    assert np.array_equal(shifted.time_us, plain.time_us + shift_us)
    assert np.array_equal(shifted.rate_hz, plain.rate_hz)
    assert shifted.gaps == [Gap(gap.start_us + shift_us, gap.end_us + shift_us) for gap in plain.gaps]


# Packets with a counter


def sensor(
    packets: int,
    *,
    size: int = 8,
    true_hz: float = 104.0,
    start_us: int = 7_000_000,
    first_index: int = 0,
    jitter_us: int = 0,
    arrival_us: int = 50_000,
    stream: int = 0,
) -> list[Packet]:
    """Packets as our own protocol gives them; the sensor takes sample i at i / true_hz."""
    rng = np.random.default_rng(3)
    values = numbered(packets * size)
    made = []
    for number in range(packets):
        first = number * size
        taken_us = round(first * 1e6 / true_hz)
        made.append(
            Packet(
                arrival_us=arrival_us + taken_us + round((size - 1) * PERIOD_US),
                acc_ms2=values[first : first + size],
                gyr_rads=-values[first : first + size],
                rate_hz=104.0,
                stream=stream,
                sequence=number % 2**16,
                index=(first_index + first) % 2**32,
                time_us=start_us + taken_us + int(rng.integers(0, jitter_us + 1)),
            )
        )
    return made


@pytest.mark.parametrize("first_index", [0, 2**32 - 100])
def test_counted_packets(first_index: int) -> None:
    result = through(Timebase(), sensor(200, first_index=first_index))
    assert result.gaps == []
    assert result.time_us[0] == 50_000, "the first packet's last sample was taken when it arrived"
    np.testing.assert_allclose(result.time_us - 50_000, np.arange(1600) * PERIOD_US, atol=2)
    assert np.array_equal(result.acc_ms2, numbered(1600))
    np.testing.assert_allclose(result.rate_hz, 104, rtol=1e-4)


def test_the_true_rate_is_found_through_jitter() -> None:
    result = through(Timebase(), sensor(1000, true_hz=106.0, jitter_us=2000))
    true_us = 51_000 + np.arange(8000) * 1e6 / 106
    assert result.rate_hz[0] == 104.0
    np.testing.assert_allclose(result.rate_hz[800:], 106, rtol=0.002)
    assert np.abs(result.time_us - true_us)[80:].max() < 2500
    assert (np.abs(np.diff(result.time_us[800:]) - 1e6 / 106) < 300).all()


@pytest.mark.parametrize("lost", [[3], [50, 51], [10, 12, 14], range(20, 150)])
def test_what_the_counter_shows_is_missing_is_a_gap(lost: Iterable[int]) -> None:
    lost = list(lost)
    timebase = Timebase()
    result = through(timebase, [p for i, p in enumerate(sensor(200)) if i not in lost])
    runs = sum(number - 1 not in lost for number in lost)
    assert len(result.gaps) == runs
    assert sum(gap.end_us - gap.start_us for gap in result.gaps) == pytest.approx(
        len(lost) * 8 * PERIOD_US, abs=20 * runs
    )
    assert timebase.lost == len(lost) * 8
    kept = np.repeat(~np.isin(np.arange(200), lost), 8)
    np.testing.assert_allclose(result.time_us - 50_000, (np.arange(1600) * PERIOD_US)[kept], atol=5)


def test_what_comes_twice_or_on_request_is_dropped() -> None:
    packets = sensor(20)
    again = packets[5]
    backfill = Packet(
        arrival_us=0,
        acc_ms2=again.acc_ms2,
        gyr_rads=again.gyr_rads,
        rate_hz=104.0,
        index=again.index,
        time_us=again.time_us,
        backfill=True,
    )
    timebase = Timebase()
    result = through(timebase, [*packets[:10], again, backfill, *packets[10:]])
    assert timebase.dropped == 2
    assert result.same_as(through(Timebase(), packets))


def test_a_new_stream_continues_by_its_arrival() -> None:
    second = sensor(20, start_us=5, arrival_us=10_000_000, stream=1)
    timebase = Timebase()
    result = through(timebase, [*sensor(20), *second, *sensor(1)])
    assert timebase.dropped == 1, "a packet of the stream before"
    (gap,) = result.gaps
    assert gap.end_us == 10_000_000
    assert gap.start_us == pytest.approx(50_000 + 160 * PERIOD_US, abs=2)


def test_a_new_stream_never_goes_back() -> None:
    result = through(Timebase(), [*sensor(100), *sensor(20, arrival_us=60_000, stream=1)])
    assert len(result.gaps) == 1
    assert len(result.time_us) == 960


@pytest.mark.parametrize("jump_us", [-3_000_000, 3_000_000, 10**15])
def test_a_device_clock_that_jumps(jump_us: int) -> None:
    packets = sensor(50)
    later = [
        Packet(
            arrival_us=p.arrival_us,
            acc_ms2=p.acc_ms2,
            gyr_rads=p.gyr_rads,
            rate_hz=104.0,
            index=p.index,
            time_us=(p.time_us or 0) + jump_us,
        )
        for p in packets[25:]
    ]
    result = through(Timebase(), packets[:25] + later)
    assert result.gaps == [], "the counter says that nothing is missing"
    np.testing.assert_allclose(result.time_us - 50_000, np.arange(400) * PERIOD_US, atol=5)


def test_a_device_clock_that_wraps() -> None:
    packets = [replace(p, time_us=(p.time_us or 0) % 2**32) for p in sensor(400, start_us=2**32 - 9_000_000)]
    result = through(Timebase(), packets)
    assert result.gaps == []
    np.testing.assert_allclose(result.time_us - 50_000, np.arange(3200) * PERIOD_US, atol=5)


@pytest.mark.parametrize("ppm", [-500, 20, 500])
def test_a_device_clock_that_drifts(ppm: int) -> None:
    """After half a minute the session's clock keeps its distance from the arrivals."""
    packets = [replace(p, time_us=round((p.time_us or 0) * (1 + ppm * 1e-6))) for p in sensor(4000, size=8)]
    result = through(Timebase(), packets)
    true_us = 50_000 + np.arange(32_000) * PERIOD_US
    off_us = result.time_us - true_us
    assert np.abs(off_us).max() < 32e6 * abs(ppm) * 1e-6 + 3000
    assert np.ptp(off_us[120 * 104 :]) < 3000
    spacing_us = (result.time_us[-1] - result.time_us[-10_000]) / 9999
    assert spacing_us == pytest.approx(PERIOD_US, rel=2e-5)


def test_what_was_sent_again_moves_no_clock() -> None:
    """It comes late, and where its beginning was cut off it does not tell when it was taken."""
    packets = sensor(600)
    late = [
        replace(p, arrival_us=p.arrival_us + 60_000_000, sequence=None, backfill=True)
        if at in {100, 101, 300}
        else p
        for at, p in enumerate(packets)
    ]
    cut = [replace(p, time_us=None) if p.backfill else p for p in late]
    for sent in (late, cut):
        result = through(Timebase(), sent)
        assert result.gaps == []
        np.testing.assert_allclose(result.time_us - 50_000, np.arange(4800) * PERIOD_US, atol=5)


def test_a_stream_does_not_begin_with_what_was_sent_again() -> None:
    first, *packets = sensor(20)
    timebase = Timebase()
    assert timebase.push(replace(first, sequence=None, backfill=True)) == []
    assert timebase.dropped == 1
    assert timebase.push(packets[0]) != []


def test_a_counter_that_jumps_alone() -> None:
    """One impossible packet must not make all later ones look old."""
    packets = sensor(50)
    wrong = Packet(
        arrival_us=packets[25].arrival_us,
        acc_ms2=packets[25].acc_ms2,
        gyr_rads=packets[25].gyr_rads,
        rate_hz=104.0,
        index=2**30,
        time_us=packets[25].time_us,
    )
    timebase = Timebase()
    result = through(timebase, [*packets[:25], wrong, *packets[26:]])
    assert len(result.time_us) == 400
    assert timebase.dropped == 0
    assert result.time_us[-1] == pytest.approx(50_000 + 399 * PERIOD_US, abs=10 * PERIOD_US)


def test_values_that_are_not_finite_are_gaps() -> None:
    packets = sensor(10)
    for number, row in ((3, 2), (5, 7), (7, 0)):
        acc_ms2 = packets[number].acc_ms2
        assert acc_ms2 is not None
        acc_ms2[row, 0] = np.nan
    result = through(Timebase(), packets)
    assert len(result.time_us) == 77
    assert len(result.gaps) == 3
    assert all(gap.end_us - gap.start_us == pytest.approx(PERIOD_US, abs=2) for gap in result.gaps)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(-(10**7), 10**7), st.integers(0, 2)), max_size=30))
def test_times_increase_whatever_a_sensor_sends(wild: list[tuple[int, int, int]]) -> None:
    packets = []
    for number, (index, jump_us, stream) in enumerate(wild):
        packets.append(
            Packet(
                arrival_us=number * 77_000 + jump_us // 10,
                acc_ms2=numbered(8),
                gyr_rads=None,
                rate_hz=104.0,
                index=index * 8,
                time_us=index * 77_000 + 10**7 + jump_us,
                stream=stream,
            )
        )
    through(Timebase(), packets)


# Packets that tell less


def with_less(packets: list[Packet], *, time: bool) -> list[Packet]:
    return [
        Packet(
            arrival_us=p.arrival_us,
            acc_ms2=p.acc_ms2,
            gyr_rads=p.gyr_rads,
            rate_hz=p.rate_hz,
            time_us=p.time_us if time else None,
        )
        for p in packets
    ]


def test_device_time_without_a_counter() -> None:
    packets = with_less(sensor(300, true_hz=103.0, jitter_us=500), time=True)
    result = through(Timebase(), packets[:100] + packets[103:])
    (gap,) = result.gaps
    assert gap.end_us - gap.start_us == pytest.approx(24 * 1e6 / 103, rel=0.05)
    np.testing.assert_allclose(result.rate_hz[-1], 103, rtol=0.002)
    assert abs(result.time_us[-1] - 50_000 - 2399 * 1e6 / 103) < 3000


def test_arrival_alone() -> None:
    rng = np.random.default_rng(5)
    packets: list[Packet] = []
    for p in with_less(sensor(1500, size=4, true_hz=103.0), time=False):
        late_us = int(rng.integers(0, 30_000)) + (400_000 if 600 < len(packets) < 610 else 0)
        packets.append(
            Packet(arrival_us=p.arrival_us + late_us, acc_ms2=p.acc_ms2, gyr_rads=p.gyr_rads, rate_hz=104.0)
        )
    result = through(Timebase(), packets[:1000] + packets[1100:])
    (gap,) = result.gaps
    assert gap.end_us - gap.start_us == pytest.approx(400 * 1e6 / 103, rel=0.03)
    true_us = 50_000 + np.delete(np.arange(6000), slice(4000, 4400)) * 1e6 / 103
    assert np.abs(result.time_us - true_us).max() < 90_000
    np.testing.assert_allclose(result.rate_hz[-1], 103, rtol=0.01)


def test_a_source_without_a_rate() -> None:
    (packet,) = sensor(1)
    with pytest.raises(PacketError, match="gives no sampling rate"):
        Timebase().push(Packet(arrival_us=0, acc_ms2=packet.acc_ms2, gyr_rads=None))


def test_a_source_that_is_too_slow() -> None:
    with pytest.raises(PacketError, match="needs at least 10 Hz"):
        Timebase().push(Packet(arrival_us=0, acc_ms2=numbered(8), gyr_rads=None, rate_hz=4.0))


def test_a_packet_without_accelerometer() -> None:
    with pytest.raises(PacketError, match="without accelerometer"):
        Timebase().push(Packet(arrival_us=0, acc_ms2=None, gyr_rads=numbered(3), rate_hz=104.0))


def test_stamps_and_none_in_one_session() -> None:
    timebase = Timebase()
    timebase.push(sensor(1)[0])
    with pytest.raises(PacketError, match="with and without a time stamp"):
        timebase.push(stamped(even(3))[0])


def test_an_empty_packet() -> None:
    assert Timebase().push(Packet(arrival_us=0, acc_ms2=numbered(0), gyr_rads=None, rate_hz=104.0)) == []


def test_a_packet_longer_than_a_notification() -> None:
    result = through(Timebase(), sensor(2, size=1000))
    np.testing.assert_allclose(np.diff(result.time_us), PERIOD_US, atol=1.5)


# Accelerometer and gyroscope apart


def apart(seconds: float, *, gyro_hz: float = 104.0, gyro_late: int = 0) -> list[Packet]:
    """Two streams of one device; sample values are their times in seconds."""
    packets: list[tuple[int, Packet]] = []
    for rate_hz, size, is_gyro in ((52.0, 6, False), (gyro_hz, 10, True)):
        for number in range(int(seconds * rate_hz / size)):
            time_s = (np.arange(size) + number * size) / rate_hz
            values = np.repeat(time_s, 3).reshape(-1, 3)
            arrival_us = round(time_s[-1] * 1e6) + 40_000 + (gyro_late if is_gyro else 0)
            packet = Packet(
                arrival_us=arrival_us,
                acc_ms2=None if is_gyro else values,
                gyr_rads=values if is_gyro else None,
                rate_hz=rate_hz,
                time_us=round(time_s[0] * 1e6) + 10**9,
                apart=True,
            )
            packets.append((arrival_us, packet))
    return [packet for _, packet in sorted(packets, key=lambda pair: pair[0])]


@pytest.mark.parametrize("gyro_hz", [52.0, 104.0, 30.0])
@pytest.mark.parametrize("gyro_late", [0, 300_000])
def test_two_streams_are_joined_by_time(gyro_hz: float, gyro_late: int) -> None:
    result = through(Timebase(), apart(20, gyro_hz=gyro_hz, gyro_late=gyro_late))
    assert result.gaps == []
    assert result.gyr_rads is not None
    assert len(result.time_us) > 19.5 * 52
    np.testing.assert_allclose(result.gyr_rads, result.acc_ms2, atol=1e-3)
    np.testing.assert_allclose(np.diff(result.time_us), 1e6 / 52, atol=30)
    np.testing.assert_allclose(result.rate_hz, 52, rtol=1e-3)


def test_a_gyroscope_that_stops_is_a_gap() -> None:
    packets = [p for p in apart(30) if p.gyr_rads is None or not 10 < p.gyr_rads[0, 0] < 15]
    result = through(Timebase(), packets)
    (gap,) = result.gaps
    assert gap.end_us - gap.start_us == pytest.approx(5e6, rel=0.05)
    assert result.gyr_rads is not None
    np.testing.assert_allclose(result.gyr_rads, result.acc_ms2, atol=1e-3)


def test_waiting_is_bounded() -> None:
    timebase = Timebase(TimingParams(join=SensorJoinParams(wait_s=1.0)))
    for packet in apart(600):
        if packet.gyr_rads is None:
            assert timebase.push(packet) == []
    assert len(timebase._join._acc.time_us) < 70
    timebase = Timebase(TimingParams(join=SensorJoinParams(wait_s=1.0)))
    for packet in apart(600):
        if packet.acc_ms2 is None:
            assert timebase.push(packet) == []
    assert len(timebase._join._gyr.time_us) < 130


# Parameters


@pytest.mark.parametrize(
    ("params", "wrong"),
    [
        (TimestampParams, {"gap_s": 0.0}),
        (TimestampParams, {"gap_periods": -1.0}),
        (TimestampParams, {"gap_s": float("nan")}),
        (SensorJoinParams, {"wait_s": 0.0}),
        (RateParams, {"min_hz": 0.0}),
        (RateParams, {"max_hz": 5.0}),
    ],
)
def test_parameters_that_cannot_be(params: Callable[..., object], wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=r"(have|has) to be"):
        params(**wrong)
