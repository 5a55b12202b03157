"""What Home Assistant shows of a sensor: one entry for each entity, as its MQTT integration wants it.

https://www.home-assistant.io/integrations/mqtt/ has the keys. Templates read the
payloads of ``imurep.mqtt.payloads``; a test renders each over real ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from imurep.exercises import EXERCISES, UNKNOWN
from imurep.mqtt.command_parsing import MOST_KG, MOST_REPS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imurep.mqtt.topics import Topics

RECOGNISE = "recognise"
"""What a select shows for ``unknown``, which Home Assistant takes for no state at all."""
SOMETHING_ELSE = "something else"
"""The same of a set that is over."""

_KEPT = (
    "id",
    "person",
    "exercise",
    "repetitions",
    "counted_repetitions",
    "load_kg",
    "target_reps",
    "tempo",
    "started",
    "ended",
)
"""What goes into attributes: with all reps they would be more than Home Assistant records (16 KB)."""
_ATTRIBUTES = ", ".join(f"'{key}': value_json.{key}" for key in _KEPT)
_ATTRIBUTES += ", 'momentum': value_json.form.momentum"
# Sets of earlier versions have none.
_ATTRIBUTES += ", 'confidence': value_json.get('confidence')"

_LAST_SET = "{{ value_json.repetitions if value_json is defined else none }}"
_OF_LAST_SET = f"{{{{ ({{{_ATTRIBUTES}}} if value_json is defined else {{}}) | tojson }}}}"
"""The topic is empty again when the only set was deleted."""


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity, or one trigger."""

    platform: str
    key: str
    """Ends its unique id; never changes."""
    config: Mapping[str, Any] = field(default_factory=dict)
    live: bool = True
    """It needs the sensor; others only need the service."""


def entities(topics: Topics, dev: str) -> tuple[Entity, ...]:
    """All entities of a sensor."""
    state, config, last = topics.state(dev), topics.config(dev), topics.last_set(dev)

    def sensor(name: str, key: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 Home Assistant's keys
        value = f"{{{{ value_json.{key} | default(none) }}}}"
        return {"name": name, "state_topic": state, "value_template": value, **more}

    def command(name: str, key: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        return {"name": name, "command_topic": topics.command(dev, key), **more}

    count = {"state_class": "measurement", "unit_of_measurement": "reps"}
    diagnostic = {"entity_category": "diagnostic"}
    setting = {"entity_category": "config", "state_topic": config}
    return (
        Entity("sensor", "repetitions", sensor("Repetitions", "repetitions", icon="mdi:counter", **count)),
        Entity("sensor", "exercise", sensor("Exercise", "exercise", icon="mdi:weight-lifter")),
        Entity("sensor", "tempo", sensor("Tempo", "tempo", icon="mdi:metronome")),
        Entity(
            "sensor",
            "top_hold",
            sensor(
                "Top hold",
                "top_hold_s",
                device_class="duration",
                unit_of_measurement="s",
                state_class="measurement",
                suggested_display_precision=1,
            ),
        ),
        Entity(
            "sensor",
            "range",
            sensor(
                "Range of motion",
                "range_of_motion_deg",
                unit_of_measurement="°",
                state_class="measurement",
                suggested_display_precision=0,
                icon="mdi:angle-acute",
            ),
        ),
        Entity(
            "sensor",
            "momentum",
            sensor(
                "Momentum",
                "momentum",
                state_class="measurement",
                suggested_display_precision=0,
                icon="mdi:speedometer",
            ),
            live=False,
        ),
        Entity(
            "sensor",
            "sets_today",
            sensor(
                "Sets today",
                "sets_today",
                state_class="measurement",
                unit_of_measurement="sets",
                icon="mdi:calendar-today",
            ),
            live=False,
        ),
        Entity(
            "sensor",
            "repetitions_today",
            sensor("Repetitions today", "repetitions_today", icon="mdi:calendar-today", **count),
            live=False,
        ),
        Entity(
            "sensor",
            "last_set",
            {
                **sensor("Last set", "repetitions", icon="mdi:dumbbell", **count),
                "state_topic": last,
                "value_template": _LAST_SET,
                "json_attributes_topic": last,
                "json_attributes_template": _OF_LAST_SET,
            },
            live=False,
        ),
        Entity(
            "sensor",
            "battery",
            sensor(
                "Battery",
                "battery_percent",
                device_class="battery",
                unit_of_measurement="%",
                state_class="measurement",
                **diagnostic,
            ),
        ),
        Entity(
            "sensor",
            "signal",
            sensor(
                "Signal",
                "rssi_dbm",
                device_class="signal_strength",
                unit_of_measurement="dBm",
                state_class="measurement",
                **diagnostic,
            ),
        ),
        Entity(
            "sensor",
            "link",
            sensor(
                "Link",
                "link",
                icon="mdi:bluetooth-connect",
                json_attributes_topic=state,
                json_attributes_template="{{ {'detail': value_json.detail} | tojson }}",
                **diagnostic,
            ),
            live=False,
        ),
        Entity(
            "binary_sensor",
            "set_running",
            {
                "name": "Set running",
                "state_topic": state,
                "value_template": "{{ 'ON' if value_json.set_running else 'OFF' }}",
                "icon": "mdi:run",
            },
        ),
        Entity(
            "event",
            "set",
            {
                "name": "Set",
                "state_topic": topics.set_event(dev),
                "event_types": ["set_finished", "set_corrected", "set_withdrawn"],
                "value_template": "{% if not value_json.replay %}"
                f"{{{{ {{'event_type': value_json.event_type, {_ATTRIBUTES}}} | tojson }}}}"
                "{% endif %}",
                "icon": "mdi:dumbbell",
            },
            live=False,
        ),
        Entity(
            "device_automation",
            "set_finished",
            {
                "automation_type": "trigger",
                "type": "set_finished",
                "subtype": "set",
                "topic": topics.set_event(dev),
                "value_template": "{{ value_json.event_type if not value_json.replay }}",
                "payload": "set_finished",
            },
        ),
        Entity(
            "select",
            "exercise_choice",
            {
                **command("Exercise to do", "exercise", options=[RECOGNISE, *EXERCISES], **setting),
                "value_template": f"{{{{ '{RECOGNISE}' if value_json.exercise == '{UNKNOWN}' "
                "else value_json.exercise }}",
                "command_template": f"{{{{ '{UNKNOWN}' if value == '{RECOGNISE}' else value }}}}",
                "icon": "mdi:weight-lifter",
            },
            live=False,
        ),
        Entity(
            "number",
            "target_reps",
            {
                **command("Target repetitions", "target_reps", min=0, max=MOST_REPS, step=1, mode="box"),
                **setting,
                "value_template": "{{ value_json.target_reps | default(0, true) }}",
                "icon": "mdi:target",
            },
            live=False,
        ),
        Entity(
            "number",
            "load",
            {
                **command("Load", "load_kg", min=0, max=MOST_KG, step=0.5, mode="box"),
                **setting,
                "value_template": "{{ value_json.load_kg | default(0, true) }}",
                "device_class": "weight",
                "unit_of_measurement": "kg",
            },
            live=False,
        ),
        Entity(
            "text",
            "target_tempo",
            {
                **command("Target tempo", "target_tempo", max=40, icon="mdi:metronome"),
                **setting,
                "value_template": "{{ (value_json.target_tempo_s or []) | join('-') }}",
            },
            live=False,
        ),
        Entity(
            "number",
            "correct_set",
            {
                **command("Correct last set", "correct_set", min=1, max=MOST_REPS, step=1, mode="box"),
                "state_topic": last,
                "value_template": _LAST_SET,
                "icon": "mdi:pencil",
            },
            live=False,
        ),
        Entity(
            "select",
            "correct_exercise",
            {
                **command("Exercise of last set", "correct_set", options=[*EXERCISES, SOMETHING_ELSE]),
                "command_template": f"{{{{ {{'exercise': '{UNKNOWN}' if value == '{SOMETHING_ELSE}' "
                "else value} | tojson }}",
                "state_topic": last,
                "value_template": "{{ none if value_json is not defined else "
                f"'{SOMETHING_ELSE}' if value_json.exercise == '{UNKNOWN}' else value_json.exercise }}}}",
                "icon": "mdi:pencil",
            },
            live=False,
        ),
        Entity("button", "start_set", command("Start set", "start_set", icon="mdi:play")),
        Entity("button", "finish_set", command("Finish set", "finish_set", icon="mdi:stop")),
        Entity(
            "button", "delete_set", command("Delete last set", "delete_set", icon="mdi:delete"), live=False
        ),
        Entity("button", "identify", command("Identify", "identify", device_class="identify", **diagnostic)),
    )
