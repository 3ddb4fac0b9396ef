"""Looks for a service by multicast DNS on the loopback interface, with nothing but a socket (RFC 6762 and 6763)."""
from __future__ import annotations

import socket
import struct
import time
from typing import NamedTuple

GROUP, PORT = "224.0.0.251", 5353
PTR, TXT, SRV = 12, 16, 33


class Found(NamedTuple):
    """What is announced under one name."""

    port: int
    texts: dict[str, str]


class Browser:
    """Hears announcements and goodbyes from now on."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.ports: dict[str, int] = {}
        self.texts: dict[str, dict[str, str]] = {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            self.socket.setsockopt(socket.SOL_SOCKET, option, 1)
        self.socket.bind(("", PORT))
        loopback = socket.inet_aton("127.0.0.1")
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP) + loopback)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, loopback)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
        self.asked = 0.0

    def found(self) -> dict[str, Found]:
        """Asks again if it is time, hears for a moment, and returns what is there now, by name."""
        if time.monotonic() - self.asked > 1:
            self.asked = time.monotonic()
            name = b"".join(bytes([len(label)]) + label.encode() for label in self.service.rstrip(".").split(".")) + b"\0"
            self.socket.sendto(struct.pack("!6H", 0, 0, 1, 0, 0, 0) + name + struct.pack("!2H", PTR, 1), (GROUP, PORT))
        self.socket.settimeout(0.1)
        try:
            while True:
                self._hear(self.socket.recv(9000))
        except TimeoutError:
            pass
        return {name: Found(port, self.texts[name]) for name, port in self.ports.items() if name in self.texts}

    def _hear(self, said: bytes) -> None:
        _, flags, questions, *counts = struct.unpack("!6H", said[:12])
        if not flags & 0x8000:
            return
        at = 12
        for _ in range(questions):
            at = _name(said, at)[1] + 4
        for _ in range(sum(counts)):
            name, at = _name(said, at)
            kind, _, ttl, length = struct.unpack("!2HIH", said[at : at + 10])
            at += 10
            data, end = said[at : at + length], at + length
            if kind == PTR and name.lower() == self.service.lower() and ttl == 0:
                self._forget(_name(said, at)[0])
            elif kind in (SRV, TXT) and name.lower().endswith(self.service.lower()):
                if ttl == 0:
                    self._forget(name)
                elif kind == SRV:
                    self.ports[name.lower()] = struct.unpack("!3H", data[:6])[2]
                else:
                    self.texts[name.lower()] = _texts(data)
            at = end

    def _forget(self, name: str) -> None:
        self.ports.pop(name.lower(), None)
        self.texts.pop(name.lower(), None)

    def close(self) -> None:
        self.socket.close()


def _name(said: bytes, at: int) -> tuple[str, int]:
    """The name there, and where what follows it begins."""
    labels, end = [], 0
    while length := said[at]:
        if length & 0xC0:
            end = end or at + 2
            at = struct.unpack("!H", said[at : at + 2])[0] & 0x3FFF
            continue
        labels.append(said[at + 1 : at + 1 + length].decode("utf-8", "replace"))
        at += 1 + length
    return ".".join(labels) + ".", end or at + 1


def _texts(data: bytes) -> dict[str, str]:
    texts, at = {}, 0
    while at < len(data):
        entry = data[at + 1 : at + 1 + data[at]].decode("utf-8", "replace")
        key, _, value = entry.partition("=")
        texts[key] = value
        at += 1 + data[at]
    return texts
