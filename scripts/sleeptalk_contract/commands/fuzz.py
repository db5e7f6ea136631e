"""`sleeptalk fuzz`: judge an implementation by the contract's rules."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from sleeptalk_contract.commands.help import Command
from sleeptalk_contract.commands.interruption import give_up, interruptible
from sleeptalk_contract.commands.options import (
    ALLOW_WRITES,
    BASELINE,
    REPORT_DIR,
    REQUEST_TIMEOUT,
    STRICT,
    WRITE_BASELINE,
    Seconds,
    TargetType,
    claim_options,
    credential_options,
    given_claims,
    given_credentials,
    given_ids,
    id_options,
    targets_of,
)
from sleeptalk_contract.commands.reaching import WAIT, access_options, given_access
from sleeptalk_contract.commands.selecting import EXCLUDE, REQUIRE, RULE, required_rules, selection
from sleeptalk_contract.contract.output import say
from sleeptalk_contract.contract.screen import screen
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.engine import use_cache_folder
from sleeptalk_contract.fuzzing.pace import AUTO, read_rate
from sleeptalk_contract.fuzzing.plan import DEFAULT_MAX_EXAMPLES, Plan, read_shard
from sleeptalk_contract.fuzzing.preflight import check_ids
from sleeptalk_contract.fuzzing.reaching import check_url, wait_until_answered
from sleeptalk_contract.fuzzing.run import Run
from sleeptalk_contract.fuzzing.sending import send_delivery
from sleeptalk_contract.reporting.baseline import read_baseline
from sleeptalk_contract.reporting.outputs import Outputs
from sleeptalk_contract.reporting.terminal import progress
from sleeptalk_contract.sandbox.embedded import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sleeptalk_contract.contract.service import Service, Target

LARGEST_SEED: Final = 2**32 - 1
MOST_WORKERS: Final = 64


def fuzz(services: Sequence[Service]) -> click.Command:
    """Return the command for the targets of some services."""
    targets = targets_of(services)

    @click.command(cls=Command)
    @click.argument("target", type=TargetType(targets))
    @click.option("--url", help="The address of the implementation; by default, the embedded sandbox is started.")
    @id_options(targets)
    @credential_options(targets)
    @claim_options(targets)
    @ALLOW_WRITES
    @access_options
    @WAIT
    @REPORT_DIR
    @click.option("--seed", type=click.IntRange(0, LARGEST_SEED), help="The same seed sends the same requests.")
    @click.option(
        "--max-examples",
        type=click.IntRange(min=1),
        default=DEFAULT_MAX_EXAMPLES,
        show_default=True,
        help="The maximum number of generated requests, in addition to those that particular rules need.",
    )
    @click.option(
        "--max-time", type=Seconds(), metavar="SECONDS", help="Stop after this many seconds, with a full report."
    )
    @REQUEST_TIMEOUT
    @click.option(
        "--workers",
        type=click.IntRange(1, MOST_WORKERS),
        default=1,
        show_default=True,
        metavar="N",
        help="Have up to this many requests under way at once: the same requests, in less time where answers are slow.",
    )
    @click.option(
        "--rate-limit",
        default=AUTO,
        show_default=True,
        metavar="auto|N/s|N/m",
        help="How many requests are sent per second or minute at most; auto sends as fast as they are answered. Either"
        " way, throttling is waited out.",
    )
    @STRICT
    @RULE
    @EXCLUDE
    @REQUIRE
    @BASELINE
    @WRITE_BASELINE
    @click.option(
        "--shard", metavar="I/N", help="Send part I of N; auto or auto/N take it from the CI system's variables."
    )
    @click.option("--send", metavar="SCENARIO", help="For a receiver: send only the last callback of this scenario.")
    def fuzz(
        *,
        target: Target,
        url: str | None,
        report_dir: Path | None,
        seed: int | None,
        max_examples: int,
        max_time: float | None,
        request_timeout: float,
        workers: int,
        wait_for_url: float | None,
        rate_limit: str,
        strict: bool,
        allow_writes: bool,
        rule: tuple[str, ...],
        exclude: tuple[str, ...],
        require: tuple[str, ...],
        baseline: Path | None,
        write_baseline: Path | None,
        shard: str | None,
        send: str | None,
        **given: Any,
    ) -> None:
        """Judge an implementation of TARGET by every rule of the contract.

        Exit codes: 0 no rule is broken, 1 the contract is broken, 2 inconclusive (no honest success, throttled, or
        not what --require asks for) or the run could not be made, 130 interrupted.

        Example: sleeptalk fuzz TARGET --url https://staging.example.com --report-dir reports --require must
        """
        known_ids = given_ids(target, given, targets)
        check_ids(target, known_ids)
        plan = Plan(
            target=target,
            url=check_url(url, target) if url is not None else "",
            credentials=given_credentials(target, given),
            known_ids=known_ids,
            seed=random.SystemRandom().randint(0, LARGEST_SEED) if seed is None else seed,
            max_examples=max_examples,
            request_timeout=request_timeout,
            rate=read_rate(rate_limit),
            workers=workers,
            access=given_access(given, url, target),
            claims=given_claims(target, given, targets),
            allow_writes=allow_writes,
            shard=read_shard(shard),
            strict=strict,
            judge_sender=url is None and send is None and target.deliveries is not None,
            baseline=read_baseline(baseline, dt.datetime.now(tz=dt.UTC).date(), list(target.rules)),
        )
        selected = selection(rule, exclude, plan.rules, target)
        required = required_rules(require, plan.rules, target, selected)
        plan = dataclasses.replace(plan, selection=selected, required=required)
        if send is not None and target.deliveries is None:
            raise UsageError(f"--send does not apply to the target {target.name}.")
        use_cache_folder()
        if url is None and _is_on_the_command_line("wait_for_url"):
            raise UsageError("--wait-for-url waits for an implementation: give its --url.")
        if wait_for_url is not None and url is not None:
            with interruptible(give_up):
                wait_until_answered(plan.url, wait_for_url, request_timeout, plan.access, say)
        outputs = Outputs(report_dir, write_baseline)
        with outputs.reserved(), _against(plan) as complete:
            code = _made(complete, Control(max_time), outputs) if send is None else _sent(complete, send, outputs)
        click.get_current_context().exit(code)

    fuzz.meant = {"TARGET": targets[0].name} if targets else {}
    return fuzz


def _is_on_the_command_line(parameter: str) -> bool:
    """Whether the command line, and not a settings file, gives the value of a parameter."""
    return click.get_current_context().get_parameter_source(parameter) is ParameterSource.COMMANDLINE


@contextmanager
def _against(plan: Plan) -> Iterator[Plan]:
    """Yield the plan as it is, or, where it has no address, one for the sandbox, which then runs."""
    if plan.url:
        yield plan
        return
    with embedded(plan.target, plan.credentials) as service:
        yield dataclasses.replace(
            plan,
            url=service.url,
            credentials=service.credentials,
            claims=plan.target.all_claims,
            known_ids=plan.known_ids or service.known_ids,
            tried_ids=() if plan.known_ids else service.tried_ids,
        )


def _made(plan: Plan, control: Control, outputs: Outputs) -> int:
    """Make the run, write and show its report, and return the exit code."""
    console = screen()
    with progress(console) as shown, Run(plan, control, shown) as run:
        with interruptible(give_up):
            run.preflight()
        with interruptible(run.abort):
            run.execute()
            report = run.report()
            outputs.write(report)
    return outputs.conclude(report, console)


def _sent(plan: Plan, scenario: str, outputs: Outputs) -> int:
    """Send one callback, write and show its report, and return the exit code."""
    console = screen()
    report = send_delivery(plan, scenario, console)
    outputs.write(report)
    return outputs.conclude(report, console)
