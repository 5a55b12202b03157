"""``imurep doctor``, as a program, on machines with something wrong and with nothing."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from imurep.sources.ble.error_mapping import DENIED, NO_ADAPTER, NO_BUS, NO_SERVICE, OFF
from tests.bluez.bus import private_bus
from tests.bluez.harness import ROOT, Harness

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.asyncio


async def doctor(data: Path) -> tuple[int | None, str]:
    """Its exit code, and what it finds of Bluetooth."""
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "imurep", "doctor", "--json", "--data-dir", str(data)),
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    out, _ = await program.communicate()
    last = json.loads(out.splitlines()[-1])
    assert last["check"] == "bluetooth"
    return program.returncode, last["found"]


@pytest.mark.usefixtures("harness")
async def test_all_is_well(tmp_path: Path) -> None:
    assert await doctor(tmp_path) == (0, "works; `imurep scan` shows the sensors in reach")


async def test_the_adapter_is_off(harness: Harness, tmp_path: Path) -> None:
    await harness.power(on=False)
    assert await doctor(tmp_path) == (4, OFF)


async def test_there_is_no_adapter(harness: Harness, tmp_path: Path) -> None:
    await harness.pull_adapter()
    assert await doctor(tmp_path) == (4, NO_ADAPTER)


@pytest.mark.usefixtures("bus")
async def test_there_is_no_bluez(tmp_path: Path) -> None:
    assert await doctor(tmp_path) == (4, NO_SERVICE)


async def test_there_is_no_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nothing")
    assert await doctor(tmp_path) == (4, NO_BUS)


async def test_it_is_not_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with private_bus(tmp_path, may_use_bluez=False) as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        async with Harness(address, tmp_path):
            assert await doctor(tmp_path) == (4, DENIED)
