"""Conversation with a Polar sensor.

A read of the control point gives what it can measure; then each measurement is
asked for its settings and started: the gyroscope first, if there is one, so
that nothing is counted without it meanwhile. One that runs already, because it
was not stopped, is stopped and started again, so that its scale is recorded. At
the end all are stopped: otherwise the sensor measures on and drains its battery.

SDK mode, which gives a Verity Sense higher rates, stays as it is: 52 Hz are
enough, and 400 Hz are more than its link carries.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imurep.devices.base_conversation import BATTERY, BaseConversation, ConnectionState
from imurep.devices.polar import control
from imurep.devices.polar.control import Measurement, PolarCode, PolarOperation
from imurep.devices.polar.start_settings import choose
from imurep.devices.protocol import Read, Subscribe, Write

if TYPE_CHECKING:
    from imurep.devices.polar.control import Setting
    from imurep.devices.protocol import Step, StreamRequest

FIRST_US = 45_000_000
"""Longest time to the first samples: some sensors take half a minute."""

NO_ACCELEROMETER = (
    "the sensor offers no accelerometer; use an H10, an OH1 or a Verity Sense, and update its firmware"
)
NO_RATE = "the sensor offers no rate of its accelerometer that reps can be counted from; update its firmware"
STOPPED = "the sensor stopped measuring by itself; check that it is worn, charged and off its charger"

_HEADER_BYTES = 10


@dataclass(slots=True)
class PolarConnectionState(ConnectionState):
    """Adds which measurements are wanted, and which of them are still to be started or stopped."""

    request: tuple[PolarOperation, Measurement] | None = None
    """The request that waits for its response."""
    chosen: dict[Setting, int] = field(default_factory=dict)
    """Settings of the measurement that is being started."""
    has_responded: bool = False
    """Whether the control point has sent a response, so that its subscription works."""
    was_stopped: bool = False
    """Whether the measurement that is being started was stopped before."""
    wanted: list[Measurement] = field(default_factory=lambda: [Measurement.GYR, Measurement.ACC])
    to_do: list[Measurement] = field(default_factory=list)
    silent: set[Measurement] = field(default_factory=set)
    """Measurements without samples since all had some."""


class PolarConversation(BaseConversation[PolarConnectionState]):
    """The conversation with one sensor, over all its connections."""

    def __init__(self, stream_request: StreamRequest) -> None:
        super().__init__(PolarConnectionState)
        self._stream_request = stream_request

    def _set_up(self) -> list[Step]:
        return [Subscribe("control"), Subscribe("data"), *self._ask(Read("control"))]

    def _stop_stream(self) -> list[Step]:
        """Stop all measurements, also those that an earlier connection may have left running."""
        connection = self._connection
        connection.to_do = list(connection.wanted)
        return ([] if connection.has_responded else [Subscribe("control")]) + self._stop_next()

    def _do_without(self, step: Step) -> list[Step] | None:
        request = self._connection.request
        if self._is_ending and step == Subscribe("control") and request is not None:
            return [Write("control", control.request(*request))]  # it is subscribed to already
        return super()._do_without(step)

    # What is received

    def _received(self, channel: str, payload: bytes) -> list[Step]:
        if channel == "data" and len(payload) > _HEADER_BYTES:
            self._frame(control.measured(payload))
        if channel != "control":
            return []
        connection = self._connection
        message = control.parse(payload)
        if isinstance(message, control.PolarFeatures):
            return self._features(message)
        connection.has_responded = True
        if isinstance(message, control.MeasurementsStopped):
            ours = not self._is_ending and message.measurements & set(connection.wanted)
            return self._disconnect(STOPPED) if ours else []
        if connection.request != (message.operation, message.measurement):
            return []
        operation, measurement = connection.request
        connection.request = None
        if self._is_ending:
            return self._stop_next()
        return self._response(operation, measurement, message)

    def _frame(self, measurement: int) -> None:
        """Count the stream as silent until each measurement has sent samples."""
        silent = self._connection.silent
        silent -= {measurement}
        if not silent:
            self._connection.silent = set(self._connection.wanted)
            self._sampled()

    def _features(self, features: control.PolarFeatures) -> list[Step]:
        connection = self._connection
        if self._is_ending or connection.request is not None or self.streaming:
            return []
        if not features.has(Measurement.ACC):
            return self._disconnect(NO_ACCELEROMETER, again=False)
        if not (self._stream_request.gyroscope and features.has(Measurement.GYR)):
            connection.wanted.remove(Measurement.GYR)
        connection.to_do = list(connection.wanted)
        return self._start_next()

    def _response(
        self, operation: PolarOperation, measurement: Measurement, response: control.PolarResponse
    ) -> list[Step]:
        connection = self._connection
        if operation is PolarOperation.STOP:
            return self._request(PolarOperation.START, measurement, connection.chosen)
        if (
            operation is PolarOperation.START
            and response.code == PolarCode.ALREADY
            and not connection.was_stopped
        ):
            connection.was_stopped = True
            return self._request(PolarOperation.STOP, measurement)
        if response.code != PolarCode.DONE:
            return self._skip(measurement, control.refusal(response.code))
        if operation is PolarOperation.START:
            connection.to_do.remove(measurement)
            return self._start_next()
        chosen = choose(measurement, response.settings(), self._stream_request)
        if chosen is None:
            return self._skip(measurement, NO_RATE)
        connection.chosen = chosen
        return self._request(PolarOperation.START, measurement, chosen)

    # What is sent

    def _start_next(self) -> list[Step]:
        connection = self._connection
        connection.was_stopped = False
        if connection.to_do:
            return self._request(PolarOperation.SETTINGS, connection.to_do[0])
        connection.silent = set(connection.wanted)
        return [*self._stream(FIRST_US), *BATTERY]

    def _skip(self, measurement: Measurement, problem: str) -> list[Step]:
        """Do without a measurement: reps can be counted without a gyroscope."""
        if measurement is Measurement.ACC:
            return self._disconnect(problem)
        self._connection.wanted.remove(measurement)
        self._connection.to_do.remove(measurement)
        return self._start_next()

    def _stop_next(self) -> list[Step]:
        if not self._connection.to_do:
            return self._disconnect()
        return self._request(PolarOperation.STOP, self._connection.to_do.pop())

    def _request(
        self,
        operation: PolarOperation,
        measurement: Measurement,
        settings: dict[Setting, int] | None = None,
    ) -> list[Step]:
        self._connection.request = (operation, measurement)
        return self._ask(Write("control", control.request(operation, measurement, settings)))
