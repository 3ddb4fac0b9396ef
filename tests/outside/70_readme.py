"""The README's own words: every curl in it is run as it stands and must do what the README says it does."""
from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from typing import Any, NamedTuple, Optional

from rig.checks import Suite
from rig.curl import answer_of
from rig.processes import ROOT, Dev, directory

#: Where `vinr dev` is unless told otherwise; the README's commands name it.
DOCUMENTED = (8420, 8421, 8443)


class Block(NamedTuple):
    """A fenced block, and where it begins."""

    line: int
    language: str
    text: str


def blocks(markdown: str) -> list[Block]:
    found = []
    for match in re.finditer(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```", markdown, re.S | re.M):
        text = "\n".join(line[len(match.group(1)):] for line in match.group(3).split("\n"))
        found.append(Block(markdown.count("\n", 0, match.start()) + 1, match.group(2), text))
    return found


def commands(block: Block) -> list[str]:
    """The commands of a block. In a console block they follow a prompt, and what they print stands below."""
    joined = block.text.replace("\\\n", "\\\0")
    lines = joined.split("\n")
    if block.language == "console":
        lines = whole_quotes([line for line in lines])
        lines = [line[2:] for line in lines if line.startswith("$ ")]
    else:
        lines = whole_quotes(lines)
    return [line.replace("\0", "\n") for line in lines if line.strip() and not line.lstrip().startswith("#")]


def whole_quotes(lines: list[str]) -> list[str]:
    """Joins what a quotation mark holds together over several lines."""
    found: list[str] = []
    for line in lines:
        if found and found[-1].count("'") % 2:
            found[-1] += "\n" + line
        else:
            found.append(line)
    return found


def documented_output(all_blocks: list[Block], at: int) -> Optional[Any]:
    """The JSON that the README shows for the command: inside a console block, or in the JSON block that follows."""
    block = all_blocks[at]
    text = ""
    if block.language == "console":
        text = block.text[block.text.find("\n{") + 1 :] if "\n{" in block.text else ""
    elif at + 1 < len(all_blocks) and all_blocks[at + 1].language == "json":
        text = all_blocks[at + 1].text
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def ports_are_free() -> bool:
    for port in DOCUMENTED:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


class Reader:
    """Somebody who types what the README says, in one shell directory, one command after the other."""

    def __init__(self, suite: Suite, dev: Dev, rewrite: bool) -> None:
        self.suite = suite
        self.dev = dev
        self.rewrite = rewrite
        self.place = directory()
        # Where `vinr dev` keeps its files unless told otherwise.
        (self.place / ".vinr").symlink_to(dev.data)
        self.last_id: Optional[str] = None

    def type(self, command: str, shown: Optional[Any], line: int) -> None:
        """Runs it in bash; curl dumps its headers beside, which changes nothing of what it prints."""
        if self.rewrite:
            command = command.replace(f"127.0.0.1:{DOCUMENTED[0]}", self.dev.api.split("//")[1])
            command = command.replace(f"localhost:{DOCUMENTED[0]}", self.dev.api.split("//")[1])
            command = command.replace(f"127.0.0.1:{DOCUMENTED[2]}", self.dev.ready["local"].split("//")[1])
        if self.last_id:
            command = re.sub(r"tpay_[0-9A-Za-z…]+", self.last_id, command)
        home = self.place / "home"
        home.mkdir(exist_ok=True)
        (home / ".curlrc").write_text(f'silent\nshow-error\nnoproxy = "*"\ndump-header = "{self.place / "headers"}"\n')
        environment = {**os.environ, "HOME": str(home), "CURL_HOME": str(home), "VINR_SECRET_KEY": self.dev.key}
        done = subprocess.run(
            ["bash", "-c", command], capture_output=True, timeout=170, cwd=self.place, env=environment, check=False
        )
        self.suite.equal(done.returncode, 0, f"line {line}: exit status ({done.stderr[-200:]!r})")
        answer = answer_of((self.place / "headers").read_text("latin-1"), done.stdout)
        self.suite.true(200 <= answer.status < 300, f"line {line}: answered {answer.status} {done.stdout[:200]!r}")
        got = as_json(done.stdout)
        if isinstance(got, dict) and str(got.get("id", "")).startswith("tpay_"):
            self.last_id = got["id"]
        if shown is not None:
            self.compare(got, shown, line)

    def compare(self, got: Any, shown: Any, line: int) -> None:
        """The same fields, nested ones too, and the same words where words are few."""
        self.suite.equal(names(got), names(shown), f"line {line}: fields")
        for name in ("object", "status", "terminalId", "amount", "currency", "captureMethod", "brand", "last4"):
            if isinstance(shown, dict) and name in shown and isinstance(got, dict):
                self.suite.equal(got.get(name), shown[name], f"line {line}: {name}")


def as_json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None


def names(value: Any) -> Any:
    """The names in an object, all the way down; of a list, those of its first element."""
    if isinstance(value, dict):
        return {name: names(inside) for name, inside in sorted(value.items())}
    if isinstance(value, list):
        return [names(inside) for inside in value[:1]]
    return None


def main() -> None:
    suite = Suite("70_readme", within_s=180)
    readme = (ROOT / "README.md").read_text("utf-8")
    all_blocks = blocks(readme)
    free = ports_are_free()
    dev = Dev("--pace-ms", "300", ports=DOCUMENTED if free else None, limits=True)
    with suite.group("the README says how to start it, and with which key"):
        for words in ("cargo run --release -- dev", "sk_test_vinr_dev", "term_test_simulator", f"127.0.0.1:{DOCUMENTED[0]}"):
            suite.true(words in readme, f"{words} is not in it")
    reader, ran = Reader(suite, dev, rewrite=not free), 0
    for at, block in enumerate(all_blocks):
        if block.language not in ("bash", "console", "sh") or "curl " not in block.text:
            continue
        with suite.group(f"README line {block.line}"):
            typed = [command for command in commands(block) if "curl " in command]
            suite.true(typed, "a block with curl in it, and no command")
            for number, command in enumerate(typed):
                shown = documented_output(all_blocks, at) if number == len(typed) - 1 else None
                reader.type(command, shown, block.line)
                ran += 1
    with suite.group("it has a first payment in curl, both ways"):
        suite.true(ran >= 2, f"only {ran} commands with curl")
        suite.true(re.search(r'"?responseMode"?\s*[:=]\s*"?sync', readme), "no sync payment")
    suite.finish()


main()
