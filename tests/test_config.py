from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imurep.config import load
from imurep.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "imurep.toml"
    path.write_text(
        'person = "Ann"\nsensors = ["ble:back strap"]\n[data]\nkeep_days = 30\n', encoding="utf-8"
    )
    return path


def test_without_anything_every_setting_has_a_value(tmp_path: Path) -> None:
    settings = load()
    assert settings.sensors == ("ble",)
    assert settings.bluetooth.backend == "platform"
    assert settings.data.keep_days == 7
    assert tmp_path in settings.data.directory.parents


def test_flags_win_over_environment_over_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(file).person == "Ann"
    monkeypatch.setenv("IMUREP_PERSON", "Bob")
    monkeypatch.setenv("IMUREP_DATA__KEEP_DAYS", "3")
    settings = load(file, {"sensors": ("ble:chest",)})
    assert (settings.person, settings.data.keep_days, settings.sensors) == ("Bob", 3, ("ble:chest",))
    assert load(file, {"person": "Cleo"}).person == "Cleo"


def test_one_setting_of_a_section_leaves_the_others_alone(file: Path, tmp_path: Path) -> None:
    settings = load(file, {"data": {"directory": tmp_path}})
    assert (settings.data.directory, settings.data.keep_days) == (tmp_path, 30)


def test_the_environment_names_the_file_and_lists_sensors(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMUREP_CONFIG", str(file))
    monkeypatch.setenv("IMUREP_SENSORS", "ble:a, relay")
    settings = load()
    assert (settings.person, settings.sensors) == ("Ann", ("ble:a", "relay"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("persn = 'Ann'", r"persn: is not a setting"),
        ("[data]\nkeep_days = -1", r"data\.keep_days: .*greater than or equal to 0"),
        ("min_reps = 'three'", r"min_reps: .*valid integer"),
        ("exercise = 'squat'", r"exercise: unknown exercise 'squat'; choose one of"),
        ("sensors = []", r"sensors: has to name at least one sensor"),
        ("[bluetooth]\nbackend = 'usb'", r"bluetooth\.backend: has to be platform, or bumble:TRANSPORT"),
        ("[mqtt]\nurl = 'http://home'", r"mqtt\.url: has to be mqtt:// or mqtts://"),
        ("[mqtt]\nurl = 'mqtt://home:99999'", r"mqtt\.url: .*[Pp]ort"),
        ("[mqtt]\nurl = 'mqtt://ann:sesame@home'", r"mqtt\.url: must not hold a password"),
        ("[mqtt]\nroot = 'home/+'", r"mqtt\.root: has to be a topic"),
        ("[mqtt]\nca = 'ca.pem'", r"mqtt: has certificates, but its url is not mqtts://"),
        ("[mqtt]\nurl = 'mqtts://home'\nkey = 'key.pem'", r"mqtt: has a key without a cert"),
        ("[mqtt]\ndiscovery = 'yes'", r"mqtt\.discovery: .*'device', 'component' or 'off'"),
        ("[web]\ncert = 'a.pem'", r"web: needs both cert and key"),
        ("[web]\ncert = 'a'\nkey = 'b'\nself_signed = true", r"web: has both a certificate and self_signed"),
        ("[web]\nport = 70000", r"web\.port: .*less than or equal to 65535"),
        ("person =", r"imurep\.toml: Invalid value"),
    ],
)
def test_what_is_wrong_is_reported_by_its_name(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "imurep.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_settings_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such settings file"):
        load(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("url", "host", "port", "user", "is_tls"),
    [
        ("mqtt://", "127.0.0.1", 1883, None, False),
        ("mqtt://broker.home", "broker.home", 1883, None, False),
        ("mqtts://ann%40home@broker.home", "broker.home", 8883, "ann@home", True),
        ("mqtts://ann@[::1]:1234/", "::1", 1234, "ann", True),
    ],
)
def test_a_brokers_url_has_all_but_the_password(
    url: str, host: str, port: int, user: str | None, *, is_tls: bool
) -> None:
    mqtt = load(None, {"mqtt": {"url": url}}).mqtt
    assert (mqtt.host, mqtt.port, mqtt.user, mqtt.is_tls) == (host, port, user, is_tls)


def test_the_password_comes_from_a_file_or_the_environment_and_never_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load().mqtt.read_password() is None
    secret = tmp_path / "password"
    secret.write_text(" open sesame \r\n", encoding="utf-8")
    assert load(None, {"mqtt": {"password_file": secret}}).mqtt.read_password() == " open sesame "
    monkeypatch.setenv("IMUREP_MQTT__PASSWORD", "from outside")
    settings = load()
    assert settings.mqtt.read_password() == "from outside"
    assert "outside" not in f"{settings} {settings!r}"
    with pytest.raises(ConfigError, match="one is enough") as caught:
        load(None, {"mqtt": {"password_file": secret}})
    assert "outside" not in str(caught.value)


def test_a_password_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    mqtt = load(None, {"mqtt": {"password_file": tmp_path / "nowhere"}}).mqtt
    with pytest.raises(ConfigError, match=r"mqtt\.password_file: .*nowhere: No such file"):
        mqtt.read_password()
