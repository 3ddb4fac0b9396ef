"""Lists that are read over their pages, each item once, in both clients. Owns the cursor; knows nothing about what is listed."""
from __future__ import annotations

from typing import Any, AsyncIterator, Awaitable, Callable, Generator, Generic, Iterator, List, Mapping, Optional, Type, TypeVar

from ._objects import RawResponse, VinrObject

T = TypeVar("T")
P = TypeVar("P", bound="_Listed[Any]")
Query = Mapping[str, Any]

AFTER, BEFORE = "starting_after", "ending_before"


class _Listed(VinrObject, Generic[T]):
    """What both kinds of pages are."""

    __slots__ = ("_again", "_cursor", "_query")

    _fields = frozenset({"object", "data", "has_more"})

    _again: Callable[[Query], Any]
    _cursor: Optional[str]
    _query: Query

    #: The items of this page.
    data: List[T]
    #: Whether there are more behind it.
    has_more: bool
    #: `list`, mostly.
    object: str

    def _follow(self, query: Query, cursor: Optional[str], again: Callable[[Query], Any]) -> None:
        """Says how the next page is asked for; without a cursor there is none."""
        for name, value in (("_query", query), ("_cursor", cursor), ("_again", again)):
            object.__setattr__(self, name, value)

    def _items(self) -> List[T]:
        # Backwards a page still has the newest first; read to its end the list is oldest first.
        return self.data[::-1] if self._backwards() else self.data

    def _backwards(self) -> bool:
        return self._query.get(BEFORE) is not None

    def _next_query(self) -> Optional[Query]:
        if not self.has_more or not self.data or self._cursor is None:
            return None
        last = self._items()[-1]
        assert isinstance(last, VinrObject), "what is listed has names"
        query = {name: value for name, value in self._query.items() if name not in (AFTER, BEFORE)}
        query[BEFORE if self._backwards() else AFTER] = last[self._cursor]
        return query

    def __reduce__(self) -> Any:
        raise TypeError("a page holds its client and is not pickled; pickle page.data, or page.to_dict()")


class Page(_Listed[T]):
    """One page of a list. Iterating it goes on over all pages."""

    __slots__ = ()

    def __iter__(self) -> Iterator[T]:
        """All items from this page on; a page is sent for when it is needed."""
        page: Optional[Page[T]] = self
        while page is not None:
            yield from page._items()
            page = page.next_page()

    def auto_paging_iter(self) -> Iterator[T]:
        """The same as iterating the page."""
        return iter(self)

    def next_page(self) -> Optional[Page[T]]:
        """The page behind this one; nothing when this is the last."""
        query = self._next_query()
        if query is None:
            return None
        page: Page[T] = self._again(query)
        return page


class AsyncPage(_Listed[T]):
    """One page of a list. Iterating it goes on over all pages."""

    __slots__ = ()

    async def __aiter__(self) -> AsyncIterator[T]:
        """All items from this page on; a page is sent for when it is needed."""
        page: Optional[AsyncPage[T]] = self
        while page is not None:
            for item in page._items():
                yield item
            page = await page.next_page()

    def auto_paging_iter(self) -> AsyncIterator[T]:
        """The same as iterating the page."""
        return self.__aiter__()

    async def next_page(self) -> Optional[AsyncPage[T]]:
        """The page behind this one; nothing when this is the last."""
        query = self._next_query()
        if query is None:
            return None
        page: AsyncPage[T] = await self._again(query)
        return page


class AsyncPages(Generic[P, T]):
    """A list that has been asked for: `await` it for its first page, or iterate it for all items."""

    __slots__ = ("_ask",)

    def __init__(self, ask: Callable[[], Awaitable[P]]) -> None:
        self._ask = ask

    def __await__(self) -> Generator[Any, None, P]:
        return self._ask().__await__()

    async def __aiter__(self) -> AsyncIterator[T]:
        page: Any = await self._ask()
        async for item in page:
            yield item


def page_of(
    cls: Type[P], item: Type[VinrObject], data: Mapping[str, Any], response: RawResponse, query: Query,
    cursor: Optional[str], again: Callable[[Query], Any],
) -> P:
    """A page, from what was answered."""
    made = cls._from_wire({name: value for name, value in data.items() if name != "data"}, response)
    listed = data.get("data")
    made._data["data"] = [item._from_wire(one) for one in listed] if isinstance(listed, list) else []
    made._data.setdefault("has_more", False)
    made._follow(query, cursor, again)
    return made
