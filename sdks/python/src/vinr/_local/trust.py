"""Whom a till trusts on the local network, and what it presents: TLS 1.3, the authority pinned, and the terminal's own name in the
certificate checked inside the handshake, before a byte of a request. Shows neither key nor passphrase to anybody."""
from __future__ import annotations

import contextlib
import dataclasses
import os
import secrets
import ssl
import tempfile
import time
from typing import Any, Callable, Iterator, Optional

from .._errors import ConfigurationError
from .._transport import ENDS

SCHEME = "vinr:terminal/"
#: The reserved simulator also names its account in its certificate.
RESERVED = "term_test_simulator"


class WrongTerminal(ssl.SSLCertVerificationError):
    """The certificate is the platform's, and another terminal's."""

    code = "tls_wrong_terminal"
    verify_code = 0
    verify_message = "the certificate names another terminal"


def names_terminal(name: str, terminal_id: str) -> bool:
    """Whether the name in a certificate is this terminal's."""
    if name == terminal_id:
        return True
    account, _, reserved = name.partition(".")
    return terminal_id == RESERVED and reserved == RESERVED and bool(account) and "/" not in account


class TerminalContext(ssl.SSLContext):
    """The connections to one terminal."""

    accept: Callable[[str], bool]

    def wrap_socket(self, sock: Any, *args: Any, **more: Any) -> Any:
        """Begins TLS, for as long as the request may still take to be answered."""
        if ENDS.at is not None:
            sock.settimeout(max(ENDS.at - time.monotonic(), 0.001))
        return super().wrap_socket(sock, *args, **more)


def _check(context: Any, certificate: Any) -> None:
    names = [value for kind, value in (certificate or {}).get("subjectAltName", ()) if kind == "URI" and value.startswith(SCHEME)]
    if len(names) != 1 or not context.accept(names[0][len(SCHEME):]):
        raise WrongTerminal(1, WrongTerminal.verify_message)


class TerminalSocket(ssl.SSLSocket):
    """A connection in a thread."""

    def do_handshake(self, block: bool = False) -> None:
        """Ends the handshake only with the terminal that is expected."""
        super().do_handshake(block)
        _check(self.context, self.getpeercert())

    def settimeout(self, value: Optional[float]) -> None:
        """Waits no longer than the request of this thread may take, however often it waits."""
        if ENDS.at is not None:
            left = max(ENDS.at - time.monotonic(), 0.001)
            value = left if value is None else min(value, left)
        super().settimeout(value)


class TerminalObject(ssl.SSLObject):
    """A connection under asyncio."""

    def do_handshake(self) -> None:
        """Ends the handshake only with the terminal that is expected."""
        super().do_handshake()
        _check(self.context, self.getpeercert())


@dataclasses.dataclass(frozen=True)
class Trust:
    """What connections to terminals are made with."""

    #: The root that signed every terminal of this platform, PEM.
    ca: str
    #: The till's certificate and its key, PEM; the key is sealed with `seal`, which only this process knows.
    own: Optional[bytes] = dataclasses.field(default=None, repr=False)
    seal: str = dataclasses.field(default="", repr=False)

    def context(self, accept: Callable[[str], bool]) -> TerminalContext:
        """Connections to whom `accept` says is right."""
        made = TerminalContext(ssl.PROTOCOL_TLS_CLIENT)
        made.accept = accept
        made.sslsocket_class = TerminalSocket
        made.sslobject_class = TerminalObject
        made.check_hostname = False
        made.verify_mode = ssl.CERT_REQUIRED
        made.minimum_version = ssl.TLSVersion.TLSv1_3
        try:
            made.load_verify_locations(cadata=self.ca)
        except (ssl.SSLError, ValueError):
            raise ConfigurationError(
                "the authority of the terminals is no certificate in PEM", code="local_ca_unreadable", param="terminal.local_ca_path"
            ) from None
        if self.own is not None:
            with _path_of(self.own) as path:
                made.load_cert_chain(path, password=self.seal)
        return made


def trust_of(ca: str, cert_path: Optional[str], passphrase: Optional[str]) -> Trust:
    """The trust of a till with this bundle, if it has one."""
    if "-----BEGIN CERTIFICATE-----" not in ca:
        raise ConfigurationError(
            "the authority of the terminals is no certificate in PEM", code="local_ca_unreadable", param="terminal.local_ca_path"
        )
    if cert_path is None:
        return Trust(ca)
    own, seal = _opened(content(cert_path, "terminal.local_cert_path"), passphrase)
    return Trust(ca, own, seal)


def content(path: str, option: str) -> bytes:
    """A file that an option names."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as thrown:
        raise ConfigurationError(
            f"{option} cannot be read ({thrown.strerror})", code="local_file_unreadable", param=option
        ) from None


def _opened(bundle: bytes, passphrase: Optional[str]) -> tuple[bytes, str]:
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.serialization import pkcs12
    except ImportError:
        raise ConfigurationError(
            "a .p12 bundle is opened by cryptography: pip install 'vinr[local]'", code="local_extra_missing",
            param="terminal.local_cert_path",
        ) from None
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(bundle, None if passphrase is None else passphrase.encode())
    except ValueError as thrown:
        # What is said is about the file; the passphrase is not in it, and is not repeated.
        if "password" in str(thrown).lower():
            raise ConfigurationError(
                "the client certificate does not open with local_cert_passphrase", code="local_cert_passphrase",
                param="terminal.local_cert_passphrase",
            ) from None
        key = certificate = None
        others = []
    if key is None or certificate is None:
        raise ConfigurationError(
            "the client certificate is no PKCS #12 bundle that can be read", code="local_cert_unreadable", param="terminal.local_cert_path"
        )
    seal = secrets.token_urlsafe(24)
    sealed = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(seal.encode())
    )
    chain = [certificate, *others]
    return sealed + b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain), seal


@contextlib.contextmanager
def _path_of(pem: bytes) -> Iterator[str]:
    """A path to these bytes for as long as it is needed: of memory where the system has that, else of a file of this user alone. The
    key in them is sealed either way."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("vinr")
        try:
            os.write(descriptor, pem)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    descriptor, path = tempfile.mkstemp(prefix="vinr-")
    try:
        with open(descriptor, "wb") as file:
            file.write(pem)
        yield path
    finally:
        os.unlink(path)
