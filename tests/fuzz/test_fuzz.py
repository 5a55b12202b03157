from __future__ import annotations

import importlib.util
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.devices.fake_sensor import CAPS
from tests.fuzz import scripts
from tests.fuzz.scripts import CHANNELS, Act, Record
from tests.fuzz.targets import TARGETS, conversation, decoder, recording

ROOT = Path(__file__).parents[2]
SECONDS = 5
HAS_ATHERIS = importlib.util.find_spec("atheris") is not None
CAN_HAVE_ATHERIS = (
    sys.platform == "linux" and platform.machine() == "x86_64" and sys.version_info < (3, 15)
)  # as the extra `fuzz` says

SEEDS = scripts.seeds()
PAYLOADS = sorted({record.payload for seed in SEEDS for record in scripts.read(seed)})


@st.composite
def responses(draw: st.DrawFn) -> bytes:
    """Answers to what was asked last."""
    code = draw(st.sampled_from([0, 0, 0, 0, 6, 7, 9, 10, 11]))
    known = [payload[3:] for payload in PAYLOADS if payload[:1] in {b"\x82", b"\x84", b"\x85"}]
    body = draw(st.sampled_from([b"", CAPS, *known]))
    return bytes([0x80 | draw(st.integers(1, 5)), 0xFF, code]) + body


@st.composite
def records(draw: st.DrawFn) -> Record:
    act = draw(st.sampled_from([*Act, *range(Act.FEED, Act.FEED + len(CHANNELS)), Act.FEED, Act.FEED + 1]))
    later = draw(st.sampled_from([0, 1, 0x11, 0x35, 0x51, 0x53, 0x67, 0x85, 0xFF]))
    payload = draw(st.one_of(st.sampled_from(PAYLOADS), responses(), st.binary(max_size=60)))
    return Record(act, later, payload)


@pytest.mark.no_cover
@given(st.lists(records(), max_size=60))
@settings(max_examples=300)
def test_any_script(script: list[Record]) -> None:
    bytes_ = scripts.write(script)
    conversation(scripts.write([Record(Act.CONNECT, 0)]) + bytes_)
    decoder(bytes_)


@pytest.mark.no_cover
@given(st.sampled_from(SEEDS), st.data())
@settings(max_examples=300)
def test_any_damaged_talk(seed: bytes, data: st.DataObject) -> None:
    script = bytearray(seed)
    for _ in range(data.draw(st.integers(0, 20))):
        script[data.draw(st.integers(0, len(script) - 1))] = data.draw(st.integers(0, 255))
    conversation(bytes(script))
    decoder(bytes(script))


@st.composite
def foreign_scripts(draw: st.DrawFn) -> tuple[str, bytes]:
    """What a sensor of another maker says, in any order, damaged here and there."""
    protocol = draw(st.sampled_from(sorted(scripts.FOREIGN)))
    payloads = [payload for _, payload in scripts.FOREIGN[protocol]]
    script = []
    for _ in range(draw(st.integers(0, 40))):
        act = draw(
            st.sampled_from([*Act, *range(Act.FEED, Act.FEED + len(CHANNELS)), Act.FEED, Act.FEED + 1])
        )
        payload = bytearray(draw(st.one_of(st.sampled_from(payloads), st.binary(max_size=60))))
        if payload and draw(st.booleans()):
            payload[draw(st.integers(0, len(payload) - 1))] = draw(st.integers(0, 255))
        later = draw(st.sampled_from([0, 1, 0x11, 0x35, 0x51, 0x53, 0x67, 0x85, 0xFF]))
        script.append(Record(act, later, bytes(payload)))
    return protocol, scripts.write(script)


@pytest.mark.no_cover
@given(foreign_scripts())
@settings(max_examples=500)
def test_any_words_of_other_sensors(drawn: tuple[str, bytes]) -> None:
    protocol, script = drawn
    conversation(scripts.write([Record(Act.CONNECT, 0)]) + script, protocol)
    decoder(script, protocol)


@given(st.binary(max_size=300), st.sampled_from([b"", *TARGETS["recording"][1]()]))
def test_any_recording(content: bytes, before: bytes) -> None:
    recording(before + content)


@pytest.mark.parametrize("target", TARGETS)
def test_a_coverage_guided_fuzzer_finds_nothing(target: str, tmp_path: Path) -> None:
    if not HAS_ATHERIS:
        if os.environ.get("CI") == "true" and CAN_HAVE_ATHERIS:
            pytest.fail("atheris is missing; install the extra `fuzz`")
        pytest.skip("atheris is not installed (extra `fuzz`), or not to be had here")
    # Without what starts coverage in child processes: two that watch every line are one too many.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", target, str(SECONDS)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-5000:]
