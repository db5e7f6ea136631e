"""`sleeptalk fuzz`: judge an implementation by the contract's rules."""

import dataclasses
import datetime as dt
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from sleeptalk_contract.commands.options import FILE, REPORT_DIR, Seconds, checked_header, given_key
from sleeptalk_contract.contract.catalogue import GROUPS, rules_for
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.baseline import read_baseline
from sleeptalk_contract.fuzzing.cache import use_cache_folder
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.interruption import give_up, interruptible
from sleeptalk_contract.fuzzing.preflight import check_ids, check_url
from sleeptalk_contract.fuzzing.run import DEFAULT_MAX_EXAMPLES, Plan, Run
from sleeptalk_contract.fuzzing.sending import send_callback
from sleeptalk_contract.fuzzing.shards import read_shard
from sleeptalk_contract.reporting.files import prepare_folder, write_reports
from sleeptalk_contract.reporting.terminal import conclude, progress

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
    if target not in GROUPS:
        raise UsageError(f"There is no target {target!r}: name asleep, phonexia or callback.")
    key = None if target == "phonexia" else given_key(api_key, target)
    known_ids = _known_ids(target, session_ids, task_ids)
    plan = Plan(
        target=target,
        url=check_url(url, target) if url is not None else "",
        api_key=key,
        user_id=None if target == "phonexia" else checked_header(user_id, "--user-id"),
        known_ids=known_ids,
        seed=random.SystemRandom().randint(0, LARGEST_SEED) if seed is None else seed,
        max_examples=max_examples,
        request_timeout=request_timeout,
        shard=read_shard(shard),
        strict=strict,
        baseline=read_baseline(baseline, dt.datetime.now(tz=dt.UTC).date(), [rule.id for rule in rules_for(target)]),
    )
    if send is not None and target != "callback":
        raise UsageError(f"--send has no meaning for the target {target}.")
    if report_dir is not None:
        prepare_folder(report_dir)
    use_cache_folder()
    with _against(plan) as complete:
        code = _made(complete, Control(max_time), report_dir) if send is None else _sent(complete, send, report_dir)
    click.get_current_context().exit(code)


def _known_ids(target: str, session_ids: tuple[str, ...], task_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Give the ids of the target, without repetitions. Raises UsageError for those of another target."""
    foreign = {"asleep": task_ids, "phonexia": session_ids, "callback": session_ids + task_ids}[target]
    if foreign:
        option = "--task-id" if foreign[0] in task_ids else "--session-id"
        raise UsageError(f"{option} has no meaning for the target {target}.")
    known_ids = tuple(dict.fromkeys(session_ids if target == "asleep" else task_ids))
    check_ids(target, known_ids)
    return known_ids


@contextmanager
def _against(plan: Plan) -> Iterator[Plan]:
    """Give the plan as it is, or, where it has no address, one for the sandbox, which then runs."""
    if plan.url:
        yield plan
        return
    from sleeptalk_contract.fuzzing.targets import embedded  # noqa: PLC0415  # brings a web server, half a second

    with embedded(plan.target, plan.api_key) as service:
        yield dataclasses.replace(
            plan,
            url=service.url,
            api_key=service.api_key,
            user_id=service.user_id,
            known_ids=plan.known_ids or service.known_ids,
            tried_ids=() if plan.known_ids else service.tried_ids,
            judge_sender=plan.target == "callback",
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
