"""``imurep doctor`` without Bluetooth; with it, see tests/bluez."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from imurep.cli import main

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = "bumble:tcp-client:127.0.0.1:1"


@pytest.fixture(autouse=True)
def own_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMUREP_DATA__DIRECTORY", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def found(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, dict[str, object]]]:
    code = main(["doctor", "--json", *options])
    findings = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return code, {finding["check"]: finding for finding in findings}


def test_a_transport_that_cannot_be_opened(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, by_check = found(capsys, "--backend", NOBODY)
    assert code == 4
    assert {check: one["ok"] for check, one in by_check.items()} == {
        "package": True,
        "settings": True,
        "data": True,
        "bluetooth": False,
    }
    assert f"the Bluetooth adapter {NOBODY} cannot be opened" in str(by_check["bluetooth"]["found"])
    assert by_check["data"]["found"] == f"{tmp_path / 'data'} can be written"


def test_for_people_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--backend", "bumble:usb:99"]) == 4
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines[:4]] == [
        "ok       package",
        "ok       settings",
        "ok       data",
        "problem  Bluetooth",
    ]
    assert lines[1] == "ok       settings: readable; sensors ble, Bluetooth backend bumble:usb:99"
    assert all(line.startswith("         - ") for line in lines[4:])


def test_without_bumble(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imurep.sources.ble.bumble", None)
    code, by_check = found(capsys, "--backend", "bumble:usb:0")
    assert code == 4
    assert "pip install 'imurep[sim]'" in str(by_check["bluetooth"]["found"])


def test_a_library_that_cannot_be_loaded(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vqf", None)
    code, by_check = found(capsys, "--backend", NOBODY)
    assert code == 1
    assert list(by_check) == ["package"]
    assert str(by_check["package"]["found"]).startswith("vqf cannot be loaded")
    assert "C++ compiler" in str(by_check["package"]["advice"])


def test_settings_that_cannot_be_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "typo.toml").write_text("sensor = 1\n")
    code, by_check = found(capsys, "--config", str(tmp_path / "typo.toml"))
    assert code == 2
    assert list(by_check) == ["package", "settings"]
    assert "sensor: is not a setting" in str(by_check["settings"]["found"])


def test_a_place_for_data_that_is_none(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, by_check = found(capsys, "--backend", NOBODY, "--data-dir", str(tmp_path / "file" / "data"))
    assert code == 3
    assert "set data.directory to a place that can be written" in str(by_check["data"]["found"])
    assert by_check["bluetooth"]["ok"] is False
