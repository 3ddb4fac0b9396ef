"""Reads the API document: schemas, operations, and what Python calls them. Writes nothing."""
from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Iterator, Optional

if TYPE_CHECKING:
    from vinr._names import METADATA, from_wire
else:
    # Without its package, which cannot be imported while a generated file is broken or not there.
    from _names import METADATA, from_wire

__all__ = ["EARLIER", "LEGACY", "MANY", "METADATA", "Document", "Field", "Operation", "Schema", "first_line", "from_wire", "name_of", "nullable", "without_null"]

Schema = dict[str, Any]

#: The version under which the other one has a class of its own, and that class.
EARLIER = "2025-05-31"
LEGACY = {"TerminalPayment": "LegacyTerminalPayment"}
#: More values than these are written as `str`: nobody wants to read them in a signature.
MANY = 30


@dataclasses.dataclass
class Field:
    """A field of a body, or a parameter of the query."""

    wire: str
    schema: Schema
    required: bool
    nullable: bool

    @property
    def name(self) -> str:
        return from_wire(self.wire.removesuffix("[]"))

    @property
    def about(self) -> str:
        return first_line(self.schema.get("description", ""))


@dataclasses.dataclass
class Operation:
    """A call of the SDK."""

    name: str
    kind: str
    method: str
    path: str
    version: str
    money: bool
    listed: bool
    stream: bool
    about: str
    path_names: list[str]
    query: list[Field]
    body: Optional[list[Field]]
    answer: Optional[Schema]
    #: What is asked for when it is no JSON.
    media: Optional[str]

    @property
    def owner(self) -> str:
        return self.name.rpartition(".")[0]

    @property
    def method_name(self) -> str:
        return from_wire(self.name.rpartition(".")[2])

    @property
    def constant(self) -> str:
        return "__".join(from_wire(part) for part in self.name.split(".")).upper()


def first_line(text: str) -> str:
    """The first sentence of a description, on one line."""
    words = " ".join(text.split())
    end = words.find(". ")
    return (words if end < 0 else words[: end + 1]).rstrip()


def nullable(schema: Schema) -> bool:
    """Whether `null` is one of its values."""
    kind = schema.get("type")
    if kind == "null" or (isinstance(kind, list) and "null" in kind):
        return True
    return any(nullable(one) for one in schema.get("oneOf", []) + schema.get("anyOf", []))


class Document:
    """The API document, with the calls that the SDKs have."""

    def __init__(self, raw: Schema, listed: list[Schema]) -> None:
        self.schemas: dict[str, Schema] = raw["components"]["schemas"]
        by_id = {one["operationId"]: (path, method, one) for path, item in raw["paths"].items() for method, one in item.items()}
        self.operations = [self._operation(one, *by_id[one["operationId"]]) for one in listed]

    def _operation(self, listed: Schema, path: str, method: str, raw: Schema) -> Operation:
        parameters = raw.get("parameters", [])
        query = [
            Field(one["name"], {**one["schema"], "description": one.get("description", "")}, one.get("required", False), False)
            for one in parameters if one["in"] == "query"
        ]
        body = raw.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        names = [one["name"] for one in parameters if one["in"] == "path"]
        template = path
        for place, name in enumerate(names):
            template = template.replace(f"{{{name}}}", f"{{{place}}}")
        return Operation(
            name=listed["name"], kind=listed["kind"], method=method.upper(), path=template, version=listed["version"],
            money=listed.get("money", False), listed=listed.get("list", False), stream=listed.get("stream", False),
            about=raw["summary"], path_names=names, query=query, body=None if body is None else list(self.fields(body)),
            answer=self._answer(raw), media=self._media(raw) if listed.get("text") else None,
        )

    @staticmethod
    def _media(raw: Schema) -> str:
        return str(next(iter(raw["responses"]["200"]["content"])))

    @staticmethod
    def _answer(raw: Schema) -> Optional[Schema]:
        for status, answer in sorted(raw["responses"].items()):
            if status.startswith("2"):
                schema: Optional[Schema] = answer.get("content", {}).get("application/json", {}).get("schema")
                return schema
        return None

    def resolved(self, schema: Schema) -> Schema:
        """The schema behind a reference."""
        return self.schemas[name_of(schema)] if "$ref" in schema else schema

    def properties(self, schema: Schema) -> tuple[dict[str, Schema], set[str]]:
        """All properties with those of the parts, and which of them are always there."""
        schema = self.resolved(schema)
        found, required = dict(schema.get("properties", {})), set(schema.get("required", []))
        for part in schema.get("allOf", []):
            more, always = self.properties(part)
            found.update(more)
            required |= always
        return found, required

    def fields(self, schema: Schema) -> Iterator[Field]:
        """The fields of a body. Of a body that is one of several, those of all; required is what all require."""
        schema = self.resolved(schema)
        shapes = [self.properties(one) for one in schema.get("oneOf", [schema])]
        merged: dict[str, Schema] = {}
        for properties, _ in shapes:
            for name, one in properties.items():
                if one.get("type") != "null":
                    merged[name] = one
        for name, one in merged.items():
            required = all(name in always for _, always in shapes)
            yield Field(name, one, required, nullable(one))


def name_of(schema: Schema) -> str:
    """The name that a reference refers to."""
    return str(schema["$ref"]).rpartition("/")[2]


def without_null(schema: Schema) -> Schema:
    """The schema of the values that are not null."""
    for word in ("oneOf", "anyOf"):
        parts = [one for one in schema.get(word, []) if one.get("type") != "null"]
        if len(parts) == 1:
            only: Schema = parts[0]
            return only
        if parts:
            return {word: parts}
    if "allOf" in schema and "properties" not in schema:
        parts = [one for one in schema["allOf"] if one.keys() - {"description"}]
        if len(parts) == 1:
            single: Schema = parts[0]
            return single
    kind = schema.get("type")
    if isinstance(kind, list):
        kinds = [one for one in kind if one != "null"]
        return {**schema, "type": kinds[0] if len(kinds) == 1 else kinds}
    return schema
