"""Publishes what a service would, when the test wants it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from queue import Queue
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from imurep.mqtt.payload_builders import utc_text
from imurep.mqtt.topics import Topics
from imurep.serialization import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from imurep.mqtt.payloads import ConfigPayload, RepPayload, SetPayload, StatePayload

SENSOR = "IMU-SIM 0001"
DEV = "imu-sim-0001"


class FakeService:
    """A stand-in for the service: the test decides what it publishes and how it answers commands."""

    def __init__(
        self, port: int, *, user: tuple[str, str] | None = None, dev: str = DEV, sensor: str = SENSOR
    ) -> None:
        self.topics = Topics()
        self.dev = dev
        self.sensor = sensor
        self.commands: Queue[tuple[str, Any]] = Queue()
        self.corrections: Queue[dict[str, Any]] = Queue()
        """What is in a command besides its value."""
        self.refusal: str | None = None
        self.silent = False
        self._port = port
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        if user is not None:
            self._client.username_pw_set(*user)
        self._client.on_message = self._on_command
        self._client.on_connect = lambda client, *_: client.subscribe(self.topics.commands, 1)
        self._client.reconnect_delay_set(1, 1)

    def __enter__(self) -> Self:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        self.publish(self.topics.bridge_state, b"online", retain=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1) -> None:
        """Publish, and wait until the broker has it."""
        self._client.publish(topic, payload, qos, retain).wait_for_publish(10)

    def state(self, **changes: object) -> None:
        base: StatePayload = {
            "schema": "imurep.state/1",
            "sensor": self.sensor,
            "person": "Ann",
            "time": utc_text(datetime.now(UTC)),
            "link": "streaming",
            "detail": "",
            "battery_percent": 87,
            "rssi_dbm": -58,
            "set_running": False,
            "phase": None,
            "exercise": "unknown",
            "repetitions": 0,
            "tempo": "-",
            "eccentric_s": None,
            "bottom_hold_s": None,
            "concentric_s": None,
            "top_hold_s": None,
            "range_of_motion_deg": None,
            "momentum": None,
            "sets_today": 0,
            "repetitions_today": 0,
        }
        self.publish(self.topics.state(self.dev), dumps({**base, **changes}), retain=True)

    def config(self, **changes: object) -> None:
        base: ConfigPayload = {
            "schema": "imurep.config/1",
            "sensor": self.sensor,
            "exercise": "back_extension_45",
            "target_reps": 12,
            "target_tempo_s": [3.0, 1.0, 2.0, 1.0],
            "load_kg": 10.0,
        }
        self.publish(self.topics.config(self.dev), dumps({**base, **changes}), retain=True)

    def rep(
        self, number: int, *, set_id: str = "s/1", changes: Mapping[str, object] = MappingProxyType({})
    ) -> None:
        self.publish(self.topics.rep_event(self.dev), dumps({**self._rep(number, set_id), **changes}), qos=0)

    def set_done(self, count: int, *, ended: datetime | None = None, **changes: object) -> None:
        ended = ended or datetime.now(UTC)
        reps = [self._rep(number, "s/1") for number in range(1, count + 1)]
        form: Any = {}
        base: SetPayload = {
            "schema": "imurep.set/1",
            "event_type": "set_finished",
            "session": "s",
            "id": "s/1",
            "version": 3,
            "state": "final",
            "sensor": self.sensor,
            "person": "Ann",
            "started": utc_text(ended - timedelta(seconds=7 * count)),
            "ended": utc_text(ended),
            "exercise": "back_extension_45",
            "exercise_group": ["back_extension_45"],
            "exercise_reasons": [],
            "contradiction": None,
            "repetitions": count,
            "full_repetitions": count,
            "counted_repetitions": count,
            "corrected": False,
            "counted_exercise": "back_extension_45",
            "exercise_corrected": False,
            "start_s": 10.0,
            "end_s": 10.0 + 7 * count,
            "gyroscope": True,
            "top_assumed": False,
            "confidence": 0.998,
            "gaps": 0,
            "form": form,
            "reps": [*reps],
            "tempo": {"eccentric_s": 2.9, "bottom_hold_s": 1.0, "concentric_s": 2.1, "top_hold_s": 1.1},
            "range_of_motion_deg": 83.0,
            "quality": {"accelerometer_only": False, "gaps": 0, "lost_s": 0.0},
            "target_reps": 12,
            "target_tempo_s": [3.0, 1.0, 2.0, 1.0],
            "load_kg": 10.0,
            "replay": False,
        }
        payload = dumps({**base, **changes})
        self.publish(self.topics.set_event(self.dev), payload)
        self.publish(self.topics.last_set(self.dev), payload, retain=True)

    def _rep(self, number: int, set_id: str) -> RepPayload:
        start_s = 10.0 + 7 * number
        return {
            "schema": "imurep.rep/1",
            "event_type": "rep",
            "session": "s",
            "sensor": self.sensor,
            "person": "Ann",
            "id": f"{set_id}/{number}",
            "set_id": set_id,
            "version": 1,
            "state": "provisional",
            "number": number,
            "started": utc_text(datetime.now(UTC) - timedelta(seconds=2)),
            "start_s": start_s,
            "top_s": start_s + 2,
            "end_s": None,
            "eccentric_s": None,
            "bottom_hold_s": None,
            "concentric_s": 2.0,
            "top_hold_s": None,
            "range_of_motion_deg": 84.0,
            "range_estimated": False,
            "top_inclination_deg": 44.0,
            "bottom_inclination_deg": 128.0,
            "peak_rate_dps": 80.0,
            "mean_rate_dps": 40.0,
            "partial": False,
        }

    def _on_command(self, _client: paho.Client, _userdata: object, message: paho.MQTTMessage) -> None:
        parsed = self.topics.parse_command(message.topic)
        if parsed is None:
            return
        dev, name = parsed
        request = json.loads(message.payload)
        self.commands.put((name, request["value"]))
        self.corrections.put({key: request[key] for key in ("set", "exercise") if key in request})
        if self.silent:
            return
        answer: dict[str, object] = {
            "schema": "imurep.response/1",
            "command": name,
            "transaction": request["transaction"],
        }
        answer |= {"status": "ok"} if self.refusal is None else {"status": "error", "error": self.refusal}
        self._client.publish(self.topics.response(dev, name), dumps(answer), 1)
