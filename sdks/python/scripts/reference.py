#!/usr/bin/env python3
"""Writes `docs/sdks/reference/python.md` from the package itself: every call with its parameters, every option, every error. `--check`
writes nothing and fails when the page has drifted. Owns the page; what it says is said in the code."""
from __future__ import annotations

import argparse
import ast
import inspect
import pathlib
import re
import sys
from typing import Any, Iterator

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "src"))

import vinr  # noqa: E402
from vinr._resource import Resource  # noqa: E402

PAGE = HERE.parents[2] / "docs" / "sdks" / "reference" / "python.md"
OPENING = """# Python: reference

Written by `sdks/python/scripts/reference.py` from the package; not edited by hand. What belongs together is explained in
[the guide](../python.md). `vinr.AsyncClient` has the same calls, awaited; lists are awaited, or iterated with `async for`.

Every call also takes the options of `CallOptions`.
"""
#: What is said in the signatures with the names of the package in front.
_MODULES = re.compile(r"\b(?:vinr\.)?(?:_?\w+\.)*_?(?:models|params|pages)\.")


def spaces(client: vinr.Client) -> Iterator[tuple[str, Any]]:
    """The namespaces of a client, by name."""
    def below(name: str, held: Any) -> Iterator[tuple[str, Any]]:
        for part, one in sorted(vars(held).items()):
            if part.startswith("_"):
                continue
            if isinstance(one, Resource):
                yield f"{name}{part}", one
            elif type(one).__name__.endswith("Calls"):
                yield from below(f"{name}{part}.", one)

    yield from below("", client)


def about(doc: str | None) -> tuple[str, list[tuple[str, str]]]:
    """What a text says, and what it says of each parameter."""
    first, _, rest = inspect.cleandoc(doc or "").partition("\n\n")
    parts = [line.partition(": ") for line in rest.splitlines() if re.match(r"\w+: ", line)]
    return " ".join(first.split()), [(name, said) for name, _, said in parts]


def kind(annotation: Any) -> str:
    """A type, without what only the type checker needs."""
    text = _MODULES.sub("", str(annotation)).replace("Union[", "").replace(", None, NotGiven]", "").replace("Optional[", "")
    if "Union[" in str(annotation) and not str(annotation).endswith("NotGiven]"):
        text = _MODULES.sub("", str(annotation))
    elif str(annotation).startswith("Optional["):
        text = text[:-1]
    return text.replace("|", "\\|")


def call(name: str, method: Any) -> list[str]:
    """The part of one call."""
    signature = inspect.signature(method)
    taken = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    said, more = about(method.__doc__)
    told = dict(more)
    shown = ", ".join(one.name if one.default is one.empty else f"{one.name}=…" for one in taken)
    lines = [f"#### `{name}({shown})`", "", f"{said}. → `{_MODULES.sub('', str(signature.return_annotation))}`".replace(".. ", ". "), ""]
    if taken:
        lines += ["| parameter | type | |", "| --- | --- | --- |"]
        for one in taken:
            need = "" if one.default is not one.empty else "needed"
            meaning = told.get(one.name, "").replace("|", "\\|")
            lines.append(f"| `{one.name}` | `{kind(one.annotation)}` | {'. '.join(part for part in (need, meaning) if part)} |")
        lines.append("")
    return lines


def fields(module: Any, name: str) -> list[tuple[str, str, str]]:
    """The fields of a class with their types, and what the comment in front says."""
    source = inspect.getsource(module)
    lines = source.splitlines()
    (found,) = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == name]
    listed = []
    for node in found.body:
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name) or node.target.id.startswith("_"):
            continue
        said: list[str] = []
        at = node.lineno - 2
        while lines[at].strip().startswith("#:"):
            said.insert(0, lines[at].strip()[2:].strip())
            at -= 1
        listed.append((node.target.id, ast.unparse(node.annotation), " ".join(said)))
    return listed


def table(module: Any, cls: Any) -> list[str]:
    """The part of a class that is a set of fields."""
    lines = [f"### `{cls.__name__}`", "", about(cls.__doc__)[0], "", "| field | type | |", "| --- | --- | --- |"]
    for name, annotation, said in fields(module, cls.__name__):
        lines.append(f"| `{name}` | `{annotation.replace('|', chr(92) + '|')}` | {said.replace('|', chr(92) + '|')} |")
    return [*lines, ""]


def page() -> str:
    """The whole page."""
    from vinr import _errors, _settings
    from vinr._local import calls as local_calls
    from vinr._local import delegations

    client = vinr.Client(secret_key="sk_test_reference", base_url="http://127.0.0.1:9")
    lines = [OPENING, "## Calls", ""]
    for space, held in spaces(client):
        lines += [f"### `client.{space}`", ""]
        for name, method in inspect.getmembers(held, inspect.ismethod):
            if not name.startswith("_"):
                lines += call(f"client.{space}.{name}", method)
    client.close()
    lines += ["## Options", "", *table(_settings, vinr.CallOptions), *table(_settings, vinr.TerminalOptions)]
    lines += [*table(local_calls, vinr.Connectivity), *table(delegations, vinr.Delegation), "### `DelegationStore`", ""]
    lines += [about(vinr.DelegationStore.__doc__)[0], "", "| method | |", "| --- | --- |"]
    for name, function in inspect.getmembers(vinr.DelegationStore, inspect.isfunction):
        if not name.startswith("_"):
            lines.append(f"| `{name}{inspect.signature(function)}` | {about(function.__doc__)[0]} |".replace("(self, ", "(").replace("'", ""))
    lines += ["", "## Errors", "", *table(_errors, vinr.VinrError), "| class | below | when |", "| --- | --- | --- |"]
    for name, cls in sorted(vars(vinr).items()):
        if isinstance(cls, type) and issubclass(cls, vinr.VinrError) and cls is not vinr.VinrError:
            above = ", ".join(f"`{one.__name__}`" for one in cls.__bases__)
            lines.append(f"| `{name}` | {above} | {about(cls.__doc__)[0]} |")
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    """Writes, or checks."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="write nothing; fail when the page would change")
    text = page()
    if PAGE.exists() and PAGE.read_text("utf-8") == text:
        return 0
    if arguments.parse_args().check:
        print(f"drifted: {PAGE.name}; run python sdks/python/scripts/reference.py", file=sys.stderr)
        return 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
