"""`sleeptalk replay`: send failing exchanges again, and check whether their rules are still broken."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.text import Text

from sleeptalk_contract.commands.help import Command
from sleeptalk_contract.commands.options import REQUEST_TIMEOUT, credential_options, given_credentials, targets_of
from sleeptalk_contract.commands.reaching import access_options, given_access
from sleeptalk_contract.contract.address import redacted_url
from sleeptalk_contract.contract.redaction import escaped
from sleeptalk_contract.contract.screen import screen
from sleeptalk_contract.contract.service import Service
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.engine import use_cache_folder
from sleeptalk_contract.fuzzing.plan import Plan
from sleeptalk_contract.fuzzing.reaching import check_reachable, check_url
from sleeptalk_contract.fuzzing.replaying import (
    DeliveryError,
    FailingCase,
    findings_of,
    origin,
    read_case,
    sent,
)
from sleeptalk_contract.reporting.cases import CASES, MOST_CASES
from sleeptalk_contract.reporting.folder import FACTS
from sleeptalk_contract.reporting.model import BEYOND, ERROR_CODE, FAILED_CODE, PASSED_CODE, Report

_WORDS: Final[Mapping[int, str]] = {FAILED_CODE: "still broken", PASSED_CODE: "kept now", ERROR_CODE: "not shown"}


def replay(services: Sequence[Service]) -> click.Command:
    """Return the command for the targets of some services."""
    targets = targets_of(services)

    @click.command(cls=Command)
    @click.argument("case", type=click.Path(path_type=Path))
    @click.option("--url", help="The address of the implementation; by default, the one in the case.")
    @credential_options(targets, keys_only=True)
    @access_options
    @click.option("--allow-writes", is_flag=True, help="Also send a case that may create, change or delete something.")
    @REQUEST_TIMEOUT
    def replay(*, case: Path, url: str | None, allow_writes: bool, request_timeout: float, **given: Any) -> None:
        """Send CASE again and judge the answer by the rule that was broken.

        CASE is a file in `cases/` of a report folder; or that folder or its report.json, to send all of its cases. A
        request that breaks a rule only after another one is sent after it, and each is sent twice before its rule
        counts as kept. What breaks a rule only when it comes again, or several times at once, is sent so, each time
        about something that the implementation has not been told of. A key is sent to this machine, or where --url says
        so, and never to another address in a case.

        Exit codes: 0 every rule is kept now, 1 one is still broken, 2 a case could not be sent, or its answer does not
        exercise the rule.

        Example: sleeptalk replay reports --url http://127.0.0.1:8000
        """
        console = screen()
        files = case_files(case)
        codes: list[int] = []
        for file in files:
            try:
                found = read_case(file, targets)
                found.check_writes(allowed=allow_writes)
            except DeliveryError as error:
                if len(files) == 1:
                    raise
                console.print(Text(escaped(str(error)), style="yellow"), soft_wrap=True)
                codes.append(ERROR_CODE)
                continue
            codes.append(_replayed(found, url, given, request_timeout, console, allow_writes=allow_writes))
        if len(files) > 1:
            console.print(Text(_summary(codes), style="bold"), soft_wrap=True)
        click.get_current_context().exit(next((code for code in (FAILED_CODE, ERROR_CODE) if code in codes), 0))

    return replay


def case_files(path: Path) -> list[Path]:
    """Return the files of the cases that a path names: itself, or all of a report, by its folder or its report.json.

    Raises UsageError for a folder without cases.
    """
    folder = path.parent if path.name == FACTS else path
    if not folder.is_dir():
        return [path]
    found = sorted((folder if folder.name == CASES else folder / CASES).glob("*.json"))
    if len(found) > MOST_CASES:
        raise UsageError(f"{folder} has {len(found)} cases, at most {MOST_CASES} are sent: name one of them.")
    if not found:
        raise UsageError(f"{folder} has no cases: name a folder that --report-dir wrote, of a run that broke a rule.")
    return found


def _replayed(
    case: FailingCase,
    url: str | None,
    given: Mapping[str, Any],
    request_timeout: float,
    console: Console,
    *,
    allow_writes: bool,
) -> int:
    """Send one case again, show whether its rule is kept now, and return the exit code."""
    address = check_url(url or case.base_url, case.target)
    plan = Plan(
        target=case.target,
        url=address,
        credentials=given_credentials(case.target, given),
        known_ids=case.known_ids,
        tried_ids=case.tried_ids,
        request_timeout=request_timeout,
        access=given_access(given, address, case.target),
        allow_writes=allow_writes,
        claims=case.target.all_claims,  # a rule that was broken was one that the user's claims made a rule
    )
    if url is None:
        case.check_host(plan)
        case.check_added(plan.access)
    steps = case.steps(plan.key)
    check_reachable(plan.url, request_timeout, plan.access)
    use_cache_folder()
    console.print(Text(f"Sending it to {origin(redacted_url(plan.url))}."), soft_wrap=True)
    return _show(case, sent(plan, case.rule, steps), console)


def _summary(codes: Sequence[int]) -> str:
    count = Counter(codes)
    parts = [f"{count[code]} {words}" for code, words in _WORDS.items() if count[code]]
    return f"{len(codes)} cases: {', '.join(parts)}."


def _show(case: FailingCase, report: Report, console: Console) -> int:
    """Print whether the rule is kept now, and return the exit code."""
    statuses = ", ".join(dict.fromkeys(status for _, status in report.answers))
    before = case.status if case.status is not None else "none"
    console.print(Text(escaped(f"{case.method} {case.url}: {statuses}, {before} before")), soft_wrap=True)
    findings = findings_of(report, case.rule)
    name = "What was found beyond the rules" if case.rule == BEYOND else case.rule
    if findings:
        console.print(Text(f"{name} is still broken.", style="bold red"))
        if case.rule != BEYOND:
            console.print(Text(f"  {case.target.rules[case.rule].sentence}", style="bold"), soft_wrap=True)
        for finding in findings:
            console.print(Text(f"  {escaped(' '.join(finding.text.split()))}"), soft_wrap=True)
        return FAILED_CODE
    seen = case.rule == BEYOND or any(result.rule.id == case.rule for result in report.of("passed"))
    if seen:
        console.print(Text(f"{name} is kept now. {report.requests} requests were sent.", style="bold green"))
        return PASSED_CODE
    text = f"The answer does not exercise {name}.{_advice(case, statuses)}"
    console.print(Text(text, style="bold yellow"), soft_wrap=True)
    return ERROR_CODE


def _advice(case: FailingCase, statuses: str) -> str:
    """Return what to do where the answer has the status of before, and still does not exercise the rule."""
    writes = case.rule != BEYOND and case.target.rules[case.rule].writes
    if writes:
        return f" Judge it with `sleeptalk fuzz {case.target.name} --allow-writes --rule {case.rule}`."
    if statuses != str(case.status):
        return ""
    return (
        " One exchange cannot show it: the rule compares several, or what it is about has changed. Judge it with"
        f" `sleeptalk fuzz {case.target.name} --rule {case.rule}`."
    )
