"""Maps the errors of Bluetooth stacks to one line each, with what to do; the only place that reads them."""

from __future__ import annotations

from contextlib import contextmanager
from functools import singledispatch
from typing import TYPE_CHECKING

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakGATTProtocolError,
    BleakGATTProtocolErrorCode,
)

from imurep.errors import ImurepError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

OUT_OF_REACH = "out of reach or off; switch it on or bring it nearer"
NOT_SEEN = (
    "not found yet; switch it on and bring it near, and disconnect other phones and computers from it,"
    " since a connected sensor is not visible"
)
UNKNOWN_KIND = "it is there, but it is not a supported kind of sensor; `imurep scan` lists those that are"

NO_ADAPTER = "this machine has no Bluetooth adapter; plug one in"
OFF = "Bluetooth is switched off; switch it on"
DENIED = "this program may not use Bluetooth; allow it in the system (on Linux: the group bluetooth)"
NO_SERVICE = "the Bluetooth service of this machine does not run; start it (systemctl start bluetooth)"
NO_BUS = "this machine runs no D-Bus, over which Bluetooth is reached; start it (systemctl start dbus)"
BUSY = "Bluetooth is busy with another program; close that one"
_VANISHED = "the sensor, or the adapter, is no longer there; bring it near, or plug it in again"
_PAIRING = "the sensor wants to be paired first; pair it in the Bluetooth settings of the system"

_Reason = BleakBluetoothNotAvailableReason
_UNAVAILABLE = {
    _Reason.NO_BLUETOOTH: NO_ADAPTER,
    _Reason.NO_BLE_CENTRAL_ROLE: "the Bluetooth adapter cannot connect to sensors; plug in another one",
    _Reason.POWERED_OFF: OFF,
    _Reason.DENIED_BY_USER: DENIED,
    _Reason.DENIED_BY_SYSTEM: DENIED,
    _Reason.DENIED_BY_UNKNOWN: DENIED,
    _Reason.UNKNOWN: "Bluetooth does not work, for an unknown reason; `imurep doctor` may find it",
}
_Code = BleakGATTProtocolErrorCode
_PAIRING_CODES = {
    _Code.INSUFFICIENT_AUTHENTICATION,
    _Code.INSUFFICIENT_AUTHORIZATION,
    _Code.INSUFFICIENT_ENCRYPTION,
    _Code.INSUFFICIENT_ENCRYPTION_KEY_SIZE,
}
_DBUS = "org.freedesktop.DBus.Error."
_BLUEZ = {
    "org.bluez.Error.AuthenticationCanceled": _PAIRING,
    "org.bluez.Error.AuthenticationFailed": _PAIRING,
    "org.bluez.Error.AuthenticationRejected": _PAIRING,
    "org.bluez.Error.AuthenticationTimeout": _PAIRING,
    "org.bluez.Error.InProgress": BUSY,
    "org.bluez.Error.NotReady": OFF,
    f"{_DBUS}AccessDenied": DENIED,
    f"{_DBUS}NameHasNoOwner": NO_SERVICE,
    f"{_DBUS}NoReply": NO_SERVICE,
    f"{_DBUS}ServiceUnknown": NO_SERVICE,
    f"{_DBUS}TimedOut": NO_SERVICE,  # systemd starts it only where there is an adapter
    f"{_DBUS}UnknownMethod": _VANISHED,  # bluetoothd's error for some objects that are not there
    f"{_DBUS}UnknownObject": _VANISHED,
    "org.freedesktop.systemd1.NoSuchUnit": NO_SERVICE,
}
_LINK = ("le-connection", "br-connection")
"""Beginnings of BlueZ's reasons for a connection that failed."""


class BluetoothError(SourceError):
    """A failure on the air or in the adapter; trying again may help."""


class TransportLostError(BluetoothError):
    """A failure of the host or the link, not of the sensor: this connection cannot continue."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn whatever a Bluetooth stack raises into BluetoothError; errors of imurep pass unchanged."""
    try:
        yield
    except ImurepError:
        raise
    except Exception as error:
        # Stacks raise anything: bleak's documentation has "backend-specific exceptions".
        kind = TransportLostError if _is_transport_lost(error) else BluetoothError
        raise kind(explained(error)) from error


def _is_transport_lost(error: Exception) -> bool:
    if isinstance(error, BleakGATTProtocolError):
        # BlueZ answers open requests with it a moment before it reports that the link is gone.
        return error.code is _Code.UNLIKELY_ERROR
    if isinstance(error, BleakDBusError):
        return error.dbus_error.startswith(_DBUS)
    return isinstance(error, TimeoutError | OSError | EOFError)


@singledispatch
def explained(error: Exception) -> str:
    """Explain an error in one line: what happened, and what to do."""
    text = " ".join(str(error).split()) or type(error).__name__
    return f"Bluetooth failed ({text}); if that continues, switch it off and on again"


@explained.register(TimeoutError)  # BlueZ's, for what other stacks call "not found"
@explained.register(BleakDeviceNotFoundError)
def _out_of_reach(_: Exception) -> str:
    return OUT_OF_REACH


@explained.register
def _unavailable(error: BleakBluetoothNotAvailableError) -> str:
    if error.__cause__ is not None and error.reason is _Reason.NO_BLUETOOTH:
        return f"{error.args[0]}; plug it in again"  # our own host gives more details
    return _UNAVAILABLE[error.reason]


@explained.register
def _refused(error: BleakGATTProtocolError) -> str:
    if error.code in _PAIRING_CODES:
        return _PAIRING
    return f"the sensor refuses: {error.args[1].removeprefix('GATT Protocol Error: ')}"


@explained.register
def _bluez(error: BleakDBusError) -> str:
    details = error.dbus_error_details or ""
    if error.dbus_error == "org.bluez.Error.Failed" and details.startswith(_LINK):
        return f"the connection failed ({details}); bring the sensor nearer"
    if error.dbus_error == "org.bluez.Error.NotPermitted" and details == "Not paired":
        return _PAIRING
    return _BLUEZ.get(error.dbus_error) or explained(RuntimeError(str(error)))


@explained.register(FileNotFoundError)  # the socket of the system's D-Bus
@explained.register(ConnectionError)
@explained.register(EOFError)
def _no_bus(_: Exception) -> str:
    return NO_BUS


@explained.register
def _denied(_: PermissionError) -> str:
    return DENIED
