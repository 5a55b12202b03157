"""The air by itself: losses, range, and adapters that come and go."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from bumble import hci
from bumble.transport import open_transport

from firmware_sim.radio.air import Air, AirConditions, Direction
from firmware_sim.radio.controller import AirController
from firmware_sim.radio.hci_tcp import HciServer
from firmware_sim.radio.open_imu_sensor import virtual_sensor
from tests.firmware_sim.centrals import SHORT, central_on, connect, host, is_gapless


@pytest.mark.parametrize(("part", "burst", "mean_run"), [(0.2, 1.0, 1.25), (0.2, 4.0, 4.0), (0.05, 2.0, 2.0)])
@pytest.mark.asyncio
async def test_losses_have_their_size_and_come_in_runs(part: float, burst: float, mean_run: float) -> None:
    air = Air(AirConditions(interval_s=0.03, loss_part=part, loss_burst=burst))
    sensor = await virtual_sensor(air, SHORT)
    link = await connect((await central_on(air))[0])
    assert sensor.server.connection is not None
    (connection,) = next(iter(air.controllers)).le_connections.values()
    way = Direction(next(iter(air.controllers)), connection)  # type: ignore[arg-type]  # all are AirControllers
    lost = [air._is_lost(way) for _ in range(40_000)]
    runs = [len(list(run)) for is_lost, run in itertools.groupby(lost) if is_lost]
    assert sum(lost) / len(lost) == pytest.approx(part, rel=0.1)
    assert sum(runs) / len(runs) == pytest.approx(mean_run, rel=0.1)
    assert not link.lost.done()
    await sensor.power_off()


def test_all_lost_is_no_condition() -> None:
    with pytest.raises(ValueError, match="below 1"):
        AirConditions(loss_part=1.0)


@pytest.mark.asyncio
async def test_each_absence_has_its_own_supervision() -> None:
    air = Air(AirConditions(interval_s=0.03))
    sensor = await virtual_sensor(air, SHORT)
    link = await connect((await central_on(air))[0])
    await link.start()
    await sensor.stay_away(1.5)
    await asyncio.sleep(0.2)
    await sensor.stay_away(1.5)  # two seconds after the first one began, it is away again
    await asyncio.sleep(2)
    assert not link.lost.done()
    assert is_gapless(link.data)
    await sensor.power_off()


@pytest.mark.asyncio
async def test_the_signal_can_be_read() -> None:
    air = Air(AirConditions(interval_s=0.03))
    sensor = await virtual_sensor(air, SHORT, rssi_dbm=-77)
    device, _ = await central_on(air)
    link = await connect(device)
    answer = await device.send_sync_command(hci.HCI_Read_RSSI_Command(handle=link.connection.handle))
    assert answer.rssi == -77
    await sensor.power_off()


def test_a_pulled_dongle_can_be_plugged_in_again() -> None:
    async def scenario() -> None:
        air = Air(AirConditions(supervision_s=0.1))
        sensor = await virtual_sensor(air, SHORT)
        server = HciServer(air)
        transport = await server.start()
        line = await open_transport(transport)
        device = host(line.source, line.sink)
        await device.power_on()
        link = await connect(device)
        server.unplug()
        await asyncio.wait([line.source.terminated])
        assert link.lost.done()
        again = await open_transport(transport)
        device = host(again.source, again.sink)
        await device.power_on()
        assert (await (await connect(device)).start())[2] == 0
        await again.close()
        await server.close()
        await sensor.power_off()

    asyncio.run(asyncio.wait_for(scenario(), 60))


@pytest.mark.asyncio
async def test_a_dongle_is_pulled_while_an_answer_waits_to_be_looked_at() -> None:
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    answer.set_result(None)

    class Host:
        pending: asyncio.Future[None] | None = answer
        lost = 0

        def on_transport_lost(self) -> None:
            if self.pending is not None:
                self.pending.set_exception(OSError())
            self.lost += 1

        def on_packet(self, packet: bytes) -> None:
            raise AssertionError(packet)

    made, pulled = Host(), AirController("dongle", Air())
    pulled.hci_sink = made
    pulled.remove()
    await asyncio.sleep(0)
    assert made.lost == 0
    made.pending = None
    await asyncio.sleep(0)
    assert made.lost == 1
