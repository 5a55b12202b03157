"""The finished sets that are still of interest: the newest of each sensor, and those of today."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imurep.mqtt.payloads import SetPayload


class Finished:
    """Newest versions of sets, by sensor."""

    def __init__(self, sets: Iterable[SetPayload] = ()) -> None:
        """Begin with these."""
        self._sets: dict[str, dict[str, SetPayload]] = {}
        for payload in sets:
            self.take(payload)

    def knows(self, sensor: str, set_id: str) -> bool:
        """Whether a set was taken before."""
        return set_id in self._sets.get(sensor, {})

    def take(self, payload: SetPayload) -> None:
        """Note a version of a set; an older one than is known is no news."""
        of_sensor = self._sets.setdefault(payload["sensor"], {})
        known = of_sensor.get(payload["id"])
        if known is None or payload["version"] > known["version"]:
            of_sensor[payload["id"]] = payload

    def last(self, sensor: str) -> SetPayload | None:
        """The set that started last, of those that count."""
        counting = [one for one in self._sets.get(sensor, {}).values() if one["state"] != "withdrawn"]
        return max(counting, key=lambda one: one["started"], default=None)

    def today(self, sensor: str, now: datetime) -> tuple[int, int]:
        """Sets since the last midnight in the time zone of this machine, and reps in them; older ones go."""
        day = now.astimezone().date()
        kept = self._sets.get(sensor, {})
        last = self.last(sensor)
        of_today = {
            set_id: one
            for set_id, one in kept.items()
            if datetime.fromisoformat(one["started"]).astimezone().date() == day
        }
        if kept:
            self._sets[sensor] = of_today | ({last["id"]: last} if last else {})
        counting = [one for one in of_today.values() if one["state"] != "withdrawn"]
        return len(counting), sum(one["repetitions"] for one in counting)

    def forget(self, sensor: str) -> None:
        """Know nothing of a sensor any more."""
        self._sets.pop(sensor, None)
