"""``python -m firmware_sim serve``: sensors on a virtual air, as a program of its own.

Standard output is made for programs: ``ready TRANSPORT``, then ``begin NAME UNIX_S``
and ``done NAME`` for each workout.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
import signal
import sys
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from bumble.transport import open_transport

from firmware_sim.programs import paced_loop
from firmware_sim.programs.sensor_options import setup_of
from firmware_sim.programs.serve_options import OPEN_IMU, address_of, name_of, settings_of
from firmware_sim.programs.workout_options import session_of
from firmware_sim.radio.air import Air, AirConditions
from firmware_sim.radio.emulated_sensor import EmulatedSensor
from firmware_sim.radio.hci_tcp import HciServer
from firmware_sim.radio.open_imu_sensor import VirtualSensor
from firmware_sim.radio.worn_sensor import air_transport
from firmware_sim.sensor.emulated.catalog import MODELS
from firmware_sim.sensor.wearer import Wearer

if TYPE_CHECKING:
    import argparse
    from collections.abc import Awaitable, Callable

    from firmware_sim.radio.worn_sensor import HciTransport

AnySensor: TypeAlias = "VirtualSensor | EmulatedSensor"

GONE = 1
"""Exit code when the air in the other process is gone."""


def serve(options: argparse.Namespace) -> int:
    """Serve until a signal, or until done. Raises ValueError for options that make no sense; OSError."""
    logging.getLogger("bumble").setLevel(logging.ERROR)
    wearers = [] if options.air_only else _wearers(options)
    return paced_loop.run(_serve(options, wearers), options.speed)


def _wearers(options: argparse.Namespace) -> list[Wearer]:
    if options.air is not None and options.away:
        msg = "--away needs the air in this process; leave out --air"
        raise ValueError(msg)
    session, setup = session_of(options), setup_of(options)
    if options.kind != OPEN_IMU:
        setup = replace(setup, imu=MODELS[options.kind].imu_settings)
    return [
        Wearer(
            session,
            setup,
            options.seed + number,
            variation=0.0 if options.no_variation else 1.0,
            texture=options.texture,
        )
        for number in range(options.sensors)
    ]


async def _serve(options: argparse.Namespace, wearers: list[Wearer]) -> int:
    loop = asyncio.get_running_loop()
    stop_requested = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop_requested.set)
    conditions = AirConditions(
        interval_s=options.interval / 1000,
        loss_part=options.loss / 100,
        loss_burst=options.burst,
        supervision_s=options.supervision,
    )
    air = Air(conditions, seed=options.seed)
    server = HciServer(air)
    sensors = [_sensor(options, air, wearer, number) for number, wearer in enumerate(wearers)]
    if options.since is not None:
        for wearer in wearers:
            wearer.begin_s = loop.time() - (time.time() - options.since) * options.speed
    try:
        transport = options.air or await server.start(options.hci_port)
        for sensor in sensors:
            await sensor.power_on()
        _print_line(f"ready {transport}")
        ends = [
            loop.create_task(_until_stopped(stop_requested)),
            loop.create_task(_workouts(options, sensors)),
        ]
        if options.air is not None:
            ends += [loop.create_task(_until_gone(sensor, options.air)) for sensor in sensors]
        ended, others = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for other in others:
            other.cancel()
        return max(end.result() for end in ended)
    finally:
        for sensor in sensors:
            await sensor.power_off()
        await server.close()


def _sensor(options: argparse.Namespace, air: Air, wearer: Wearer, number: int) -> AnySensor:
    name = name_of(options, number)
    open_hci: Callable[[], Awaitable[HciTransport]] = air_transport(air, name)
    if options.air is not None:
        open_hci = partial(open_transport, options.air)
    address = address_of(options, number)
    made: AnySensor
    if options.kind == OPEN_IMU:
        made = VirtualSensor(
            wearer,
            open_hci,
            name=name,
            address=address,
            settings=settings_of(options),
            # By chance and not from the seed: the same command run again is another boot.
            boot_ids=itertools.count(secrets.randbits(32)),
        )
    else:
        made = EmulatedSensor(wearer, open_hci, MODELS[options.kind], name=name, address=address)
    made.set_battery(options.battery)
    return made


async def _until_stopped(stop_requested: asyncio.Event) -> int:
    await stop_requested.wait()
    return 0


async def _until_gone(sensor: AnySensor, air: str) -> int:
    """Watch the transport to an air in another process."""
    while True:
        transport = sensor.transport
        if transport is None:  # It reboots.
            await asyncio.sleep(0.1)
            continue
        await asyncio.wait([transport.source.terminated])
        if sensor.transport is transport:
            sys.stderr.write(f"the air at {air} is gone\n")
            return GONE


async def _workouts(options: argparse.Namespace, sensors: list[AnySensor]) -> int:
    """Run all scheduled events; then end, or wait for a signal."""
    async with asyncio.TaskGroup() as group:
        for sensor in sensors:
            group.create_task(_report_workout(sensor, options.speed))
        for sensor in sensors[:1]:
            for gap in options.away:
                group.create_task(_at(sensor, gap.start_s, partial(sensor.stay_away, gap.seconds)))
            for at_s in options.reboot:
                group.create_task(_at(sensor, at_s, sensor.reboot))
            for at_s in options.stop:
                group.create_task(_at(sensor, at_s, partial(_press, sensor)))
    if options.until_done is None or not sensors:
        await asyncio.Event().wait()
    await asyncio.sleep(options.until_done)
    return 0


async def _report_workout(sensor: AnySensor, speed: float) -> None:
    """Print when the workout begins and when it is done."""
    begin_s = await _begin_s(sensor)
    loop_s = asyncio.get_running_loop().time()
    _print_line(f"begin {sensor.name} {time.time() - (loop_s - begin_s) / speed:.3f}")
    await asyncio.sleep(begin_s + sensor.wearer.workout_s - loop_s)
    _print_line(f"done {sensor.name}")


async def _at(sensor: AnySensor, at_s: float | None, action: Callable[[], Awaitable[None]]) -> None:
    """Call ``action`` at a second of the workout (None: amid the first set), unless that is over."""
    begin_s = await _begin_s(sensor)
    at_s = sensor.wearer.middle_s() if at_s is None else at_s
    wait_s = begin_s + at_s - asyncio.get_running_loop().time()
    if wait_s >= 0:
        await asyncio.sleep(wait_s)
        await action()


async def _press(sensor: AnySensor) -> None:
    sensor.press_stop()


async def _begin_s(sensor: AnySensor) -> float:
    await sensor.begun.wait()
    assert sensor.wearer.begin_s is not None  # noqa: S101  # the event says so
    return sensor.wearer.begin_s


def _print_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
