"""Stock `st run` with our hooks on the sandbox. `python -m tests.stock.schemathesis_run` tries each fault.

That takes about five seconds for each on one core, so the tests take a few, and this is for before a release.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sleeptalk_contract.sandbox.embedded import embedded
from sleeptalk_contract.services.registered import SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sleeptalk_contract.contract.service import Fault, Service, Target
    from sleeptalk_contract.sandbox.embedded import Embedded

ST = Path(sys.executable).with_name("st")

RIGHT = ("2xx", "400", "401", "403", "404", "409", "413", "422", "429")
"""What may become of a request that fits the schemas: an id that nothing has, a text that is not a timezone, ..."""


@dataclass(frozen=True)
class StockRun:
    """The exit code, the output, and the names of the checks that failed."""

    code: int
    output: str
    failed: frozenset[str]


def st_run(target: Target, served: Embedded, folder: Path, *options: str, settings: str = "") -> StockRun:
    """Run stock schemathesis on what is served, with our hooks."""
    (folder / "schemathesis.toml").write_text(settings or settings_for(target, served), encoding="utf-8")
    report = folder / "report.json"
    command = [ST, "run", target.document, "--url", served.url, "--no-color", "--generation-database=none"]
    command.append("--request-timeout=60")  # other tests run beside this one
    run = subprocess.run(
        [*map(str, command), "--report-json-path", str(report), *options],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "sleeptalk_contract.hooks"},
    )
    return StockRun(run.returncode, run.stdout + run.stderr, _failed(report))


def settings_for(target: Target, served: Embedded) -> str:
    """Return a schemathesis.toml as the README has it, with every id of the sandbox."""
    headers = ", ".join(f'{name} = "{value}"' for name, value in served.credentials.items())
    lines = [f"headers = {{ {headers} }}", 'checks."contract.requests".allow_writes = true']
    if target.known_ids is not None:
        operation, parameter = target.known_ids.operation, target.known_ids.parameter
        lines += [
            f"dictionaries.known.values = {json.dumps(served.known_ids)}",
            f'checks."contract.requests".tried_ids = {json.dumps(served.tried_ids)}',
            "checks.negative_data_rejection.enabled = false",  # what becomes of a wrong optional header is left open
            f"checks.positive_data_acceptance.expected-statuses = {json.dumps(RIGHT)}",
            "[[operations]]",
            'include-method = "DELETE"',
            "enabled = false",  # it would delete what is known
            "[[operations]]",
            f'include-operation-id = "{operation}"',
            f'parameters = {{ "path.{parameter}" = {{ dictionary = "known", probability = 0.8 }} }}',
        ]
    return "\n".join(lines)


def _failed(report: Path) -> frozenset[str]:
    found = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {}
    return frozenset(_checks(found))


def _checks(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        title = value.get("title")
        if isinstance(title, str) and "code" in value:
            yield title
        for member in value.values():
            yield from _checks(member)
    elif isinstance(value, list):
        for member in value:
            yield from _checks(member)


def provider_faults() -> list[tuple[Service, Target, Fault]]:
    """Return every fault of what answers requests."""
    return [
        (service, target, fault)
        for service in SERVICES
        for fault in service.faults
        if (target := service.target_of(fault.rule)).role_of(fault.rule.partition(".")[0]) == "provider"
    ]


@contextmanager
def faulty(target: Target, fault: Fault | None) -> Iterator[tuple[Embedded, Path]]:
    """Serve the sandbox with a fault, and give it with an empty folder."""
    with embedded(target, fault=fault) as served, tempfile.TemporaryDirectory() as folder:
        yield served, Path(folder)


def names_the_rule(target: Target, fault: Fault, *options: str) -> StockRun | None:
    """Try one fault; gives the run where it does not name the rule."""
    with faulty(target, fault) as (served, folder):
        run = st_run(target, served, folder, *options)
    return None if run.code == 1 and f"{fault.rule} is broken" in run.failed else run


def main() -> int:
    """Try every fault, or those whose rules or full names are given, two at a time; options of `st run` follow `--`."""
    names, _, options = " ".join(sys.argv[1:]).partition("--")
    wanted = set(names.split())
    tried = [
        each for each in provider_faults() if not wanted or wanted & {each[2].full_name, each[2].rule, each[1].name}
    ]
    missed = 0
    with ThreadPoolExecutor(2) as threads:
        runs = threads.map(lambda each: names_the_rule(each[1], each[2], *options.split()), tried)
        for (_, _, fault), run in zip(tried, runs, strict=True):
            if run is not None:
                missed += 1
                print(f"{fault.full_name}: exit {run.code}, {sorted(run.failed)}", flush=True)  # noqa: T201
    print(f"{len(tried)} faults, {missed} not named.")  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
