"""Commands to a running service: real sessions, a real pipeline, the notifications of a recorded workout."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.workout import Session
from firmware_sim.programs.simulate import simulate
from firmware_sim.sensor.sensor_setup import SensorSetup
from imurep.errors import ConfigError, SinkError
from imurep.events import ExerciseSet, LinkEvent, Notification, State
from imurep.mqtt.commands import NAMES, Commands, CommandServices
from imurep.mqtt.interfaces import Incoming
from imurep.mqtt.payloads import BY_PERSON
from imurep.plan import NO_PLAN
from imurep.recording import open_recording
from imurep.service.calibration_sessions import TIMEOUT_S, CalibrationSessions
from imurep.service.clock import ServiceClock
from imurep.service.raw_archive import RawArchive
from imurep.service.session import CountingOptions
from imurep.service.session_manager import SessionManager
from tests.mqtt.workout import DEV, NOW, RECORDING, SENSOR, announcer
from tests.virtual_time import VirtualTimeLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from pathlib import Path

    from imurep.events import SensorStatus, SessionEvent
    from imurep.exercises import Exercise
    from imurep.mqtt.interfaces import Message
    from imurep.mqtt.payloads import SetPayload
    from imurep.recording import RecordingItem


@cache
def items() -> tuple[RecordingItem, ...]:
    return tuple(item for item in open_recording(RECORDING) if not isinstance(item, LinkEvent))


class Service:
    """What stands around the commands."""

    def __init__(self, directory: Path) -> None:
        self.announcer = announcer(directory, plan=NO_PLAN)
        self.events: list[SessionEvent] = []
        self.sessions = SessionManager(
            archive=RawArchive(directory, keep_days=7),
            counting=CountingOptions(person="Ann"),
            clock=ServiceClock(NOW),
            listeners=[self],
        )
        self.sessions.open()
        self.stored: list[SetPayload] = []
        self.older: list[SetPayload] = []
        """Sets that only the log has."""
        self.remembered: list[tuple[str, str]] = []
        self.since: list[datetime] = []
        self.later: list[dict[str, Any]] = []
        self.lines: list[tuple[str, str, float]] = []
        self.blinks = True
        self.broken = ""
        self.commands = Commands(
            self.announcer,
            CommandServices(
                set_exercise=lambda sensor, exercise: self.sessions.instruct(sensor, exercise=exercise),
                mark_boundary=lambda sensor, boundary: self.sessions.instruct(sensor, boundary=boundary),
                identify=lambda sensor: self.blinks and sensor == SENSOR,
                find_set=self.find_set,
                store=self.store,
                remember_exercise=self.remember_exercise,
                replay=self.replay,
                enqueue=self.enqueue,
                calibrate=CalibrationSessions(self.sessions, self.keep_line).begin,
            ),
        )
        self.arrived = 0

    def event(self, event: SessionEvent) -> None:
        self.events.append(event)
        self.announcer.event(event)
        if isinstance(event.event, ExerciseSet) and event.event.state is not State.PROVISIONAL:
            self.announcer.set_payload(event)

    def status(self, status: SensorStatus) -> None:
        self.announcer.status(status)

    async def store(self, payload: SetPayload) -> bool:
        self.stored.append(payload)
        return True

    async def find_set(self, set_id: str) -> SetPayload | None:
        return next((one for one in (*self.stored[::-1], *self.older) if one["id"] == set_id), None)

    def remember_exercise(self, person: str, exercise: str) -> None:
        self.remembered.append((person, exercise))

    async def replay(self, since: datetime) -> int:
        if self.broken:
            raise SinkError(self.broken)
        self.since.append(since)
        return 3

    def enqueue(self, messages: Iterable[Message]) -> None:
        self.later += [json.loads(message.payload) for message in messages]

    def keep_line(self, sensor: str, exercise: Exercise, line_deg: float) -> None:
        if self.broken:
            raise ConfigError(self.broken)
        self.lines.append((sensor, exercise.name, line_deg))

    def receive(self, part: float, of: tuple[RecordingItem, ...] | None = None) -> None:
        """Let notifications come, up to this part of all."""
        coming = of or items()
        end = round(part * len(coming))
        for item in coming[self.arrived : end]:
            self.sessions.received(SENSOR, "open_imu", item)
        self.arrived = end

    async def ask(self, name: str, payload: object = "PRESS") -> dict[str, Any]:
        text = payload if isinstance(payload, str) else json.dumps(payload)
        messages = await self.handle(name, text.encode())
        (answer,) = [one for one in messages if "/response/" in one.topic]
        assert answer.topic == f"imurep/{DEV}/response/{name}"
        response: dict[str, Any] = json.loads(answer.payload)
        assert response["command"] == name
        return response

    async def handle(
        self, name: str, payload: bytes, *, retain: bool = False, response_topic: str | None = None
    ) -> list[Message]:
        incoming = Incoming(
            topic=f"imurep/{DEV}/cmd/{name}",
            payload=payload,
            retain=retain,
            response_topic=response_topic,
            correlation=b"c" if response_topic else None,
        )
        return list(await self.commands.handle(incoming))

    def sets(self) -> list[ExerciseSet]:
        last = {one.event.id: one.event for one in self.events if isinstance(one.event, ExerciseSet)}
        return [found for found in last.values() if found.state is State.FINAL]


def run(scenario: Callable[[Service], Coroutine[Any, Any, None]], directory: Path) -> None:
    async def whole() -> None:
        service = Service(directory)
        await scenario(service)
        service.sessions.close()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(whole())


def test_what_is_set_is_kept_and_published(tmp_path: Path) -> None:
    async def scenario(service: Service) -> None:
        assert (await service.ask("target_reps", 12))["data"] == {"target_reps": 12}
        assert (await service.ask("target_tempo", "3-1-2-1"))["status"] == "ok"
        assert (await service.ask("load_kg", {"value": 22.5, "transaction": "t"}))["transaction"] == "t"
        config, _ = await service.handle("exercise", b"deadlift")
        assert (config.topic, config.retain) == (f"imurep/{DEV}/config", True)
        assert json.loads(config.payload) == {
            "schema": "imurep.config/1",
            "sensor": SENSOR,
            "exercise": "deadlift",
            "target_reps": 12,
            "target_tempo_s": [3.0, 1.0, 2.0, 1.0],
            "load_kg": 22.5,
        }

    run(scenario, tmp_path)


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("exercise", "squat"),
        ("target_reps", "many"),
        ("target_tempo", "3-1"),
        ("load_kg", "-5"),
        ("correct_set", "0"),
        ("replay", "yesterday"),
        ("calibrate", "deadlift"),
    ],
)
def test_what_is_not_allowed_changes_nothing(tmp_path: Path, name: str, payload: str) -> None:
    async def scenario(service: Service) -> None:
        service.receive(1.0)
        before = service.announcer.plans.of(SENSOR)
        response = await service.ask(name, {"value": payload, "transaction": 5})
        assert (response["status"], response["transaction"]) == ("error", 5)
        assert "is not allowed; send " in response["error"]
        assert service.announcer.plans.of(SENSOR) == before
        assert not service.stored

    run(scenario, tmp_path)


def test_the_exercise_reaches_the_session_and_those_to_come(tmp_path: Path) -> None:
    async def scenario(service: Service) -> None:
        await service.ask("exercise", "back_extension_90")
        service.receive(1.0)
        assert [found.exercise for found in service.sets()] == ["back_extension_90"] * len(service.sets())
        assert len(service.sets()) >= 2

    run(scenario, tmp_path)


def test_finishing_and_starting(tmp_path: Path) -> None:
    async def scenario(service: Service) -> None:
        for name in ("start_set", "finish_set"):
            assert "not connected" in (await service.ask(name))["error"]
        service.receive(0.2)
        before = len(service.sets())
        assert service.announcer.live_state.sensors[SENSOR].reps, "amid a set"
        assert (await service.ask("finish_set"))["status"] == "ok"
        assert len(service.sets()) == before + 1
        assert not service.announcer.live_state.sensors[SENSOR].reps
        assert (await service.ask("start_set"))["status"] == "ok"

    run(scenario, tmp_path)


def test_the_last_set_is_corrected_and_deleted(tmp_path: Path) -> None:
    async def scenario(service: Service) -> None:
        assert "no set yet" in (await service.ask("correct_set", 11))["error"]
        service.receive(1.0)
        service.sessions.close()
        counted = len(service.sets())
        last = service.announcer.recent_sets.last(SENSOR)
        assert last is not None
        response = await service.ask("correct_set", 11)
        assert response["data"] == {
            "id": last["id"],
            "version": BY_PERSON,
            "repetitions": 11,
            "exercise": "back_extension_45",
            "on_disk": True,
        }
        (eleven,) = service.stored
        assert (eleven["repetitions"], eleven["counted_repetitions"]) == (11, 12)
        assert service.announcer.recent_sets.last(SENSOR) == eleven
        await service.ask("delete_set")
        assert [one["state"] for one in service.stored] == ["final", "withdrawn"]
        assert service.announcer.recent_sets.today(SENSOR, NOW)[0] == counted - 1

    run(scenario, tmp_path)


def test_an_exercise_is_corrected_and_remembered(tmp_path: Path) -> None:
    async def scenario(service: Service) -> None:
        service.receive(1.0)
        service.sessions.close()
        first, *_, last = service.announcer.recent_sets.of(SENSOR).values()
        response = await service.ask("correct_set", {"exercise": "good_morning", "transaction": 1})
        assert response["transaction"] == 1
        assert response["data"] == {
            "id": last["id"],
            "version": BY_PERSON,
            "repetitions": 12,
            "exercise": "good_morning",
            "on_disk": True,
        }
        assert service.announcer.recent_sets.last(SENSOR) == service.stored[-1]
        command = {"set": first["id"], "exercise": "deadlift", "value": 10}
        data = (await service.ask("correct_set", command))["data"]
        assert (data["id"], data["version"]) == (first["id"], BY_PERSON)
        assert (data["exercise"], data["repetitions"]) == ("deadlift", 10)
        assert (await service.ask("correct_set", command))["data"] == data, "again is no other version"
        assert service.remembered == [("Ann", "good_morning"), *[("Ann", "deadlift")] * 2]
        await service.ask("correct_set", {"exercise": "unknown"})
        assert (service.stored[-1]["exercise"], service.stored[-1]["version"]) == ("unknown", BY_PERSON + 1)
        assert len(service.remembered) == 3, "that is nothing to remember"

    run(scenario, tmp_path)


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ({"exercise": "squat"}, '"squat" is not allowed; send one of back_extension_45, '),
        ({"exercise": "good_morning", "value": 0}, "0 is not allowed; send a whole number from 1 to 1000"),
        ({"exercise": 3}, "3 is not allowed; send one of "),
        ({"set": "s-1"}, "null is not allowed; send a whole number"),
        ({"set": 1, "value": 9}, "1 is not allowed; send the id of a set"),
        ({"set": "s-1", "exercise": "deadlift"}, "there is no set 's-1' of Back Strap, or it was deleted"),
    ],
)
def test_a_correction_that_is_not_allowed_changes_nothing(
    tmp_path: Path, command: dict[str, object], error: str
) -> None:
    async def scenario(service: Service) -> None:
        service.receive(1.0)
        response = await service.ask("correct_set", command)
        assert response["status"] == "error"
        assert response["error"].startswith(error)
        assert not service.stored
        assert not service.remembered

    run(scenario, tmp_path)


def test_a_set_of_last_week_is_corrected_and_the_last_one_stays(tmp_path: Path) -> None:
    async def scenario(service: Service) -> None:
        service.receive(1.0)
        service.sessions.close()
        last = service.announcer.recent_sets.last(SENSOR)
        assert last is not None
        older: SetPayload = {**last, "id": "old", "started": "2026-02-22T18:00:00.000Z"}
        service.older = [older, {**older, "id": "another", "sensor": "another"}]
        data = (await service.ask("correct_set", {"set": "old", "exercise": "good_morning"}))["data"]
        assert (data["id"], data["exercise"]) == ("old", "good_morning")
        assert (await service.ask("correct_set", {"set": "another", "value": 3}))["status"] == "error"
        assert service.announcer.recent_sets.last(SENSOR) == last
        await service.ask("delete_set", {"set": "old"})
        assert "or it was deleted" in (await service.ask("correct_set", {"set": "old", "value": 3}))["error"]

    run(scenario, tmp_path)


def test_what_is_counted_later_leaves_a_corrected_set_as_it_is(tmp_path: Path) -> None:
    async def scenario(service: Service) -> None:
        service.receive(1.0)
        service.sessions.close()
        await service.ask("correct_set", {"exercise": "good_morning"})
        corrected = service.stored[-1]
        late = next(one for one in reversed(service.events) if isinstance(one.event, ExerciseSet))
        assert isinstance(late.event, ExerciseSet)
        assert late.event.id == corrected["id"]
        service.event(replace(late, event=replace(late.event, version=late.event.version + 1)))
        assert service.announcer.recent_sets.last(SENSOR) == corrected
        state, *_ = await service.handle("correct_set", b"11")
        assert json.loads(state.payload)["exercise"] == "good_morning"
        assert (service.stored[-1]["exercise"], service.stored[-1]["repetitions"]) == ("good_morning", 11)

    run(scenario, tmp_path)


def test_a_set_put_right_is_in_the_state_at_once(tmp_path: Path) -> None:
    async def scenario(service: Service) -> None:
        service.receive(1.0)
        service.sessions.close()

        async def state_after(name: str, payload: bytes) -> tuple[int, int]:
            messages = {one.topic: one.payload for one in await service.handle(name, payload)}
            state = json.loads(messages[f"imurep/{DEV}/state"])
            return state["repetitions"], state["repetitions_today"]

        assert await state_after("correct_set", b"11") == (11, 35)
        assert await state_after("delete_set", b"") == (12, 24)

    run(scenario, tmp_path)


def test_sets_are_asked_for_again(tmp_path: Path) -> None:
    async def scenario(service: Service) -> None:
        assert (await service.ask("replay", "2026-01-31T00:00:00Z"))["data"] == {"sets": 3}
        assert service.since == [datetime(2026, 1, 31, tzinfo=UTC)]
        service.broken = "the disk is full"
        assert (await service.ask("replay", "2026-01-31T00:00:00Z"))["error"] == "the disk is full"

    run(scenario, tmp_path)


def test_a_sensor_blinks(tmp_path: Path) -> None:
    async def scenario(service: Service) -> None:
        assert (await service.ask("identify"))["status"] == "ok"
        service.blinks = False
        assert (await service.ask("identify"))["status"] == "error"

    run(scenario, tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_retained_commands_are_ignored(tmp_path: Path, name: str) -> None:
    async def scenario(service: Service) -> None:
        assert not await service.handle(name, b"3", retain=True)
        assert service.announcer.plans.of(SENSOR) == NO_PLAN

    run(scenario, tmp_path)


def test_whatever_else_comes(tmp_path: Path) -> None:
    async def scenario(service: Service) -> None:
        assert "there is no command 'fly'; send one of exercise," in (await service.ask("fly"))["error"]
        (answer,) = await service.handle("load_kg", b"\xff")
        assert json.loads(answer.payload)["status"] == "error"
        half = await service.ask("load_kg", {"value": "\ud83d", "transaction": "\udc00"})
        assert (half["status"], half["transaction"]) == ("error", "?")
        other = Incoming(topic="imurep/another/cmd/identify", payload=b"", retain=False)
        assert not await service.commands.handle(other), "it may be another service's"
        assert not await service.commands.handle(replace(other, topic="imurep/x"))

    run(scenario, tmp_path)


def test_who_names_a_topic_is_answered_there_too(tmp_path: Path) -> None:
    async def scenario(service: Service) -> None:
        usual, wanted = await service.handle("identify", b"", response_topic="me/1")
        assert (wanted.topic, wanted.payload, wanted.correlation) == ("me/1", usual.payload, b"c")

    run(scenario, tmp_path)


# CalibrationSessions


@cache
def calibrating() -> tuple[RecordingItem, ...]:
    """Somebody who stands, gets onto the bench and holds the line."""
    session = Session(calibrated=EXERCISES["back_extension_45"], person_seed=7)
    made = simulate(session, SensorSetup(), seed=3)
    return tuple(
        Notification(one.arrival_us, one.channel, one.payload) for one in made.delivery.notifications
    )


def test_a_line_is_measured_step_by_step(tmp_path: Path) -> None:
    async def scenario(service: Service) -> None:
        assert "not connected" in (await service.ask("calibrate", "back_extension_45"))["error"]
        service.receive(0.01, calibrating())
        response = await service.ask("calibrate", {"value": "back_extension_45", "transaction": "c"})
        assert (response["status"], response["data"], response["transaction"]) == (
            "progress",
            {"step": "stand straight"},
            "c",
        )
        service.receive(1.0, calibrating())
        assert [one["status"] for one in service.later] == ["progress", "ok"]
        assert service.later[0]["data"] == {"step": "hold the straight line"}
        assert {one["transaction"] for one in service.later} == {"c"}
        ((sensor, exercise, line_deg),) = service.lines
        assert (sensor, exercise) == (SENSOR, "back_extension_45")
        assert 30 < line_deg < 60
        assert service.later[1]["data"]["line_deg"] == round(line_deg, 1)
        await asyncio.sleep(TIMEOUT_S + 1)
        assert len(service.later) == 2, "it is over"

    run(scenario, tmp_path)


def test_who_does_not_hold_the_line_learns_why(tmp_path: Path) -> None:
    async def scenario(service: Service) -> None:
        await service.ask("exercise", "back_extension_90")
        service.receive(0.01)
        await service.ask("calibrate", "")
        await service.ask("calibrate", "")
        await asyncio.sleep(TIMEOUT_S + 1)
        (response,) = service.later
        assert response["status"] == "error"
        assert "stand straight and still" in response["error"]

    run(scenario, tmp_path)


def test_a_line_that_cannot_be_kept(tmp_path: Path) -> None:
    async def scenario(service: Service) -> None:
        service.broken = "store.json: damaged"
        service.receive(0.01, calibrating())
        await service.ask("calibrate", "back_extension_45")
        service.receive(1.0, calibrating())
        assert service.later[-1]["error"] == "store.json: damaged"

    run(scenario, tmp_path)
