"""A Bluetooth controller on the virtual air: Bumble's, with what it gets wrong put right.

Bumble's own (0.0.236) never ends a cancelled connection attempt, keeps its
connections over a reset, reports advertising data in place of the scan
response, cuts data to 27 bytes, and calls a packet completed before it has been
sent, so that a host never feels back-pressure.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from bumble import hci, ll
from bumble.controller import Controller
from bumble.link import LocalLink

if TYPE_CHECKING:
    from collections.abc import Callable

    from bumble.controller import Connection

LINK_LAYER_BYTES = 251
"""Longest packet of the link layer, with data length extension: one notification of 244 bytes fits."""
ACL_PACKETS = 8
"""Packets that the controller takes from its host before any is sent."""

Extended = hci.HCI_LE_Extended_Advertising_Report_Event
Legacy = hci.HCI_LE_Advertising_Report_Event


class Medium(LocalLink, ABC):
    """What a controller needs of the air that it is on."""

    @abstractmethod
    def send_fragment(self, sender: AirController, connection: Connection, flag: int, data: bytes) -> None:
        """Queue a fragment of the host's for the peer."""

    @abstractmethod
    def peer_of(self, connection: Connection) -> tuple[AirController, Connection] | None:
        """Return the other side of a connection, if it still has it."""

    @abstractmethod
    def leave(self, controller: AirController, connection: Connection) -> None:
        """A side of a connection has fallen silent for good: the peer will notice."""

    @abstractmethod
    def forget(self, controller: AirController, connection: Connection) -> None:
        """A connection is over on one side."""


class AirController(Controller):
    """A controller on a simulated air. Data crosses the air as the host's own fragments."""

    le_acl_data_packet_length = LINK_LAYER_BYTES
    total_num_le_acl_data_packets = ACL_PACKETS
    supported_max_tx_octets = supported_max_rx_octets = suggested_max_tx_octets = LINK_LAYER_BYTES

    def __init__(
        self, name: str, air: Medium, *, public_address: str | None = None, rssi_dbm: int = -50
    ) -> None:
        super().__init__(name, link=air, public_address=public_address)
        self.air = air
        self.rssi_dbm = rssi_dbm
        """Strength at which others receive it."""

    # Receiving.

    def on_advertising(self, sender: AirController, pdu: ll.AdvertisingPdu) -> None:
        """Take an advertisement, or a request to connect."""
        scanning = self.le_scan_enable
        if scanning and isinstance(pdu, ll.AdvInd | ll.AdvExtInd):
            self._report(pdu.advertiser_address, bytes(pdu.data), sender.rssi_dbm, is_response=False)
            answer = sender.scan_response(pdu.advertiser_address)
            if answer is not None and self.le_scan_type == 1:
                self._report(pdu.advertiser_address, answer, sender.rssi_dbm, is_response=True)
        # Bumble's own reports are wrong; the rest (attempts to connect, periodic advertising) is right.
        self.le_scan_enable = False
        self.on_ll_advertising_pdu(pdu)
        self.le_scan_enable = scanning

    def scan_response(self, address: hci.Address) -> bytes | None:
        """Return the answer to a scanner that asks this address; None where nothing advertises there."""
        for one in self.advertising_sets.values():
            if one.enabled and one.address == address:
                return bytes(one.scan_response_data)
        advertiser = self.le_legacy_advertiser
        if advertiser.enabled and advertiser.address == address:
            return bytes(advertiser.scan_response_data)
        return None

    def receive(self, connection: Connection, flag: int, data: bytes) -> None:
        """Hand a fragment that came through to the host."""
        packet = hci.HCI_AclDataPacket(connection.handle, flag, 0, len(data), data)
        self.send_hci_packet(packet)

    def completed(self, connection: Connection) -> None:
        """A fragment of the host's has been acknowledged by the peer."""
        self.send_hci_packet(
            hci.HCI_Number_Of_Completed_Packets_Event(
                connection_handles=[connection.handle], num_completed_packets=[1]
            )
        )

    def _report(self, address: hci.Address, data: bytes, rssi_dbm: int, *, is_response: bool) -> None:
        if not self.le_features & hci.LeFeatureMask.LE_EXTENDED_ADVERTISING:
            kind = Legacy.EventType.SCAN_RSP if is_response else Legacy.EventType.ADV_IND
            legacy = Legacy.Report(
                event_type=kind,
                address_type=address.address_type,
                address=address,
                data=data,
                rssi=rssi_dbm,
            )
            self.send_hci_packet(Legacy([legacy]))
            return
        flags = (
            Extended.EventType.LEGACY_ADVERTISING_PDU_USED
            | Extended.EventType.SCANNABLE_ADVERTISING
            | Extended.EventType.CONNECTABLE_ADVERTISING
        )
        if is_response:
            flags |= Extended.EventType.SCAN_RESPONSE
        report = Extended.Report(
            event_type=flags,
            address_type=address.address_type,
            address=address,
            primary_phy=hci.Phy.LE_1M,
            secondary_phy=0,
            advertising_sid=0xFF,
            tx_power=0x7F,
            rssi=rssi_dbm,
            periodic_advertising_interval=0,
            direct_address_type=0,
            direct_address=hci.Address.ANY,
            data=data,
        )
        self.send_hci_packet(Extended([report]))

    # Falling silent.

    def vanish(self) -> None:
        """Fall silent at once, as without power; peers find out by their supervision timeout."""
        self.le_legacy_advertiser.stop()
        for one in self.advertising_sets.values():
            one.stop()
        self.advertising_sets.clear()
        self.le_scan_enable = False
        self.pending_le_connection = None
        for connection in list(self.le_connections.values()):
            self.air.leave(self, connection)
        self.le_connections.clear()

    def remove(self) -> None:
        """Leave the air for good, and report the lost transport to the host, as a pulled dongle does."""
        self.vanish()
        self.air.remove_controller(self)
        host, self.hci_sink = self.hci_sink, None
        lost = getattr(host, "on_transport_lost", None)
        if lost is not None:
            _report(lost)

    def on_le_disconnected(self, connection: Connection, reason: int) -> None:
        """A connection is over on this side."""
        super().on_le_disconnected(connection, reason)
        self.air.forget(self, connection)

    # Commands of the host.

    def on_hci_acl_data_packet(self, packet: hci.HCI_AclDataPacket) -> None:
        """Send a fragment; it is completed when the peer has it."""
        connection = self.find_le_connection_by_handle(packet.connection_handle)
        if connection is not None:
            # From the host a first fragment has flag 0, to the host 2; a later one has 1 both ways.
            flag = packet.pb_flag if packet.pb_flag == 1 else 2
            self.air.send_fragment(self, connection, flag, packet.data)

    def on_hci_reset_command(self, _command: hci.HCI_Reset_Command) -> hci.HCI_StatusReturnParameters:
        """Drop everything, as a real reset does."""
        self.vanish()
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """End a pending attempt, with the event that the host waits for."""
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        cancelled = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            connection_handle=0,
            role=hci.Role.CENTRAL,
            peer_address_type=0,
            peer_address=hci.Address.ANY,
            connection_interval=0,
            peripheral_latency=0,
            supervision_timeout=0,
            central_clock_accuracy=0,
        )
        # After the command's own completion.
        asyncio.get_running_loop().call_soon(self.send_hci_packet, cancelled)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_le_set_extended_scan_parameters_command(
        self, command: hci.HCI_LE_Set_Extended_Scan_Parameters_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Remember whether the scan is active: only then are scan responses reported."""
        self.le_scan_type = max(command.scan_types)
        return super().on_hci_le_set_extended_scan_parameters_command(command)

    def on_hci_read_rssi_command(
        self, command: hci.HCI_Read_RSSI_Command
    ) -> hci.HCI_Read_RSSI_ReturnParameters:
        """Return the strength at which the peer is received."""
        connection = self.find_le_connection_by_handle(command.handle)
        peer = None if connection is None else self.air.peer_of(connection)
        status = hci.HCI_ErrorCode.SUCCESS
        if connection is None:
            status = hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR
        return hci.HCI_Read_RSSI_ReturnParameters(
            status=status, handle=command.handle, rssi=127 if peer is None else peer[0].rssi_dbm
        )


def _report(lost: Callable[[], None]) -> None:
    """Report a lost transport; once more where bumble has an answer that nobody has looked at yet."""
    try:
        lost()
    except asyncio.InvalidStateError:
        asyncio.get_running_loop().call_soon(_report, lost)
