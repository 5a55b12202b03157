"""``python -m firmware_sim serve``: sensors on a virtual air, as a program of its own.

Standard output is for programs: ``ready TRANSPORT``, then ``begin NAME UNIX_S``
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
from typing import TYPE_CHECKING

from bumble.transport import open_transport

from firmware_sim.person.wearer import Wearer
from firmware_sim.programs import pace
from firmware_sim.programs.options import sensor_of, session_of
from firmware_sim.programs.serve_options import OWN, address_of, name_of, settings_of
from firmware_sim.radio.air import Air, Conditions
from firmware_sim.radio.hci_tcp import HciServer
from firmware_sim.radio.sensor import VirtualSensor, on_air
from firmware_sim.sensor.emulated.kinds import KINDS
from firmware_sim.sensor.emulated.sensor import EmulatedSensor

if TYPE_CHECKING:
    import argparse
    from collections.abc import Awaitable, Callable

    from firmware_sim.radio.sensor import Line, WornSensor

GONE = 1
"""Exit code when the air in the other process is gone."""


def serve(options: argparse.Namespace) -> int:
    """Serve until a signal, or until done. Raises ValueError for options that make no sense; OSError."""
    logging.getLogger("bumble").setLevel(logging.ERROR)
    wearers = [] if options.air_only else _wearers(options)
    return pace.run(_serve(options, wearers), options.speed)


def _wearers(options: argparse.Namespace) -> list[Wearer]:
    if options.air is not None and options.away:
        msg = "--away needs the air in this process; leave out --air"
        raise ValueError(msg)
    session, sensor = session_of(options), sensor_of(options)
    if options.kind != OWN:
        sensor = replace(sensor, sensing=KINDS[options.kind].sensing)
    return [
        Wearer(
            session,
            sensor,
            options.seed + number,
            variation=0.0 if options.no_variation else 1.0,
            texture=options.texture,
        )
        for number in range(options.sensors)
    ]


async def _serve(options: argparse.Namespace, wearers: list[Wearer]) -> int:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    conditions = Conditions(
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
        _say(f"ready {transport}")
        ends = [loop.create_task(_until_told(told)), loop.create_task(_workouts(options, sensors))]
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


def _sensor(options: argparse.Namespace, air: Air, wearer: Wearer, number: int) -> WornSensor:
    name = name_of(options, number)
    open_line: Callable[[], Awaitable[Line]] = on_air(air, name)
    if options.air is not None:
        open_line = partial(open_transport, options.air)
    address = address_of(options, number)
    made: WornSensor
    if options.kind == OWN:
        made = VirtualSensor(
            wearer,
            open_line,
            name=name,
            address=address,
            settings=settings_of(options),
            # By chance and not from the seed: the same command run again is another boot.
            boot_ids=itertools.count(secrets.randbits(32)),
        )
    else:
        made = EmulatedSensor(wearer, open_line, KINDS[options.kind], name=name, address=address)
    made.set_battery(options.battery)
    return made


async def _until_told(told: asyncio.Event) -> int:
    await told.wait()
    return 0


async def _until_gone(sensor: WornSensor, air: str) -> int:
    """Watch the line to an air in another process."""
    while True:
        line = sensor.line
        if line is None:  # It reboots.
            await asyncio.sleep(0.1)
            continue
        await asyncio.wait([line.source.terminated])
        if sensor.line is line:
            sys.stderr.write(f"the air at {air} is gone\n")
            return GONE


async def _workouts(options: argparse.Namespace, sensors: list[WornSensor]) -> int:
    """Let everything happen that is to happen; then end, or wait for a signal."""
    async with asyncio.TaskGroup() as group:
        for sensor in sensors:
            group.create_task(_tell(sensor, options.speed))
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


async def _tell(sensor: WornSensor, speed: float) -> None:
    """Say when the workout begins and when it is done."""
    begin_s = await _begin_s(sensor)
    loop_s = asyncio.get_running_loop().time()
    _say(f"begin {sensor.name} {time.time() - (loop_s - begin_s) / speed:.3f}")
    await asyncio.sleep(begin_s + sensor.wearer.workout_s - loop_s)
    _say(f"done {sensor.name}")


async def _at(sensor: WornSensor, at_s: float | None, act: Callable[[], Awaitable[None]]) -> None:
    """Do something at a second of the workout (None: amid the first set), unless that was before this run."""
    begin_s = await _begin_s(sensor)
    at_s = sensor.wearer.middle_s() if at_s is None else at_s
    wait_s = begin_s + at_s - asyncio.get_running_loop().time()
    if wait_s >= 0:
        await asyncio.sleep(wait_s)
        await act()


async def _press(sensor: WornSensor) -> None:
    sensor.press_stop()


async def _begin_s(sensor: WornSensor) -> float:
    await sensor.begun.wait()
    assert sensor.wearer.begin_s is not None  # noqa: S101  # the event says so
    return sensor.wearer.begin_s


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
