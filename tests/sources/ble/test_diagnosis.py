from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from imurep.service.adapter_selection import adapter_for
from imurep.sources.ble.diagnosis import advice_on, problem_with
from imurep.sources.ble.error_mapping import BUSY, DENIED, NO_ADAPTER, NO_BUS, NO_SERVICE, OFF

if TYPE_CHECKING:
    from pathlib import Path

NO_DONGLE = "lsusb shows whether a USB adapter is seen, sudo dmesg whether Linux can work with it"
START = "sudo systemctl enable --now bluetooth"
ADAPTER = {"sys/class/bluetooth/hci0/uevent": ""}
INSTALLED = {"usr/libexec/bluetooth/bluetoothd": ""}


def rfkill(kind: str, *, soft: bool = False, hard: bool = False) -> dict[str, str]:
    values = {"type": kind, "soft": str(int(soft)), "hard": str(int(hard))}
    return {f"sys/class/rfkill/rfkill0/{name}": f"{value}\n" for name, value in values.items()}


@pytest.mark.parametrize(
    ("problem", "files", "advice"),
    [
        (NO_BUS, {}, ["sudo apt install dbus; sudo systemctl start dbus"]),
        (
            NO_BUS,
            {".dockerenv": ""},
            [
                "this is a container: give it the host's D-Bus, for Docker by -v /run/dbus:/run/dbus",
                "sudo apt install dbus; sudo systemctl start dbus",
            ],
        ),
        (NO_SERVICE, INSTALLED | ADAPTER, [START]),
        (NO_SERVICE, ADAPTER, ["sudo apt install bluez", START]),
        (
            NO_SERVICE,
            INSTALLED,
            [
                "Linux knows no adapter, and the service starts only where there is one: plug one in",
                START,
            ],
        ),
        (NO_ADAPTER, {}, [NO_DONGLE]),
        (
            NO_ADAPTER,
            ADAPTER,
            ["Linux knows an adapter and the Bluetooth service does not: sudo systemctl restart bluetooth"],
        ),
        (
            NO_ADAPTER,
            {"proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0"},
            [
                (
                    "/boot/firmware/config.txt: remove dtoverlay=disable-bt, if it is there,"
                    " and start the Pi again"
                ),
                NO_DONGLE,
            ],
        ),
        (OFF, {}, ["bluetoothctl power on"]),
        (OFF, rfkill("wlan", soft=True), ["bluetoothctl power on"]),
        (
            OFF,
            rfkill("bluetooth", soft=True),
            ["it is blocked: sudo rfkill unblock bluetooth", "bluetoothctl power on"],
        ),
        (
            OFF,
            rfkill("bluetooth", hard=True),
            ["it is blocked by a switch or a key of the machine: use that first", "bluetoothctl power on"],
        ),
        (
            DENIED,
            {},
            [
                "sudo usermod -a -G bluetooth $USER, then log in again",
                "in a systemd unit: SupplementaryGroups=bluetooth",
            ],
        ),
        (
            "the Bluetooth adapter bumble:usb:0 cannot be opened (busy); plug it in again",
            {},
            ["BlueZ must not hold it (sudo systemctl stop bluetooth); opening it takes root or a udev rule"],
        ),
        (BUSY, {}, []),
    ],
)
def test_what_linux_reports_of_itself(
    tmp_path: Path, problem: str, files: dict[str, str], advice: list[str]
) -> None:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert list(advice_on(problem, platform="linux", root=tmp_path)) == advice


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_show_where_to_click(platform: str) -> None:
    assert "Settings > Privacy" in advice_on(DENIED, platform=platform)[0]
    assert "Settings > Bluetooth" in advice_on(OFF, platform=platform)[0]
    assert advice_on(NO_ADAPTER, platform=platform) == ()


def test_a_backend_that_is_none_is_a_problem_like_others() -> None:
    assert "is not a Bluetooth backend" in asyncio.run(problem_with(lambda: adapter_for("usb:0")))
