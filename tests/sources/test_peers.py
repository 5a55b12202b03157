"""Clients written by others stream from the emulations, and so tell whether these are understood."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest
from bleakheart import PolarMeasurementData
from polar_python import device as polar_device

from firmware_sim.sensor.emulated.polar import PolarFirmware
from tests.sources.worn_sensor import WornSetup, workout

if TYPE_CHECKING:
    from polar_python.models import ACCData, GyroData

pytestmark = pytest.mark.asyncio

SHORT = workout("back_extension_45", 2)


def seconds(stamps_ns: list[int]) -> np.ndarray:
    return np.diff(np.array(stamps_ns)) / 1e9


def weight_g(samples: list[tuple[int, int, int]]) -> float:
    """Median length of accelerations in mg, which for a person is their weight."""
    return float(np.median(np.linalg.norm(np.array(samples), axis=1))) / 1000


async def test_bleakheart_streams_from_an_h10() -> None:
    async with WornSetup("h10", SHORT) as worn:
        client = worn.radio.client(await worn.seen(), lambda _: None)
        await client.connect()
        queue: asyncio.Queue[tuple[str, int, list[tuple[int, int, int]]]] = asyncio.Queue()
        peer = PolarMeasurementData(client, acc_queue=queue)
        assert await peer.available_measurements() == ["ECG", "ACC"]
        settings = await peer.available_settings("ACC")
        assert settings["SAMPLE_RATE"] == [25, 50, 100, 200]
        assert settings["RANGE"] == [2, 4, 8]
        code, *_ = await peer.start_streaming("ACC", RANGE=8, SAMPLE_RATE=200)
        assert code == 0
        code, *_ = await peer.start_streaming("ACC", RANGE=8, SAMPLE_RATE=200)
        assert code == 6  # it measures already
        await asyncio.sleep(10)
        code, *_ = await peer.stop_streaming("ACC")
        assert code == 0
        frames = [queue.get_nowait() for _ in range(queue.qsize())]
        assert {kind for kind, *_ in frames} == {"ACC"}
        assert {len(samples) for *_, samples in frames} == {36}
        assert len(frames) == pytest.approx(10 / 0.18, abs=2)
        assert seconds([stamp for _, stamp, _ in frames]) == pytest.approx(0.18, rel=0.015)
        assert weight_g([sample for *_, samples in frames for sample in samples]) == pytest.approx(
            1, abs=0.05
        )
        firmware = worn.emulated.firmware
        assert isinstance(firmware, PolarFirmware)
        asked = [one.hex() for one in firmware.requests]
        assert asked[:2] == ["0102", "02020001c8000101100002010800"]
        assert asked[-1] == "0302"
        await client.disconnect()


@pytest.mark.parametrize("kind", ["h10", "verity", "verity-old"])
async def test_polar_python_streams(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with WornSetup(kind, SHORT) as worn:
        # It makes its own client, on the machine's own Bluetooth.
        monkeypatch.setattr(
            polar_device, "BleakClient", lambda found: worn.radio.client(found, lambda _: None)
        )
        acc: list[ACCData] = []
        gyr: list[GyroData] = []
        async with polar_device.PolarDevice(await worn.seen()) as peer:
            if kind == "h10":
                await peer.start_acc_stream(acc.append, sample_rate=100, resolution=16, range=8)
            else:
                await peer.start_acc_stream(acc.append, sample_rate=52, resolution=16, range=8, channels=3)
                await peer.start_gyro_stream(
                    gyr.append, sample_rate=52, resolution=16, range=2000, channels=3
                )
            await asyncio.sleep(15)
            await peer.stop_acc_stream()
        rate_hz = 100 if kind == "h10" else 52
        samples = [sample for one in acc for sample in one.data]
        assert len(samples) == pytest.approx(15 * rate_hz, abs=2 * 71)
        assert weight_g(samples) == pytest.approx(1, abs=0.05)
        spans_s = seconds([one.timestamp for one in acc])
        sizes = np.array([len(one.data) for one in acc[1:]])
        assert spans_s == pytest.approx(sizes / rate_hz, rel=0.015)
        if kind == "h10":
            assert not gyr
        else:
            turned = np.array([sample for one in gyr for sample in one.data])
            assert len(turned) == pytest.approx(15 * 52, abs=2 * 71)
            assert 1 < np.abs(turned).max() < 400  # degrees per second
