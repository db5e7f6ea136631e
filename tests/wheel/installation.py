"""Environments that hold a wheel of this checkout and what it declares to need, made without a network."""

import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 120
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


def build(folder: Path) -> Path:
    """Build the wheel of this checkout with the backend that is installed here.

    Returns: the file.
    """
    offline = ("--no-index", "--no-deps", "--no-build-isolation")
    subprocess.run([*PIP, "wheel", *offline, "--wheel-dir", folder, ROOT], check=True, timeout=DEADLINE)
    (wheel,) = folder.glob("*.whl")
    return wheel


def needed(requirement: Requirement) -> Iterator[Distribution]:
    """Yield what a requirement brings in this interpreter: its distribution, and what that one needs in turn."""
    seen = set()
    left = [requirement]
    while left:
        current = left.pop()
        found = distribution(current.name)
        for extra in ("", *current.extras):
            wanted = (canonicalize_name(current.name), extra)
            if wanted in seen:
                continue
            seen.add(wanted)
            if not extra:
                yield found
            for text in found.requires or ():
                further = Requirement(text)
                if further.marker is None or further.marker.evaluate({"extra": extra}):
                    left.append(further)


class Installation:
    """A virtual environment with a wheel, in which nothing can be imported that the wheel does not declare."""

    def __init__(self, folder: Path, wheel: Path, extra: str = "") -> None:
        self._folder = folder / "work"  # where commands run: a folder outside the checkout
        self._folder.mkdir(parents=True)
        venv.create(folder / "venv")
        self._programs = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        self.python = self._programs / "python"
        where = "import sysconfig; print(sysconfig.get_path('purelib'))"
        self._packages = Path(self.run(self.python, "-c", where).stdout.strip())
        wanted = f"sleeptalk[{extra}]" if extra else "sleeptalk"
        for each in needed(Requirement(wanted)):
            if each.name != "sleeptalk":
                self._link(each)
        # the resolver of pip sees that the versions fit, and would miss what is not linked: it has no index
        install = (*PIP, "--python", self.python, "install", "--no-index", f"{wanted} @ {wheel.as_uri()}")
        subprocess.run(install, check=True, timeout=DEADLINE)

    def _link(self, package: Distribution) -> None:
        """Make an installed distribution importable here as well."""
        for name in {file.parts[0] for file in package.files or () if file.parts[0] not in ("..", "__pycache__")}:
            (self._packages / name).symlink_to(Path(str(package.locate_file(name))))

    @property
    def sleeptalk(self) -> Path:
        """The installed command."""
        return self._programs / "sleeptalk"

    def write(self, name: str, text: str) -> None:
        """Write a file into the folder that commands run in."""
        (self._folder / name).write_text(text, encoding="utf-8")

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program outside the checkout until it ends."""
        return subprocess.run(command, **self._outside(), capture_output=True, text=True, timeout=DEADLINE, check=False)

    def start(self, *command: str | Path) -> subprocess.Popen[str]:
        """Start a program outside the checkout; what it prints can be read."""
        return subprocess.Popen(command, **self._outside(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def _outside(self) -> dict[str, Any]:
        """Where programs run, and their environment: nothing of what the one of these tests says to Python."""
        hidden = ("ASLEEP_", "COVERAGE_", "PYTEST_", "PYTHON", "SLEEPTALK_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
        return {"cwd": self._folder, "env": kept}
