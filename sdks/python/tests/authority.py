"""Certificates for tests: a root, a level below it, and what that issued. Owns nothing on disk but the bundles it is asked for."""
from __future__ import annotations

import datetime
import ipaddress
import pathlib
import ssl
from typing import Optional

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PEM = serialization.Encoding.PEM


class Leaf:
    """A certificate, its key, and those above it."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey, above: x509.Certificate) -> None:
        self.certificate, self.key, self.above = certificate, key, above

    def server(self, directory: pathlib.Path, clients: Optional[str] = None) -> ssl.SSLContext:
        """What a terminal listens with; with `clients`, those that this authority issued may show themselves."""
        path = directory / "leaf.pem"
        path.write_bytes(
            self.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + self.certificate.public_bytes(PEM) + self.above.public_bytes(PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(path)
        path.unlink()
        if clients is not None:
            context.load_verify_locations(cadata=clients)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def bundle(self, path: pathlib.Path, passphrase: str) -> str:
        """The same as a `.p12`."""
        sealed = serialization.BestAvailableEncryption(passphrase.encode())
        path.write_bytes(pkcs12.serialize_key_and_certificates(b"till", self.key, self.certificate, [self.above], sealed))
        return str(path)


class Authority:
    """An authority of its own."""

    def __init__(self) -> None:
        self._key, self._above_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        self._certificate = self._issued("Test root", self._key, "Test root", self._key, 1)
        self._above = self._issued("Test listeners", self._above_key, "Test root", self._key, 0)
        self.root = self._certificate.public_bytes(PEM).decode()

    def leaf(self, *names: str, client: bool = False, days: tuple[int, int] = (-1, 1)) -> Leaf:
        """What names these (URIs, and addresses), from so many days to so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        said: list[x509.GeneralName] = [
            x509.UniformResourceIdentifier(name) if ":" in name else x509.IPAddress(ipaddress.ip_address(name)) for name in names
        ]
        use = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
        made = self._issued("leaf", key, "Test listeners", self._above_key, None, said, use, days)
        return Leaf(made, key, self._above)

    @staticmethod
    def _issued(
        subject: str, key: ec.EllipticCurvePrivateKey, issuer: str, by: ec.EllipticCurvePrivateKey, depth: Optional[int],
        names: Optional[list[x509.GeneralName]] = None, use: Optional[x509.ObjectIdentifier] = None, days: tuple[int, int] = (-1, 1),
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder().subject_name(_named(subject)).issuer_name(_named(issuer)).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now + datetime.timedelta(days=days[0]))
            .not_valid_after(now + datetime.timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(depth is not None, depth), critical=True)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        if use:
            builder = builder.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        return builder.sign(by, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
