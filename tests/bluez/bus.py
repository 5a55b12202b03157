"""A D-Bus of one's own: dbus-daemon as a child process, with what it allows."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    {rule}
  </policy>
</busconfig>
"""
_DENIED = '<deny send_destination="org.bluez"/>'


@contextlib.contextmanager
def private_bus(directory: Path, *, may_use_bluez: bool = True) -> Iterator[str]:
    """Run a bus, and give its address; the test is skipped where there is no dbus-daemon, but not in CI."""
    program = shutil.which("dbus-daemon")
    if program is None:
        missing = "needs dbus-daemon (Debian: apt-get install dbus)"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    config = directory / "bus.conf"
    rule = "" if may_use_bluez else _DENIED
    config.write_text(_CONFIG.format(socket=directory / "bus", rule=rule), encoding="utf-8")
    command = [program, f"--config-file={config}", "--nofork", "--nopidfile", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        try:
            assert daemon.stdout is not None
            yield daemon.stdout.readline().strip()
        finally:
            daemon.terminate()
