"""How BlueZ says no: names and words of its D-Bus errors."""

from __future__ import annotations

from enum import Enum

from bumble.att import ErrorCode
from dbus_fast import DBusError

UNLIKELY = 0x0E
"""What bluetoothd answers when the link drops while a request waits."""


class Refusal(Enum):
    """Name and words."""

    ABORTED = "Failed", "le-connection-abort-by-local"
    ALREADY_EXISTS = "AlreadyExists", "Already Exists"
    DOES_NOT_EXIST = "DoesNotExist", "Does Not Exist"
    IN_PROGRESS = "InProgress", "In Progress"
    INVALID_LENGTH = "InvalidArguments", "Invalid Length"
    INVALID_OFFSET = "InvalidArguments", "Invalid offset"
    NO_DISCOVERY = "Failed", "No discovery started"
    NO_NOTIFICATIONS = "Failed", "No notify session started"
    NOT_AUTHENTICATED = "AuthenticationFailed", "Authentication Failed"
    NOT_AUTHORIZED = "NotAuthorized", "Operation Not Authorized"
    NOT_CONNECTED = "NotConnected", "Not Connected"
    NOT_PAIRED = "NotPermitted", "Not paired"
    NOT_READY = "NotReady", "Resource Not Ready"
    NOT_SUPPORTED = "NotSupported", "Operation is not supported"
    NOTIFY_ACQUIRED = "NotPermitted", "Notify acquired"
    READ_NOT_PERMITTED = "NotPermitted", "Read not permitted"
    UNREACHED = "Failed", "Not connected"
    WRITE_NOT_PERMITTED = "NotPermitted", "Write not permitted"

    def error(self) -> DBusError:
        """Make it an error to raise."""
        kind, words = self.value
        return DBusError(f"org.bluez.Error.{kind}", words)


_OF_ATT = {
    ErrorCode.READ_NOT_PERMITTED: Refusal.READ_NOT_PERMITTED,
    ErrorCode.WRITE_NOT_PERMITTED: Refusal.WRITE_NOT_PERMITTED,
    ErrorCode.INSUFFICIENT_AUTHENTICATION: Refusal.NOT_PAIRED,
    ErrorCode.INSUFFICIENT_ENCRYPTION: Refusal.NOT_PAIRED,
    ErrorCode.INSUFFICIENT_ENCRYPTION_KEY_SIZE: Refusal.NOT_PAIRED,
    ErrorCode.INVALID_OFFSET: Refusal.INVALID_OFFSET,
    ErrorCode.INVALID_ATTRIBUTE_LENGTH: Refusal.INVALID_LENGTH,
    ErrorCode.INSUFFICIENT_AUTHORIZATION: Refusal.NOT_AUTHORIZED,
    ErrorCode.REQUEST_NOT_SUPPORTED: Refusal.NOT_SUPPORTED,
}


def of_att(code: int) -> DBusError:
    """Say an ATT error as BlueZ does (``create_gatt_dbus_error`` in its src/gatt-client.c)."""
    for known, refusal in _OF_ATT.items():
        if known == code:
            return refusal.error()
    return DBusError("org.bluez.Error.Failed", f"Operation failed with ATT error: 0x{code:02x}")
