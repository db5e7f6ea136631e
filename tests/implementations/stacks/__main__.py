"""Judge every implementation behind every front, one line per run: `python -m tests.implementations.stacks`."""

import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

from tests.implementations.stacks.serving import STACKS, serving
from tests.implementations.stacks.variations import FRONTS, TARGETS, judged_as


def main() -> None:
    """Print stack, front, target, verdict, throttled answers, seconds, and what was reported or not exercised."""
    for stack in STACKS:
        with tempfile.TemporaryDirectory() as folder, serving(stack, Path(folder)) as url:
            for name, front in {"as it is": nullcontext, **FRONTS}.items():
                with front(url) as address:
                    for target in TARGETS:
                        begun = time.monotonic()
                        report = judged_as(target, address)
                        found = [result.rule.id for result in report.of("failed")] + list(map(str, report.beyond))
                        left = [result.rule.id for result in report.of("not-exercised")]
                        columns = (stack, name, target, report.verdict, str(report.throttled))
                        print(*columns, f"{time.monotonic() - begun:.1f} s", found, left, sep="  ", flush=True)  # noqa: T201  # a table for people


if __name__ == "__main__":
    main()
