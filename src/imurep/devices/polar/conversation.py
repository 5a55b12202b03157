"""How one talks to a sensor that speaks PMD.

The control point is read for what it can measure; then each measurement is
asked for its settings and started: the gyroscope first, if there is one, so
that nothing is counted without it meanwhile. One that runs already, because
somebody did not stop it, is stopped and started anew, and so its scale is
recorded. At the end all are stopped: the sensor would measure on, and empty its
battery.

SDK mode, which gives a Verity Sense higher rates, is left as it is found: 52 Hz
are enough, and 400 Hz are more than its link carries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.devices.polar import control, problems
from imurep.devices.polar.choosing import choose
from imurep.devices.polar.control import Code, Measurement, Operation
from imurep.devices.protocol import Read, Subscribe, Write
from imurep.devices.simple_session import BATTERY, Dialogue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.devices.polar.control import Setting
    from imurep.devices.protocol import Step, StreamRequest

FIRST_US = 45_000_000
"""Until the first samples: some sensors take half a minute."""

_HEADER_BYTES = 10


class PmdConversation(Dialogue):
    """The conversation with one sensor, over all its connections."""

    def __init__(self, stream_request: StreamRequest) -> None:
        super().__init__()
        self._stream_request = stream_request
        self._begin()

    def _begin(self) -> None:
        self._asked: tuple[Operation, Measurement] | None = None
        self._chosen: dict[Setting, int] = {}
        self._listening = False
        self._stopped_first = False
        self._wanted = [Measurement.GYR, Measurement.ACC]
        self._to_do: list[Measurement] = []
        self._silent: set[Measurement] = set()

    def _greet(self) -> list[Step]:
        self._begin()
        return [Subscribe("control"), Subscribe("data"), *self._ask(Read("control"))]

    def _farewell(self) -> list[Step]:
        """Stop, also what an earlier connection may have left running."""
        self._to_do = list(self._wanted)
        return ([] if self._listening else [Subscribe("control")]) + self._stop_next()

    def refused(self, step: Step, problem: str, now_us: int) -> Sequence[Step]:
        """Stop all the same when the answers are subscribed to already."""
        if self._ending and step == Subscribe("control") and self._asked is not None:
            return [Write("control", control.request(*self._asked))]
        return super().refused(step, problem, now_us)

    # What is heard

    def _heard(self, channel: str, payload: bytes) -> list[Step]:
        if channel == "data" and len(payload) > _HEADER_BYTES:
            self._silent.discard(control.measured(payload))
            if not self._silent:
                self._silent = set(self._wanted)
                self._sampled()
        if channel != "control":
            return []
        said = control.parse(payload)
        if isinstance(said, control.Features):
            return self._offered(said)
        self._listening = True
        if isinstance(said, control.Stopped):
            ours = not self._ending and said.measurements & set(self._wanted)
            return self._hang_up(problems.STOPPED) if ours else []
        if (said.operation, said.measurement) != self._asked:
            return []
        operation, measurement = self._asked
        self._asked = None
        if self._ending:
            return self._stop_next()
        return self._answered(operation, measurement, said)

    def _offered(self, features: control.Features) -> list[Step]:
        if self._ending or self._asked is not None or self.streaming:
            return []
        if not features.has(Measurement.ACC):
            return self._hang_up(problems.NO_ACCELEROMETER, again=False)
        if not (self._stream_request.gyroscope and features.has(Measurement.GYR)):
            self._wanted.remove(Measurement.GYR)
        self._to_do = list(self._wanted)
        return self._start_next()

    def _answered(self, operation: Operation, measurement: Measurement, said: control.Response) -> list[Step]:
        if operation is Operation.STOP:
            return self._say(Operation.START, measurement, self._chosen)
        if operation is Operation.START and said.code == Code.ALREADY and not self._stopped_first:
            self._stopped_first = True
            return self._say(Operation.STOP, measurement)
        if said.code != Code.DONE:
            return self._without(measurement, problems.refusal(said.code))
        if operation is Operation.START:
            self._to_do.remove(measurement)
            return self._start_next()
        chosen = choose(measurement, said.settings(), self._stream_request)
        if chosen is None:
            return self._without(measurement, problems.NO_CHOICE)
        self._chosen = chosen
        return self._say(Operation.START, measurement, chosen)

    # What is said

    def _start_next(self) -> list[Step]:
        self._stopped_first = False
        if self._to_do:
            return self._say(Operation.SETTINGS, self._to_do[0])
        self._silent = set(self._wanted)
        return [*self._listen(FIRST_US), *BATTERY]

    def _without(self, measurement: Measurement, problem: str) -> list[Step]:
        """Reps can be counted without a gyroscope."""
        if measurement is Measurement.ACC:
            return self._hang_up(problem)
        self._wanted.remove(measurement)
        self._to_do.remove(measurement)
        return self._start_next()

    def _stop_next(self) -> list[Step]:
        if not self._to_do:
            return self._hang_up()
        return self._say(Operation.STOP, self._to_do.pop())

    def _say(
        self, operation: Operation, measurement: Measurement, settings: dict[Setting, int] | None = None
    ) -> list[Step]:
        self._asked = (operation, measurement)
        step = Write("control", control.request(operation, measurement, settings))
        return [step] if self._ending else self._ask(step)
