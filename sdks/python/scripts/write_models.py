"""Writes the classes of what the API answers, and the dictionaries that it takes inside bodies."""
from __future__ import annotations

from typing import Optional

from api_document import EARLIER, LEGACY, MANY, METADATA, Document, Schema, first_line, from_wire, name_of, without_null

HEAD = '''"""{about} Written by scripts/generate.py; not edited by hand."""
from __future__ import annotations

{imports}


'''


def literal(values: list[object]) -> str:
    """A type of a few words; of many it is `str`."""
    words = [value for value in values if value is not None]
    return "str" if len(words) > MANY else f"Literal[{', '.join(repr(word) for word in words)}]".replace("'", '"')


def scalar(schema: Schema) -> Optional[str]:
    """The type of a value without parts; nothing when it has some."""
    if "enum" in schema:
        return literal(schema["enum"])
    return {"string": "str", "integer": "int", "boolean": "bool", "number": "float"}.get(str(schema.get("type")))


class Models:
    """The classes of answers, each once, in the order in which they are needed."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.done: dict[str, str] = {}

    def reference(self, schema: Schema, version: str) -> str:
        """The name of the class of a reference, which is written when it is not there yet."""
        name = name_of(schema)
        return self.of(LEGACY.get(name, name) if version == EARLIER else name, self.document.schemas[name], version)

    def of(self, name: str, schema: Schema, version: str) -> str:
        """Writes a class."""
        if name in self.done:
            return name
        self.done[name] = ""
        properties, required = self.document.properties(schema)
        lines, nested = [], []
        for wire, one in properties.items():
            field = from_wire(wire)
            kind, inner = self.type_of(one, f"{name}{wire[0].upper()}{wire[1:]}", version, field)
            about = first_line(one.get("description", ""))
            lines += [f"    #: {about}"] if about else []
            always = (wire in required and without_null(one) == one) or field == METADATA or kind == "Any"
            lines.append(f"    {field}: {kind if always else f'Optional[{kind}]'}")
            nested += [f'"{field}": {inner}'] if inner else []
        objects = properties.get("object", {}).get("enum", [])
        known = f'@known("{objects[0]}")\n' if len(objects) == 1 and objects[0] != "list" and name not in LEGACY.values() else ""
        fields = ", ".join(f'"{from_wire(wire)}"' for wire in properties)
        about = first_line(schema.get("description", "")) or "Part of an answer."
        if name in LEGACY.values():
            about = f"The same, as version {version} writes it: times in Unix seconds."
        self.done[name] = "\n".join([
            f'{known}class {name}(VinrObject):', f'    """{about}"""', "", "    __slots__ = ()", "",
            f"    _fields = frozenset({{{fields}}})", f"    _nested = {{{', '.join(nested)}}}", "", *lines,
        ]) + "\n"
        self.done[name] = self.done.pop(name)  # behind what it needs
        return name

    def type_of(self, schema: Schema, inline: str, version: str, field: str) -> tuple[str, Optional[str]]:
        """The type of a field, and the class of what is in it."""
        schema = without_null(schema)
        if "$ref" in schema:
            name = name_of(schema)
            simple = scalar(self.document.schemas[name])
            return (simple, None) if simple else (self.reference(schema, version),) * 2
        simple = scalar(schema)
        if simple:
            return simple, None
        if "oneOf" in schema:
            kinds = {one.get("type") for one in schema["oneOf"]}
            assert kinds == {"string", "integer"}, f"{inline} is a choice that is no time: {schema}"
            return ("int" if version == EARLIER else "str"), None
        if schema.get("type") == "array":
            kind, inner = self.type_of(schema["items"], inline, version, "")
            return f"List[{kind}]", inner
        if schema.get("properties"):
            return (self.of(inline, schema, version),) * 2
        if field == METADATA:
            return "Dict[str, str]", None
        return ("Freeform", "Freeform") if schema.get("type") == "object" else ("Any", None)


def _answers(document: Document) -> Models:
    written = Models(document)
    for operation in document.operations:
        for reference in references(document, operation.answer, operation.listed):
            written.reference(reference, operation.version)
    return written


def references(document: Document, answer: Optional[Schema], listed: bool) -> list[Schema]:
    """The classes that an answer may be; of a list those of its items."""
    if answer is None:
        return []
    if is_page(document, answer):
        return [item_of(document, answer)]
    schema = document.resolved(answer)
    several: list[Schema] = schema.get("oneOf", [answer])
    return several


def is_page(document: Document, answer: Schema) -> bool:
    """Whether an answer is a list: its name says so, or it is one that says more."""
    name = name_of(answer)
    return name.endswith("List") or name == "TerminalConfigProgress"


def item_of(document: Document, answer: Schema) -> Schema:
    """What a list lists."""
    item: Schema = document.properties(answer)[0]["data"]["items"]
    return item


def models(document: Document) -> str:
    """The file of the classes."""
    imports = (
        "from typing import Any, Dict, List, Literal, Optional\n\n"
        "from .._objects import Freeform, VinrObject, known"
    )
    written = _answers(document).done
    names = ", ".join(f'"{name}"' for name in sorted(written))
    text = HEAD.format(about="What the API answers.", imports=imports) + "\n\n".join(written.values())
    return f"{text}\n\n__all__ = [{names}]\n"


def pages(document: Document) -> str:
    """The file of lists that say more than what they list."""
    written = Models(document)
    text, items = "", []
    for operation in document.operations:
        answer = operation.answer
        if answer is None or not is_page(document, answer) or name_of(answer).endswith("List"):
            continue
        name, item = name_of(answer), name_of(item_of(document, answer))
        items.append(item)
        properties, _ = document.properties(answer)
        more = {wire: one for wire, one in properties.items() if wire not in ("object", "data", "has_more")}
        fields = "".join(f"    {from_wire(wire)}: {written.type_of(one, '', operation.version, '')[0]}\n" for wire, one in more.items())
        for prefix in ("", "Async"):
            names = ", ".join(f'"{from_wire(wire)}"' for wire in properties)
            about = first_line(document.resolved(answer)["description"])
            text += f'\n\nclass {prefix}{name}({prefix}Page[{item}]):\n    """{about}"""\n\n    __slots__ = ()\n\n'
            text += f"    _fields = frozenset({{{names}}})\n\n{fields}"
    imports = f"from .._paging import AsyncPage, Page\nfrom .models import {', '.join(sorted(items))}"
    return HEAD.format(about="Lists that say more than what they list.", imports=imports).rstrip() + "\n" + text


class Params:
    """The dictionaries inside bodies."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.done: dict[str, str] = {}

    def type_of(self, schema: Schema, inline: str) -> str:
        """The type of a value that the caller brings."""
        schema = without_null(schema)
        if "$ref" in schema:
            target = self.document.resolved(schema)
            return scalar(target) or self.of(f"{name_of(schema)}Params", target)
        simple = scalar(schema)
        if simple:
            return simple
        if schema.get("type") == "array":
            return f"Sequence[{self.type_of(schema['items'], inline)}]"
        if schema.get("properties"):
            return self.of(f"{inline}Params", schema)
        values = schema.get("additionalProperties")
        if isinstance(values, dict) and values:
            kinds = values.get("type")
            return "Mapping[str, Optional[str]]" if isinstance(kinds, list) and "null" in kinds else "Mapping[str, str]"
        assert schema.get("type") == "object", f"{inline}: {schema}"
        return "Mapping[str, Any]"

    def of(self, name: str, schema: Schema) -> str:
        """Writes a dictionary."""
        if name in self.done:
            return name
        lines: dict[bool, list[str]] = {True: [], False: []}
        for field in self.document.fields(schema):
            assert "_" not in field.wire, f"{name}.{field.wire} is not written as the names inside bodies are"
            inline = f"{name.removesuffix('Params')}{field.wire[0].upper()}{field.wire[1:]}"
            kind = self.type_of(field.schema, inline)
            about = [f"    #: {field.about}"] if field.about else []
            lines[field.required] += [*about, f"    {field.name}: {f'Optional[{kind}]' if field.nullable else kind}"]
        text, base = "", "TypedDict"
        if lines[True]:
            base = f"{name}Required"
            text = "\n".join([f"class {base}(TypedDict):", '    """What is always there of the next."""', "", *lines[True]]) + "\n\n\n"
        note = first_line(schema.get("description", "")) or "Part of a body."
        optional = lines[False]
        self.done[name] = text + "\n".join([f"class {name}({base}, total=False):", f'    """{note}"""', "", *optional]).rstrip() + "\n"
        return name


def params(document: Document) -> str:
    """The file of the dictionaries."""
    written = Params(document)
    for operation in document.operations:
        for field in (operation.body or []) + operation.query:
            written.type_of(field.schema, inline_name(field.wire))
    imports = "from typing import Literal, Mapping, Optional, Sequence, TypedDict"
    names = ", ".join(f'"{name}"' for name in sorted(written.done))
    text = HEAD.format(about="What calls take inside their parameters.", imports=imports) + "\n\n".join(written.done.values())
    return f"{text}\n\n__all__ = [{names}]\n"


def inline_name(wire: str) -> str:
    """What a dictionary that has no name of its own is called: after its field."""
    return f"{wire[0].upper()}{wire[1:]}"


