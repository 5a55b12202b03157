"""Passwords, certificates and who may do what, at a real broker."""

from __future__ import annotations

import datetime as dt
import ipaddress
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from imurep.mqtt.broker_config import BrokerConfig, Tls
from imurep.mqtt.client import ConnectionLostError, RequestRefusedError, connected
from imurep.mqtt.interfaces import Message
from tests.broker.mosquitto import Mosquitto

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.asyncio

WILL = Message(topic="imurep/bridge/state", payload=b"offline", retain=True)
USER, WORD = "ann", "open sesame"


def certificates(directory: Path) -> tuple[Path, Path, Path]:
    """An authority, and a certificate of it for 127.0.0.1 with its key."""
    now = dt.datetime.now(dt.UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("authority", "broker")]
    found = []
    for number, extension in enumerate(
        (
            x509.BasicConstraints(ca=True, path_length=None),
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
        )
    ):
        builder = (
            x509.CertificateBuilder()
            .subject_name(names[number])
            .issuer_name(names[0])
            .public_key(keys[number].public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(extension, critical=True)
        )
        found.append(builder.sign(keys[0], hashes.SHA256()))
    paths = directory / "ca.pem", directory / "cert.pem", directory / "key.pem"
    for path, certificate in zip(paths, found, strict=False):
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[2].write_bytes(
        keys[1].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths


async def test_a_password_opens_and_another_does_not(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    passwords.touch(mode=0o600)
    subprocess.run(["mosquitto_passwd", "-b", passwords, USER, WORD], check=True)  # noqa: ASYNC221, S607
    with Mosquitto(tmp_path, more=f"password_file {passwords}\n", anonymous=False) as broker:
        right = BrokerConfig(port=broker.port, client_id="x", user=USER, password=WORD)
        async with connected(right, will=WILL) as connection:
            await connection.publish(WILL)
        wrong = BrokerConfig(port=broker.port, client_id="x", user=USER, password="guess")  # noqa: S106 a guess
        for refused in (wrong, BrokerConfig(port=broker.port, client_id="x")):
            with pytest.raises(ConnectionLostError, match="Not authorized") as caught:
                async with connected(refused, will=WILL):
                    pass
            assert "guess" not in str(caught.value)


async def test_what_a_user_may_not_write_is_refused_and_the_rest_continues(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.write_text("topic readwrite imurep/#\n", encoding="utf-8")
    with Mosquitto(tmp_path, more=f"acl_file {rules}\n") as broker:
        async with connected(BrokerConfig(port=broker.port, client_id="x"), will=WILL) as connection:
            with pytest.raises(RequestRefusedError, match="homeassistant/x was refused: Not authorized"):
                await connection.publish(Message(topic="homeassistant/x", payload=b"1"))
            await connection.publish(WILL)


async def test_certificates_are_checked_both_ways(tmp_path: Path) -> None:
    ca, cert, key = certificates(tmp_path)
    tls = f"cafile {ca}\ncertfile {cert}\nkeyfile {key}\n"
    with Mosquitto(tmp_path, more=f"{tls}require_certificate true\n") as broker:

        def access(**files: Path) -> BrokerConfig:
            return BrokerConfig(port=broker.port, client_id="x", tls=Tls(**files))

        async with connected(access(ca=ca, cert=cert, key=key), will=WILL) as connection:
            await connection.publish(WILL)
            assert connection.version == "5"
        with pytest.raises(ConnectionLostError, match="CERTIFICATE_VERIFY_FAILED"):
            async with connected(access(), will=WILL):
                pass
        with pytest.raises(ConnectionLostError):
            async with connected(access(ca=ca), will=WILL) as connection:
                await connection.publish(WILL)
