"""The same trial by plain schemathesis: the same document, known ids and number of examples, none of our checks."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.fuzzing.document import fuzzing_document
from sleeptalk_contract.fuzzing.plan import DEFAULT_MAX_EXAMPLES
from sleeptalk_contract.mutation.trials import HONEST, Plain, Trial
from sleeptalk_contract.mutation.trying import MOST_SECONDS, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sleeptalk_contract.fuzzing.plan import Plan

_PROGRAM: Final = "from schemathesis.cli import schemathesis; schemathesis()"
_PASSED: Final = 0
_FAILED: Final = 1


def plain(trial: Trial, max_examples: int = DEFAULT_MAX_EXAMPLES) -> Plain:
    """Run plain schemathesis on a trial's implementation, with as many examples as the fuzzer takes.

    What it finds in the honest implementation is not a kill: it is accepted by schemathesis's own baseline.
    """
    if trial.is_of_a_sender:
        return Plain(None)  # it has no way to judge what a sender delivers
    with _folder() as folder, served(trial) as plan:
        baseline = folder / "baseline.json"
        options = ["--baseline", str(baseline)]
        if trial.is_honest:
            options.append("--baseline-update")
        elif (accepted := _honest_findings(trial.module, trial.group, trial.label, trial.seed, max_examples)) is None:
            return Plain(None)
        else:
            baseline.write_text(accepted, encoding="utf-8")
        started = time.monotonic()
        failed, found = _run(plan, folder, max_examples, options)
        seconds = time.monotonic() - started
    return Plain(failed, seconds, found)


@cache
def _honest_findings(module: str, group: str, label: str, seed: int, max_examples: int) -> str | None:
    """Return the baseline of the honest implementation; None where the run on it did not end."""
    with _folder() as folder, served(Trial(module, group, "", HONEST, "", seed, label)) as plan:
        baseline = folder / "baseline.json"
        _run(plan, folder, max_examples, ["--baseline", str(baseline), "--baseline-update"])
        return baseline.read_text(encoding="utf-8") if baseline.exists() else None


def _run(plan: Plan, folder: Path, max_examples: int, options: list[str]) -> tuple[bool | None, tuple[str, ...]]:
    """Return whether it fails, None where it did not end, and the names of the failures that it reports."""
    document, report = folder / "document.json", folder / "report.json"
    document.write_text(json.dumps(fuzzing_document(plan.target, plan.ids, plan.credentials)), encoding="utf-8")
    command = [sys.executable, "-c", _PROGRAM, "run", str(document), "--url", plan.url]
    for credential in plan.target.credentials:
        if credential.secret or plan.target.has("provider"):  # a receiver is sent callbacks of every user
            command += ["--header", f"{credential.header}: {plan.credentials[credential.header]}"]
    command += ["--max-examples", str(max_examples), "--phases", "examples,coverage,fuzzing"]
    command += ["--generation-deterministic", "--continue-on-failure", "--no-shrink"]
    command += ["--request-timeout", str(plan.request_timeout), "--report", "json", "--report-json-path", str(report)]
    try:
        finished = subprocess.run(  # noqa: S603  # our own arguments
            [*command, *options], cwd=folder, capture_output=True, check=False, timeout=MOST_SECONDS
        )
    except subprocess.TimeoutExpired:
        return None, ()
    if finished.returncode not in {_PASSED, _FAILED} or not report.exists():
        return None, ()
    failures = json.loads(report.read_text(encoding="utf-8"))["failures"]
    found = tuple(dict.fromkeys(f"{each['code']} {each['title']}" for each in failures))
    return finished.returncode == _FAILED, found


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sleeptalk-prove-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
