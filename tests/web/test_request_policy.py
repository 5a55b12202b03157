from __future__ import annotations

import pytest

from imurep.web.request_policy import HEADERS, host_is_known, is_own_origin, own_names


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8420",
        "127.0.0.1:8420",
        "192.168.1.5",
        "[::1]:8420",
        "gym.example:443",
        "gym.example.",
    ],
)
def test_addresses_and_own_names_are_known(host: str) -> None:
    assert host_is_known(host, own_names(("Gym.example",)))


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "", "127.0.0.1.evil.example", "[::1", "a b"]
)
def test_other_names_are_not(host: str) -> None:
    assert not host_is_known(host, own_names(("gym.example",)))


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        ("http://localhost:8420", "localhost:8420", True),
        ("https://gym.example", "GYM.example", True),
        ("http://localhost:8421", "localhost:8420", False),
        ("http://evil.example", "localhost:8420", False),
        ("null", "localhost:8420", False),
        ("file://localhost:8420", "localhost:8420", False),
        (None, "localhost:8420", False),
    ],
)
def test_only_the_own_page_may_open_the_socket(origin: str | None, host: str, *, own: bool) -> None:
    assert is_own_origin(origin, host) is own


def test_the_policy_lets_nothing_come_from_elsewhere() -> None:
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {
        policy[f"{kind}-src"] for kind in ("script", "style", "img", "connect", "manifest", "worker")
    } == {"'self'"}
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
