"""How BlueZ says no: names and words of its D-Bus errors."""

from __future__ import annotations

from bumble.att import ErrorCode
from dbus_fast import DBusError

UNLIKELY = 0x0E
"""What bluetoothd answers when the link drops while a request waits."""

_NOT_PAIRED = ("NotPermitted", "Not paired")
_OF_ATT = {
    ErrorCode.READ_NOT_PERMITTED: ("NotPermitted", "Read not permitted"),
    ErrorCode.WRITE_NOT_PERMITTED: ("NotPermitted", "Write not permitted"),
    ErrorCode.INSUFFICIENT_AUTHENTICATION: _NOT_PAIRED,
    ErrorCode.INSUFFICIENT_ENCRYPTION: _NOT_PAIRED,
    ErrorCode.INSUFFICIENT_ENCRYPTION_KEY_SIZE: _NOT_PAIRED,
    ErrorCode.INVALID_OFFSET: ("InvalidArguments", "Invalid offset"),
    ErrorCode.INVALID_ATTRIBUTE_LENGTH: ("InvalidArguments", "Invalid Length"),
    ErrorCode.INSUFFICIENT_AUTHORIZATION: ("NotAuthorized", "Operation Not Authorized"),
    ErrorCode.REQUEST_NOT_SUPPORTED: ("NotSupported", "Operation is not supported"),
}


def refusal(kind: str, words: str) -> DBusError:
    """Make an error of BlueZ's own."""
    return DBusError(f"org.bluez.Error.{kind}", words)


def failed(words: str) -> DBusError:
    """Make BlueZ's error for everything that has none of its own."""
    return refusal("Failed", words)


def in_progress() -> DBusError:
    """Make the error for what is being done already."""
    return refusal("InProgress", "In Progress")


def not_ready() -> DBusError:
    """Make the error of an adapter that is switched off."""
    return refusal("NotReady", "Resource Not Ready")


def of_att(code: int) -> DBusError:
    """Say an ATT error as BlueZ does (``create_gatt_dbus_error`` in its src/gatt-client.c)."""
    if code in _OF_ATT:
        return refusal(*_OF_ATT[ErrorCode(code)])
    return failed(f"Operation failed with ATT error: 0x{code:02x}")
