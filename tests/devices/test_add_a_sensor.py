"""The example of docs/how-to/add-a-sensor.md works as it stands there."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from imurep.devices.base_conversation import NO_SAMPLES
from imurep.devices.protocol import Disconnect, Read, StreamRequest, Subscribe, Write
from imurep.errors import PacketError
from tests.devices.words import notification, problem

if TYPE_CHECKING:
    from imurep.devices.kind import SensorKind

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-sensor.md"


def scale() -> SensorKind:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    for block in blocks:
        if not block.startswith(" "):
            exec(compile(textwrap.dedent(block), str(PAGE), "exec"), names)  # noqa: S102 our own page
    kind: SensorKind = names["KIND"]
    return kind


def test_the_decoder() -> None:
    decoder = scale().decoder()
    packet = decoder.feed(notification("0000 0000 0010"))
    assert packet is not None
    assert packet.acc_ms2 is not None
    assert packet.acc_ms2.tolist() == [[0.0, 0.0, 9.80665]]
    for malformed in ("", "00"):
        with pytest.raises(PacketError):
            decoder.feed(notification(malformed))


def test_the_conversation() -> None:
    conversation = scale().conversation(StreamRequest())
    start = Write("control", b"\x01")
    assert conversation.connected(0, 23) == [Subscribe("control"), Subscribe("data"), start]
    assert conversation.wake(5_000_000) == [start]
    started = notification("0100", "control", 5_100_000)
    assert conversation.feed(started) == [Subscribe("battery"), Read("battery")]
    assert conversation.refused(Subscribe("battery"), "no", 5_100_000) == [Read("battery")]
    assert conversation.refused(Read("battery"), "no", 5_100_000) == []
    assert conversation.feed(notification("00" * 6, at_us=6_000_000)) == []
    assert conversation.streaming
    assert problem(conversation.wake(11_000_000)) == NO_SAMPLES
    conversation.disconnected(11_000_000)
    conversation.connected(12_000_000, 23)
    assert conversation.stop(12_000_000) == [Write("control", b"\x00"), Disconnect()]


def test_it_is_recognised() -> None:
    kind = scale()
    assert kind.fits("SCALE 7", frozenset())
    assert kind.protocol == kind.name == "scale"
