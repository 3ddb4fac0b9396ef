"""Calls by the names of the conformance files, on both clients. Owns the way from a name and arguments to a result in plain values."""
from __future__ import annotations

import asyncio
import inspect
from typing import Any, Callable, Optional

import vinr
from matching import MISSING, pythonic
from vinr._errors import _FACTS
from vinr._names import from_wire

ERRORS = {cls.__name__: cls for cls in vars(vinr).values() if isinstance(cls, type) and issubclass(cls, vinr.VinrError)}
Pauses = Callable[[float], None]


class Driver:
    """One client that is called by name."""

    def __init__(self, asynchronous: bool, pause: Optional[Pauses] = None, **settings: Any) -> None:
        self.client: Any = (vinr.AsyncClient if asynchronous else vinr.Client)(**settings)
        self._loop = asyncio.new_event_loop() if asynchronous else None
        if pause is not None:
            self.client._transport._sleep = self._waits(pause) if asynchronous else pause

    @staticmethod
    def _waits(pause: Pauses) -> Any:
        async def wait(seconds: float) -> None:
            pause(seconds)

        return wait

    def call(self, name: str, args: list[Any], options: Optional[dict[str, Any]] = None) -> Any:
        """The result in plain values."""
        found = self.run(self._invoked(name, args, options))
        return found if isinstance(found, str) else found.to_dict()

    def items(self, name: str, args: list[Any], options: Optional[dict[str, Any]], take: Optional[int], into: list[Any]) -> None:
        """Reads a list, or so many items of it, into `into`: what came before an error stays there."""
        if self._loop is None:
            self._take(self._invoked(name, args, options), take, into)
        else:
            self._loop.run_until_complete(self._take_async(self._invoked(name, args, options), take, into))

    def run(self, result: Any) -> Any:
        """Waits for a result, if it is to be waited for."""
        if self._loop is None:
            return result

        async def wait() -> Any:
            return await result

        return self._loop.run_until_complete(wait())

    def close(self) -> None:
        """Ends the client."""
        self.run(self.client.close())
        if self._loop is not None:
            self._loop.close()

    def _invoked(self, name: str, args: list[Any], options: Optional[dict[str, Any]]) -> Any:
        method: Any = self.client
        for part in name.split("."):
            method = getattr(method, from_wire(part))
        positional = [one for one in args if not isinstance(one, dict)]
        keywords: dict[str, Any] = {}
        for one in args:
            if isinstance(one, dict):
                keywords.update(one)
        known = inspect.signature(method).parameters
        extra = {key: value for key, value in keywords.items() if from_wire(key) not in known}
        arguments = pythonic({key: value for key, value in keywords.items() if key not in extra})
        if extra:
            arguments["extra_body"] = extra
        return method(*positional, **arguments, **_options(options))

    @staticmethod
    def _take(page: Any, take: Optional[int], into: list[Any]) -> None:
        for item in page:
            into.append(item.to_dict())
            if len(into) == take:
                return

    @staticmethod
    async def _take_async(pages: Any, take: Optional[int], into: list[Any]) -> None:
        async for item in pages:
            into.append(item.to_dict())
            if len(into) == take:
                return


def _options(options: Optional[dict[str, Any]]) -> dict[str, Any]:
    given = dict(options or {})
    if "timeoutMs" in given:
        given["timeout"] = given.pop("timeoutMs") / 1000
    return {from_wire(name): value for name, value in given.items()}


def told(error: vinr.VinrError) -> dict[str, Any]:
    """An error in plain values; what is not known is not there."""
    facts = {name: getattr(error, name) for name in (*_FACTS, "message")}
    if facts["payment"] is not None:
        facts["payment"] = facts["payment"].to_dict()
    return {name: value for name, value in facts.items() if value is not None}


def expected_error(wanted: dict[str, Any]) -> tuple[type[vinr.VinrError], dict[str, Any]]:
    """The class of an error, and what it says. A parameter that the SDK names itself is named as Python names it."""
    facts = pythonic({name: value for name, value in wanted.items() if name != "class"})
    if wanted["class"] == "ConfigurationError" and "param" in facts:
        facts["param"] = from_wire(facts["param"])
    return ERRORS[wanted["class"]], facts


__all__ = ["MISSING", "Driver", "expected_error", "told"]
