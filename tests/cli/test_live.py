"""The commands around a live sensor, each as a program, with the simulated sensor as another."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from imurep import analyze_file
from imurep.cli import demo
from imurep.events import Notification
from imurep.recording import open_recording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SPEED = "10"
PATIENCE_S = 240.0
MQTT_CONNECT = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01x"
"""Version 3.1.1, a clean session, no keep-alive, client x."""
BESIDE = {"demo broker (mosquitto), for this machine only", "page for the phone", "without MQTT"}
"""What a demo says on standard error, up to the addresses."""


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Coverage of programs that run the same code as those of other tests, for long, is not measured."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    homes = {name: str(tmp_path) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "HOME")}
    return {**os.environ, **homes}


@pytest.fixture
def backend() -> Iterator[str]:
    with on_air() as transport:
        yield transport


@contextmanager
def on_air(*options: str) -> Iterator[str]:
    """A simulated sensor on the air, as the backend by which it can be reached."""
    command = [sys.executable, "-m", "firmware_sim", "serve", "--exercise", "good_morning", "--sets", "1x3"]
    command += options
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sensor:
        assert sensor.stdout is not None
        word, transport = sensor.stdout.readline().split()
        assert word == "ready"
        yield f"bumble:{transport}"
        sensor.terminate()


def imurep(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "imurep", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=env, check=False)


def test_the_demo_counts_what_the_simulated_person_does(environment: dict[str, str]) -> None:
    done = imurep("demo", "--speed", SPEED, env=environment)
    assert done.returncode == 0
    output = [line.partition(": ")[0] for line in done.stderr.splitlines()]
    assert set(output) <= BESIDE
    lines = done.stdout.splitlines()
    assert any("streaming" in line for line in lines)
    assert sum(": 8 reps, tempo " in line for line in lines) == 2
    rows = [line.split() for line in lines if "back_extension_45" in line]
    assert [(row[0], row[3]) for row in rows] == [("1", "8"), ("2", "8")]


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("protocol", ["polar", "gsp", "witmotion"])  # "gsp" is the older name of "movesense"
def test_the_demo_with_sensors_of_other_makers(protocol: str, environment: dict[str, str]) -> None:
    # Slower than our own: a Movesense has 26 notifications a second, and they are to fit a busy machine.
    done = imurep("demo", "--speed", "8", "--sensor", protocol, env=environment)
    assert done.returncode == 0
    assert {line.partition(": ")[0] for line in done.stderr.splitlines()} <= BESIDE
    lines = done.stdout.splitlines()
    assert any("streaming" in line for line in lines)
    # All that a WitMotion tells of time is its arrivals, and so fast, a busy machine is late by seconds.
    assert protocol == "witmotion" or sum(": 8 reps, tempo " in line for line in lines) == 2


@pytest.mark.parametrize(("old", "name"), [("pmd", "polar"), ("gsp", "movesense")])
def test_the_demo_still_takes_the_names_of_protocols(old: str, name: str) -> None:
    parser = argparse.ArgumentParser()
    demo.add(parser.add_subparsers())
    assert parser.parse_args(["demo", "--sensor", old]).sensor == name


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize(
    ("kind", "protocol"),
    [("polar-h10", "pmd"), ("polar-verity", "pmd"), ("movesense", "gsp"), ("witmotion", "witmotion")],
)
def test_sensors_of_other_makers_are_seen_and_recorded(
    kind: str, protocol: str, environment: dict[str, str], tmp_path: Path
) -> None:
    with on_air("--kind", kind) as backend:
        done = imurep("scan", "--backend", backend, "--seconds", "2", "--json", env=environment)
        (found,) = [json.loads(line) for line in done.stdout.splitlines()]
        assert found["kind"] == protocol
        out = tmp_path / "mine.jsonl.gz"
        done = imurep(
            "record", str(out), "--anonymous", "--backend", backend, "--seconds", "6", env=environment
        )
        assert done.returncode == 0, done.stderr
    recording = open_recording(out)
    assert (recording.header.sensor, recording.header.protocol) == ("anonymous", protocol)
    assert recording.header.utc is None
    notifications = [item for item in recording if isinstance(item, Notification)]
    assert len(notifications) > 5
    # Neither its name, nor the serial number that a Movesense tells.
    assert not any(
        word in gzip.decompress(out.read_bytes()) for word in (b"Polar", b"Movesense", b"WT901", b"F6:")
    )
    assert not any(word in one.payload for one in notifications for word in (b"Movesense", b"000000000001"))


def test_scan_shows_the_sensor(backend: str, environment: dict[str, str]) -> None:
    done = imurep("scan", "--backend", backend, "--seconds", "2", "--json", env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    (found,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (found["name"], found["kind"], found["address"]) == ("IMU-SIM", "open_imu", "F6:00:00:00:00:01")
    table = imurep("scan", "--backend", backend, "--seconds", "2", env=environment)
    assert "IMU-SIM" in table.stdout


def test_scan_without_a_radio_reports_it(environment: dict[str, str]) -> None:
    done = imurep("scan", "--backend", "bumble:tcp-client:127.0.0.1:9", "--seconds", "2", env=environment)
    assert done.returncode == 4
    assert done.stderr.startswith("imurep: ")
    assert done.stderr.count("\n") == 1


def test_record_writes_what_can_be_replayed(
    backend: str, environment: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "some.jsonl"
    done = imurep("record", str(out), "--backend", backend, "--seconds", "6", env=environment)
    assert done.returncode == 0, done.stderr
    assert "streaming" in done.stderr
    recording = open_recording(out)
    assert recording.header.sensor == "IMU-SIM 0001"
    assert len([*recording]) > 10
    again = imurep("record", str(out), "--backend", backend, "--seconds", "6", env=environment)
    assert again.returncode == 3
    assert "exists already" in again.stderr


def test_run_stops_in_order_at_a_signal(backend: str, environment: dict[str, str], tmp_path: Path) -> None:
    data = str(tmp_path / "d")
    command = [sys.executable, "-m", "imurep", "run", "--backend", backend, "--data-dir", data]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as service:
        assert service.stderr is not None
        lines = iter(service.stderr.readline, "")
        assert any("link=streaming" in line for line in lines)
        service.send_signal(signal.SIGTERM)
        assert service.wait(20) == 0
        assert "link=stopped" in service.stderr.read()
    (kept,) = (tmp_path / "d").glob("*.jsonl")
    assert not kept.name.endswith(".unfinished.jsonl")
    assert analyze_file(kept).sets == ()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run", "--sensor", "usb"], 2, "is not a source"),
        (["run", "--backend", "usb"], 2, "bluetooth.backend"),
        (["run", "--exercise", "squat"], 2, "unknown exercise"),
        (
            ["record", "x.jsonl", "--sensor", "ble:a", "--sensor", "ble:b"],
            2,
            "one recording holds one sensor",
        ),
        (["run", "--sensor", "replay:nowhere.jsonl"], 3, "cannot be read"),
    ],
)
def test_what_cannot_be_is_reported_in_one_line(
    arguments: list[str], code: int, message: str, environment: dict[str, str], tmp_path: Path
) -> None:
    done = imurep(*arguments, env={**environment, "IMUREP_DATA__DIRECTORY": str(tmp_path / "d")})
    assert done.returncode == code
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_demo_that_is_killed_leaves_no_sensor_and_no_broker(environment: dict[str, str]) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "imurep", "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        broker = next(line for line in demo.stderr if "demo broker" in line)
        if "mosquitto" not in broker:
            pytest.skip("the broker is within the demo's own process")
        assert any("streaming" in line for line in demo.stdout)
        with socket.create_connection(("127.0.0.1", int(broker.rpartition(":")[2])), PATIENCE_S) as client:
            client.sendall(MQTT_CONNECT)
            assert client.recv(4)[0] == 0x20
            demo.kill()
            assert client.recv(1) == b""
        demo.stderr.read()  # to its end, for the sensor has it, too


def test_a_demo_that_is_asked_to_end_does_not_wait_for_the_sensor(environment: dict[str, str]) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "imurep", "demo", "--speed", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as demo:
        assert demo.stdout is not None
        assert b"searching" in demo.stdout.readline()
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(PATIENCE_S) == 0
