"""Which Bluetooth stack a setting selects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.errors import ConfigError
from imurep.sources.ble import PlatformAdapter

if TYPE_CHECKING:
    from imurep.sources.ble import Adapter


def adapter_for(setting: str) -> Adapter:
    """Make the adapter that a setting names: ``platform``, or ``bumble:`` and an HCI transport.

    Raises ConfigError when there is none like that, or when it is not installed.
    """
    if setting == "platform":
        return PlatformAdapter()
    stack, _, transport = setting.partition(":")
    if stack != "bumble" or not transport:
        msg = (
            f"{setting!r} is not a Bluetooth backend; write platform, or bumble:TRANSPORT"
            " such as bumble:usb:0 or bumble:tcp-client:127.0.0.1:6402"
        )
        raise ConfigError(msg)
    try:
        from imurep.sources.ble.bumble import BumbleAdapter  # noqa: PLC0415 - an extra, which few have
    except ModuleNotFoundError as error:
        msg = f"the Bluetooth backend {setting} needs Bumble: pip install 'imurep[sim]'"
        raise ConfigError(msg) from error
    return BumbleAdapter(transport)
