"""Commands to a running service over MQTT, and their responses.

A command is published on ``<root>/<device>/cmd/<name>``. The response to a value
that is not allowed names those that are; nothing changes then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from imurep.errors import ConfigError, SinkError
from imurep.events import Boundary
from imurep.exercises import EXERCISES
from imurep.mqtt import command_parsing
from imurep.mqtt.command_parsing import NotAllowedError
from imurep.mqtt.corrections import corrected, deleted
from imurep.mqtt.interfaces import Message
from imurep.mqtt.payloads import RESPONSE
from imurep.serialization import dumps

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from datetime import datetime

    from imurep.exercises import Exercise
    from imurep.mqtt.command_parsing import ParsedCommand
    from imurep.mqtt.interfaces import Incoming
    from imurep.mqtt.payloads import ResponsePayload, SetPayload
    from imurep.mqtt.state_announcer import StateAnnouncer

    Report = Callable[[dict[str, Any]], None]

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
AWAY = "the sensor is not connected; switch it on and wait until it streams"
NO_SET = "there is no set yet"


class CommandFailedError(Exception):
    """A command cannot be carried out now; the message gives the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandServices:
    """Functions of the service that commands call."""

    set_exercise: Callable[[str, str], object]
    """Set the exercise of a sensor's session and of those to come."""
    mark_boundary: Callable[[str, Boundary], bool]
    """Start or finish a set in a sensor's session; whether there is one."""
    identify: Callable[[str], bool]
    """Let a sensor show which one it is; whether it can."""
    find_set: Callable[[str], Awaitable[SetPayload | None]]
    """Read the newest version of a set from the log. Raises SinkError."""
    store: Callable[[SetPayload], Awaitable[bool]]
    """Put a version of a set in the log; whether it is on disk."""
    remember_exercise: Callable[[str, str], None]
    """Keep what a person did, as the newest, for the sets to come."""
    replay: Callable[[datetime], Awaitable[int]]
    """Send all sets since then once more; returns their number."""
    enqueue: Callable[[Iterable[Message]], None]
    """Publish responses that come later."""
    calibrate: Callable[[str, Exercise, Report], str | None]
    """Begin to measure a sensor's straight line on this bench; the first step, or None without a session."""


class Commands:
    """Carries out commands (an ``interfaces.CommandHandler``)."""

    def __init__(self, announcer: StateAnnouncer, services: CommandServices) -> None:
        """Prepare for the sensors of ``announcer``."""
        self._announcer = announcer
        self._services = services
        self._commands: dict[str, Callable[[str, ParsedCommand], Awaitable[dict[str, Any]]]] = {
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
        """Carry out a command. There is no response for a sensor that this service does not have."""
        dev, name = self._announcer.topics.parse_command(incoming.topic) or ("", "")
        sensor = self._announcer.sensors().get(dev)
        if sensor is None or incoming.retain:
            return []
        try:
            command = command_parsing.parse(incoming.payload)
        except NotAllowedError as error:
            return self._response(incoming, name, dev, {"status": "error", "error": str(error)})
        response: dict[str, Any] = {}
        if command.transaction is not None:
            response["transaction"] = command.transaction
        plan, sets = self._announcer.plans.of(sensor), self._announcer.recent_sets.of(sensor)
        try:
            if name == CALIBRATE:
                data = self._calibrate(sensor, command, incoming, response)
                response |= {"status": "progress", "data": data}
            elif name in self._commands:
                response |= {"status": "ok", "data": await self._commands[name](sensor, command)}
            else:
                known = ", ".join(NAMES)
                response |= {"status": "error", "error": f"there is no command {name!r}; send one of {known}"}
        except (NotAllowedError, CommandFailedError, ConfigError, SinkError) as error:
            response |= {"status": "error", "error": str(error)}
        messages = self._response(incoming, name, dev, response)
        if self._announcer.plans.of(sensor) != plan:
            messages.insert(0, self._announcer.config(sensor))
        if self._announcer.recent_sets.of(sensor) != sets:
            messages = [*self._announcer.state(sensor), *messages]
        return messages

    # Settings

    async def _exercise(self, sensor: str, command: ParsedCommand) -> dict[str, Any]:
        name = command_parsing.exercise(command.value)
        self._announcer.plans.change(sensor, exercise=name)
        self._services.set_exercise(sensor, name)
        return {"exercise": name}

    async def _target_reps(self, sensor: str, command: ParsedCommand) -> dict[str, Any]:
        reps = command_parsing.target_reps(command.value)
        self._announcer.plans.change(sensor, target_reps=reps)
        return {"target_reps": reps}

    async def _target_tempo(self, sensor: str, command: ParsedCommand) -> dict[str, Any]:
        tempo_s = command_parsing.tempo_s(command.value)
        self._announcer.plans.change(sensor, target_tempo_s=tempo_s)
        return {"target_tempo_s": tempo_s}

    async def _load_kg(self, sensor: str, command: ParsedCommand) -> dict[str, Any]:
        load_kg = command_parsing.load_kg(command.value)
        self._announcer.plans.change(sensor, load_kg=load_kg)
        return {"load_kg": load_kg}

    # Sets

    async def _start_set(self, sensor: str, _: ParsedCommand) -> dict[str, Any]:
        return self._mark(sensor, Boundary.START)

    async def _finish_set(self, sensor: str, _: ParsedCommand) -> dict[str, Any]:
        return self._mark(sensor, Boundary.FINISH)

    def _mark(self, sensor: str, boundary: Boundary) -> dict[str, Any]:
        if not self._services.mark_boundary(sensor, boundary):
            raise CommandFailedError(AWAY)
        return {}

    async def _correct_set(self, sensor: str, command: ParsedCommand) -> dict[str, Any]:
        name = None if command.exercise is None else command_parsing.exercise(command.exercise)
        is_counted = name is None or command.value is not None
        repetitions = command_parsing.repetitions(command.value) if is_counted else None
        payload = await self._chosen(sensor, command)
        if name in EXERCISES:
            self._services.remember_exercise(payload["person"], name)
        lines_deg = self._announcer.lines_deg(payload["person"], sensor)
        return await self._next_version(
            corrected(payload, repetitions=repetitions, exercise=name, lines_deg=lines_deg)
        )

    async def _delete_set(self, sensor: str, command: ParsedCommand) -> dict[str, Any]:
        return await self._next_version(deleted(await self._chosen(sensor, command)))

    async def _chosen(self, sensor: str, command: ParsedCommand) -> SetPayload:
        """The newest version of the set that a command means."""
        recent_sets = self._announcer.recent_sets
        if command.set_id is None:
            last = recent_sets.last(sensor)
            if last is None:
                raise CommandFailedError(NO_SET)
            return last
        name = command_parsing.set_id(command.set_id)
        found = recent_sets.of(sensor).get(name) or await self._services.find_set(name)
        if found is None or found["sensor"] != sensor or found["state"] == "withdrawn":
            msg = f"there is no set {name!r} of {sensor}, or it was deleted; send the id of one that counts"
            raise CommandFailedError(msg)
        return found

    async def _next_version(self, payload: SetPayload) -> dict[str, Any]:
        self._announcer.recent_sets.add(payload)
        on_disk = await self._services.store(payload)
        return {
            "id": payload["id"],
            "version": payload["version"],
            "repetitions": payload["repetitions"],
            "exercise": payload["exercise"],
            "on_disk": on_disk,
        }

    async def _replay(self, _: str, command: ParsedCommand) -> dict[str, Any]:
        return {"sets": await self._services.replay(command_parsing.instant(command.value))}

    # The sensor

    async def _identify(self, sensor: str, _: ParsedCommand) -> dict[str, Any]:
        if not self._services.identify(sensor):
            msg = f"{AWAY}, if it is one that can blink"
            raise CommandFailedError(msg)
        return {}

    def _calibrate(
        self, sensor: str, command: ParsedCommand, incoming: Incoming, response: dict[str, Any]
    ) -> dict[str, Any]:
        """Begin a calibration. Its further steps are published as responses of their own."""
        dev = self._announcer.topics.parse_command(incoming.topic)

        def report(more: dict[str, Any]) -> None:
            if dev is not None:
                self._services.enqueue(self._response(incoming, CALIBRATE, dev[0], {**response, **more}))

        name = command.value or self._announcer.plans.of(sensor).exercise
        step = self._services.calibrate(sensor, command_parsing.bench(name), report)
        if step is None:
            raise CommandFailedError(AWAY)
        return {"step": step}

    def _response(self, incoming: Incoming, name: str, dev: str, response: dict[str, Any]) -> list[Message]:
        payload: ResponsePayload = {"schema": "imurep.response/1", "command": name, **response}  # type: ignore[typeddict-item] # status is always in it
        message = Message(
            topic=self._announcer.topics.response(dev, name),
            payload=dumps(payload),
            expiry_s=RESPONSE_EXPIRY_S,
            schema=RESPONSE,
            correlation=incoming.correlation,
        )
        wanted = incoming.response_topic
        if wanted is None or wanted == message.topic:
            return [message]
        return [message, replace(message, topic=wanted)]
