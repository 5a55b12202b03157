from __future__ import annotations

import asyncio
import sys

import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)
from hypothesis import given
from hypothesis import strategies as st

from imurep.errors import ConfigError, SourceError
from imurep.service.adapter_selection import adapter_for
from imurep.sources.ble import BluetoothError, PlatformAdapter, scan
from imurep.sources.ble.error_mapping import TransportLostError, explained, translated

Reason = BleakBluetoothNotAvailableReason


def unavailable(reason: Reason) -> BleakBluetoothNotAvailableError:
    return BleakBluetoothNotAvailableError("words of the stack", reason)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (TimeoutError(), "out of reach or off; switch it on or bring it nearer"),
        (
            BleakDeviceNotFoundError("C0:FF:EE:00:00:01", "timeout"),
            "out of reach or off; switch it on or bring it nearer",
        ),
        (unavailable(Reason.NO_BLUETOOTH), "this machine has no Bluetooth adapter; plug one in"),
        (unavailable(Reason.POWERED_OFF), "Bluetooth is switched off; switch it on"),
        (
            unavailable(Reason.DENIED_BY_USER),
            "this program may not use Bluetooth; allow it in the system (on Linux: the group bluetooth)",
        ),
        (
            BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", ["org.bluez was not provided"]),
            "the Bluetooth service of this machine does not run; start it (systemctl start bluetooth)",
        ),
        (
            BleakDBusError("org.freedesktop.DBus.Error.UnknownObject", ["Method doesn't exist"]),
            "the sensor, or the adapter, is no longer there; bring it near, or plug it in again",
        ),
        (
            BleakDBusError("org.freedesktop.DBus.Error.TimedOut", ["Failed to activate service"]),
            "the Bluetooth service of this machine does not run; start it (systemctl start bluetooth)",
        ),
        (BleakDBusError("org.bluez.Error.NotReady", []), "Bluetooth is switched off; switch it on"),
        (
            BleakDBusError("org.bluez.Error.AuthenticationFailed", []),
            "the sensor wants to be paired first; pair it in the Bluetooth settings of the system",
        ),
        (
            BleakDBusError("org.bluez.Error.Failed", ["le-connection-abort-by-local"]),
            "the connection failed (le-connection-abort-by-local); bring the sensor nearer",
        ),
        (
            BleakDBusError("org.bluez.Error.Failed", ["odd"]),
            "Bluetooth failed ([org.bluez.Error.Failed] odd); if that continues, switch it off and on again",
        ),
        (
            BleakDBusError("org.bluez.Error.Failed", []),
            "Bluetooth failed ([org.bluez.Error.Failed]); if that continues, switch it off and on again",
        ),
        (
            BleakDBusError("org.bluez.Error.NotPermitted", ["Not paired"]),
            "the sensor wants to be paired first; pair it in the Bluetooth settings of the system",
        ),
        (
            BleakDBusError("org.bluez.Error.Strange", ["odd"]),
            "Bluetooth failed ([org.bluez.Error.Strange] odd); if that continues, switch it off and on again",
        ),
        (
            FileNotFoundError(2, "No such file or directory"),
            "this machine runs no D-Bus, over which Bluetooth is reached; start it (systemctl start dbus)",
        ),
        (
            EOFError(),
            "this machine runs no D-Bus, over which Bluetooth is reached; start it (systemctl start dbus)",
        ),
        (
            PermissionError(13, "Permission denied"),
            "this program may not use Bluetooth; allow it in the system (on Linux: the group bluetooth)",
        ),
        (
            BleakGATTProtocolError(0x0F),
            "the sensor wants to be paired first; pair it in the Bluetooth settings of the system",
        ),
        (BleakGATTProtocolError(0x03), "the sensor refuses: Write Not Permitted"),
        (BleakGATTProtocolError(0x81), "the sensor refuses: Application-specific Error 0x81"),
        (
            BleakError("two\nlines"),
            "Bluetooth failed (two lines); if that continues, switch it off and on again",
        ),
        (
            AssertionError(),
            "Bluetooth failed (AssertionError); if that continues, switch it off and on again",
        ),
    ],
)
def test_each_error_has_a_line_that_names_what_to_do(error: Exception, line: str) -> None:
    assert explained(error) == line


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_line(reason: Reason) -> None:
    assert "words of the stack" not in explained(unavailable(reason))


@given(st.integers(0, 255))
def test_every_refusal_has_a_line(code: int) -> None:
    assert "\n" not in explained(BleakGATTProtocolError(code))


def test_foreign_errors_become_ours_once_and_keep_their_cause() -> None:
    cause = BleakError("cause")
    with pytest.raises(BluetoothError) as caught, translated():
        raise cause
    assert caught.value.__cause__ is cause
    assert isinstance(caught.value, SourceError)


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (TimeoutError(), True),
        (EOFError(), True),
        (BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", []), True),
        (BleakGATTProtocolError(0x0E), True),
        (BleakGATTProtocolError(0x03), False),
        (BleakDBusError("org.bluez.Error.NotPermitted", ["Not paired"]), False),
    ],
)
def test_failures_on_the_way_differ_from_those_of_the_sensor(error: Exception, *, lost: bool) -> None:
    with pytest.raises(BluetoothError) as caught, translated():
        raise error
    assert isinstance(caught.value, TransportLostError) is lost


def test_our_own_errors_pass() -> None:
    own = ConfigError("own")
    with pytest.raises(ConfigError) as caught, translated():
        raise own
    assert caught.value is own


def test_a_transport_that_bumble_does_not_know_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match="bumble:pigeon:1 names no HCI transport"):
        asyncio.run(scan(adapter_for("bumble:pigeon:1"), {}, on_result=lambda _: None, seconds=0))


def test_a_transport_that_nobody_serves_is_an_adapter_that_is_missing() -> None:
    with pytest.raises(
        BluetoothError, match=r"bumble:tcp-client:127\.0\.0\.1:1 cannot be opened .*; plug it in again"
    ):
        asyncio.run(
            scan(adapter_for("bumble:tcp-client:127.0.0.1:1"), {}, on_result=lambda _: None, seconds=0)
        )


@pytest.mark.skipif(sys.platform != "linux", reason="only BlueZ is reached over D-Bus")
def test_a_machine_without_d_bus_reports_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    with pytest.raises(BluetoothError, match="this machine runs no D-Bus"):
        asyncio.run(scan(PlatformAdapter(), {}, on_result=lambda _: None, seconds=0))
