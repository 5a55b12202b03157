from __future__ import annotations

from datetime import timedelta

from imurep.mqtt.payload_builders import corrected, deleted, set_payload
from imurep.mqtt.recent_sets import Finished
from tests.mqtt.workout import NOW, SENSOR, finished


def test_the_newest_versions_count() -> None:
    first, second, third = map(set_payload, finished())
    kept = Finished([second, third, first])
    assert kept.last(SENSOR) == third
    assert kept.today(SENSOR, NOW) == (3, 36)
    kept.take(corrected(third, 10))
    kept.take(third)
    assert kept.today(SENSOR, NOW) == (3, 34)
    kept.take(deleted(corrected(third, 10)))
    assert kept.last(SENSOR) == second
    assert kept.today(SENSOR, NOW) == (2, 24)
    assert kept.knows(SENSOR, third["id"])


def test_yesterdays_sets_are_not_todays_but_the_last_one_stays() -> None:
    kept = Finished(map(set_payload, finished()))
    tomorrow = NOW + timedelta(days=1)
    assert kept.today(SENSOR, tomorrow) == (0, 0)
    assert kept.last(SENSOR) == set_payload(finished()[-1])
    assert not kept.knows(SENSOR, set_payload(finished()[0])["id"])


def test_a_sensor_that_is_forgotten() -> None:
    kept = Finished(map(set_payload, finished()))
    assert kept.last("another") is None
    assert kept.today("another", NOW) == (0, 0)
    kept.forget(SENSOR)
    assert kept.last(SENSOR) is None
