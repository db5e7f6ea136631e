"""`scripts/bench`: measures everything in one run and prints ratios; --write renews the table of docs/speed.md."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks import concurrency, decoding, fuzzing, imports, loopback, memory, passing, receiving, traffic
from benchmarks.results import Results

_PARTS = {
    "decoding": decoding.measure,
    "loopback": loopback.measure,
    "concurrency": concurrency.measure,
    "imports": imports.measure,
    "memory": memory.measure,
    "fuzzing": fuzzing.measure,
    "receiving": receiving.measure,
    "traffic": traffic.measure,
    "passing": passing.measure,
}


def main(arguments: list[str]) -> int:
    """Run the parts that are named, or all; exit 1 where a target is missed, 2 for a part that does not exist."""
    write = "--write" in arguments
    names = [argument for argument in arguments if argument != "--write"] or list(_PARTS)
    unknown = [name for name in names if name not in _PARTS]
    if unknown or (write and set(names) != set(_PARTS)):
        print(f"usage: scripts/bench [--write | {' | '.join(_PARTS)} ...]", file=sys.stderr)  # noqa: T201  # a script's output
        return 2
    results = Results()
    with tempfile.TemporaryDirectory() as folder:
        sys.path.insert(0, folder)
        for name in names:
            _PARTS[name](results, Path(folder))
    if write:
        results.write()
    return 1 if results.missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
