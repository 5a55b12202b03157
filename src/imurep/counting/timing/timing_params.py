"""All numbers of the time base: what counts as a gap, which rates are taken, how lines are followed."""

from __future__ import annotations

from dataclasses import dataclass, field

from imurep.counting.timing.alpha_beta import AlphaBetaGains
from imurep.errors import ConfigError, PacketError


@dataclass(frozen=True, slots=True, kw_only=True)
class RateParams:
    """Which sampling rates are taken. Raises ConfigError for limits that cannot be."""

    min_hz: float = 10.0
    """Slower data cannot show a rep's phases."""
    margin: float = 0.02
    """Share below ``min_hz`` that is still taken: a rate is estimated, and 10 Hz nominal has to pass."""
    max_hz: float = 260.0
    """Faster data are decimated."""
    decimated_hz: float = 208.0
    """Highest rate after decimation."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if not 0 < self.min_hz < self.decimated_hz <= self.max_hz:
            msg = "rates have to be in the order 0 < min_hz < decimated_hz <= max_hz"
            raise ConfigError(msg)

    def check(self, rate_hz: float) -> None:
        """Raise PacketError for a rate that is too low."""
        if not rate_hz >= self.min_hz * (1 - self.margin):
            msg = (
                f"the data come at {rate_hz:.3g} Hz, counting reps needs at least {self.min_hz:g} Hz; "
                "set the sensor or the logger to a higher rate (25 to 104 Hz), and check the unit of its time"
            )
            raise PacketError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSyncParams:
    """How the session's clock follows the device's (``clock_sync``)."""

    shared_clock_s: float = 2.0
    """Two streams of one device whose offsets differ by less share one clock."""
    window_s: float = 2.0
    """The least lateness of each such window is what the line follows."""
    offset: AlphaBetaGains = AlphaBetaGains(memory=60)  # noqa: RUF009 it is frozen
    """Gain of the line's offset, by windows of the stream."""
    drift: AlphaBetaGains = AlphaBetaGains(prior=5, memory=60)  # noqa: RUF009 it is frozen
    """Gain of its drift, by windows of the device. The prior is that both clocks run alike, which may be
    wrong by some 500 ppm."""
    likely_ms: float = 40.0
    """A larger error is no drift, but a stall of the link, or the end of one."""
    trial_windows: int = 15
    """Windows in which the clock does not follow the line yet."""
    slew: float = 0.002
    """The clock runs faster or slower by this share at most, beyond the drift."""
    settle_s: float = 20.0
    """An error wears off in this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCounterParams:
    """How samples with a counter, a device time or only an arrival get their times (``sample_counter``)."""

    device: AlphaBetaGains = AlphaBetaGains(prior=4, least_alpha=0.05, least_beta=6e-4)  # noqa: RUF009 it is frozen
    """Gains by packets, over device times; the prior is the nominal rate."""
    early_arrival: AlphaBetaGains = AlphaBetaGains(prior=20, least_alpha=0.02, least_beta=5e-5)  # noqa: RUF009 it is frozen
    """Gains over arrivals, for a packet that is earlier than the line."""
    late_arrival: AlphaBetaGains = AlphaBetaGains(prior=20, least_alpha=0.005, least_beta=5e-5)  # noqa: RUF009 it is frozen
    """Gains over arrivals, for a packet that is later than the line."""
    jump_s: float = 0.25
    """A device time that is off by more has jumped: with a counter, a line cannot be off by that."""
    jump_rate: float = 0.03
    """What is added to ``jump_s`` per time without data, for a rate that is not known yet."""
    backlog_s: float = 30.0
    """A device may have sampled for so much longer than the host has waited; more is a new start."""
    stall_s: float = 1.0
    """Without counter and device time, arrivals that are later than this are a gap."""
    gap_packets: float = 0.5
    """Without a counter, a device time that is later than this part of a packet is a gap."""
    gap_periods: float = 2.0
    """Nor is it a gap when it is later by less than so many sampling periods."""
    back_periods: float = 0.5
    """The line moves back by so many sampling periods at most, so that times stay in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampParams:
    """How samples with a time stamp each get their times (``timestamped``, ``spacing``)."""

    gap_s: float = 0.25
    """A shorter pause between stamps is no gap: the samples came late, or too few are missing to matter."""
    gap_periods: float = 4.0
    """A pause of fewer sampling periods is no gap."""
    back_s: float = 0.5
    """Time stamps may step back by this; further, they belong to another session."""
    group: int = 32
    """Samples that are worked on together."""
    look_ahead: int = 16
    """Samples that have to be known after a group."""
    start_samples: int = 256
    """Uneven samples from which the first period is estimated: a backlog of 80 was seen."""
    start_lag: int = 32
    """The first period is a quantile over differences of stamps that are so many samples apart."""
    start_quantile: float = 0.6
    """Which quantile the first period is: above the middle, for bunches are more frequent than gaps."""
    late_quantile: float = 0.25
    """Quantile of a group's lateness that the line follows: stamps are late, not early, and as many stray
    ones do no harm."""
    backlog_s: float = 3.0
    """Longest backlog that is taken off the first samples."""
    backlog_periods: float = 4.0
    """The first samples count as a backlog when they are late by more sampling periods."""
    even: float = 0.05
    """A spacing that deviates from the period by less than this share is even."""
    rounding_us: float = 1000.0
    """A spacing that deviates by less than this is even, too: loggers round to milliseconds."""
    rounding_periods: float = 0.25
    """``rounding_us`` is limited to this share of a period."""
    hole_periods: float = 1.5
    """Spacings from this on are holes between stamps that are trusted."""
    on_line_periods: float = 0.125
    """Stamps that are this close to the line are trusted again."""
    line: AlphaBetaGains = AlphaBetaGains(prior=3, least_alpha=0.2, least_beta=0.02)  # noqa: RUF009 it is frozen
    """Gains of the line, by groups. The period is known to 1 or 2 % at the start, as after three groups."""
    step_periods: float = 2.0
    """A larger error is a step of the clock, not an error of the line."""
    same_step: float = 0.7
    """A clock that steps by more than this share of its last step does so each time: the period is wrong."""
    largest_change: float = 0.1
    """Share of the period by which it changes in one group at most."""
    largest_stretch: float = 2.0
    """Within a group, samples are at most this many times closer or farther apart than the period."""
    refresh_first: int = 8
    """Groups after which the rate is estimated anew, and again at each doubling (a power of two)."""
    refresh_every: int = 256
    """Groups between two estimates in the end (a power of two)."""
    min_period_us: float = 20.0
    """A shorter period means that time does not advance."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if not all(value > 0 for value in (self.gap_s, self.gap_periods, self.back_s)):
            msg = "gap_s, gap_periods and back_s have to be positive"
            raise ConfigError(msg)

    def gap_us(self, period_us: float) -> float:
        """Length from which a pause is a gap, at this sampling period."""
        return max(self.gap_s * 1e6, self.gap_periods * period_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorJoinParams:
    """How accelerometer and gyroscope samples of packets of their own are joined (``sensor_join``)."""

    wait_s: float = 4.0
    """How long an accelerometer sample waits for the gyroscope's; a Verity Sense fills a packet of either
    for 1.4 s, and sends some of them late."""
    gap_periods: float = 1.5
    """Samples that are farther apart than so many sampling periods have a gap between them."""
    gyro_periods: float = 2.5
    """Sampling periods of the gyroscope over which it is interpolated."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if not self.wait_s > 0:
            msg = "wait_s has to be positive"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimingParams:
    """All parameters of the time base."""

    rate: RateParams = field(default_factory=RateParams)
    """Which sampling rates are taken."""
    clock: ClockSyncParams = field(default_factory=ClockSyncParams)
    """How the session's clock follows the device's."""
    counter: SampleCounterParams = field(default_factory=SampleCounterParams)
    """Samples that a counter, a device time or an arrival dates."""
    stamps: TimestampParams = field(default_factory=TimestampParams)
    """Samples that bring a time stamp each."""
    join: SensorJoinParams = field(default_factory=SensorJoinParams)
    """Accelerometer and gyroscope in packets of their own."""
