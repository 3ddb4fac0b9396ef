"""The terminals of the local network that a client knows: finds them, asks them, charges through them. Written as steps, for both
clients. Shows them the till's certificate and never the secret key; an address is a hint."""
from __future__ import annotations

import collections
import ipaddress
import logging
import re
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Callable, Generator, List, Optional, Sequence, Tuple

from .._errors import ConfigurationError, LocalConnectionError, VinrError
from .._exchange import PAYMENTS, Answer, Call, Charge, Do, Line, Step, Together, error_of, failed, look_up, perform, place
from .._objects import VinrObject
from .._retry import Unsent
from .._version import CURRENT
from .delegations import DelegationFiles, DelegationStore
from .mdns import Hint, announced
from .simulator import Simulated
from .trust import Trust, content, names_terminal, trust_of

if TYPE_CHECKING:
    from .._settings import Settings

PORT = 8443
LOOK_S = 5.0
FIND_S = 2.0
REMEMBERED = 1000
_PLACE = re.compile(r"(?:\[([0-9A-Fa-f:.%\w]+)\]|([^:\[\]/\s]+))(?::(\d{1,5}))?")
_STATUSES = {"ready": "online", "busy": "busy", "locked": "locked"}
#: Codes of a terminal that is not there, and not of one that is somebody else.
_ABSENT = ("not_connected", "timeout", "connection_lost")
log = logging.getLogger("vinr")


class Reader(VinrObject):
    """A terminal on the local network."""

    __slots__ = ()

    _fields = frozenset({"id", "ip", "model", "port", "status"})

    id: str
    ip: str
    port: int
    model: Optional[str]
    #: `online` (ready for a payment), `busy`, `locked` or `out_of_service`; nothing when it was not asked.
    status: Optional[str]

    @property
    def verified(self) -> bool:
        """Whether it has proven to be this terminal; without certificates of any kind what is announced is only repeated."""
        return self._data.get("verified") is not False


class Terminal:
    """A terminal at its place: a peer of the exchange."""

    timeout = LOOK_S

    def __init__(self, terminal_id: str, ip: str, port: int, line: Line) -> None:
        self.id = terminal_id
        self.ip = ip
        self.port = port
        self.line = line
        self.base_url = f"https://[{ip}]:{port}" if ":" in ip else f"https://{ip}:{port}"

    def authorization(self) -> None:
        """Nothing: the certificate says who asks."""


class Nearby:
    """What a client knows of the local network."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[str, Terminal] = {}
        self._charged: collections.OrderedDict[str, str] = collections.OrderedDict()
        self._trust: Optional[Trust] = None
        self._simulated: Optional[Tuple[Simulated, Terminal]] = None
        #: What is written down about hybrid payments.
        self.delegations: DelegationStore = settings.terminal.delegations or DelegationFiles(settings.terminal.state_dir)

    def discover(self, hosts: Optional[Sequence[str]], seconds: float) -> Generator[Step, Any, List[Reader]]:
        """The terminals at these addresses, or those that are announced."""
        if self._settings.simulator is not None:
            terminal = yield from self._simulator()
            said = self._simulated
            assert said is not None, "it was started"
            return [Reader({"id": terminal.id, "ip": terminal.ip, "model": said[0].model, "status": "online", "port": terminal.port})]
        hosts = self._settings.terminal.static_hosts if hosts is None else hosts
        if hosts is not None:
            places = [place_of(host) for host in hosts]
            trust = yield from self._trusted()
            found = yield Together([self._ask(trust, (place,), None, LOOK_S) for place in places])
            return [one for one in _judged(found, "tls_failed", "tls_untrusted", "tls_wrong_terminal") if one is not None]
        hints: List[Hint] = yield Do(lambda: announced(seconds))
        if self._settings.terminal.local_cert_path is None and self._settings.terminal.local_ca_path is None:
            return [_hinted(hint) for hint in hints]
        trust = yield from self._trusted()
        found = yield Together([self._ask(trust, hint.places, hint.terminal_id, LOOK_S) for hint in hints])
        return [one for one in _judged(found) if one is not None]

    def find(self, terminal_id: str, seconds: float) -> Generator[Step, Any, Terminal]:
        """Where a terminal is: what is known, else what answers within so many seconds."""
        if not isinstance(terminal_id, str) or not terminal_id:
            raise ConfigurationError("a reader's id is a string that is not empty", code="parameter_missing", param="reader_id")
        deadline = time.monotonic() + seconds
        if self._settings.simulator is not None:
            terminal = yield from self._simulator()
            if terminal.id == terminal_id:
                return terminal
            raise _unknown(terminal_id)
        if terminal_id in self._known:
            return self._known[terminal_id]
        trust = yield from self._trusted(seconds)
        hosts = self._settings.terminal.static_hosts
        if hosts is not None:
            sets = [(place_of(host),) for host in hosts]
        else:
            hints: List[Hint] = yield Do(lambda: announced(max(deadline - time.monotonic(), 0.01), terminal_id))
            sets = [hint.places for hint in hints if hint.terminal_id == terminal_id]  # type: ignore[misc]
        left = max(deadline - time.monotonic(), 0.01)
        found = yield Together([self._ask(trust, places, terminal_id, left) for places in sets])
        if terminal_id in self._known:
            return self._known[terminal_id]
        failures = [one for one in found if isinstance(one, Exception)]
        for failure in failures:
            if not isinstance(failure, VinrError):
                raise failure
        # Others at other addresses are as it should be; what keeps the right one away says more.
        failures.sort(key=lambda one: getattr(one, "code", None) == "tls_wrong_terminal")
        if failures and (len(sets) == 1 or getattr(failures[0], "code", None) != "tls_wrong_terminal"):
            raise failures[0]
        raise _unknown(terminal_id)

    def forget(self, terminal: Terminal) -> None:
        """The terminal is not where it was: the next who asks looks for it."""
        terminal.line.retired = True
        if self._known.get(terminal.id) is terminal:
            del self._known[terminal.id]

    def charge(self, terminal_id: str, call: Call) -> Generator[Step, Any, Answer]:
        """Carries a charge out at a terminal."""
        terminal = yield from self.find(terminal_id, FIND_S)
        assert call.charge is not None
        self.charged(call.charge.reference, terminal_id)
        try:
            return (yield from perform(terminal, call))
        except LocalConnectionError:
            self.forget(terminal)
            raise

    def charged(self, reference: Optional[str], terminal_id: str) -> None:
        """Remembers at which terminal a reference was charged."""
        if reference is None:
            return
        self._charged[reference] = terminal_id
        self._charged.move_to_end(reference)
        if len(self._charged) > REMEMBERED:
            self._charged.popitem(last=False)

    def charged_here(self, reference: str) -> Generator[Step, Any, Optional[Answer]]:
        """The newest payment with this reference at the terminal that charged it; nothing when none did, or it cannot be asked."""
        terminal_id = self._charged.get(reference)
        return None if terminal_id is None else (yield from self._newest(terminal_id, reference))

    def anywhere(self, reference: str) -> Generator[Step, Any, Optional[Answer]]:
        """The newest payment with this reference at any terminal that is known; nothing when none has it."""
        found: List[Any] = yield Together([self._newest(terminal_id, reference) for terminal_id in list(self._known)])
        answers = [one for one in found if isinstance(one, Answer)]
        return max(answers, key=lambda one: str(one.data.get("createdAt")), default=None)

    def look_up(self, terminal_id: str, charge: Charge, seconds: float) -> Generator[Step, Any, Optional[Answer]]:
        """The payment of this name in the terminal's own journal; nothing when it has none."""
        terminal = yield from self.find(terminal_id, seconds)
        try:
            return (yield from look_up(terminal, charge, CURRENT, 0, timeout=seconds, pages=100))
        except LocalConnectionError:
            self.forget(terminal)
            raise

    def _newest(self, terminal_id: str, reference: str) -> Generator[Step, Any, Optional[Answer]]:
        from urllib.parse import urlencode

        read = Call(
            kind="read", money=False, method="GET", path=PAYMENTS, version=CURRENT, timeout=LOOK_S, max_retries=1,
            query=urlencode({"reference": reference, "limit": 1}),
        )
        try:
            terminal = yield from self.find(terminal_id, FIND_S)
            page = yield from perform(terminal, read)
        except VinrError:
            # A terminal that cannot be asked is not the last word.
            return None
        listed = page.data.get("data")
        return Answer(listed[0], page.response) if isinstance(listed, list) and listed else None

    def _simulator(self) -> Generator[Step, Any, Terminal]:
        simulator = self._settings.simulator
        assert simulator is not None
        said: Simulated = yield Do(simulator.started)
        known = self._simulated
        if known is None or known[0] is not said:
            context = Trust(said.ca, said.own).context(lambda name: names_terminal(name, said.terminal))
            known = self._simulated = (said, Terminal(said.terminal, said.ip, said.port, Line(context)))
        return known[1]

    def _trusted(self, seconds: Optional[float] = None) -> Generator[Step, Any, Trust]:
        """What connections are made with; read once, and tried again by the next who asks when that failed."""
        if self._trust is not None:
            return self._trust
        options = self._settings.terminal
        if options.local_ca_path is not None:
            path = options.local_ca_path
            ca = (yield Do(lambda: content(path, "terminal.local_ca_path"))).decode("utf-8", "replace")
        else:
            read = Call(
                kind="read", money=False, method="GET", path="/v1/ca-bundle", version=CURRENT,
                timeout=min(seconds or self._settings.timeout, self._settings.timeout),
                max_retries=self._settings.max_retries if seconds is None else 0, media="application/x-pem-file",
            )
            answer = yield from perform(self._settings, read)
            ca = answer.response.content.decode("utf-8", "replace")
        self._trust = yield Do(lambda: trust_of(ca, options.local_cert_path, options.local_cert_passphrase))
        return self._trust

    def _ask(
        self, trust: Trust, places: Sequence[Tuple[str, int]], wanted: Optional[str], seconds: float
    ) -> Generator[Step, Any, Optional[Reader]]:
        """Who is at one of these places; nothing when nobody is. It is remembered, over the connection on which it proved itself."""
        failure: Optional[VinrError] = None
        deadline = time.monotonic() + seconds
        for host, port in places:
            try:
                return (yield from self._probe(trust, host, port, wanted, deadline))
            except VinrError as thrown:
                failure = thrown
        if failure is not None:
            raise failure
        return None

    def _probe(
        self, trust: Trust, host: str, port: int, wanted: Optional[str], deadline: float
    ) -> Generator[Step, Any, Reader]:
        named: List[str] = []

        def accept(name: str) -> bool:
            named[:] = [name]
            return wanted is None or names_terminal(name, wanted)

        def left() -> float:
            return max(deadline - time.monotonic(), 0.001)

        ip: Optional[str] = yield Do(lambda: address_of(host, port, left()))
        read = Call(kind="read", money=False, method="GET", path="/v1/status", version=CURRENT, timeout=left(), max_retries=0)
        if ip is None:
            nameless = Unsent(f"{host} has no address", layer="name")
            raise error_of(read, failed(nameless), False, None, f"{host}:{port}")
        context = trust.context(accept)
        terminal = Terminal(wanted or host, ip, port, Line(context))
        terminal.line.retired = True
        answer = yield from perform(terminal, read)
        status = answer.data
        terminal_id = status.get("id")
        if not isinstance(terminal_id, str) or not named or not names_terminal(named[0], terminal_id):
            wrong = Unsent("it says another name than its certificate", layer="certificate", code="tls_wrong_terminal")
            raise error_of(read, failed(wrong), False, None, place(terminal))
        terminal.id = terminal_id
        # From now on this line leads to nobody else.
        context.accept = lambda name: names_terminal(name, terminal_id)
        known = self._known.get(terminal_id)
        if known is None or (known.ip, known.port) != (ip, port):
            if known is not None:
                known.line.retired = True
            terminal.line.retired = False
            self._known[terminal_id] = terminal
        shown = _STATUSES.get(str(status.get("status")), "out_of_service")
        return Reader({"id": terminal_id, "ip": ip, "model": status.get("model"), "status": shown, "port": port}, answer.response)


def _judged(found: Sequence[Any], *serious: str) -> List[Any]:
    """What was found; a failure with one of these codes is raised, and one that is no answer is left out."""
    kept = []
    for one in found:
        if isinstance(one, Exception):
            if not isinstance(one, VinrError) or one.code in serious or (serious and one.code not in _ABSENT):
                raise one
            if one.code not in _ABSENT:
                log.warning("an announced terminal is left out: %s", one)
        else:
            kept.append(one)
    return kept


def _hinted(hint: Hint) -> Reader:
    ip, port = hint.places[0]
    return Reader({"id": hint.terminal_id, "ip": ip, "model": hint.model, "port": port, "verified": False})


def _unknown(terminal_id: str) -> ConfigurationError:
    return ConfigurationError(
        f"{terminal_id} is not on the local network, as far as can be seen from here: is it on, is its Local API enabled, and is its "
        "address among static_hosts?", code="reader_unknown", param="reader_id",
    )


def place_of(address: str) -> Tuple[str, int]:
    """Where an address is: `host`, `host:port`, `[v6]:port`."""
    found = _PLACE.fullmatch(address) if isinstance(address, str) else None
    port = int(found[3] or PORT) if found else 0
    if found is None or not 0 < port < 65536:
        raise ConfigurationError(
            "static_hosts are addresses, each with or without a port", code="parameter_invalid", param="static_hosts"
        )
    return found[1] or found[2], port


def address_of(host: str, port: int, seconds: float, resolve: Callable[..., Any] = socket.getaddrinfo) -> Optional[str]:
    """The address of a name, for no longer than this; nothing when it has none."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    found: List[str] = []

    def look() -> None:
        try:
            found.extend(entry[4][0] for entry in resolve(host, port, type=socket.SOCK_STREAM))
        except OSError:
            return

    # The resolver of the system cannot be told how long to take; whoever waits for it can.
    asked = threading.Thread(target=look, daemon=True, name="vinr-resolver")
    asked.start()
    asked.join(seconds)
    return sorted(found, key=lambda address: ":" in address)[0] if found else None
