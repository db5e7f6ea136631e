"""A report as GitHub Actions shows it: annotations on the run, and a summary of the step."""

import html
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console

from sleeptalk_contract.contract.output import commands, say, write_data
from sleeptalk_contract.contract.redaction import printable, shortened
from sleeptalk_contract.reporting.model import Report, RuleResult

_LONGEST: Final = 300


def announce(report: Report, environment: Mapping[str, str]) -> None:
    """Print annotations and write the step's summary, where the environment is that of GitHub Actions."""
    if environment.get("GITHUB_ACTIONS") != "true":
        return
    for line in annotations(report):
        with commands():
            write_data(f"{line}\n")
    add_to_summary(step_summary(report), environment)


def add_to_summary(text: str, environment: Mapping[str, str]) -> None:
    """Write Markdown into the summary of the step, where the environment names one.

    One that cannot be written is a line on standard error and changes nothing else.
    """
    summary = environment.get("GITHUB_STEP_SUMMARY")
    if not summary:
        return
    try:
        with Path(summary).open("a", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        say(f"The step summary {summary} cannot be written ({error.strerror}).", err=True)


@contextmanager
def folded(title: str, console: Console, *, when: bool = True) -> Iterator[None]:
    """Let what is printed in the block be folded under a title, where GitHub Actions shows it; elsewhere as it is."""
    grouped = when and os.environ.get("GITHUB_ACTIONS") == "true"
    if grouped:
        _command(f"::group::{title}", console)
    try:
        yield
    finally:
        if grouped:
            _command("::endgroup::", console)


def _command(line: str, console: Console) -> None:
    """Write a command of our own past what would make it inert."""
    with commands():
        console.file.write(f"{line}\n")


def annotations(report: Report) -> list[str]:
    """Return a workflow command for each broken rule: an error where it fails the run, otherwise a warning."""
    lines = [_annotation(result, strict=report.strict) for result in report.of("failed")]
    return lines + [f"::error title=sleeptalk {report.target}::{_data(problem)}" for problem in report.reasons]


def step_summary(report: Report) -> str:
    """Return the summary of the step, in Markdown."""
    kept, broken, missing = (report.of(outcome) for outcome in ("passed", "failed", "not-exercised"))
    counts = (
        report.requests,
        len(kept),
        len(broken),
        len(missing),
        report.throttled,
        f"{report.seconds:.1f}",
        report.seed,
    )
    lines = [
        f"### sleeptalk {report.target}: {report.headline}",
        "",
        _cell(report.url),
        "",
        "| requests | rules kept | broken | not exercised | throttled | seconds | seed |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        f"| {' | '.join(map(str, counts))} |",
    ]
    if broken:
        lines += ["", "| broken rule | level | sentence | finding |", "| --- | --- | --- | --- |"]
        lines += [_row(result) for result in broken]
    if excluded := report.of("excluded"):
        lines += ["", f"Excluded: {', '.join(result.rule.id for result in excluded)}"]
    lines += [f"\n{_cell(problem)}" for problem in report.reasons]
    return "\n".join(lines) + "\n\n"


def _annotation(result: RuleResult, *, strict: bool) -> str:
    level = "error" if result.fails(strict=strict) else "warning"
    return f"::{level} title={_property(result.rule.id)}::{_data(f'{result.rule.sentence} {_seen(result)}')}"


def _row(result: RuleResult) -> str:
    rule = result.rule
    return f"| {_cell(rule.id)} | {rule.level} | {_cell(rule.sentence)} | {_cell(_seen(result))} |"


def _seen(result: RuleResult) -> str:
    return shortened(result.findings[0].text, _LONGEST)


def _data(text: str) -> str:
    """Escape a workflow command's message, in which a line break would begin another command."""
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _cell(text: str) -> str:
    """Escape a text for a cell of a Markdown table: what an implementation answers is shown, never formatted."""
    escaped = html.escape(" ".join(printable(text).split()))
    return "".join(f"&#{ord(character)};" if character in "|`*_[]\\~" else character for character in escaped)
