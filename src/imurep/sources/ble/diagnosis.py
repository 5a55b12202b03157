"""Whether Bluetooth works on this machine, found by trying, and what can be done where it does not.

The problem itself, in one line, comes from ``error_mapping``. The advice here
depends on the machine, about which Linux gives the most details.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from imurep.errors import ImurepError
from imurep.sources.ble.error_mapping import DENIED, NO_ADAPTER, NO_BUS, NO_SERVICE, OFF, translated
from imurep.sources.ble.scan import scan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imurep.sources.ble.adapter import Adapter

SCAN_S = 1.0
"""Long enough for every stack to report what is wrong."""
ROOT = Path("/")

_BLUETOOTHD = ("usr/libexec/bluetooth/bluetoothd", "usr/lib/bluetooth/bluetoothd", "usr/sbin/bluetoothd")
_CONTAINER = (".dockerenv", "run/.containerenv")
_ELSEWHERE = {
    (
        "darwin",
        DENIED,
    ): "System Settings > Privacy & Security > Bluetooth: allow the terminal",
    ("darwin", OFF): "System Settings > Bluetooth",
    ("win32", DENIED): "Settings > Privacy & security > Radios: let desktop apps use them",
    ("win32", OFF): "Settings > Bluetooth & devices",
}


async def problem_with(make_adapter: Callable[[], Adapter]) -> str:
    """Scan for a moment: what is wrong, in one line; empty when Bluetooth works.

    Args:
        make_adapter: Makes the adapter to try; it may raise ConfigError.
    """
    try:
        adapter = make_adapter()
        try:
            await scan(adapter, {}, on_result=lambda _: None, seconds=SCAN_S)
        finally:
            with translated():
                await adapter.close()
    except ImurepError as error:
        return str(error)
    return ""


def advice_on(problem: str, *, platform: str = sys.platform, root: Path = ROOT) -> tuple[str, ...]:
    """Give advice on a problem of this machine, one line each, the first thing to do first.

    Args:
        problem: As ``problem_with`` gave it.
        platform: As ``sys.platform`` has it.
        root: Where the machine's files are.
    """
    if platform == "linux":
        return tuple(_on_linux(problem, root))
    advice = _ELSEWHERE.get((platform, problem))
    return () if advice is None else (advice,)


def _on_linux(problem: str, root: Path) -> Iterator[str]:
    has_adapter = any(root.glob("sys/class/bluetooth/hci*"))
    if problem in {NO_BUS, NO_SERVICE} and any((root / mark).exists() for mark in _CONTAINER):
        yield "this is a container: give it the host's D-Bus, for Docker by -v /run/dbus:/run/dbus"
    if problem == NO_BUS:
        yield "sudo apt install dbus; sudo systemctl start dbus"
    elif problem == NO_SERVICE:
        if not any((root / program).exists() for program in _BLUETOOTHD):
            yield "sudo apt install bluez"
        if not has_adapter:
            yield "Linux knows no adapter, and the service starts only where there is one: plug one in"
        yield "sudo systemctl enable --now bluetooth"
    elif problem == NO_ADAPTER:
        yield from _without_adapter(root, known_to_linux=has_adapter)
    elif problem == OFF:
        yield from _switched_off(root)
    elif problem == DENIED:
        yield "sudo usermod -a -G bluetooth $USER, then log in again"
        yield "in a systemd unit: SupplementaryGroups=bluetooth"
    elif "bumble:usb" in problem:
        yield "BlueZ must not hold it (sudo systemctl stop bluetooth); opening it takes root or a udev rule"


def _without_adapter(root: Path, *, known_to_linux: bool) -> Iterator[str]:
    if known_to_linux:
        yield "Linux knows an adapter and the Bluetooth service does not: sudo systemctl restart bluetooth"
        return
    if "Raspberry Pi" in _text(root / "proc/device-tree/model"):
        yield "/boot/firmware/config.txt: remove dtoverlay=disable-bt, if it is there, and start the Pi again"
    yield "lsusb shows whether a USB adapter is seen, sudo dmesg whether Linux can work with it"


def _switched_off(root: Path) -> Iterator[str]:
    switches = [
        one for one in root.glob("sys/class/rfkill/rfkill*") if _text(one / "type").strip() == "bluetooth"
    ]
    if any(_text(one / "hard").strip() == "1" for one in switches):
        yield "it is blocked by a switch or a key of the machine: use that first"
    if any(_text(one / "soft").strip() == "1" for one in switches):
        yield "it is blocked: sudo rfkill unblock bluetooth"
    yield "bluetoothctl power on"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
