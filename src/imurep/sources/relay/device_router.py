"""Routes what phones send to the source that has the phone's sensor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from imurep.sources.spec import RelaySpec


class RelayTransport(Protocol):
    """Carries messages between phones and the service, such as over raw topics of a broker."""

    def listen(self, on_message: Callable[[str, bytes], None]) -> None:
        """Call ``on_message`` with the device's name in topics and each payload; it does not block."""

    def send(self, device: str, payload: bytes) -> None:
        """Send to a phone; the message is dropped where that is not possible at once."""


class DeviceReceiver(Protocol):
    """Takes the messages of one device at a time."""

    spec: RelaySpec
    device: str | None
    """Name in topics of the device that it has; None: none yet."""

    @property
    def is_free(self) -> bool:
        """Whether it may take another device."""

    def on_message(self, device: str, payload: bytes) -> None:
        """Take a message of a device."""


class DeviceRouter:
    """Routes each message to the receiver that has the device, or may take it."""

    def __init__(self, transport: RelayTransport) -> None:
        self.transport = transport
        self._receivers: list[DeviceReceiver] = []
        transport.listen(self._on_message)

    def add(self, receiver: DeviceReceiver) -> None:
        """Include a receiver from now on."""
        self._receivers.append(receiver)

    def _on_message(self, device: str, payload: bytes) -> None:
        receiver = self._receiver_for(device)
        if receiver is not None:
            receiver.on_message(device, payload)

    def _receiver_for(self, device: str) -> DeviceReceiver | None:
        """The one that has it, else one that names it, else a free one for any device."""
        has = (one for one in self._receivers if one.device == device)
        named = (one for one in self._receivers if one.spec.device == device)
        free = (one for one in self._receivers if one.spec.device is None and one.is_free)
        return next(has, None) or next(named, None) or next(free, None)
