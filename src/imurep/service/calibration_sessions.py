"""A straight line measured while the person watches: what to do now, and how it ended."""

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

    Tell = Callable[[dict[str, Any]], None]
    KeepLine = Callable[[str, Exercise, float], None]

PATIENCE_S = 120.0
"""Standing still, getting on a bench and holding the line takes half a minute."""


class Calibrating:
    """Calibrations that go on, one for each sensor at most."""

    def __init__(self, sessions: SessionManager, keep_line: KeepLine) -> None:
        """Prepare; ``keep_line`` keeps what was measured."""
        self._sessions = sessions
        self._keep_line = keep_line
        self._ends: dict[str, Callable[[], None]] = {}

    def begin(self, sensor: str, exercise: Exercise, tell: Tell) -> Step | None:
        """Begin anew; gives what the person does first, or None when there is no session.

        ``tell`` gets what follows: each next step, the line in the end, or why there is none.
        """
        calibration = Calibration(exercise)
        step = calibration.next

        def watch(motion: Motion) -> None:
            nonlocal step
            calibration.push(motion)
            if calibration.next is Step.DONE:
                end()
                self._done(sensor, exercise, calibration, tell)
            elif calibration.next is not step:
                step = calibration.next
                tell({"status": "progress", "data": {"step": step}})

        def too_late() -> None:
            end()
            tell({"status": "error", "error": calibration.complaint()})

        def end() -> None:
            late.cancel()
            self._sessions.watch(sensor, None)
            self._ends.pop(sensor, None)

        if sensor in self._ends:
            self._ends[sensor]()
        if not self._sessions.watch(sensor, watch):
            return None
        late = asyncio.get_running_loop().call_later(PATIENCE_S, too_late)
        self._ends[sensor] = end
        return step

    def _done(self, sensor: str, exercise: Exercise, calibration: Calibration, tell: Tell) -> None:
        line_deg = calibration.line_deg or 0.0
        try:
            self._keep_line(sensor, exercise, line_deg)
        except ConfigError as error:
            tell({"status": "error", "error": str(error)})
        else:
            tell({"status": "ok", "data": {"exercise": exercise.name, "line_deg": round(line_deg, 1)}})
