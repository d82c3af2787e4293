"""Chains of certificates, and a server that shows one."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from simulator.pki import Pair

from .secure import SecureServer


def signed(name: str, issuer: Pair | None, *, is_authority: bool, hosts: tuple[str, ...] = ()) -> Pair:
    """A certificate by an issuer, or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    by = x509.load_pem_x509_certificate(issuer.certificate).subject if issuer else subject
    signer = serialization.load_pem_private_key(issuer.key, None) if issuer else key
    now = datetime.datetime.utcnow()
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(by).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )  # fmt: skip
    if hosts:
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
        builder = builder.add_extension(names, critical=False)
    made = builder.sign(signer, hashes.SHA256())
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Pair(made.public_bytes(serialization.Encoding.PEM), secret)


def chained(directory: Path, name: str, *chain: Pair, ciphers: str = "", newest: bool = True) -> SecureServer:
    """A server that shows a chain, and answers with the version of TLS and the cipher."""
    path = directory / f"{name}-server.pem"
    path.write_bytes(b"".join(pair.certificate for pair in chain) + chain[0].key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    if ciphers:
        context.set_ciphers(ciphers)
    if not newest:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    return SecureServer(context, lambda connection: f"{connection.version()} {connection.cipher()[0]}")
