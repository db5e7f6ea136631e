"""What tests need that may not be there: `python -m tests.left_out` says which of them are skipped here, and why."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.implementations.stacks.serving import IS_EXPRESS_INSTALLED
from tests.inbox.postgres import MISSING
from tests.node_tools import INSTALLED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

USUAL: Final = "about 13 minutes on two cores"
"""How long all of them take, for who has not run them yet; measured with everything installed."""


@dataclass(frozen=True)
class Need:
    """Something that tests need: whether it is there, which tests are skipped without it, and what brings it."""

    is_there: bool
    tests: str
    brings: str


NEEDS: Final = (
    Need(
        INSTALLED and IS_EXPRESS_INSTALLED,
        "lint, diff and the reference (Redocly), and the judging of Prism and Express",
        "scripts/setup-node",
    ),
    Need(
        bool((shutil.which("chromium") or shutil.which("google-chrome")) and shutil.which("chromedriver")),
        "the pages of the reference in a browser",
        "chromium and chromedriver (Debian: apt install chromium chromium-driver)",
    ),
    Need(shutil.which("go") is not None, "the samples in Go", "Go (Debian: apt install golang-go)"),
    Need(MISSING is None, "the inbox on PostgreSQL", "PostgreSQL's server (Debian: apt install postgresql)"),
    Need(
        bool(shutil.which("openapi-generator-cli", path=str(Path(sys.executable).parent)) and shutil.which("java")),
        "clients of other languages by openapi-generator",
        "Java 17, then scripts/test-all",
    ),
    Need(shutil.which("openssl") is not None, "TLS with certificates of our own", "openssl"),
)


def lines(needs: Iterable[Need], last_seconds: float | None) -> Iterator[str]:
    """Yield lines: how long the tests take, and what is left out of them. `last_seconds` is how long they last took."""
    time = (
        f"take {USUAL}" if last_seconds is None else f"took {max(1, round(last_seconds / 60))} min the last time here"
    )
    yield f"The tests {time}; `scripts/test tests/clients` takes those of one part."
    missing = [need for need in needs if not need.is_there]
    for need in missing:
        yield f"  Left out: {need.tests}. It needs {need.brings}."
    if missing:
        yield "  `scripts/test-all` installs what it can, and runs them all."


def main() -> None:
    """Print the lines; an argument is the file that scripts/test writes its seconds into."""
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    seconds = file.read_text(encoding="utf-8") if file is not None and file.is_file() else ""
    for line in lines(NEEDS, float(seconds) if seconds.strip().isdecimal() else None):
        print(line)  # noqa: T201  # it is a program


if __name__ == "__main__":
    main()
