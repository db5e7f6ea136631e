"""What a run found, as blocks of text: one per broken rule, one paragraph per cause.

The rule's sentence is the most visible, the command to see it again the least.
"""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from sleeptalk_contract.contract.exchange import is_success
from sleeptalk_contract.contract.redaction import escaped, shortened
from sleeptalk_contract.reporting.cases import body_file, case_name, replay_options
from sleeptalk_contract.reporting.model import BEYOND, ExchangeRecord, Finding, Report, RuleResult

_MOST_IN_FULL: Final = 3
"""Findings of one rule that are shown with their request; the others get a line."""

_LONGEST_ANSWER: Final = 160
_LONGEST_ADDRESS: Final = 200


class Blocks:
    """Writes the blocks of one report, whose files are in a folder; None where they are not kept."""

    def __init__(self, report: Report, folder: Path | None) -> None:
        self._report = report
        self._folder = folder
        self._seen: dict[str, str] = {}

    def lines(self) -> Iterator[Text]:
        """Yield the lines of all blocks: broken rules in the catalogue's order, then what is beyond the rules."""
        for result in self._report.of("failed"):
            yield from self._rule(result)
        if self._report.beyond:
            yield Text.assemble(("\nbeyond the rules", "bold yellow"), " (warning)")
            yield Text("  No source promises these; schemathesis or a bound of the document objects to them.", "bold")
            yield from self._findings(BEYOND, self._report.beyond)

    def _rule(self, result: RuleResult) -> Iterator[Text]:
        fails = result.fails(strict=self._report.strict)
        note = "" if fails else " (warning)"
        if result.accepted is not None:
            note = f" (accepted until {result.accepted.expires}: {escaped(result.accepted.reason)})"
        times = "once" if result.broken == 1 else f"{result.broken} times"
        style = "bold red" if fails else "bold yellow"
        yield Text.assemble(("\n" + result.rule.id, style), f" {result.rule.level}{note}, broken {times}")
        yield Text(f"  {result.rule.sentence}", style="bold")
        if result.hint:
            yield Text(f"  {escaped(result.hint)}", style="yellow")
        yield from self._findings(result.rule.id, result.findings)
        yield Text(f"  Source: {result.rule.source}, {result.rule.source.url}", style="dim")

    def _findings(self, rule: str, findings: Sequence[Finding]) -> Iterator[Text]:
        for number, finding in enumerate(findings, start=1):
            request = f" in {asked(finding.case)}" if number > _MOST_IN_FULL and finding.case is not None else ""
            yield Text(f"  {escaped(_line(finding.text + request))}")
            if number <= _MOST_IN_FULL:
                yield from self._request(rule, number, finding)
        if len(findings) > _MOST_IN_FULL and self._folder is not None:
            yield Text(f"  The requests of all {len(findings)} are in {self._folder}/report.html.", style="dim")

    def _request(self, rule: str, number: int, finding: Finding) -> Iterator[Text]:
        """Yield the request and the answer, and the command that repeats them; or where they stand already."""
        if finding.case is not None:
            first = self._seen.setdefault(_identity(finding.case), rule)
            if first != rule:
                yield Text(f"    by the request of {first}, above{again(finding)}", style="dim")
                return
            yield Text(f"    {escaped(_line(asked(finding.case)))}{again(finding)}", style="dim")
        yield Text(f"    {escaped(_line(self._command(rule, number, finding)))}", style="dim")

    def _command(self, rule: str, number: int, finding: Finding) -> str:
        if finding.case is None:
            return finding.reproduce
        if finding.case.get("role") == "sender":
            file = "" if self._folder is None else f"; whole in {self._folder / case_name(rule, number)}"
            return f"{finding.reproduce.partition(' and the body')[0]}{file}"
        if "cut" in finding.case:
            return finding.reproduce
        if self._folder is not None:
            file = shlex.quote(str(self._folder / case_name(rule, number)))
            return f"sleeptalk replay {file}{replay_options(finding.case)}"
        if body_file(finding.case) is None:
            return finding.reproduce
        return "Its body is too long to stand here: --report-dir keeps the request, and `sleeptalk replay` repeats it."


def asked(case: ExchangeRecord) -> str:
    """Return a request and what was answered in one line; of an error also how its body begins."""
    request = f"{case['method']} {shortened(case['url'], _LONGEST_ADDRESS)}"
    if case.get("role") == "sender":
        return f"{request}: delivered to us, answered {case['status']}"
    if case["status"] is None:
        reason = "no answer in time" if case["failure"] == "timeout" else "no answer, the connection was closed"
        return f"{request}: {reason} ({case['seconds']:g} s)"
    body = case["answer"] if isinstance(case["answer"], str) else ""
    shown = "" if is_success(case["status"]) or not body.strip() else f" {shortened(_line(body), _LONGEST_ANSWER)}"
    return f"{request}: {case['status']}{shown}"


def again(finding: Finding) -> str:
    """Return how often the same was seen, and in what kinds of requests; "" for once."""
    if finding.times == 1:
        return ""
    kinds = f" ({', '.join(finding.intents)})" if len(finding.intents) > 1 else ""
    return f"; the same {finding.times} times{escaped(kinds)}"


def _identity(case: ExchangeRecord) -> str:
    values: Iterable[Any] = (case["method"], case["url"], case["key"], sorted(case["headers"].items()), case["body"])
    return repr(tuple(values))


def _line(text: str) -> str:
    """Return a text of the other side as one line, so that it cannot forge a line of ours."""
    return " ".join(text.split())
