"""A wire with faults, between a till and whoever it speaks to: TCP is passed on until something is to break, and breaks then, at a
place in the exchange that was named before. Owns its sockets and counts what really happened; it decodes nothing but the framing."""
from __future__ import annotations

import select
import socket
import struct
import threading
import time
from typing import Callable, Literal, Optional

Kind = Literal["delay", "half_open", "reset", "drip"]
#: Where in the exchange: instead of the answer, right behind its headers, or in the middle of its body.
Where = Literal["before_headers", "after_headers", "in_body"]

DELAY_S = 2.0
DRIPPED = 600
DRIP_S = 0.002
APPLICATION_DATA = 23


def _reset(socket_: socket.socket) -> None:
    """Closes with a reset: whoever holds the other end is told at once, and finds nothing more to read."""
    try:
        socket_.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except OSError:
        pass
    socket_.close()


class _Records:
    """How many records of application data have passed, in a stream of TLS."""

    def __init__(self) -> None:
        self.data = 0
        self._head = b""
        self._left = 0

    def feed(self, piece: bytes) -> None:
        while piece:
            if self._left:
                self._left, piece = max(self._left - len(piece), 0), piece[self._left:]
                continue
            take = 5 - len(self._head)
            self._head, piece = self._head + piece[:take], piece[take:]
            if len(self._head) == 5:
                self.data += self._head[0] == APPLICATION_DATA
                self._left, self._head = int.from_bytes(self._head[3:5], "big"), b""


class Wire:
    """Listens on a port of its own and passes on to `target` (`host:port`). `tls`: what passes is sealed; else it is HTTP, and only a
    request that begins with `asks` counts as one."""

    def __init__(self, target: str, tls: bool, asks: bytes = b"") -> None:
        host, _, port = target.rpartition(":")
        self.target = (host, int(port))
        self.tls = tls
        self.asks = asks
        self.happened: dict[str, int] = {}
        self.accepted = 0
        self._lock = threading.Lock()
        self._plan: Optional[tuple[Kind, Where]] = None
        self._swallows = False
        self._threads: list[_Connection] = []
        self._listener: Optional[socket.socket] = None
        self.port = 0
        self.up()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def up(self) -> None:
        """Whole again, for those who come from now on; what was broken stays broken."""
        with self._lock:
            self._plan, self._swallows = None, False
        if self._listener is None:
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", self.port))
            listener.listen(64)
            self.port = listener.getsockname()[1]
            self._listener = listener
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def down(self) -> None:
        """Nobody listens any more, and those who are connected are cut off."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self._each(lambda one: one.order("reset"))
        self.count("refused")

    def swallow(self) -> None:
        """Connections are made, and nothing that is said on any of them arrives anywhere."""
        with self._lock:
            self._swallows = True
        self._each(lambda one: one.order("half_open"))

    def arm(self, kind: Kind, where: Where) -> None:
        """Breaks so, in the answer to the next request (`in_body`: also in one that has begun)."""
        with self._lock:
            self._plan = (kind, where)
        self._each(lambda one: one.forget())

    def strike(self, kind: Kind) -> None:
        """Breaks what is connected so, now: from here on nothing of what comes passes."""
        with self._lock:
            alive = [one for one in self._threads if one.is_alive()]
        for one in alive:
            one.order(kind)
        for one in alive:
            assert one.obeyed.wait(5), f"{kind}: a connection goes on"
        if alive:
            self.count(kind)

    def busy(self) -> int:
        """How many connections there are."""
        with self._lock:
            return sum(one.is_alive() for one in self._threads)

    def passed(self) -> int:
        """How many bytes of answers have been passed on, over all connections."""
        with self._lock:
            return sum(one.passed for one in self._threads)

    def close(self) -> None:
        """Ends it."""
        self.down()
        self._each(lambda one: one.join(5))

    def count(self, what: str) -> None:
        """Notes that something happened."""
        with self._lock:
            self.happened[what] = self.happened.get(what, 0) + 1

    def taken(self, wheres: tuple[Where, ...]) -> Optional[tuple[Kind, Where]]:
        """The fault that is planned for here, handed out once."""
        with self._lock:
            if self._plan is None or self._plan[1] not in wheres:
                return None
            plan, self._plan = self._plan, None
            return plan

    def planned(self) -> Optional[Where]:
        with self._lock:
            return self._plan[1] if self._plan else None

    def _each(self, tell: Callable[[_Connection], object]) -> int:
        with self._lock:
            alive = [one for one in self._threads if one.is_alive()]
        for one in alive:
            tell(one)
        return len(alive)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self.accepted += 1
                made = _Connection(self, client, self._swallows)
                self._threads.append(made)
                made.start()


class _Connection(threading.Thread):
    """One connection. Only its own thread touches its sockets, so a reset is a reset."""

    def __init__(self, wire: Wire, client: socket.socket, swallowed: bool) -> None:
        super().__init__(daemon=True)
        self.wire, self.client = wire, client
        self.passed = 0
        self._orders: list[Kind] = []
        self.obeyed = threading.Event()
        self._silent = swallowed
        self._records = _Records()
        self._asked = False
        self._server: Optional[socket.socket] = None
        if swallowed:
            wire.happened["swallowed"] = wire.happened.get("swallowed", 0) + 1

    def order(self, kind: Kind) -> None:
        self.obeyed.clear()
        self._orders.append(kind)

    def forget(self) -> None:
        """Requests of before do not count."""
        self._asked = False

    def run(self) -> None:
        try:
            self._server = socket.create_connection(self.wire.target, 5)
            while self._turn():
                pass
        except OSError:
            pass
        finally:
            _reset(self.client)
            if self._server is not None:
                _reset(self._server)
            self.obeyed.set()

    def _turn(self) -> bool:
        assert self._server is not None
        if self._orders:
            kind = self._orders.pop(0)
            if kind == "reset":
                return False
            self._silent = True
            self.obeyed.set()
        if self._silent:
            # Half open: neither side hears of the other, or of an end. What the client says is not even taken from the socket.
            time.sleep(0.02)
            return True
        for ready in select.select([self.client, self._server], [], [], 0.02)[0]:
            piece = ready.recv(65536)
            if not piece:
                return False
            if ready is self.client:
                self._request(piece)
            elif not self._answer(piece):
                return False
        return True

    def _request(self, piece: bytes) -> None:
        assert self._server is not None
        if self.wire.tls:
            before = self._records.data
            self._records.feed(piece)
            self._asked = self._asked or self._records.data > before
        elif piece.startswith(self.wire.asks):
            self._asked = True
        self._server.sendall(piece)

    def _answer(self, piece: bytes) -> bool:
        """Passes an answer on, or breaks in it."""
        planned = self.wire.planned()
        if planned is None or (planned != "in_body" and not self._asked) or (not self.wire.tls and not self._asked):
            return self._pass(piece)
        plan = self.wire.taken((planned,))
        if plan is None:
            return self._pass(piece)
        kind, where = plan
        self.wire.count(kind)
        cut = self._place(piece, where)
        self._pass(piece[:cut])
        if kind == "reset":
            return False
        if kind == "half_open":
            self._silent = True
            return True
        if kind == "delay":
            time.sleep(DELAY_S)
            return self._pass(piece[cut:])
        for at in range(cut, min(len(piece), cut + DRIPPED)):
            self._pass(piece[at : at + 1])
            time.sleep(DRIP_S)
        return self._pass(piece[cut + DRIPPED :])

    def _place(self, piece: bytes, where: Where) -> int:
        if where == "before_headers":
            return 0
        head = 0 if self.wire.tls else piece.find(b"\r\n\r\n") + 4
        return head if where == "after_headers" else head + (len(piece) - head) // 2

    def _pass(self, piece: bytes) -> bool:
        self.client.sendall(piece)
        self.passed += len(piece)
        return True
