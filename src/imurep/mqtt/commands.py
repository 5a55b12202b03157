"""What can be asked of a running service over MQTT, and the answers.

A command stands at ``<root>/<device>/cmd/<name>``. What is not allowed is
answered with what is, and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from imurep.errors import ConfigError, SinkError
from imurep.events import Boundary
from imurep.mqtt import command_parsing
from imurep.mqtt.command_parsing import NotAllowedError
from imurep.mqtt.message import Message
from imurep.mqtt.payload_builders import corrected, deleted
from imurep.mqtt.payloads import RESPONSE
from imurep.serialization import dumps
from imurep.service.calibration_sessions import Calibrating

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from datetime import datetime

    from imurep.exercises import Exercise
    from imurep.mqtt.command_parsing import Asked
    from imurep.mqtt.message import Incoming
    from imurep.mqtt.payloads import ResponsePayload, SetPayload
    from imurep.mqtt.state_announcer import Desk
    from imurep.service.session_manager import SessionManager

CALIBRATE = "calibrate"
NAMES = (
    "exercise",
    "target_reps",
    "target_tempo",
    "load_kg",
    "start_set",
    "finish_set",
    "correct_set",
    "delete_set",
    "replay",
    "identify",
    CALIBRATE,
)
RESPONSE_EXPIRY_S = 60
AWAY = "the sensor is not there; switch it on and wait until it streams"
NO_SET = "there is no set yet"


class FailedError(Exception):
    """A command that is allowed cannot be carried out now; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What commands work with."""

    sessions: SessionManager
    identify: Callable[[str], bool]
    """Let a sensor show itself; whether it can."""
    keep: Callable[[SetPayload], Awaitable[bool]]
    """Put a version of a set in the log; whether it is on disk."""
    replay: Callable[[datetime], Awaitable[int]]
    """Send all sets since then once more; gives their number."""
    say: Callable[[Iterable[Message]], None]
    """Publish answers that come later."""
    keep_line: Callable[[str, Exercise, float], None]
    """Keep where a straight line is: sensor, exercise, degrees from standing."""


class Commands:
    """Carries out what is asked for (``roles.CommandHandler``)."""

    def __init__(self, desk: Desk, means: Means) -> None:
        """Work on the sensors that ``desk`` knows."""
        self._desk = desk
        self._means = means
        self._calibrating = Calibrating(means.sessions, means.keep_line)
        self._commands: dict[str, Callable[[str, Asked], Awaitable[dict[str, Any]]]] = {
            "exercise": self._exercise,
            "target_reps": self._target_reps,
            "target_tempo": self._target_tempo,
            "load_kg": self._load_kg,
            "start_set": self._start_set,
            "finish_set": self._finish_set,
            "correct_set": self._correct_set,
            "delete_set": self._delete_set,
            "replay": self._replay,
            "identify": self._identify,
        }

    async def handle(self, incoming: Incoming) -> Sequence[Message]:
        """Carry a command out. None of ours, or for a sensor that another service may have: no answer."""
        dev, name = self._desk.topics.parse_command(incoming.topic) or ("", "")
        sensor = self._desk.sensors().get(dev)
        if sensor is None or incoming.retain:
            return []
        try:
            question = command_parsing.read(incoming.payload)
        except NotAllowedError as error:
            return self._answer(incoming, name, dev, {"status": "error", "error": str(error)})
        answer: dict[str, Any] = {}
        if question.transaction is not None:
            answer["transaction"] = question.transaction
        plan, last = self._desk.plans.of(sensor), self._desk.finished.last(sensor)
        try:
            if name == CALIBRATE:
                data = self._calibrate(sensor, question, incoming, answer)
                answer |= {"status": "progress", "data": data}
            elif name in self._commands:
                answer |= {"status": "ok", "data": await self._commands[name](sensor, question)}
            else:
                known = ", ".join(NAMES)
                answer |= {"status": "error", "error": f"there is no command {name!r}; send one of {known}"}
        except (NotAllowedError, FailedError, ConfigError, SinkError) as error:
            answer |= {"status": "error", "error": str(error)}
        messages = self._answer(incoming, name, dev, answer)
        if self._desk.plans.of(sensor) != plan:
            messages.insert(0, self._desk.config(sensor))
        if self._desk.finished.last(sensor) != last:
            messages = [*self._desk.state(sensor), *messages]
        return messages

    # What the person sets

    async def _exercise(self, sensor: str, question: Asked) -> dict[str, Any]:
        name = command_parsing.exercise(question.value)
        self._desk.plans.change(sensor, exercise=name)
        self._means.sessions.instruct(sensor, exercise=name)
        return {"exercise": name}

    async def _target_reps(self, sensor: str, question: Asked) -> dict[str, Any]:
        reps = command_parsing.target_reps(question.value)
        self._desk.plans.change(sensor, target_reps=reps)
        return {"target_reps": reps}

    async def _target_tempo(self, sensor: str, question: Asked) -> dict[str, Any]:
        tempo_s = command_parsing.tempo_s(question.value)
        self._desk.plans.change(sensor, target_tempo_s=tempo_s)
        return {"target_tempo_s": tempo_s}

    async def _load_kg(self, sensor: str, question: Asked) -> dict[str, Any]:
        load_kg = command_parsing.load_kg(question.value)
        self._desk.plans.change(sensor, load_kg=load_kg)
        return {"load_kg": load_kg}

    # Sets

    async def _start_set(self, sensor: str, _: Asked) -> dict[str, Any]:
        return self._divide(sensor, Boundary.START)

    async def _finish_set(self, sensor: str, _: Asked) -> dict[str, Any]:
        return self._divide(sensor, Boundary.FINISH)

    def _divide(self, sensor: str, boundary: Boundary) -> dict[str, Any]:
        if not self._means.sessions.instruct(sensor, boundary=boundary):
            raise FailedError(AWAY)
        return {}

    async def _correct_set(self, sensor: str, question: Asked) -> dict[str, Any]:
        repetitions = command_parsing.repetitions(question.value)
        return await self._next_version(corrected(self._last(sensor), repetitions))

    async def _delete_set(self, sensor: str, _: Asked) -> dict[str, Any]:
        return await self._next_version(deleted(self._last(sensor)))

    def _last(self, sensor: str) -> SetPayload:
        last = self._desk.finished.last(sensor)
        if last is None:
            raise FailedError(NO_SET)
        return last

    async def _next_version(self, payload: SetPayload) -> dict[str, Any]:
        self._desk.finished.take(payload)
        on_disk = await self._means.keep(payload)
        return {
            "id": payload["id"],
            "version": payload["version"],
            "repetitions": payload["repetitions"],
            "on_disk": on_disk,
        }

    async def _replay(self, _: str, question: Asked) -> dict[str, Any]:
        return {"sets": await self._means.replay(command_parsing.instant(question.value))}

    # The sensor

    async def _identify(self, sensor: str, _: Asked) -> dict[str, Any]:
        if not self._means.identify(sensor):
            msg = f"{AWAY}, if it is one that can blink"
            raise FailedError(msg)
        return {}

    def _calibrate(
        self, sensor: str, question: Asked, incoming: Incoming, answer: dict[str, Any]
    ) -> dict[str, Any]:
        """Begin to look for the straight line; what is seen is answered later, by and by."""
        dev = self._desk.topics.parse_command(incoming.topic)

        def tell(more: dict[str, Any]) -> None:
            if dev is not None:
                self._means.say(self._answer(incoming, CALIBRATE, dev[0], {**answer, **more}))

        name = question.value or self._desk.plans.of(sensor).exercise
        step = self._calibrating.begin(sensor, command_parsing.bench(name), tell)
        if step is None:
            raise FailedError(AWAY)
        return {"step": step}

    def _answer(self, incoming: Incoming, name: str, dev: str, answer: dict[str, Any]) -> list[Message]:
        payload: ResponsePayload = {"schema": "imurep.response/1", "command": name, **answer}  # type: ignore[typeddict-item] # status is always in it
        message = Message(
            topic=self._desk.topics.response(dev, name),
            payload=dumps(payload),
            expiry_s=RESPONSE_EXPIRY_S,
            schema=RESPONSE,
            correlation=incoming.correlation,
        )
        wanted = incoming.response_topic
        if wanted is None or wanted == message.topic:
            return [message]
        return [message, replace(message, topic=wanted)]
