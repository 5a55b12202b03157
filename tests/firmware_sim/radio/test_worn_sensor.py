"""The simulated sensor over the air: a Bumble central in the same process, in virtual time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bumble import hci
from bumble.att import ATT_Error
from bumble.core import UUID, AdvertisingData
from bumble.core import TimeoutError as BumbleTimeoutError
from bumble.device import Peer

from firmware_sim.radio.air import Air, AirConditions
from firmware_sim.radio.open_imu_sensor import uuid, virtual_sensor
from firmware_sim.sensor.firmware_settings import FirmwareSettings
from firmware_sim.sensor.sensor_setup import SensorSetup
from tests.firmware_sim.centrals import ADDRESS, SHORT, central_on, connect, indices, is_gapless

if TYPE_CHECKING:
    from bumble.device import Advertisement

    from firmware_sim.radio.open_imu_sensor import VirtualSensor

pytestmark = pytest.mark.asyncio

USUAL = AirConditions(interval_s=0.03)
TIMEOUT = hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR


def now_s() -> float:
    return asyncio.get_running_loop().time()


def is_connected(sensor: VirtualSensor) -> bool:
    return sensor.server.connection is not None


async def a_sensor(air: Air, settings: FirmwareSettings | None = None) -> VirtualSensor:
    return await virtual_sensor(air, SHORT, settings=settings)


async def names_in_reach(air: Air, seconds: float = 1.0) -> set[str]:
    device, controller = await central_on(air, "F0:00:00:00:00:55")
    found = set()

    def saw(advertisement: Advertisement) -> None:
        found.add(str(advertisement.data.get(AdvertisingData.COMPLETE_LOCAL_NAME)))

    device.on("advertisement", saw)
    await device.start_scanning(filter_duplicates=False)
    await asyncio.sleep(seconds)
    await device.stop_scanning()
    controller.remove()
    return found


async def test_it_is_found_by_service_and_name() -> None:
    air = Air(USUAL)
    sensor = await a_sensor(air)
    device, _ = await central_on(air)
    found: list[Advertisement] = []
    device.on("advertisement", found.append)
    await device.start_scanning(active=False)
    await asyncio.sleep(0.5)
    await device.stop_scanning()
    advertised = found[0].data
    assert advertised.get(AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS) == [uuid(1)]
    # A passive scan gets no scan response, and the name is nowhere else.
    assert {one.data.get(AdvertisingData.COMPLETE_LOCAL_NAME) for one in found} == {None}
    assert (found[0].rssi, str(found[0].address).split("/")[0]) == (-50, ADDRESS)
    assert "IMU-SIM" in await names_in_reach(air)
    await sensor.power_off()


async def test_what_it_offers() -> None:
    air = Air()
    sensor = await a_sensor(air)
    sensor.set_battery(42)
    device, _ = await central_on(air)
    connection = await device.connect(hci.Address(ADDRESS), timeout=5)
    peer = Peer(connection)
    await peer.discover_services()
    await peer.discover_characteristics()

    async def read(number: int) -> bytes:
        (found,) = peer.get_characteristics_by_uuid(UUID.from_16_bits(number))
        return bytes(await found.read_value())

    assert await read(0x2A19) == b"\x2a"
    assert (await read(0x2A29), await read(0x2A25)) == (b"imurep", b"IMU-SIM")
    (info,) = peer.get_characteristics_by_uuid(uuid(2))
    assert bytes(await info.read_value()) == sensor.firmware.info()
    (status,) = peer.get_characteristics_by_uuid(uuid(5))
    assert bytes(await status.read_value())[:3] == bytes([0, sensor.firmware.status()[1], 42])
    (control,) = peer.get_characteristics_by_uuid(uuid(3))
    with pytest.raises(ATT_Error) as refused:
        await control.write_value(b"\x01\x01", with_response=True)
    assert refused.value.error_code == 0xFD  # nobody would receive the answer
    await control.subscribe(prefer_notify=False)
    with pytest.raises(ATT_Error) as refused:
        await control.write_value(b"\x01", with_response=True)
    assert refused.value.error_code == 0x0D
    await sensor.power_off()


@pytest.mark.parametrize(
    "conditions",
    [AirConditions(), USUAL, AirConditions(interval_s=0.03, loss_part=0.2, loss_burst=3.0)],
    ids=str,
)
async def test_data_is_gapless_and_in_order(conditions: AirConditions) -> None:
    air = Air(conditions)
    sensor = await a_sensor(air)
    link = await connect((await central_on(air))[0])
    assert link.mtu == 247
    assert (await link.start())[2] == 0
    await asyncio.sleep(60)
    assert is_gapless(link.data)
    assert len(indices(link.data)) == pytest.approx(60 * 104, rel=0.015)
    assert {one.flags for one in link.data} <= {0, 4}
    await sensor.power_off()


async def test_packets_come_at_connection_events_and_loss_delays_them() -> None:
    delays = []
    for loss in (0.0, 0.3):
        air = Air(AirConditions(interval_s=0.03, loss_part=loss))
        sensor = await a_sensor(air)
        link = await connect((await central_on(air))[0])
        await link.start()
        begin_s = sensor.wearer.begin_s
        assert begin_s is not None
        await asyncio.sleep(60)
        off_grid = [arrived / 0.03 - round(arrived / 0.03) for arrived, _ in link.arrived]
        assert max(map(abs, off_grid)) < 1e-3
        first_us = link.data[0].t_us
        delays.append(
            [
                at_s - begin_s - (one.t_us - first_us) / 1e6
                for (at_s, _), one in zip(link.arrived, link.data, strict=True)
            ]
        )
        await sensor.power_off()
    calm, lossy = delays
    full_s = 17 / 104
    assert full_s - 0.01 < min(calm) <= max(calm) < full_s + 0.035
    assert max(lossy) > max(calm) + 0.03


async def test_out_of_range_ends_by_supervision_and_resend_brings_back_what_was_missed() -> None:
    air = Air(USUAL)
    sensor = await a_sensor(air)
    device, _ = await central_on(air)
    link = await connect(device)
    await link.start()
    await asyncio.sleep(10)
    left_s = now_s()
    away = asyncio.create_task(sensor.stay_away(30))
    assert await link.lost == TIMEOUT
    assert now_s() - left_s == pytest.approx(2.0, abs=0.01)
    await away
    again = await connect(device)
    assert (await again.ask(b"\x04\x01"))[2] == 0
    await asyncio.sleep(1)
    first, last = link.data[-1].index + link.data[-1].n, again.data[0].index
    assert (last - first) / 104 > 29
    assert (await again.resend(again.data[0].stream, first, last - first))[2] == 0
    await asyncio.sleep(3)
    everything = sorted(indices(link.data) + indices(again.data))
    assert everything == list(range(everything[0], everything[0] + len(everything)))
    await sensor.power_off()


async def test_a_short_fade_only_delays() -> None:
    air = Air(USUAL)
    sensor = await a_sensor(air)
    link = await connect((await central_on(air))[0])
    await link.start()
    for _ in range(5):
        await asyncio.sleep(2)
        await sensor.stay_away(1.5)
    await asyncio.sleep(5)
    assert is_gapless(link.data)
    assert not link.lost.done()
    await sensor.power_off()


async def test_ninety_seconds_away_outlast_the_ring() -> None:
    air = Air(USUAL)
    sensor = await a_sensor(air)
    device, _ = await central_on(air)
    link = await connect(device)
    await link.ask(bytes.fromhex("02 01 01 04 40960100 02 01 03 0c 02 7800"))
    await asyncio.sleep(5)
    await sensor.stay_away(90)
    again = await connect(device)
    first = link.data[-1].index + link.data[-1].n
    refused = await again.resend(link.data[0].stream, first, 10)
    assert refused[2] == 9
    oldest = int.from_bytes(refused[5:9], "little")
    assert first < oldest
    assert (await again.resend(link.data[0].stream, oldest, 100))[2] == 0
    await sensor.power_off()


@pytest.mark.parametrize("ours", [23, 100])
async def test_the_lower_mtu_counts(ours: int) -> None:
    air = Air(USUAL)
    sensor = await a_sensor(air, FirmwareSettings(highest_mtu=ours))
    link = await connect((await central_on(air))[0])
    answer = await link.start()
    assert answer[2] == (8 if ours == 23 else 0)
    await asyncio.sleep(5)
    assert {one.n for one in link.data} == (set() if ours == 23 else {6})
    assert all(len(payload) <= ours - 3 for _, payload in link.arrived)
    await sensor.power_off()


async def test_it_cannot_be_found_while_it_is_connected() -> None:
    air = Air(USUAL)
    sensor = await a_sensor(air)
    first, _ = await central_on(air)
    second, _ = await central_on(air, "F0:00:00:00:00:77")
    link = await connect(first)
    assert await names_in_reach(air) == set()
    with pytest.raises(BumbleTimeoutError):
        await connect(second, timeout=3)
    await link.connection.disconnect()
    # The cancelled attempt is over: the next one is not refused, and the sensor advertises again.
    assert (await (await connect(second)).start())[2] == 0
    await sensor.power_off()


async def test_of_two_centrals_that_connect_at_once_one_fails() -> None:
    air = Air(USUAL)
    sensor = await a_sensor(air)
    devices = [(await central_on(air, f"F0:00:00:00:00:0{k}"))[0] for k in (1, 2)]
    connections = [
        await one for one in [asyncio.create_task(d.connect(hci.Address(ADDRESS))) for d in devices]
    ]
    reasons: list[int] = []
    for connection in connections:
        connection.on(connection.EVENT_DISCONNECTION, reasons.append)
    await asyncio.sleep(2)
    assert reasons == [hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR]
    assert is_connected(sensor)
    await sensor.power_off()


async def test_disconnecting_from_who_is_gone_returns() -> None:
    air = Air(USUAL)
    sensor = await a_sensor(air)
    link = await connect((await central_on(air))[0])
    await sensor.power_off()
    await asyncio.wait_for(link.connection.disconnect(), 1)
    assert link.lost.done()


async def test_who_disconnects_out_of_range_is_missed_by_supervision() -> None:
    air = Air(USUAL)
    sensor = await a_sensor(air)
    link = await connect((await central_on(air))[0])
    sensor.set_in_range(is_in_range=False)
    await asyncio.wait_for(link.connection.disconnect(), 1)
    assert is_connected(sensor)
    await asyncio.sleep(2.1)
    assert not is_connected(sensor)
    await sensor.power_off()


async def test_without_power_it_falls_silent_and_comes_back_as_another_boot() -> None:
    air = Air(USUAL)
    sensor = await a_sensor(air)
    device, _ = await central_on(air)
    link = await connect(device)
    await link.start()
    await asyncio.sleep(5)
    before, went_s = sensor.firmware.info(), now_s()
    reboot = asyncio.create_task(sensor.reboot())
    assert await link.lost == TIMEOUT
    assert now_s() - went_s == pytest.approx(2.0, abs=0.01)
    await reboot
    again = await connect(device)
    assert sensor.firmware.info()[4:8] != before[4:8]
    assert await again.ask(b"\x04\x01") == b"\x84\x01\x00"
    await again.start()
    await asyncio.sleep(1)
    # The device's clock began anew, and the person went on.
    assert again.data[0].t_us < 5_000_000
    assert sensor.wearer.begin_s is not None
    assert sensor.wearer.begin_s < went_s
    await sensor.power_off()


async def test_the_sensor_can_end_the_stream_and_the_connection() -> None:
    air = Air(USUAL)
    sensor = await a_sensor(air)
    link = await connect((await central_on(air))[0])
    await link.start()
    await asyncio.sleep(2)
    sensor.press_stop()
    await asyncio.sleep(0.2)
    assert link.data[-1].kind == 1
    assert not link.lost.done()
    await sensor.disconnect()
    assert await link.lost == hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR
    await sensor.power_off()


async def test_ten_reconnects_in_a_row_lose_nothing() -> None:
    air = Air(USUAL)
    sensor = await a_sensor(air)
    device, _ = await central_on(air)
    link = await connect(device)
    await link.start()
    received = []
    for _ in range(10):
        await asyncio.sleep(1)
        await link.connection.disconnect()
        received += link.data
        link = await connect(device)
    await asyncio.sleep(1)
    received += link.data
    missing = sorted(set(range(received[0].index, received[-1].index)) - set(indices(received)))
    assert (await link.resend(received[0].stream, missing[0], missing[-1] + 1 - missing[0]))[2] == 0
    await asyncio.sleep(3)
    assert set(missing) <= set(indices(link.data))
    await sensor.power_off()


async def test_an_adapter_that_is_pulled_is_gone_at_once_and_missed_later() -> None:
    air = Air(USUAL)
    sensor = await a_sensor(air)
    device, controller = await central_on(air)
    link = await connect(device)
    controller.remove()
    await asyncio.sleep(0.1)
    assert link.lost.done()
    assert is_connected(sensor)
    await asyncio.sleep(2)
    assert not is_connected(sensor)
    assert (await connect((await central_on(air))[0])).mtu == 247
    await sensor.power_off()


async def test_sixteen_sensors_on_one_air() -> None:
    air = Air(USUAL)
    quiet = SensorSetup()
    sensors = [
        await virtual_sensor(air, SHORT, quiet, name=f"S{k}", address=f"F6:00:00:00:01:{k:02X}", seed=k)
        for k in range(16)
    ]
    device, _ = await central_on(air)
    links = [await connect(device, address=sensor.address) for sensor in sensors]
    for link in links:
        await link.start()
    await asyncio.sleep(20)
    assert all(is_gapless(link.data) and len(link.data) > 110 for link in links)
    for sensor in sensors:
        await sensor.power_off()


async def test_the_range_of_an_air_elsewhere_is_not_ours() -> None:
    air = Air()
    sensor = await a_sensor(air)
    await sensor.power_off()
    with pytest.raises(RuntimeError, match="switched off"):
        sensor.press_stop()
