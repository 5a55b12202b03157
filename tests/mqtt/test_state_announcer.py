from __future__ import annotations

from datetime import timedelta

from imurep.mqtt.corrections import corrected, deleted
from imurep.mqtt.payload_builders import set_payload
from imurep.mqtt.state_announcer import RecentSets
from tests.mqtt.workout import NOW, SENSOR, finished


def test_the_newest_versions_count() -> None:
    first, second, third = map(set_payload, finished())
    recent = RecentSets([second, third, first])
    assert recent.last(SENSOR) == third
    assert recent.today(SENSOR, NOW) == (3, 36)
    recent.add(corrected(third, repetitions=10))
    recent.add(third)
    assert recent.today(SENSOR, NOW) == (3, 34)
    recent.add(deleted(corrected(third, repetitions=10)))
    assert recent.last(SENSOR) == second
    assert recent.today(SENSOR, NOW) == (2, 24)
    assert third["id"] in recent.of(SENSOR)


def test_yesterdays_sets_are_not_todays_but_the_last_one_stays() -> None:
    recent = RecentSets(map(set_payload, finished()))
    tomorrow = NOW + timedelta(days=1)
    assert recent.today(SENSOR, tomorrow) == (0, 0)
    assert recent.last(SENSOR) == set_payload(finished()[-1])
    assert set_payload(finished()[0])["id"] not in recent.of(SENSOR)


def test_a_sensor_without_sets() -> None:
    recent = RecentSets(map(set_payload, finished()))
    assert recent.last("another") is None
    assert recent.today("another", NOW) == (0, 0)
