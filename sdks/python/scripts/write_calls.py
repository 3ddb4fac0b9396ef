"""Writes the methods of both clients: their signatures, and which request each of them is."""
from __future__ import annotations


from api_document import EARLIER, LEGACY, Document, Field, Operation, from_wire, name_of
from write_models import HEAD, Params, inline_name, is_page, item_of, references

#: Mixed into what is called so: what reaches terminals on the local network.
LOCAL = {"terminal.payments": "LocalPayments"}
#: What the API document lists, and yet takes more: a test card is also named by its number.
FREE = {"simulate_card": "str"}
#: Beside what operations.json says.
READERS = ("terminal", "readers", "Readers")


def operations(document: Document) -> str:
    """The file of what is the same in every call of one method."""
    lines = []
    for one in document.operations:
        more = ", money=True" if one.money else ""
        if one.listed and one.answer is not None:
            item = document.properties(item_of(document, one.answer))[0]
            more += ', cursor="id"' if "id" in item else ', cursor="terminal_id"'
        if one.media:
            more += f', media="{one.media}"'
        lines.append(
            f'{one.constant} = Operation(\n    "{from_name(one.name)}", "{one.kind}", "{one.method}", "{one.path}", "{one.version}"{more},\n)\n'
        )
    return HEAD.format(about="What is the same in every call of a method.", imports="from .._resource import Operation") + "".join(lines)


def from_name(name: str) -> str:
    """A call as Python writes it."""
    return ".".join(from_wire(part) for part in name.split("."))


def lines(parts: list[str], indent: int) -> str:
    """Parts of a list, one on each line."""
    return f"\n{' ' * indent}".join(f"{part}," for part in parts).replace("*,\n" + " " * indent, "*, ")


def wrapped(parts: list[str], indent: int) -> str:
    """Entries of a dictionary: on one line when there are few, else one on each."""
    if len(parts) < 4:
        return ", ".join(parts)
    space = f"\n{' ' * indent}"
    return space + space.join(f"{part}," for part in parts) + f"\n{' ' * (indent - 4)}"


def class_name(owner: str) -> str:
    """The class behind a namespace."""
    if owner == "terminalPayments":
        return "LegacyTerminalPaymentsCalls"
    return "".join(part[0].upper() + part[1:] for part in owner.split(".")) + "Calls"


class Writer:
    """Writes one of the two files."""

    def __init__(self, document: Document, asynchronous: bool) -> None:
        self.document = document
        self.asynchronous = asynchronous
        self.prefix = "Async" if asynchronous else ""
        self.wait = "await " if asynchronous else ""
        self.define = "async def" if asynchronous else "def"
        self.params = Params(document)
        self.used: set[str] = set()

    def method(self, one: Operation) -> str:
        """A method."""
        if one.method_name == "retrieve_by_reference":
            return self.by_reference(one)
        paths = [from_wire(name) for name in one.path_names]
        fields = self.taken(one)
        signature = [f"{name}: str" for name in paths]
        if fields:
            signature += ["*", *(self.parameter(field) for field in sorted(fields, key=lambda field: not field.required))]
        either_way = one.owner in LOCAL and one.kind == "charge" and one.method_name == "create"
        if either_way:
            signature.append("connectivity: Optional[Connectivity] = None")
        signature.append("**options: Unpack[CallOptions]")
        arguments = [f"operations.{one.constant}", "options"]
        path = [f"path=({', '.join(paths)},)"] if paths else []
        query = [f"query={{{wrapped([self.entry(field) for field in one.query], 12)}}}"] if one.query else []
        body = [] if one.body is None else [f"body={{{wrapped(self.bodied(one), 12)}}}"]
        returns, code = self.answered(one, arguments, path + query + body)
        if either_way:
            asked = ", ".join([f"operations.{one.constant}", "connectivity", "cast(Mapping[str, object], options)", *query, *body])
            code = [f"return {self.wait}self._create(Asked({asked}))"]
        define = "def" if one.stream or self.paged(one) else self.define
        head = f"    {define} {one.method_name}(\n        self,\n        {lines(signature, 8)}\n    ) -> {returns}:"
        return "\n".join([head, *self.about(one, fields), *(f"        {line}" for line in code)]) + "\n"

    def about(self, one: Operation, fields: list[Field]) -> list[str]:
        """What help() says."""
        told = [f"        {field.name}: {field.about}" for field in fields if field.about]
        if not told:
            return [f'        """{one.about}."""']
        return [f'        """{one.about}.', "", *told, '        """']

    def taken(self, one: Operation) -> list[Field]:
        """What the caller may bring."""
        fields = [field for field in (one.body or []) if not (one.method_name == "create_sync" and field.name == "response_mode")]
        return fields + one.query

    def parameter(self, field: Field) -> str:
        """A parameter of a signature."""
        kind = self.params.type_of(field.schema, inline_name(field.wire.removesuffix("[]")))
        kind = FREE.get(field.name, kind)
        self.used.update(name for name in self.params.done if name in kind)
        if field.required:
            return f"{field.name}: {kind}"
        if field.nullable:
            return f"{field.name}: Union[{kind}, None, NotGiven] = NOT_GIVEN"
        return f"{field.name}: Optional[{kind}] = None"

    def entry(self, field: Field) -> str:
        """An entry of a query."""
        return f'"{field.wire}": {field.name}'

    def bodied(self, one: Operation) -> list[str]:
        """The entries of a body. What may not be null is left out when it is None."""
        entries = []
        for field in one.body or []:
            if one.method_name == "create_sync" and field.name == "response_mode":
                entries.append('"responseMode": "sync"')
            elif field.required or field.nullable:
                entries.append(self.entry(field))
            else:
                entries.append(f'"{field.wire}": NOT_GIVEN if {field.name} is None else {field.name}')
        return entries

    def paged(self, one: Operation) -> bool:
        """Whether it is a list."""
        return one.answer is not None and is_page(self.document, one.answer)

    def model(self, reference: dict[str, object], version: str) -> str:
        """The class of an answer."""
        name = name_of(reference)
        found = LEGACY.get(name, name) if version == EARLIER else name
        self.used.add(f"models.{found}")
        return f"models.{found}"

    def answered(self, one: Operation, arguments: list[str], more: list[str]) -> tuple[str, list[str]]:
        """The type of what a method returns, and how it gets it."""
        if one.stream:
            return f"{self.prefix}EventStream", [f"return self._stream({', '.join([*arguments, *more])})"]
        if one.media:
            return "str", [f"return {self.wait}self._text({', '.join([*arguments, *more])})"]
        assert one.answer is not None, f"{one.name} answers nothing that is known"
        if self.paged(one):
            item = self.model(item_of(self.document, one.answer), one.version)
            special = not name_of(one.answer).endswith("List")
            page = f"pages.{self.prefix}{name_of(one.answer)}" if special else f"{self.prefix}Page[{item}]"
            given = ", ".join([*arguments, page, item, *more])
            if self.asynchronous:
                return f"AsyncPages[{page}, {item}]", [f"return self._pages({given})"]
            return page, [f"return self._page({given})"]
        kinds = [self.model(found, one.version) for found in references(self.document, one.answer, False)]
        answer = f"{self.wait}self._ask({', '.join([*arguments, *more])})"
        if len(kinds) == 1:
            return kinds[0], [f"return made({kinds[0]}, {answer})"]
        union = f"Union[{', '.join(kinds)}]"
        second = references(self.document, one.answer, False)[1]
        name = self.document.properties(second)[0]["object"]["enum"][0]
        return union, [f'return cast({union}, either({", ".join(kinds)}, "{name}", {answer}))']

    def by_reference(self, one: Operation) -> str:
        """The newest payment of a reference."""
        assert one.answer is not None
        item = self.model(item_of(self.document, one.answer), one.version)
        if one.owner in LOCAL:
            return "\n".join([
                f"    {self.define} {one.method_name}(self, reference: str, **options: Unpack[CallOptions]) -> {item}:",
                '        """Find the newest payment with this reference; after a time-out, before paying again. The terminal that charged it',
                '        over the local network is asked first."""',
                f"        asked = cast(Mapping[str, object], options)",
                f"        return {self.wait}self._by_reference(operations.{one.constant}, reference, asked)", "",
            ])
        page = f"{self.prefix}Page[{item}]"
        ask = f"{self.wait}self._page{'s' if self.asynchronous else ''}"
        return "\n".join([
            f"    {self.define} {one.method_name}(self, reference: str, **options: Unpack[CallOptions]) -> {item}:",
            '        """Find the newest payment with this reference; after a time-out, before paying again."""',
            f'        query = {{"reference": checked_reference(reference), "limit": 1}}',
            f"        page = {ask}(operations.{one.constant}, options, {page}, {item}, query=query)",
            f"        return newest({item}, page.data, page.last_response, reference)", "",
        ])

    def owners(self) -> dict[str, list[Operation]]:
        """The calls of each namespace."""
        found: dict[str, list[Operation]] = {}
        for one in self.document.operations:
            found.setdefault(one.owner, []).append(one)
        return found

    def classes(self) -> str:
        """All of them: first those with calls only, then those that hold others, at last what a client is."""
        owners = self.owners()
        spaces = sorted({owner.rpartition(".")[0] for owner in owners if "." in owner})
        text = ""
        for owner, held in owners.items():
            mixed = f"{self.prefix}{LOCAL[owner]}, " if owner in LOCAL else ""
            methods = "\n".join(self.method(one) for one in held)
            text += f'\n\nclass {self.prefix}{class_name(owner)}({mixed}{self.prefix}Resource):\n    """`{from_name(owner)}`"""\n\n{methods}'
        for space in spaces:
            inner = [owner for owner in owners if owner.rpartition(".")[0] == space]
            text += self.space(f"{self.prefix}{class_name(space)}", f"`{from_name(space)}`", inner, space)
        roots = [*spaces, *(owner for owner in owners if "." not in owner)]
        return text + self.space(f"{self.prefix}Calls", "All calls, by namespace.", roots, "")

    def space(self, name: str, about: str, inner: list[str], space: str) -> str:
        """A class that holds others."""
        transport = f"{self.prefix}Transport"
        lines = [
            f"        self.{from_wire(owner.rpartition('.')[2])} = {self.prefix}{class_name(owner)}(settings, transport)"
            for owner in sorted(inner)
        ]
        if space == READERS[0]:
            lines.append(f"        self.{READERS[1]} = {self.prefix}{READERS[2]}(settings, transport)")
        body = "\n".join(lines)
        return f'\n\nclass {name}:\n    """{about}"""\n\n    def __init__(self, settings: Settings, transport: {transport}) -> None:\n{body}\n'


def calls(document: Document, asynchronous: bool) -> str:
    """The file of the methods of one client."""
    writer = Writer(document, asynchronous)
    classes = writer.classes()
    prefix = writer.prefix
    dictionaries = sorted(name for name in writer.used if not name.startswith("models."))
    typing = ["TYPE_CHECKING", *(word for word in ("Literal", "Mapping", "Optional", "Sequence", "Union") if f"{word}[" in classes), "cast"]
    paging = "AsyncPage, AsyncPages" if asynchronous else "Page"
    local = ", ".join(sorted([f"{prefix}LocalPayments", f"{prefix}Readers", "Asked", "Connectivity"]))
    resource = ", ".join(sorted([f"{prefix}Resource", "checked_reference", "either", "made", "newest"]))
    imports = "\n".join([
        f"from typing import {', '.join(typing)}", "",
        f"from .._local import {local}",
        f"from .._paging import {paging}",
        f"from .._resource import {resource}",
        "from .._settings import NOT_GIVEN, CallOptions, NotGiven, Settings",
        f"from .._stream import {prefix}EventStream",
        f"from .._transport import {prefix}Transport",
        "from . import models, operations, pages",
        f"from .params import {', '.join(dictionaries)}", "",
        "if TYPE_CHECKING:", "    from typing_extensions import Unpack",
    ])
    kind = "`AsyncClient`" if asynchronous else "`Client`"
    return HEAD.format(about=f"The calls of {kind}.", imports=imports).rstrip() + "\n" + classes


