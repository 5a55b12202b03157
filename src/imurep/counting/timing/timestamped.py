"""Samples that bring a time stamp each: which stamps to trust, and what is missing between them.

Idea. A sensor samples at a steady rate, and the stamps are made later, where
the samples arrive. In the recordings at hand (flextail, bmhad, umafall) stamps
lie on the grid of the radio's connection interval, and most pauses are samples
that came late in a bunch: afterwards stamps follow each other faster than the
rate until they are back on the old line. Samples are rarely lost.

1. Work on groups of 32 samples, counted from the start of the stream, so that
   it does not matter how the samples were cut into packets. A group is worked on
   once 16 more samples are known (the look-ahead).
2. Stamps that are evenly spaced are taken as they are, and so are holes in
   them, as long as a hole is no gap.
3. Else a line follows the stamps: sample times are evenly spaced within a group,
   and the line's offset and slope are corrected from group to group (an
   alpha-beta filter whose memory grows with the groups, so that it starts as
   the least-squares line). What it follows is the group's lower quartile of
   lateness: stamps are late, not early, and a quarter of stray ones does no harm.
4. A pause is a gap when the stamps after it stay late: by more than
   ``gap_us`` over all of the look-ahead.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from imurep.counting.timing.block_builder import BlockBuilder
from imurep.counting.timing.spacing import MISSING_PERIODS, evenly_spaced, lateness_us, typical_us
from imurep.errors import PacketError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from imurep.counting.timing.timing_params import TimingParams
    from imurep.events import Gap, ImuBlock, Packet

LEAST_PERIOD_US = 20.0
"""A shorter period means that time does not advance."""


class TimestampedTrack:
    """Gives samples with a time stamp each their times; all packets have a gyroscope, or none."""

    def __init__(self, params: TimingParams) -> None:
        self._params = params.stamps
        self._rate = params.rate
        self._back_us = 2e6 * params.stamps.gap_s
        self._start_samples = params.stamps.group * params.stamps.start_groups
        self._group = params.stamps.group
        self._look_ahead = params.stamps.group // 2
        self._pending: list[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64] | None]] = []
        self._count = 0
        self._newest_us: int | None = None  # largest stamp so far
        self._base_us = 0  # floats are relative to it
        self._period_us = 0.0  # 0: not known yet
        self._rate_hz = 0.0  # as blocks have it; it changes at few groups only
        self._groups = 0
        self._line_groups = 0  # groups since the line's start; 0: a new line starts
        self._line_us = 0.0  # expected time of the next sample
        self._first_line_us = math.inf  # start of the first line, should there be a backlog
        self._step_us = 0.0  # error of the group before, when it was a step of the clock
        self._rest_us = 0.0  # what of it the line could not follow
        self._stamp_us = 0  # stamp of the sample before
        self._last_us: int | None = None  # time of the sample before
        self._run_start_us = 0  # first stamp of the run of evenly spaced groups
        self._run = 0  # samples in it

    def push(self, packet: Packet) -> list[ImuBlock | Gap]:
        """Take samples; return those whose times are known.

        Raises PacketError for stamps that go back by more than twice ``gap_s``, do
        not advance, or show a rate outside the limits.
        """
        stamps_us, acc_ms2, gyr_rads = packet.stamps_us, packet.acc_ms2, packet.gyr_rads
        if stamps_us is None or acc_ms2 is None:
            msg = "a packet without stamps among stamped ones; start a new session"
            raise PacketError(msg)
        if len(stamps_us) == 0:
            return []
        newest_us = int(stamps_us[0]) if self._newest_us is None else self._newest_us
        back_us = np.maximum(np.maximum.accumulate(stamps_us), newest_us) - stamps_us
        if back_us.max() > self._back_us:
            row = int((back_us > self._back_us).argmax())
            msg = (
                f"time goes back by {back_us[row] / 1e6:g} s to {stamps_us[row] / 1e6:g} s; "
                "sort the samples, or start a new session"
            )
            raise PacketError(msg)
        if self._newest_us is None:
            self._base_us = newest_us
        self._newest_us = max(newest_us, int(stamps_us.max()))
        self._pending.append((stamps_us, acc_ms2, gyr_rads))
        self._count += len(stamps_us)
        return self._advance(final=False) if self._count >= self._group + self._look_ahead else []

    def flush(self) -> list[ImuBlock | Gap]:
        """Return what is still held back. Raises PacketError as ``push`` does."""
        return self._advance(final=True) if self._count else []

    def _advance(self, *, final: bool) -> list[ImuBlock | Gap]:
        stamps_us, acc_ms2, gyr_rads = self._joined()
        self._pending, self._count = [], 0  # so that an error leaves nothing behind
        ahead = 0 if final else self._look_ahead
        out = BlockBuilder(acc_ms2, gyr_rads)
        done = 0
        if self._period_us == 0.0:
            if len(stamps_us) == 1:
                return []  # one sample has no rate
            if not self._start(stamps_us, final=final):
                self._pending, self._count = [(stamps_us, acc_ms2, gyr_rads)], len(stamps_us)
                return []
        while len(stamps_us) - done >= (1 if final else self._group + self._look_ahead):
            whole = (len(stamps_us) - done - ahead) // self._group
            taken = self._even_run(stamps_us[done : done + whole * self._group], out, done) if whole else 0
            done += taken or self._one_group(stamps_us[done:], out, done)
        if done < len(stamps_us):
            rest = slice(done, None)
            self._pending = [(stamps_us[rest], acc_ms2[rest], None if gyr_rads is None else gyr_rads[rest])]
            self._count = len(stamps_us) - done
        return out.items()

    def _joined(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64] | None]:
        if len(self._pending) == 1:
            return self._pending[0]
        stamps_us = np.concatenate([stamps for stamps, _, _ in self._pending])
        acc_ms2 = np.concatenate([acc for _, acc, _ in self._pending])
        gyr_rads = [gyr for _, _, gyr in self._pending if gyr is not None]
        return stamps_us, acc_ms2, np.concatenate(gyr_rads) if gyr_rads else None

    def _start(self, stamps_us: NDArray[np.int64], *, final: bool) -> bool:
        """Estimate the period from the first samples; False while they are too few for it."""
        even = self._evenly(stamps_us[: self._group + self._look_ahead])
        if even == 0.0 and len(stamps_us) < self._start_samples and not final:
            return False
        stamps_us = stamps_us[: self._start_samples]
        period_us = even or typical_us(stamps_us, self._params)
        if period_us < LEAST_PERIOD_US:
            span_s = max(int(stamps_us[-1] - stamps_us[0]), 0) / 1e6
            msg = (
                f"{len(stamps_us)} samples within {span_s:g} s: time does not advance; "
                "check the unit of the time stamps"
            )
            raise PacketError(msg)
        self._rate.check(1e6 / period_us)
        self._period_us = period_us
        self._rate_hz = 1e6 / period_us
        if even == 0.0:
            # A logger that starts with a backlog stamps it all at once: those are older.
            late_us = stamps_us - self._base_us - period_us * np.arange(len(stamps_us))
            self._first_line_us = lateness_us(late_us, self._params)
        return True

    def _evenly(self, stamps_us: NDArray[np.int64]) -> float:
        """Period of evenly spaced samples; 0 for others."""
        mean_us = float(stamps_us[-1] - stamps_us[0]) / (len(stamps_us) - 1)
        return (
            mean_us
            if mean_us > 0.0 and evenly_spaced(np.diff(stamps_us), mean_us, self._params).all()
            else 0.0
        )

    def _even_run(self, stamps_us: NDArray[np.int64], out: BlockBuilder, row: int) -> int:
        """Take the whole groups that are evenly spaced, up to the next refresh of the rate."""
        if self._line_groups == 0 or not self._on_line():
            return 0
        stamps_us = stamps_us[: self._until_refresh() * self._group]
        spacings = np.empty_like(stamps_us)
        spacings[0] = stamps_us[0] - self._stamp_us
        np.subtract(stamps_us[1:], stamps_us[:-1], out=spacings[1:])
        even = evenly_spaced(spacings, self._period_us, self._params).reshape(-1, self._group).all(axis=1)
        groups = even.size if even.all() else int(even.argmin())
        if groups == 0:
            return 0
        taken = groups * self._group
        self._take_stamps(stamps_us[:taken], groups, out, row)
        return taken

    def _one_group(self, stamps_us: NDArray[np.int64], out: BlockBuilder, row: int) -> int:
        """Take one group, or the part of it before a gap; ``stamps_us`` has the look-ahead too."""
        period_us, gap_us = self._period_us, self._params.gap_us(self._period_us)
        before_us = stamps_us[0] if self._line_groups == 0 else self._stamp_us
        spacings = np.diff(stamps_us[: self._group], prepend=before_us)
        size = len(spacings)
        for i in np.flatnonzero(spacings > gap_us).tolist():
            if self._is_gap(stamps_us, i, gap_us):
                if i > 0:
                    size = i
                    break
                self._line_groups = 0
        fresh = self._line_groups == 0
        stamps_us, spacings = stamps_us[:size], spacings[:size]
        if fresh:
            spacings = spacings[1:]
        free_us = None if self._last_us is None else self._last_us + period_us
        trusted = (free_us is None or stamps_us[0] > free_us) if fresh else self._on_line()
        holes = False
        if trusted:
            even = evenly_spaced(spacings, period_us, self._params)
            holes = not even.all()
            hole = (spacings >= MISSING_PERIODS * period_us) & (spacings <= gap_us)
            trusted = bool((even | hole).all())
        if trusted:
            if fresh or holes:
                self._run = 0
            if fresh and self._last_us is not None:
                out.gap(self._last_us + round(period_us), int(stamps_us[0]))
            self._take_stamps(stamps_us, 1, out, row)
            if holes:
                self._run = 0  # a run over a hole would give a wrong rate
        else:
            self._follow(stamps_us, out, row, fresh=fresh)
        return size

    def _is_gap(self, stamps_us: NDArray[np.int64], i: int, gap_us: float) -> bool:
        """Whether the stamps from the i-th on stay late; if not, the samples came in a bunch."""
        before_us = float(self._stamp_us if i == 0 else stamps_us[i - 1])
        if self._line_groups > 0:
            before_us = max(before_us, self._base_us + self._line_us + self._period_us * (i - 1))
        after_us = stamps_us[i : i + self._look_ahead + 1] - before_us
        late_us = after_us - self._period_us * np.arange(1, len(after_us) + 1)
        return bool(late_us.min() > gap_us)

    def _take_stamps(self, stamps_us: NDArray[np.int64], groups: int, out: BlockBuilder, row: int) -> None:
        if self._run == 0:
            self._run_start_us = int(stamps_us[0])
        self._run += len(stamps_us)
        out.rows(row, stamps_us, self._rate_hz)
        self._last_us = self._stamp_us = int(stamps_us[-1])
        if self._until_refresh() == groups and self._run >= self._start_samples:
            self._period_us = (self._last_us - self._run_start_us) / (self._run - 1)
        self._line_us = self._last_us - self._base_us + self._period_us
        self._count_groups(groups)

    def _follow(self, stamps_us: NDArray[np.int64], out: BlockBuilder, row: int, *, fresh: bool) -> None:
        params, period_us = self._params, self._period_us
        size = len(stamps_us)
        steps = np.arange(size)
        late_us = lateness_us(stamps_us - self._base_us - period_us * steps, params)
        slope_us = period_us
        if fresh:
            self._step_us = 0.0
            backlog = late_us - self._first_line_us > params.gap_periods * period_us
            self._line_us = self._first_line_us if backlog else late_us
            if self._last_us is not None:
                self._line_us = max(self._line_us, self._last_us - self._base_us + 2 * period_us)
        else:
            error_us = late_us - self._line_us
            step = abs(error_us) > 2 * period_us
            alpha = 1.0 if step else params.line.alpha(self._line_groups)
            slope_us = period_us + alpha * error_us / size
            slope_us = min(max(slope_us, period_us / 2), 2 * period_us)
            if size == self._group:
                self._learn(error_us, step=step)
            self._step_us = error_us if step else 0.0
            self._rest_us = error_us - (slope_us - period_us) * size
        times_us = np.rint(self._line_us + slope_us * steps).astype(np.int64) + self._base_us
        if fresh and self._last_us is not None:
            out.gap(self._last_us + round(period_us), int(times_us[0]))
        out.rows(row, times_us, self._rate_hz)
        self._line_us += slope_us * size
        self._last_us = int(times_us[-1])
        self._stamp_us = int(stamps_us[-1])
        self._run = 0
        self._count_groups(1)

    def _learn(self, error_us: float, *, step: bool) -> None:
        """Correct the period by a group's error."""
        change_us = self._params.line.beta(self._groups) * error_us / self._group
        if step:
            # One step of the clock has nothing to do with the period; steps each time have.
            anew_us = error_us - self._rest_us
            again = self._step_us != 0.0 and anew_us / self._step_us > 0.5
            change_us = anew_us / 2 / self._group if again else 0.0
        self._period_us = min(max(self._period_us + change_us, self._period_us / 2), 2 * self._period_us)

    def _on_line(self) -> bool:
        """Whether the times given so far lie on the stamps."""
        ahead_us = self._line_us - (self._stamp_us - self._base_us + self._period_us)
        return abs(ahead_us) <= self._params.even * self._period_us

    def _until_refresh(self) -> int:
        """Groups until the rate of the blocks is estimated anew: after 8, 16 ... 256, 512, 768 ... groups."""
        groups, every = self._groups, self._params.refresh_groups
        if groups >= every:
            return every - groups % every
        return max(self._params.start_groups, 1 << groups.bit_length()) - groups

    def _count_groups(self, groups: int) -> None:
        refresh = self._until_refresh() == groups
        self._first_line_us = math.inf
        self._groups += groups
        self._line_groups += groups
        if refresh:
            self._rate_hz = 1e6 / self._period_us
