"""All numbers of the time base: what counts as a gap, which rates are taken, how lines are followed."""

from __future__ import annotations

from dataclasses import dataclass, field

from imurep.counting.timing.alpha_beta import AlphaBetaGains
from imurep.errors import ConfigError, PacketError


@dataclass(frozen=True, slots=True, kw_only=True)
class RateParams:
    """Which sampling rates are taken. Raises ConfigError for limits that cannot be."""

    min_hz: float = 10.0
    """Slower data cannot show a rep's phases. Rates are compared in whole Hz, since they are estimated."""
    max_hz: float = 260.0
    """Faster data are decimated."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if not 0 < self.min_hz < self.max_hz:
            msg = "rates have to be in the order 0 < min_hz < max_hz"
            raise ConfigError(msg)

    def check(self, rate_hz: float) -> None:
        """Raise PacketError for a rate that is too low."""
        if not rate_hz >= self.min_hz - 0.5:
            msg = (
                f"the data come at {rate_hz:.3g} Hz, counting reps needs at least {self.min_hz:g} Hz; "
                "set the sensor or the logger to a higher rate (25 to 104 Hz), and check the unit of its time"
            )
            raise PacketError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSyncParams:
    """How the session's clock follows the device's (``clock_sync``)."""

    window_s: float = 2.0
    """The least lateness of each such window is what the line follows; streams of one device whose offsets
    differ by less share one clock."""
    line: AlphaBetaGains = AlphaBetaGains()  # noqa: RUF009 it is frozen
    """Gains of the line, by windows. What is known before is that both clocks run alike."""
    likely_ms: float = 40.0
    """A larger error is no drift, but a stall of the link, or the end of one."""
    slew: float = 0.002
    """The clock runs faster or slower by this share at most, beyond the drift."""
    settle_s: float = 30.0
    """Time until the clock begins to follow the line, and in which an error wears off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampParams:
    """How samples with a time stamp each get their times (``timestamped``, ``spacing``)."""

    gap_s: float = 0.25
    """A shorter pause between stamps is no gap: the samples came late, or too few are missing to matter.
    Nor may time stamps step back by twice as much: then they belong to another session."""
    gap_periods: float = 4.0
    """A pause of fewer sampling periods is no gap, and first samples that are late by fewer no backlog."""
    group: int = 32
    """Samples that are worked on together; half as many have to be known after them."""
    start_groups: int = 8
    """Groups of uneven samples from which the first period is estimated, and of even ones from which it is
    estimated anew: a backlog of 80 samples was seen."""
    late_quantile: float = 0.25
    """Quantile of a group's lateness that the line follows: stamps are late, not early, and as many stray
    ones do no harm."""
    even: float = 0.25
    """A spacing that deviates from the period by less than this share is even: loggers round to
    milliseconds."""
    line: AlphaBetaGains = AlphaBetaGains(memory=17)  # noqa: RUF009 it is frozen
    """Gains of the line, by groups."""
    refresh_groups: int = 256
    """Groups between two estimates of the blocks' rate in the end; it bounds the work (a power of two)."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        if not all(value > 0 for value in (self.gap_s, self.gap_periods)):
            msg = "gap_s and gap_periods have to be positive"
            raise ConfigError(msg)

    def gap_us(self, period_us: float) -> float:
        """Length from which a pause is a gap, at this sampling period."""
        return max(self.gap_s * 1e6, self.gap_periods * period_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCounterParams:
    """How samples with a counter, a device time or only an arrival get their times (``sample_counter``)."""

    device: AlphaBetaGains = AlphaBetaGains()  # noqa: RUF009 it is frozen
    """Gains by packets, over device times; what is known before is the nominal rate."""
    arrival: AlphaBetaGains = AlphaBetaGains(prior=20, memory=300)  # noqa: RUF009 it is frozen
    """The same over arrivals."""
    jump_s: float = TimestampParams().gap_s
    """A device time that is off by more has jumped: with a counter, a line cannot be off by that."""
    jump_rate: float = 0.03
    """What is added to ``jump_s`` per time without data, for a rate that is not known yet."""
    backlog_s: float = 30.0
    """A device may have sampled for so much longer than the host has waited; more is a new start."""
    stall_s: float = 1.0
    """Without counter and device time, arrivals that are later than this are a gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorJoinParams:
    """How accelerometer and gyroscope samples of packets of their own are joined (``sensor_join``)."""

    wait_s: float = 4.0
    """How long an accelerometer sample waits for the gyroscope's; a Verity Sense fills a packet of either
    for 1.4 s, and sends some of them late."""

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
