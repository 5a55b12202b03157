"""Sensors on one simulated radio, machines with Bluetooth and a browser, and a service that expects relays.

Sensor, radio, org.bluez, Chromium, page, broker and service are real, or simulated
at the wire; page and browser are unmodified. Time may run faster for all of them:
then the page gets a faster clock (``FAST_CLOCK``) and runs the code that is served.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from playwright.sync_api import expect, sync_playwright

from imurep.events import LinkEvent, Notification
from imurep.recording import open_recording
from tests.bluez.bus import private_bus
from tests.browser import chromium
from tests.browser.conftest import PHONE
from tests.radio.programs import Program

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, CDPSession, Page

TIMEOUT_MS = 90_000
"""Only a failing test waits that long."""
NAME = "IMU-SIM"

# All clocks and timers of a page, so many times as fast; reloads and other pages agree on the time.
FAST_CLOCK = """([speed, since]) => {
  const hurried = (ms) => since + speed * (ms - since);
  const origin = performance.timeOrigin;
  const now = performance.now.bind(performance);
  const today = Date.now.bind(Date);
  const after = { setTimeout, setInterval };
  Object.defineProperty(performance, "timeOrigin", { get: () => hurried(origin) });
  performance.now = () => speed * now();
  Date.now = () => hurried(today());
  for (const name of ["setTimeout", "setInterval"]) {
    window[name] = (what, ms = 0, ...more) => after[name].call(window, what, ms / speed, ...more);
  }
}"""


def workout(reps: int, *, lead_in: bool = False) -> tuple[str, ...]:
    """One set without random variation, as options of the simulated sensor.

    With a ``lead_in`` nobody moves before the sensor streams everything it measures.
    """
    return (
        *("--exercise", "back_extension_45", "--sets", f"1x{reps}", "--tempo", "2-1-1-2"),
        *("--no-variation", *(() if lead_in else ("--no-lead-in",))),
    )


class MultiSensorEnv:
    """Several sensors, machines and pages with one service; time runs ``speed`` times as fast."""

    def __init__(self, directory: Path, broker_port: int, speed: float = 1.0) -> None:
        self.data = directory / "data"
        self._directory = directory
        self._broker = f"mqtt://127.0.0.1:{broker_port}"
        self._speed = speed
        self._since_ms = 1e3 * time.time()
        self._air = ""
        self._service: Program | None = None
        self._machines = 0
        self._sensors = 0
        self._stack = ExitStack()
        self.page_errors: list[str] = []
        """Uncaught errors of all pages."""

    def __enter__(self) -> Self:
        self._playwright = self._stack.enter_context(sync_playwright())
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add_sensor(self, *options: object) -> None:
        """Start a sensor on a person. The first one brings the radio, and only it can go out of range."""
        self._sensors += 1
        address = f"F6:00:00:00:00:{self._sensors:02X}"
        where = ("--air", self._air) if self._air else ()
        command = ("firmware_sim", "serve", "--speed", self._speed, "--address", address, *options, *where)
        sensor = self._stack.enter_context(Program(*command))
        self._air = self._air or sensor.word("ready")  # the others get ready while more is started

    def start_service(self, sensors: int = 1) -> None:
        """Run the service for this many phones."""
        wanted = ["relay"] * sensors
        command = ("tests.browser.service", self._speed, "platform", self._broker, self.data, *wanted)
        self._service = self._stack.enter_context(Program(*command))

    def stop_service(self) -> None:
        """Stop the service with SIGTERM."""
        assert self._service is not None
        assert self._service.stop() == 0

    def add_machine(self) -> Browser:
        """Start a machine with a Bluetooth adapter and a browser."""
        self._machines += 1
        directory = self._directory / f"machine-{self._machines}"
        directory.mkdir()
        bus = self._stack.enter_context(private_bus(directory))
        bluez = ("tests.bluez", self._air, "--speed", self._speed)
        self._stack.enter_context(Program(*bluez, DBUS_SYSTEM_BUS_ADDRESS=bus)).line(0)
        machine = chromium.unmodified(
            self._playwright, directory, "--enable-features=WebBluetooth", DBUS_SYSTEM_BUS_ADDRESS=bus
        )
        return self._stack.enter_context(machine)

    def open_page(self, machine: Browser, *, alone: bool = False) -> Phone:
        """Open the page. It shares nothing with the machine's other pages but the adapter.

        ``alone``: in the browser's own context, where a page can be hidden. A machine has one such page.
        """
        context = machine.contexts[0] if alone else machine.new_context(viewport=PHONE)  # type: ignore[arg-type] # its own TypedDict
        if self._speed != 1:
            context.add_init_script(f"({FAST_CLOCK})([{self._speed}, {self._since_ms}])")
        page = context.new_page()
        page.on("pageerror", lambda error: self.page_errors.append(str(error)))
        assert self._service is not None
        page.goto(self._service.word("page for the phone:"))
        expect(page.locator("body[data-link=online]")).to_be_attached()
        return Phone(page)

    def recorded(self) -> tuple[list[bool], list[Notification]]:
        """Read the only recorded session: states of the link (up or down), and packets of samples."""
        (recording,) = self.data.glob("*.jsonl")
        items = list(open_recording(recording))
        links = [item.up for item in items if isinstance(item, LinkEvent)]
        return links, [item for item in items if isinstance(item, Notification) and item.channel == "data"]


class Phone:
    """The page on one phone, operated as a person does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._session = page.context.new_cdp_session(page)
        self._prompt: DevicePrompt | None = None

    def request_sensor(self, name: str = NAME) -> DevicePrompt:
        """Press the button, and look for a sensor in the browser's list."""
        if self._prompt is None:
            self._prompt = DevicePrompt(self._session)
        self._prompt.begin(name)
        if (here := self.page.locator("#use-here")).is_visible():
            here.click()
        else:
            self.page.locator("#open-plan").click()
            self.page.locator("#relay-use").click()
        return self._prompt

    def connect_sensor(self, name: str = NAME) -> None:
        """Choose a sensor, and wait until it is connected."""
        self.request_sensor(name)
        self.wait_until_connected()
        if (done := self.page.locator("#close-plan")).is_visible():
            done.click()

    def wait_until_connected(self) -> None:
        """Wait until the sensor is connected to this phone."""
        expect(self.page.locator("#relay-words")).to_contain_text("connected", timeout=TIMEOUT_MS)

    def hide(self) -> None:
        """Bring another page to the front; for a phone that is alone."""
        self.page.context.new_page().bring_to_front()

    def freeze(self) -> None:
        """Stop the hidden page, as a phone does to save power."""
        self._session.send("Page.setWebLifecycleState", {"state": "frozen"})

    def thaw(self) -> None:
        """Resume the page."""
        self._session.send("Page.setWebLifecycleState", {"state": "active"})

    def wait_for_count(self, reps: int) -> None:
        """Wait until at least this many reps are shown: on a busy machine the exact number may be missed."""
        least = "least => Number(document.querySelector('#count').textContent) >= least"
        self.page.wait_for_function(least, arg=reps, timeout=TIMEOUT_MS)

    def wait_for_set(self, reps: int) -> None:
        """Wait until the page shows that the set is over, with this many reps."""
        expect(self.page.locator("#done-title")).to_have_text(f"Set done: {reps} reps", timeout=TIMEOUT_MS)


class DevicePrompt:
    """The browser's list of sensors. It chooses the wanted one as soon as that is in the list."""

    def __init__(self, session: CDPSession) -> None:
        self.seen: set[str] = set()
        self.chosen = False
        self._name = ""
        self._session = session
        session.on("DeviceAccess.deviceRequestPrompted", self._prompted)
        session.send("DeviceAccess.enable")

    def begin(self, name: str) -> None:
        """Prepare for the next list."""
        self._name = name
        self.seen.clear()
        self.chosen = False

    def _prompted(self, event: dict[str, object]) -> None:
        devices = event["devices"]
        assert isinstance(devices, list)
        self.seen |= {device["name"] for device in devices}
        wanted = next((device for device in devices if device["name"] == self._name), None)
        if wanted is not None and not self.chosen:  # a second answer crashes the browser
            self.chosen = True
            answer = {"id": event["id"], "deviceId": wanted["id"]}
            self._session.send("DeviceAccess.selectPrompt", answer)


def sample_numbers(packets: list[Notification]) -> list[int]:
    """Numbers of all samples of our own sensor, in order of arrival."""
    firsts = [int.from_bytes(packet.payload[8:12], "little") for packet in packets]
    sizes = [packet.payload[6] for packet in packets]
    return [first + k for first, size in zip(firsts, sizes, strict=True) for k in range(size)]
