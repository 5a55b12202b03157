"""A self-signed certificate, where there is no other way to a secure page."""

from __future__ import annotations

import ipaddress
import os
import ssl
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from imurep.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

VALID = timedelta(days=397)
"""Browsers refuse what is valid for longer than 398 days (CA/Browser Forum, Baseline Requirements 6.3.2)."""
RENEWED_BEFORE = timedelta(days=30)

CERT_NAME, KEY_NAME = "web-cert.pem", "web-key.pem"


def tls_context(cert: Path, key: Path) -> ssl.SSLContext:
    """What the server needs for TLS. Raises ConfigError for files that are none."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(cert, key)
    except (OSError, ssl.SSLError) as error:
        msg = f"web.cert, web.key: {cert} and {key} are no certificate and its key: {error}"
        raise ConfigError(msg) from error
    return context


def self_signed(directory: Path, names: Iterable[str], now: datetime) -> tuple[Path, Path]:
    """Certificate and key in ``directory``, made anew when they are old or lack a name.

    It stays the same otherwise, so that browsers keep trusting it.
    """
    wanted = sorted(set(names))
    cert_path, key_path = directory / CERT_NAME, directory / KEY_NAME
    if not (cert_path.is_file() and key_path.is_file() and _serves(cert_path.read_bytes(), wanted, now)):
        directory.mkdir(parents=True, exist_ok=True)
        cert, key = _make(wanted, now)
        with os.fdopen(os.open(key_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(key)
        cert_path.write_bytes(cert)
    return cert_path, key_path


def _serves(pem: bytes, wanted: list[str], now: datetime) -> bool:
    try:
        cert = x509.load_pem_x509_certificate(pem)
        given = cert.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    names = {*given.get_values_for_type(x509.DNSName)}
    names |= {str(address) for address in given.get_values_for_type(x509.IPAddress)}
    return names >= set(wanted) and now + RENEWED_BEFORE < cert.not_valid_after_utc


def _make(names: list[str], now: datetime) -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "imurep on this machine")])
    cert = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # the phone's clock may be behind
        .not_valid_after(now + VALID - timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return cert.public_bytes(serialization.Encoding.PEM), key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
