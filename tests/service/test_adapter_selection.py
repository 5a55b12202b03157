from __future__ import annotations

import sys

import pytest

from imurep.errors import ConfigError
from imurep.service.adapter_selection import adapter_for
from imurep.sources.ble import PlatformAdapter


@pytest.mark.parametrize("setting", ["", "usb:0", "bumble", "bumble:", "bluez"])
def test_a_backend_that_does_not_exist_is_a_config_error(setting: str) -> None:
    with pytest.raises(ConfigError, match="write platform, or bumble:TRANSPORT"):
        adapter_for(setting)


def test_without_bumble_it_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imurep.sources.ble.bumble", None)
    with pytest.raises(ConfigError, match=r"pip install 'imurep\[sim\]'"):
        adapter_for("bumble:usb:0")


def test_the_platform_is_a_backend() -> None:
    assert isinstance(adapter_for("platform"), PlatformAdapter)
