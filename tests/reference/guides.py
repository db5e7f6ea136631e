"""Carries out a guide as its reader would: saves its files, runs its programs and commands, one after the other."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import yaml

from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "pages"

_BLOCK = re.compile(r"^```(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_PORT = re.compile(r"(?:127\.0\.0\.1:|--port )(\d{4})")
_FAILS = re.compile(r"  # exit code (\d+)$")
_LONGEST = 120  # seconds


class Block(NamedTuple):
    """A block of code: its language, the file that it is saved as ("" for none), and its text."""

    language: str
    file: str
    text: str


def blocks(page: str) -> list[Block]:
    """Return the blocks of code of a page of Markdown."""
    return [Block(each["language"], each["file"] or "", each["text"]) for each in _BLOCK.finditer(page)]


def commands(block: Block) -> list[str]:
    """Return the commands of a block: lines that begin with `$ `, or those of a job of GitLab."""
    if block.language == "console":
        lines = block.text.replace("\\\n", "").splitlines()
        return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    if block.language == "yaml" and "script:" in block.text:
        return [line for job in yaml.safe_load(block.text).values() for line in job["script"]]
    return []


@dataclass
class Reader:
    """Somebody who does what a page says, in a folder of their own, with free ports in place of those of the page."""

    folder: Path
    environment: dict[str, str]
    ports: dict[str, str] = field(default_factory=dict)
    servers: list[tuple[str, subprocess.Popen[bytes]]] = field(default_factory=list)

    def carry_out(self, page: str) -> None:
        """Carry out a page from its first block to its last."""
        for port in _PORT.findall(page):
            self.ports.setdefault(port, _free_port())
        for block in blocks(page):
            text = self.here(block.text)
            if block.file:
                (self.folder / block.file).write_text(text, encoding="utf-8")
            elif block.language == "python":
                self.run(f"{shlex.quote(sys.executable)} -W error -c {shlex.quote(text)}")
            for command in commands(Block(block.language, block.file, text)):
                self.do(command)
        for command, process in self.servers:
            if " --max-events " in command:
                assert process.wait(_LONGEST) == 0, command

    def here(self, text: str) -> str:
        """Return a text with the ports that are free here."""
        return _PORT.sub(lambda found: found[0].replace(found[1], self.ports[found[1]]), text)

    def do(self, command: str) -> None:
        """Carry out one command."""
        words = shlex.split(command, comments=True)
        if words[:2] == ["pip", "install"]:
            assert words[2].partition("[")[0] == "sleeptalk"
        elif words[0] == "export":
            self.environment |= dict(word.split("=", 1) for word in words[1:])
        elif words[-1] == "&":
            self.serve(command.removesuffix("&"), words)
        else:
            self.run(command)

    def serve(self, command: str, words: list[str]) -> None:
        """Start a server, and wait until it listens."""
        port = int(words[words.index("--port") + 1])
        process = subprocess.Popen(  # the commands are the page's
            f"exec {command}", shell=True, cwd=self.folder, env=self.environment, stdout=subprocess.DEVNULL
        )
        self.servers.append((command, process))
        until(lambda: process.poll() is not None or _listens(port), seconds=_LONGEST)
        assert process.poll() is None, command

    def run(self, command: str) -> None:
        """Run a command, which must end as the page says, by default with 0."""
        expected = _FAILS.search(command)
        place = ROOT if command.startswith("scripts/") or " diff HEAD" in command else self.folder
        done = subprocess.run(  # the commands are the page's
            _FAILS.sub("", command),
            shell=True,
            cwd=place,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=False,
        )
        assert done.returncode == int(expected[1] if expected else 0), (command, done.stdout[-3000:], done.stderr)


@contextmanager
def reader(folder: Path) -> Iterator[Reader]:
    """Yield somebody who reads in `folder`, without keys in the environment; what they started is ended."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ASLEEP_", "SLEEPTALK_", "CI"))}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    (folder / "sleeptalk.toml").write_text("[fuzz]\nmax-examples = 3\n", encoding="utf-8")  # enough to see it work
    made = Reader(folder, {**kept, "PATH": path, "NO_COLOR": "1", "CI_NODE_INDEX": "1", "CI_NODE_TOTAL": "2"})
    try:
        yield made
    finally:
        for _, process in made.servers:
            process.terminate()
            process.wait(_LONGEST)


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
