"""From the device's clock to the session's: a line along the lower edge of the arrivals.

Idea. A packet never arrives before its last sample was taken, but often later:
it waits for the next connection event, is repeated, is stuck in a queue. So the
least lateness of each two seconds tells most. A line through these (offset and
drift, by an alpha-beta filter whose memory grows to two minutes) follows the
device's clock. A window that is late as a whole is believed little, one that is
earlier than all before it at once: nothing arrives early.

For half a minute the device's own seconds count; from then on the session's
clock keeps its distance from that line, by running a little faster or slower.
It is never set: times never go back or jump, and as the distance is what it
was at the start, the time since the first sample stays right.

Compare Moon, Skelly and Towsley 1999 (doi:10.1109/INFCOM.1999.749287), whose
line under all delays needs all of them at once.
"""

from __future__ import annotations

_AGREE_US = 2_000_000  # two streams of one device whose offsets differ by less share one clock
_WINDOW_US = 2_000_000
_MEMORY = 60  # windows
_NOMINAL = 5  # that both clocks run alike counts as much as so many windows: it may be wrong by some 500 ppm
_LIKELY_US = 40_000.0  # more is no drift, but a stall, or the end of one
_TRIAL = 15  # windows in which the line is not followed yet
_SLEW = 0.002
_SETTLE_US = 20e6  # what is off wears off in so long


class SessionClock:
    """Session time of one device's clock; accelerometer and gyroscope of one sensor share it.

    Device time ``d`` is session time ``session_us + rate * (d - device_us)``, for
    any ``d`` that is not long ago.
    """

    def __init__(self) -> None:
        """Begin before the first packet."""
        self.device_us = 0
        self.session_us = 0
        self.rate = 1.0
        self._stream = -1
        self._drift = 0.0
        """Rate of the line under the arrivals, less 1,"""
        self._offset_us = 0.0
        """and how far it lies above the session's clock at ``device_us``."""
        self._distance_us = 0.0
        """What the offset was when the clock began to follow the line."""
        self._windows = 0
        """Since the stream began,"""
        self._drift_windows = _NOMINAL
        """and of the device."""
        self._late_us: float | None = None
        """Least lateness in this window,"""
        self._late_at_us = 0.0
        """and how long after ``device_us`` that was."""

    def start(self, stream: int, device_us: int, arrival_us: int) -> None:
        """Begin a stream with a sample taken at this device time that arrived then."""
        late_us = arrival_us - self.session_us - self.rate * (device_us - self.device_us)
        if stream != self._stream or abs(late_us) > _AGREE_US:
            self._stream = stream
            self.device_us, self.session_us = device_us, arrival_us
            self.rate = 1.0 + self._drift
            self._offset_us = 0.0
            self._windows = 0
            self._late_us = None

    def hear(self, device_us: int, arrival_us: int) -> None:
        """Learn that a sample taken then arrived then."""
        passed_us = device_us - self.device_us
        late_us = arrival_us - self.session_us - self.rate * passed_us
        if self._late_us is None or late_us < self._late_us:
            self._late_us, self._late_at_us = late_us, passed_us
        if passed_us >= _WINDOW_US:
            self._steer(passed_us, self._late_us)

    def _steer(self, passed_us: int, late_us: float) -> None:
        """Move the line by what the window told, and the clock's rate towards the line."""
        leads = 1.0 + self._drift - self.rate  # how much faster the line runs than the clock did
        surprise_us = late_us - self._offset_us - leads * self._late_at_us
        self._offset_us += leads * passed_us
        if surprise_us < -_LIKELY_US:
            self._offset_us += surprise_us
        else:
            self._offset_us += _alpha(self._windows) * min(surprise_us, _LIKELY_US)
        if self._windows and abs(surprise_us) <= _LIKELY_US:
            self._drift += _beta(self._drift_windows) * surprise_us / passed_us
        self._windows += 1
        self._drift_windows += 1
        step_us = round(self.rate * passed_us)
        self.session_us += step_us
        self.device_us += passed_us
        if self._windows <= _TRIAL:
            self._distance_us = self._offset_us
        else:
            slew = (self._offset_us - self._distance_us) / _SETTLE_US
            self.rate = 1.0 + self._drift + min(max(slew, -_SLEW), _SLEW)
        self._late_us = None


def _alpha(known: int) -> float:
    """Share of a surprise that goes into the offset of a line through so many windows before it."""
    known = min(known, _MEMORY)
    return 2 * (2 * known + 1) / ((known + 1) * (known + 2))


def _beta(known: int) -> float:
    """Share of it, per window, that goes into the drift."""
    known = min(known, _MEMORY)
    return 6 / ((known + 1) * (known + 2))
