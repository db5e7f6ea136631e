"""`sleeptalk prove`: break every rule on purpose, and check that the fuzzer names it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click
from rich.text import Text

from sleeptalk_contract.commands.completing import completing, faults_and_summaries, rules_and_sentences
from sleeptalk_contract.commands.help import Command
from sleeptalk_contract.commands.interruption import interruptible
from sleeptalk_contract.commands.options import FOLDER
from sleeptalk_contract.contract.screen import screen
from sleeptalk_contract.mutation.matrix import as_json, line, show
from sleeptalk_contract.mutation.pool import Pool
from sleeptalk_contract.mutation.trials import rules_without_faults, trials
from sleeptalk_contract.reporting.folder import reserved, write_whole
from sleeptalk_contract.reporting.model import FAILED_CODE, INTERRUPTED_CODE, PASSED_CODE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sleeptalk_contract.contract.service import Service


def prove(services: Sequence[Service]) -> click.Command:
    """Return the command for the faults of some services."""

    @click.command(cls=Command)
    @click.option(
        "--rule",
        "rules",
        multiple=True,
        metavar="RULE",
        shell_complete=completing(rules_and_sentences, faults_and_summaries),
        help="Try this rule alone, one fault of it as RULE:NAME, or all that a pattern fits; can be repeated.",
    )
    @click.option(
        "--jobs",
        type=click.IntRange(min=1),
        default=os.cpu_count() or 1,
        show_default="one per core",
        metavar="N",
        help="The number of processes to run at once.",
    )
    @click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The fuzzer's seed.")
    @click.option(
        "--honest-seeds",
        type=click.IntRange(min=0),
        default=1,
        show_default=True,
        metavar="N",
        help="The number of seeds to fuzz the honest implementations with, which must be found to keep every rule.",
    )
    @click.option("--against-schemathesis", is_flag=True, help="Also run plain schemathesis against the same faults.")
    @click.option("--report-dir", type=FOLDER, metavar="DIR", help="Write prove.json into this folder.")
    def prove(
        *,
        rules: tuple[str, ...],
        jobs: int,
        seed: int,
        honest_seeds: int,
        against_schemathesis: bool,
        report_dir: Path | None,
    ) -> None:
        """Break each rule in the sandbox, its sender and its receiver, fuzz them, and print whether the rule was named.

        Exit codes: 0 every rule has a fault, every fault was named and the honest implementations passed, 1 otherwise,
        2 the run could not be made, 130 interrupted.

        Example: sleeptalk prove --rule RULE:FAULT
        """
        planned = trials(services, rules, seed, honest_seeds)
        without_faults = rules_without_faults(services, rules)
        console = screen()
        pool = Pool(jobs, against_schemathesis=against_schemathesis)
        proofs = []
        with reserved(report_dir), interruptible(pool.interrupt):
            for proof in pool.prove(planned):
                proofs.append(proof)
                text = Text(f"{len(proofs)}/{len(planned)} {line(proof)}", "" if proof.holds else "red")
                console.print(text, soft_wrap=True)
            proofs.sort(key=lambda proof: planned.index(proof.trial))
            if report_dir is not None:
                write_whole(report_dir / "prove.json", as_json(proofs, without_faults, interrupted=pool.interrupted))
        show(proofs, without_faults, console)
        if pool.interrupted:
            code = INTERRUPTED_CODE
        else:
            proven = not without_faults and all(proof.holds for proof in proofs)
            code = PASSED_CODE if proven else FAILED_CODE
        click.get_current_context().exit(code)

    faults = (fault.full_name for service in services for fault in service.faults)
    prove.meant = {"RULE:FAULT": next(faults, "RULE:FAULT")}
    return prove
