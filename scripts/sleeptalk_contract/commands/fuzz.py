"""`sleeptalk fuzz`: judge an implementation by the contract's rules."""

import dataclasses
import datetime as dt
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from sleeptalk_contract.commands.options import FILE, REPORT_DIR, Seconds, given_credentials
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.cache import use_cache_folder
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.interruption import give_up, interruptible
from sleeptalk_contract.fuzzing.preflight import check_ids, check_url
from sleeptalk_contract.fuzzing.run import DEFAULT_MAX_EXAMPLES, Plan, Run
from sleeptalk_contract.fuzzing.sending import send_callback
from sleeptalk_contract.fuzzing.shards import read_shard
from sleeptalk_contract.reporting.baseline import read_baseline
from sleeptalk_contract.reporting.files import prepare_folder, write_reports
from sleeptalk_contract.reporting.terminal import conclude, progress
from sleeptalk_contract.services.registered import target_named

LARGEST_SEED: Final = 2**32 - 1


@click.command()
@click.argument("target", metavar="asleep|phonexia|callback")
@click.option("--url", help="Where it is. Without it: the sandbox; for callback the bundled receiver and sender.")
@click.option(
    "--session-id", "session_ids", multiple=True, metavar="ID", help="A session that exists; may be repeated."
)
@click.option("--task-id", "task_ids", multiple=True, metavar="ID", help="A task that exists; may be repeated.")
@click.option("--api-key", metavar="KEY", help="Or ASLEEP_API_KEY; for callback SLEEPTALK_CALLBACK_KEY.")
@click.option(
    "--user-id", envvar="ASLEEP_USER_ID", metavar="ID", help="Whom the sessions belong to, or ASLEEP_USER_ID."
)
@REPORT_DIR
@click.option("--seed", type=click.IntRange(0, LARGEST_SEED), help="The same seed sends the same requests.")
@click.option("--max-examples", type=click.IntRange(min=1), default=DEFAULT_MAX_EXAMPLES, show_default=True)
@click.option("--max-time", type=Seconds(), metavar="SECONDS", help="Stop after so long, with a full report.")
@click.option("--request-timeout", type=Seconds(), default=10.0, show_default=True, metavar="SECONDS")
@click.option("--strict", is_flag=True, help="Fail on should rules and on findings beyond the rules, too.")
@click.option("--baseline", type=FILE, metavar="FILE", help="Known failures that are accepted for a while.")
@click.option("--shard", metavar="I/N", help="Send part I of N; with auto or auto/N the CI system says which.")
@click.option("--send", metavar="SCENARIO", help="For callback: send only the last callback of this night.")
def fuzz(  # noqa: PLR0917  # one parameter an option
    target: str,
    url: str | None,
    session_ids: tuple[str, ...],
    task_ids: tuple[str, ...],
    api_key: str | None,
    user_id: str | None,
    report_dir: Path | None,
    seed: int | None,
    max_examples: int,
    max_time: float | None,
    request_timeout: float,
    strict: bool,
    baseline: Path | None,
    shard: str | None,
    send: str | None,
) -> None:
    """Judge an implementation of TARGET by every rule of the contract.

    Exit codes: 0 the contract holds, 1 it is broken, 2 the run could not be made, 130 interrupted.
    """
    chosen = target_named(target)
    credentials = given_credentials(chosen, {"--api-key": api_key, "--user-id": user_id})
    plan = Plan(
        target=chosen,
        url=check_url(url, chosen) if url is not None else "",
        credentials=credentials,
        known_ids=_known_ids(chosen, {"--session-id": session_ids, "--task-id": task_ids}),
        seed=random.SystemRandom().randint(0, LARGEST_SEED) if seed is None else seed,
        max_examples=max_examples,
        request_timeout=request_timeout,
        shard=read_shard(shard),
        strict=strict,
        baseline=read_baseline(baseline, dt.datetime.now(tz=dt.UTC).date(), list(chosen.rules)),
    )
    if send is not None and chosen.deliveries is None:
        raise UsageError(f"--send has no meaning for the target {target}.")
    if report_dir is not None:
        prepare_folder(report_dir)
    use_cache_folder()
    with _against(plan) as complete:
        code = _made(complete, Control(max_time), report_dir) if send is None else _sent(complete, send, report_dir)
    click.get_current_context().exit(code)


def _known_ids(target: Target, given: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the ids of the target, without repetitions. Raises UsageError for those of another target."""
    option = None if target.known_ids is None else target.known_ids.option
    for name, ids in given.items():
        if ids and name != option:
            raise UsageError(f"{name} has no meaning for the target {target.name}.")
    known_ids = tuple(dict.fromkeys(given[option])) if option is not None else ()
    check_ids(target, known_ids)
    return known_ids


@contextmanager
def _against(plan: Plan) -> Iterator[Plan]:
    """Yield the plan as it is, or, where it has no address, one for the sandbox, which then runs."""
    if plan.url:
        yield plan
        return
    if plan.target.embedded is None:
        raise UsageError(f"The target {plan.target.name} has no sandbox: name its address with --url.")
    with plan.target.embedded(plan.credentials, None) as service:
        yield dataclasses.replace(
            plan,
            url=service.url,
            credentials=service.credentials,
            known_ids=plan.known_ids or service.known_ids,
            tried_ids=() if plan.known_ids else service.tried_ids,
            judge_sender=plan.target.deliveries is not None,
        )


def _made(plan: Plan, control: Control, report_dir: Path | None) -> int:
    """Make the run, write and show its report, and return the exit code."""
    console = Console(highlight=False)
    with progress(console) as shown, Run(plan, control, shown) as run:
        with interruptible(give_up):
            run.preflight()
        with interruptible(run.abort):
            run.execute()
            report = run.report()
            if report_dir is not None:
                write_reports(report, report_dir)
    return conclude(report, report_dir, console)


def _sent(plan: Plan, scenario: str, report_dir: Path | None) -> int:
    """Send one callback, write and show its report, and return the exit code."""
    console = Console(highlight=False)
    report = send_callback(plan, scenario, console)
    if report_dir is not None:
        write_reports(report, report_dir)
    return conclude(report, report_dir, console)
