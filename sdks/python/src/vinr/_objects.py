"""What the API answers, as objects with attributes. Owns their making from JSON, their printing (never a secret) and the answer
that they came with; knows no single kind of object, those are generated."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Iterator, Mapping, Optional, Type, TypeVar

from ._names import METADATA, from_wire

_Object = TypeVar("_Object", bound="VinrObject")

#: Fields that are printed as stars.
SECRET_FIELDS = frozenset({"secret", "activation_code", "passphrase", "private_key", "pkcs12"})

_BY_OBJECT: dict[str, Type[VinrObject]] = {}


class RawResponse:
    """An answer as it came."""

    __slots__ = ("content", "headers", "status_code")

    def __init__(self, status_code: int, headers: Mapping[str, str], content: bytes) -> None:
        #: The status of HTTP.
        self.status_code = status_code
        #: The headers; their names in lower case.
        self.headers: dict[str, str] = {name.lower(): value for name, value in headers.items()}
        #: The body, byte for byte.
        self.content = content

    @property
    def request_id(self) -> Optional[str]:
        """What names the request in the logs of the platform."""
        return self.headers.get("x-request-id")

    @property
    def replayed(self) -> bool:
        """Whether it is the answer to an earlier request with the same idempotency key."""
        return self.headers.get("idempotent-replayed") == "true"

    def __repr__(self) -> str:
        return f"RawResponse(status_code={self.status_code}, request_id={self.request_id!r}, bytes={len(self.content)})"


class VinrObject:
    """An object of the API. Fields are attributes and items; one that is known but was left out is `None` as an attribute, and
    `in` tells whether it was there. Objects do not change."""

    __slots__ = ("_data", "_response")

    _fields: ClassVar[frozenset[str]] = frozenset()
    _nested: ClassVar[Mapping[str, Type[VinrObject]]] = {}

    _data: dict[str, Any]
    _response: Optional[RawResponse]

    def __init__(self, data: Mapping[str, Any], response: Optional[RawResponse] = None) -> None:
        object.__setattr__(self, "_data", dict(data))
        object.__setattr__(self, "_response", response)

    @classmethod
    def _from_wire(cls: Type[_Object], value: Mapping[str, Any], response: Optional[RawResponse] = None) -> _Object:
        data: dict[str, Any] = {}
        for wire, inner in value.items():
            name = from_wire(wire)
            data[name] = inner if name == METADATA else _made(inner, cls._nested.get(name))
        if METADATA in cls._fields and data.get(METADATA) is None:
            data[METADATA] = {}
        return cls(data, response)

    @property
    def last_response(self) -> Optional[RawResponse]:
        """The answer that this object is; nothing when it is part of another one."""
        return self._response

    def to_dict(self) -> dict[str, Any]:
        """The fields that were there, with dictionaries and lists inside."""
        return {name: _plain(value) for name, value in self._data.items()}

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Asked for before there is anything: while it is copied, or restored from a pickle.
            if name in ("_data", "_response"):
                raise AttributeError(name)
            try:
                return self._data[name]
            except KeyError:
                if name in self._fields:
                    return None
                raise AttributeError(f"{type(self).__name__} has no field {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} does not change: {name!r} cannot be set")

    def __getitem__(self, name: str) -> Any:
        return self._data[name]

    def __contains__(self, name: object) -> bool:
        return name in self._data

    def __dir__(self) -> Iterator[str]:
        yield from super().__dir__()
        yield from self._data

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, VinrObject) and other._data == self._data

    def __hash__(self) -> int:
        return hash((type(self), self._data.get("id")))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._data,)

    def __repr__(self) -> str:
        shown = (f"{name}={'***' if name in SECRET_FIELDS and value else repr(value)}" for name, value in self._data.items())
        return f"{type(self).__name__}({', '.join(shown)})"


class Freeform(VinrObject):
    """An object whose fields are not fixed: what an event is about, the values of a configuration."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


def known(name: str) -> Any:
    """Says which class the objects are that call themselves so."""

    def register(cls: Type[_Object]) -> Type[_Object]:
        _BY_OBJECT[name] = cls
        return cls

    return register


def _made(value: Any, cls: Optional[Type[VinrObject]]) -> Any:
    if isinstance(value, dict):
        name = value.get("object")
        found = cls or (_BY_OBJECT.get(name) if isinstance(name, str) else None)
        return (found or Freeform)._from_wire(value)
    if isinstance(value, list):
        return [_made(inner, cls) for inner in value]
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, VinrObject):
        return value.to_dict()
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
