"""Calibrations in running sessions: each measures a straight line and reports its steps."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from imurep.counting.assessment.calibration import Calibration, Step
from imurep.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from imurep.counting.motion.orientation import Motion
    from imurep.exercises import Exercise
    from imurep.service.session_manager import SessionManager

    Report = Callable[[dict[str, Any]], None]
    KeepLine = Callable[[str, Exercise, float], None]

TIMEOUT_S = 120.0
"""A calibration fails after this. Standing still, getting on a bench and holding the line takes 30 s."""


class CalibrationSessions:
    """Running calibrations, one for each sensor at most."""

    def __init__(self, sessions: SessionManager, keep_line: KeepLine) -> None:
        """Prepare; ``keep_line`` stores a measured line."""
        self._sessions = sessions
        self._keep_line = keep_line
        self._ends: dict[str, Callable[[], None]] = {}

    def begin(self, sensor: str, exercise: Exercise, report: Report) -> Step | None:
        """Begin a calibration; returns its first step, or None when there is no session.

        ``report`` is called with each next step, and in the end with the line or an error.
        """
        calibration = Calibration(exercise)
        step = calibration.next

        def watch(motion: Motion) -> None:
            nonlocal step
            calibration.push(motion)
            if calibration.next is Step.DONE:
                end()
                self._done(sensor, exercise, calibration, report)
            elif calibration.next is not step:
                step = calibration.next
                report({"status": "progress", "data": {"step": step}})

        def time_out() -> None:
            end()
            report({"status": "error", "error": calibration.complaint()})

        def end() -> None:
            late.cancel()
            self._sessions.watch(sensor, None)
            self._ends.pop(sensor, None)

        if sensor in self._ends:
            self._ends[sensor]()
        if not self._sessions.watch(sensor, watch):
            return None
        late = asyncio.get_running_loop().call_later(TIMEOUT_S, time_out)
        self._ends[sensor] = end
        return step

    def _done(self, sensor: str, exercise: Exercise, calibration: Calibration, report: Report) -> None:
        line_deg = calibration.line_deg or 0.0
        try:
            self._keep_line(sensor, exercise, line_deg)
        except ConfigError as error:
            report({"status": "error", "error": str(error)})
        else:
            report({"status": "ok", "data": {"exercise": exercise.name, "line_deg": round(line_deg, 1)}})
