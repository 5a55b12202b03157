from __future__ import annotations

import pytest

from imurep.web.address import is_loopback, qr_text, reachable_host, url_of


@pytest.mark.parametrize(
    ("scheme", "host", "port", "url"),
    [
        ("http", "192.168.1.5", 8420, "http://192.168.1.5:8420/"),
        ("https", "gym.local", 443, "https://gym.local/"),
        ("http", "::1", 80, "http://[::1]/"),
    ],
)
def test_the_address(scheme: str, host: str, port: int, url: str) -> None:
    assert url_of(scheme, host, port) == url


def test_an_address_that_others_can_use() -> None:
    assert reachable_host("192.168.1.5") == "192.168.1.5"
    assert reachable_host("gym.local") == "gym.local"
    assert reachable_host("0.0.0.0") not in {"", "0.0.0.0"}  # noqa: S104 the setting, nothing is bound
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "192.168.1.5", "gym.local")] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_the_code_is_square_and_quiet_around() -> None:
    lines = qr_text("http://192.168.1.5:8420/").splitlines()
    assert len({len(line) for line in lines if line.strip()}) <= 2
    assert len(lines) >= 12
