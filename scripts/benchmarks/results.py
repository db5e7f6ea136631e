"""What was measured, the file that keeps it, and the table of docs/speed.md, which is made from that file."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.measure import Ratio

FILE = Path(__file__).with_name("results.json")
PAGE = Path(__file__).parents[2] / "docs" / "speed.md"
BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"

Target = tuple[str, float] | None


class Results:
    """The rows of one run."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def add(self, what: str, peer: str, measured: Ratio, target: Target) -> None:
        """Keep one ratio and print it."""
        self.rows.append({"what": what, "peer": peer, "ratio": str(measured), "target": _target(target)})
        kept = target is None or (
            measured.median <= target[1] if target[0] == "at most" else measured.median >= target[1]
        )
        self.rows[-1]["reached"] = kept
        print(f"{what}: {measured} x {peer}" + ("" if kept else f"   MISSED: {_target(target)}"), flush=True)  # noqa: T201  # the output of this script

    def skip(self, what: str, peer: str, reason: str) -> None:
        """Print why a peer was left out."""
        print(f"{what}: not compared with {peer}: {reason}", flush=True)  # noqa: T201  # as above

    @property
    def missed(self) -> bool:
        """Whether some target was not reached."""
        return any(not row["reached"] for row in self.rows)

    def write(self) -> None:
        """Write the file and the table of the page."""
        machine = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
        FILE.write_text(json.dumps({"machine": machine, "rows": self.rows}, indent=2) + "\n", "utf-8")
        PAGE.write_text(with_table(PAGE.read_text("utf-8")), "utf-8")


def with_table(page: str) -> str:
    """Return the text of the page with the table of the file between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def table() -> str:
    """Make the table from the file."""
    kept = json.loads(FILE.read_text("utf-8"))
    lines = [
        f"Measured by `scripts/bench` in one run ({kept['machine']}). Each figure is our time or memory divided by the",
        "peer's: the median of the rounds and, in brackets, the middle half of them.",
        "",
        "| What | Peer | Ours / peer | To reach |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| {row['what']} | {row['peer']} | {row['ratio']} | {row['target']} |" for row in kept["rows"]]
    return "\n".join(lines)


def _target(target: Target) -> str:
    return "" if target is None else f"{target[0]} {target[1]:g}"
