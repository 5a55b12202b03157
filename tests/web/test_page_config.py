"""What the page has to know beforehand."""

from __future__ import annotations

import json

from firmware_sim.sensor.emulated.catalog import MODELS as EMULATED
from imurep.devices import KINDS
from imurep.web import config_for_page


def test_a_phone_looks_for_all_kinds_of_sensors_only_where_it_may_hold_one() -> None:
    assert config_for_page("imurep")["sensors"] is None
    config = json.loads(json.dumps(config_for_page("imurep", relay=True)))["sensors"]
    for kind in KINDS.values():
        assert all({"services": [service]} in config["filters"] for service in kind.services)
        assert all({"namePrefix": name} in config["filters"] for name in kind.names)
        assert kind.services | kind.more_services <= set(config["services"])


def test_a_phone_may_open_the_services_of_all_sensors_that_are_emulated() -> None:
    config = json.loads(json.dumps(config_for_page("imurep", relay=True)))["sensors"]
    emulated = {kind.service.lower() for kind in EMULATED.values()}
    assert emulated <= set(config["services"])
