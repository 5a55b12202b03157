from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imurep.mqtt.topics import Topics, device_id, is_below


@pytest.mark.parametrize(
    ("sensor", "dev"),
    [
        ("Back Strap", "back-strap"),
        ("C0:FF:EE:00:00:01", "c0-ff-ee-00-00-01"),
        ("open_imu 3f.2", "open-imu-3f-2"),
        ("  strap--", "strap"),
    ],
)
def test_usual_names_stay_readable(sensor: str, dev: str) -> None:
    assert device_id(sensor) == dev


@given(st.text())
def test_any_name_is_one_level_of_a_topic(sensor: str) -> None:
    dev = device_id(sensor)
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", dev)
    assert dev == device_id(sensor)
    assert dev != "bridge"


def test_names_that_look_alike_without_their_letters_stay_apart() -> None:
    assert (
        len({device_id(name) for name in ("rücken", "rocken", "r cken", "r#cken", "腰", "背", "bridge")}) == 7
    )


@given(st.from_regex(r"[a-z0-9-]{1,9}", fullmatch=True), st.from_regex(r"[a-z_]{1,9}", fullmatch=True))
def test_a_commands_topic_is_read_back(dev: str, name: str) -> None:
    for topics in (Topics(), Topics("home/imurep")):
        assert topics.parse_command(topics.command(dev, name)) == (dev, name)


@pytest.mark.parametrize(
    "topic",
    ["", "imurep", "imurep/a/cmd", "imurep/a/cmd/", "imurep//cmd/x", "imurep/a/cmd/x/y", "imurep/a/b/cmd/x",
     "other/a/cmd/x", "a/cmd/x", "imurep/a/state", "imurep/a/cmd/x/cmd/y"],
)  # fmt: skip
def test_other_topics_are_no_commands(topic: str) -> None:
    assert Topics().parse_command(topic) is None


def test_each_topic_is_another_one() -> None:
    topics = Topics("r")
    found = [
        topics.bridge_state,
        topics.bridge_info,
        *topics.retained("d"),
        topics.rep_event("d"),
        topics.set_event("d"),
        topics.response("d", "x"),
        topics.command("d", "x"),
        topics.raw_up("d"),
        topics.raw_down("d"),
    ]
    assert len(set(found)) == len(found)
    assert all(topic.startswith("r/") for topic in found)


@pytest.mark.parametrize(
    ("topic", "dev"),
    [
        ("imurep/imu-3fa9/raw/up", "imu-3fa9"),
        ("imurep/imu-3fa9/raw/down", None),
        ("imurep/a/b/raw/up", None),
        ("imurep//raw/up", None),
        ("other/imu-3fa9/raw/up", None),
    ],
)
def test_who_relays(topic: str, dev: str | None) -> None:
    assert Topics().parse_raw_up(topic) == dev
    assert is_below(Topics().raw_ups, topic) == (dev is not None or topic == "imurep//raw/up")


def test_a_filter_matches_level_by_level() -> None:
    assert is_below("a/+/c", "a/b/c")
    assert not is_below("a/+/c", "a/b/c/d")
    assert not is_below("a/+/c", "a/b/d")
