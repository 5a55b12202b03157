"""The virtual air: what one controller sends, others receive - later, after losses, or not at all.

Between two controllers that are connected there is a connection event every
interval. In each, either side sends some of what its host has queued; a packet
that is lost is sent again at the next event, so loss costs time and order is
kept. Without range, or when a side has fallen silent, nothing comes through,
and after the supervision timeout both sides end the connection.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bumble import hci, ll

from firmware_sim.radio.controller import AirController, Medium

if TYPE_CHECKING:
    from collections.abc import Callable

    from bumble.controller import Connection, Controller
    from bumble.core import PhysicalTransport

ESTABLISHED_EVENTS = 6
"""Events after which a connection that nobody has answered has failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AirConditions:
    """How well the air carries."""

    interval_s: float = 0.0
    """Between connection events; 0 delivers at once."""
    loss_part: float = 0.0
    """Fraction of the packets that are lost on the way and sent again."""
    loss_burst: float = 1.0
    """Mean length of a run of losses, in packets."""
    packets_per_event: int = 6
    """Packets that one side can send in one event."""
    supervision_s: float = 2.0
    """How long a connection lives on silence."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.loss_part < 1.0:
            msg = f"loss_part is {self.loss_part}, not a fraction below 1"
            raise ValueError(msg)


@dataclass(slots=True)
class Direction:
    """One direction of one connection."""

    sender: AirController
    connection: Connection
    waiting: deque[tuple[int, bytes]] = field(default_factory=deque)
    event: int = -1
    """Number of the last connection event."""
    is_bad: bool = False
    """Whether the last packet was lost."""
    timer: asyncio.Handle | None = None


class Air(Medium):
    """The air between controllers. Its time is the running event loop's."""

    def __init__(self, conditions: AirConditions | None = None, *, seed: int = 1) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Bumble's has no annotations
        self.conditions = conditions or AirConditions()
        """May be exchanged at any time."""
        self._rng = random.Random(seed)  # noqa: S311  # losses are no secret
        self._out_of_range: dict[AirController, object] = {}
        """Controllers out of range, with a token for each absence."""
        self._directions: dict[tuple[AirController, int], Direction] = {}

    # Range.

    def set_in_range(self, controller: AirController, *, is_in_range: bool) -> None:
        """Take a controller out of everybody's range, or bring it back."""
        if is_in_range:
            self._out_of_range.pop(controller, None)
            for direction in list(self._directions.values()):
                self._schedule(direction)
        elif controller not in self._out_of_range:
            self._out_of_range[controller] = object()
            for connection in controller.le_connections.values():
                self._supervise(controller, connection)

    def is_in_range(self, controller: AirController) -> bool:
        """Whether others can receive it."""
        return controller not in self._out_of_range

    def leave(self, controller: AirController, connection: Connection) -> None:
        """A side of a connection has fallen silent for good: the peer will notice."""
        peer = self.peer_of(connection)
        self.forget(controller, connection)
        if peer is not None:
            _call_later(self.conditions.supervision_s, self._time_out, *peer)

    def forget(self, controller: AirController, connection: Connection) -> None:
        """A connection is over on one side."""
        direction = self._directions.pop((controller, connection.handle), None)
        if direction is not None and direction.timer is not None:
            direction.timer.cancel()

    def remove_controller(self, controller: Controller) -> None:
        """Take a controller off the air."""
        self.controllers.discard(controller)
        if isinstance(controller, AirController):
            self._out_of_range.pop(controller, None)

    def peer_of(self, connection: Connection) -> tuple[AirController, Connection] | None:
        """Return the other side of a connection, if it still has it."""
        for controller in self.controllers:
            other = controller.le_connections.get(connection.self_address)
            if (
                other is not None
                and other.self_address == connection.peer_address
                and isinstance(controller, AirController)
            ):
                return controller, other
        return None

    def _supervise(self, controller: AirController, connection: Connection) -> None:
        """End a connection that has just fallen silent after its supervision timeout."""
        absence = self._out_of_range[controller]

        def check() -> None:
            if self._out_of_range.get(controller) is absence:
                peer = self.peer_of(connection)
                self._time_out(controller, connection)
                if peer is not None:
                    self._time_out(*peer)

        _call_later(self.conditions.supervision_s, check)

    def _time_out(self, controller: AirController, connection: Connection) -> None:
        if controller.le_connections.get(connection.peer_address) is connection:
            controller.on_le_disconnected(connection, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    # Advertising.

    def send_advertising_pdu(self, sender_controller: Controller, packet: ll.AdvertisingPdu) -> None:
        """Deliver an advertisement, or a request to connect, to all in range."""
        if not isinstance(sender_controller, AirController) or sender_controller in self._out_of_range:
            return
        loop = asyncio.get_running_loop()
        for controller in self.controllers - self._out_of_range.keys() - {sender_controller}:
            if isinstance(controller, AirController):
                loop.call_soon(controller.on_advertising, sender_controller, packet)
        if isinstance(packet, ll.ConnectInd):
            _call_later(
                ESTABLISHED_EVENTS * max(self.conditions.interval_s, 0.001),
                self._check_established,
                sender_controller,
                packet.advertiser_address,
            )

    def _check_established(self, controller: AirController, advertiser: hci.Address) -> None:
        """Fail the second of two centrals that answered the same advertisement."""
        connection = controller.le_connections.get(advertiser)
        if (
            connection is not None
            and self.peer_of(connection) is None
            and controller not in self._out_of_range
        ):
            reason = hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR
            controller.on_le_disconnected(connection, reason)

    # Connections.

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        """Carry control of the link layer, at once; lost if the peer is gone or out of range."""
        for controller in self.controllers:
            connection = controller.le_connections.get(sender_address)
            if connection is None or connection.self_address != receiver_address:
                continue
            sender = self.peer_of(connection)
            if controller not in self._out_of_range and (
                sender is None or sender[0] not in self._out_of_range
            ):
                asyncio.get_running_loop().call_soon(controller.on_ll_control_pdu, sender_address, packet)
            elif isinstance(packet, ll.TerminateInd) and isinstance(controller, AirController):
                _call_later(self.conditions.supervision_s, self._time_out, controller, connection)

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: PhysicalTransport,
        data: bytes,
    ) -> None:
        """Refuse what only Classic Bluetooth sends; LE data comes by ``send_fragment``."""
        msg = f"{transport!r} data to {destination_address} from {sender_controller.name}: LE only"
        raise NotImplementedError(msg)

    def send_fragment(self, sender: AirController, connection: Connection, flag: int, data: bytes) -> None:
        """Queue a fragment of the host's for the peer."""
        key = (sender, connection.handle)
        direction = self._directions.get(key)
        if direction is None:
            direction = self._directions[key] = Direction(sender, connection)
        direction.waiting.append((flag, data))
        self._schedule(direction)

    def _schedule(self, direction: Direction) -> None:
        if direction.timer is not None or not direction.waiting:
            return
        loop = asyncio.get_running_loop()
        interval_s = self.conditions.interval_s
        if interval_s <= 0:
            direction.timer = loop.call_soon(self._connection_event, direction)
            return
        # Counted, because a timer may fire a rounding error before its time.
        direction.event = max(math.floor(loop.time() / interval_s), direction.event) + 1
        direction.timer = loop.call_at(direction.event * interval_s, self._connection_event, direction)

    def _connection_event(self, direction: Direction) -> None:
        """One connection event of one side."""
        direction.timer = None
        peer = self.peer_of(direction.connection)
        if peer is None or peer[0] in self._out_of_range or direction.sender in self._out_of_range:
            return  # Silence: set_in_range resumes, or the supervision timeout ends it.
        controller, theirs = peer
        for _ in range(min(self.conditions.packets_per_event, len(direction.waiting))):
            if self._is_lost(direction):
                break
            controller.receive(theirs, *direction.waiting.popleft())
            direction.sender.completed(direction.connection)
        self._schedule(direction)

    def _is_lost(self, direction: Direction) -> bool:
        """Draw from a chain of two states, good and bad (Gilbert 1960)."""
        loss_part = self.conditions.loss_part
        if loss_part == 0.0:
            return False
        # A run of losses that is shorter than independent losses make cannot be.
        leave = min(1.0 / self.conditions.loss_burst, 1.0 - loss_part)
        enter = leave * loss_part / (1.0 - loss_part)
        draw = self._rng.random()
        direction.is_bad = draw >= leave if direction.is_bad else draw < enter
        return direction.is_bad


def _call_later(delay_s: float, call: Callable[..., object], *arguments: object) -> None:
    asyncio.get_running_loop().call_later(delay_s, call, *arguments)
