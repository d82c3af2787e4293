"""Throw-away certificates: the server's own CA, and whatever certificates a test needs."""

from __future__ import annotations

import base64
import datetime
import ipaddress
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

MONTH = 30 * 86_400  # in seconds


@dataclass(frozen=True)
class Pair:
    """A certificate (or chain) and its key, both PEM."""

    certificate: bytes
    key: bytes

    def encoded(self) -> tuple[str, str]:
        """Both in base64, as Secrets and kubeconfigs hold them."""
        return base64.b64encode(self.certificate).decode(), base64.b64encode(self.key).decode()


class Authority:
    """A certificate authority that lives in memory."""

    def __init__(self, name: str = "simulated-ca") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = _builder(self._name, self._name, self._key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.certificate = builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def issue(
        self, name: str, hosts: list[str], *, organisation: str = "", use_rsa: bool = False, seconds: int = MONTH
    ) -> Pair:
        """A leaf for server and client use whose subject alternative names are `hosts`, valid for so long."""
        key = rsa.generate_private_key(65537, 2048) if use_rsa else ec.generate_private_key(ec.SECP256R1())
        attributes = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
        if organisation:
            attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
        builder = _builder(x509.Name(attributes), self._name, key.public_key(), seconds)
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName([_general(h) for h in hosts]), critical=False)
        uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        leaf = builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        return Pair(leaf, _key_pem(key))

    def revocations(self, *revoked: Pair) -> bytes:
        """A list (PEM) of these certificates, good for an hour."""
        now = datetime.datetime.utcnow()
        builder = x509.CertificateRevocationListBuilder(
            issuer_name=self._name, last_update=now - datetime.timedelta(hours=1),
            next_update=now + datetime.timedelta(hours=1),
        )  # fmt: skip
        for pair in revoked:
            number = x509.load_pem_x509_certificate(pair.certificate).serial_number
            entry = x509.RevokedCertificateBuilder().serial_number(number).revocation_date(now).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _builder(subject: x509.Name, issuer: x509.Name, key, seconds: int = MONTH) -> x509.CertificateBuilder:
    now = datetime.datetime.utcnow()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(seconds=seconds))
    )


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_pem(key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
