"""`sleeptalk prove`: break every rule on purpose, and see whether the fuzzer names it."""

import os
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from sleeptalk_contract.fuzzing.interruption import interruptible
from sleeptalk_contract.mutation.matrix import as_json, line, show
from sleeptalk_contract.mutation.pool import Pool
from sleeptalk_contract.mutation.trials import trials
from sleeptalk_contract.reporting.files import prepare_folder, write_whole
from sleeptalk_contract.reporting.model import FAILED_CODE, INTERRUPTED_CODE, PASSED_CODE

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.option("--rule", "rules", multiple=True, metavar="RULE", help="Only this rule, or one fault of it: RULE:NAME.")
@click.option("--jobs", type=click.IntRange(min=1), default=os.cpu_count() or 1, help="Processes; one a core.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="The fuzzer's seed.")
@click.option(
    "--honest-seeds",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    metavar="N",
    help="Fuzz what breaks nothing with so many seeds, to see that nothing is found.",
)
@click.option("--against-schemathesis", is_flag=True, help="Try plain schemathesis on the same faults.")
@click.option("--report-dir", type=_FOLDER, metavar="DIR", help="For prove.json.")
def prove(
    *,
    rules: tuple[str, ...],
    jobs: int,
    seed: int,
    honest_seeds: int,
    against_schemathesis: bool,
    report_dir: Path | None,
) -> None:
    """Fuzz the sandbox, its sender and its receiver with one fault each, and print what was named.

    Exit codes: 0 every fault was named and nothing else was found where nothing is broken, 1 otherwise, 2 the run could
    not be made, 130 interrupted.
    """
    planned = trials(rules, seed, honest_seeds)
    if report_dir is not None:
        prepare_folder(report_dir)
    console = Console(highlight=False)
    pool = Pool(jobs, against_schemathesis=against_schemathesis)
    proofs = []
    with interruptible(pool.interrupt):
        for proof in pool.prove(planned):
            proofs.append(proof)
            told = Text(f"{len(proofs)}/{len(planned)} {line(proof)}", "" if proof.holds else "red")
            console.print(told, soft_wrap=True)
        proofs.sort(key=lambda proof: planned.index(proof.trial))
        if report_dir is not None:
            write_whole(report_dir / "prove.json", as_json(proofs, interrupted=pool.interrupted))
    show(proofs, console)
    if pool.interrupted:
        code = INTERRUPTED_CODE
    else:
        code = PASSED_CODE if all(proof.holds for proof in proofs) else FAILED_CODE
    click.get_current_context().exit(code)
