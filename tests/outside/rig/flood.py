"""Many requests over few connections, and a receiver that keeps up with what they cause: HTTP/1.1 by hand, because the
standard library's takes longer to write a request than the server to answer it."""
from __future__ import annotations

import asyncio
import atexit
import json
import os
import pathlib
import random
import subprocess
import sys
import urllib.parse
from typing import Any, Optional


class Line:
    """One connection that is kept. What was not answered is sent again, under the same key, until it is."""

    def __init__(self, base: str, key: str) -> None:
        parts = urllib.parse.urlsplit(base)
        self.host, self.port = parts.hostname, parts.port
        self.key = key
        self.again = 0
        self._pipe: Optional[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = None

    async def insist(self, method: str, path: str, value: Any = None, once: str = "") -> tuple[int, Any]:
        """Status and body of the first whole answer below 500."""
        body = json.dumps(value).encode() if value is not None else b""
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nAuthorization: Bearer {self.key}\r\n"
        head += f"Content-Length: {len(body)}\r\n" + ("Content-Type: application/json\r\n" if body else "")
        head += f"Idempotency-Key: {once}\r\n\r\n" if once else "\r\n"
        while True:
            try:
                status, answer = await asyncio.wait_for(self._once(head.encode() + body), 30)
                if status < 500:
                    return status, answer
            except (OSError, EOFError, asyncio.TimeoutError, ValueError):
                self.close()
            self.again += 1
            await asyncio.sleep(0.02)

    async def _once(self, request: bytes) -> tuple[int, Any]:
        if self._pipe is None:
            self._pipe = await asyncio.open_connection(self.host, self.port, limit=1 << 22)
        reader, writer = self._pipe
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length:", 1)[1].split("\r\n", 1)[0])
        return int(head[9:12]), json.loads(await reader.readexactly(length))

    def close(self) -> None:
        """The next request makes another connection."""
        if self._pipe:
            self._pipe[1].close()
        self._pipe = None


class Sink:
    """A receiver in a process of its own. Writes a line for every event that it took, before it answers."""

    def __init__(self, file: pathlib.Path, seed: int, fails: float) -> None:
        self.file = file
        command = [sys.executable, __file__, str(file), str(seed), str(fails)]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        atexit.register(self._process.kill)
        self.port = int(self._process.stdout.readline())

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def taken(self) -> list[tuple[str, str, str, int]]:
        """Path, event, object and sequence of all that was taken so far, in order."""
        lines = self.file.read_text("utf-8").splitlines()
        parts = [line.split(" ") for line in lines]
        return [(path, event, object, int(sequence)) for path, event, object, sequence in parts]

    def count(self) -> int:
        """How many lines there are."""
        return self.file.read_bytes().count(b"\n") if self.file.exists() else 0

    def close(self) -> None:
        """Ends it."""
        self._process.kill()
        self._process.wait()


def _sink(file: str, seed: int, fails: float) -> None:
    chance = random.Random(seed)
    out = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = int(head.lower().split("content-length:", 1)[1].split("\r\n", 1)[0])
                event = json.loads(await reader.readexactly(length))
                if chance.random() < fails:
                    writer.write(b"HTTP/1.1 500 Sorry\r\nContent-Length: 0\r\n\r\n")
                    continue
                shown = event["data"].get("object", event["data"])
                shown = shown if isinstance(shown, dict) else event["data"]
                path = head.split(" ", 2)[1].strip("/")
                os.write(out, f"{path} {event['id']} {shown['id']} {event['sequence']}\n".encode())
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        except (OSError, EOFError):
            writer.close()

    async def listen() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 20, backlog=512)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(listen())


if __name__ == "__main__":
    _sink(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
