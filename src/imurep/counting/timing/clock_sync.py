"""From the device's clock to the session's: a line along the lower edge of the arrivals.

Idea. A packet never arrives before its last sample was taken, but often later:
it waits for the next connection event, is repeated, is stuck in a queue. So the
least lateness of each two seconds is worth most. A line through these (offset and
drift, by an alpha-beta filter whose memory grows to two minutes) follows the
device's clock. A window that is late as a whole moves it little, one that is
earlier than all before it at once: nothing arrives early.

For half a minute the device's own seconds count; from then on the session's
clock keeps its distance from that line, by running a little faster or slower.
It is never set: times never go back or jump, and as the distance is what it
was at the start, the time since the first sample stays right.

Compare Moon, Skelly and Towsley 1999 (doi:10.1109/INFCOM.1999.749287), whose
line under all delays needs all of them at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imurep.counting.timing.timing_params import ClockSyncParams


class SessionClock:
    """Session time of one device's clock; accelerometer and gyroscope of one sensor share it.

    Device time ``d`` is session time ``session_us + rate * (d - device_us)``, for
    any ``d`` that is not long ago.
    """

    def __init__(self, params: ClockSyncParams) -> None:
        """Begin before the first packet."""
        self._params = params
        self._window_us = params.window_s * 1e6
        self._likely_us = params.likely_ms * 1e3
        self.device_us = 0
        self.session_us = 0
        self.rate = 1.0
        self._stream = -1
        self._drift = 0.0
        """Rate of the line under the arrivals, less 1."""
        self._offset_us = 0.0
        """How far that line lies above the session's clock at ``device_us``."""
        self._distance_us = 0.0
        """What the offset was when the clock began to follow the line."""
        self._windows = 0
        """Windows since the stream began."""
        self._drift_windows = 0
        """Windows of the device."""
        self._late_us: float | None = None
        """Least lateness in this window."""
        self._late_at_us = 0.0
        """How long after ``device_us`` that lateness was."""

    def start(self, stream: int, device_us: int, arrival_us: int) -> None:
        """Begin a stream with a sample taken at this device time that arrived then."""
        late_us = arrival_us - self.session_us - self.rate * (device_us - self.device_us)
        if stream != self._stream or abs(late_us) > self._window_us:
            self._stream = stream
            self.device_us, self.session_us = device_us, arrival_us
            self.rate = 1.0 + self._drift
            self._offset_us = 0.0
            self._windows = 0
            self._late_us = None

    def update(self, device_us: int, arrival_us: int) -> None:
        """Take the device time of a sample and its arrival."""
        passed_us = device_us - self.device_us
        late_us = arrival_us - self.session_us - self.rate * passed_us
        if self._late_us is None or late_us < self._late_us:
            self._late_us, self._late_at_us = late_us, passed_us
        if passed_us >= self._window_us:
            self._steer(passed_us, self._late_us)

    def _steer(self, passed_us: int, late_us: float) -> None:
        """Move the line by the window's least lateness, and the clock's rate towards the line."""
        params, likely_us = self._params, self._likely_us
        leads = 1.0 + self._drift - self.rate  # how much faster the line runs than the clock did
        error_us = late_us - self._offset_us - leads * self._late_at_us
        self._offset_us += leads * passed_us
        if error_us < -likely_us:
            self._offset_us += error_us
        else:
            self._offset_us += params.line.alpha(self._windows) * min(error_us, likely_us)
        if self._windows and abs(error_us) <= likely_us:
            self._drift += params.line.beta(self._drift_windows) * error_us / passed_us
        self._windows += 1
        self._drift_windows += 1
        step_us = round(self.rate * passed_us)
        self.session_us += step_us
        self.device_us += passed_us
        if self._windows * self._window_us <= params.settle_s * 1e6:
            self._distance_us = self._offset_us
        else:
            slew = (self._offset_us - self._distance_us) / (params.settle_s * 1e6)
            self.rate = 1.0 + self._drift + min(max(slew, -params.slew), params.slew)
        self._late_us = None
