from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from imurep.errors import ConfigError
from imurep.web.certificate import RENEWED_BEFORE, VALID, self_signed, tls_context

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = ("gym.local", "192.168.1.5")


def test_it_names_the_machine_and_is_no_longer_valid_than_browsers_take(tmp_path: Path) -> None:
    path, key = self_signed(tmp_path, NAMES, NOW)
    cert = x509.load_pem_x509_certificate(path.read_bytes())
    names = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["gym.local"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["192.168.1.5"]
    assert cert.not_valid_after_utc - cert.not_valid_before_utc <= timedelta(days=398)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    tls_context(path, key)


@pytest.mark.parametrize(
    ("names", "later", "same"),
    [
        (NAMES, timedelta(days=100), True),
        (NAMES[:1], timedelta(days=100), True),
        (NAMES, VALID - RENEWED_BEFORE, False),
        ((*NAMES, "new.local"), timedelta(0), False),
    ],
)
def test_it_stays_until_it_has_to_change(
    tmp_path: Path, names: tuple[str, ...], later: timedelta, *, same: bool
) -> None:
    before = self_signed(tmp_path, NAMES, NOW)[0].read_bytes()
    after = self_signed(tmp_path, names, NOW + later)[0].read_bytes()
    assert (before == after) is same


def test_what_is_broken_is_made_anew(tmp_path: Path) -> None:
    path, _ = self_signed(tmp_path, NAMES, NOW)
    path.write_text("no certificate", encoding="utf-8")
    tls_context(*self_signed(tmp_path, NAMES, NOW))


def test_files_that_are_no_certificate_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"web\.cert"):
        tls_context(tmp_path / "nothing.pem", tmp_path / "nothing.pem")
