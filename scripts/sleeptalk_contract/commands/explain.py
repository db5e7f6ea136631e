"""`sleeptalk explain`: everything about one rule, and an example of a break."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.text import Text

from sleeptalk_contract.commands.completing import completing, rules_and_sentences
from sleeptalk_contract.commands.help import Command
from sleeptalk_contract.commands.options import TargetType, targets_of
from sleeptalk_contract.contract.catalogue import catalogue_of
from sleeptalk_contract.contract.redaction import escaped
from sleeptalk_contract.contract.screen import screen
from sleeptalk_contract.contract.usage import UsageError, did_you_mean
from sleeptalk_contract.fuzzing.engine import use_cache_folder
from sleeptalk_contract.fuzzing.hints import exercise
from sleeptalk_contract.judging.enforcement import enforced
from sleeptalk_contract.mutation.examples import example
from sleeptalk_contract.mutation.trials import trials
from sleeptalk_contract.reporting.blocks import asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sleeptalk_contract.contract.catalogue import Rule
    from sleeptalk_contract.contract.service import Fault, Service, Target


def explain(services: Sequence[Service]) -> click.Command:
    """Return the command for the rules of some services."""
    targets = targets_of(services)

    @click.command(cls=Command)
    @click.argument("rule", shell_complete=completing(rules_and_sentences))
    @click.option(
        "--target", type=TargetType(targets), help="Which target is meant, where several have a rule of this id."
    )
    @click.option("--no-example", is_flag=True, help="Do not start the sandbox to show an example of a break.")
    def explain(*, rule: str, target: Target | None, no_example: bool) -> None:
        """Explain RULE: what it demands, where that stands, what enforces and exercises it, and how it can break.

        The example is what the sandbox shows with the first fault of the rule, which takes a second or two.

        Exit codes: 0 explained, 2 there is no such rule.

        Example: sleeptalk explain RULE
        """
        meant = targets if target is None else (target,)
        holders = [each for each in meant if rule in each.rules]
        if not holders:
            names = [name for each in meant for name in each.rules]
            advice = did_you_mean(rule, names, "`sleeptalk rules` lists all.")
            raise UsageError(f"There is no rule {rule}: {advice}")
        held = holders[0]
        service = next(each for each in services if held in each.targets)
        faults = service.faults_named(rule)
        console = screen()
        for line in _lines(held.rules[rule], held, faults):
            console.print(line, soft_wrap=True)
        if faults and not no_example:
            for line in _example(service, held, faults[0]):
                console.print(line, soft_wrap=True)
        for other in holders[1:]:
            console.print(f"\nThe target {other.name} has a rule of this id too: add --target {other.name}.")

    explain.meant = {"RULE": next((rule for target in targets for rule in target.rules), "RULE")}
    return explain


def _lines(rule: Rule, target: Target, faults: Sequence[Fault]) -> Iterator[Text]:
    group = catalogue_of(target.document.stem, target.document.parent).groups[rule.group]
    level = "breaking it fails a run" if rule.level == "must" else "breaking it is a warning, and fails a strict run"
    yield Text.assemble((rule.id, "bold"), f"  {rule.level}: {level}")
    yield Text(f"  {rule.sentence}", style="bold")
    yield Text(f"\nSource: {rule.source}")
    yield Text(f"  {rule.source.url}")
    yield Text(f"About: the {group.role}, target {target.name}. {group.summary}")
    yield Text("Enforced in:")
    for place in enforced(rule.id, target):
        yield Text(f"  {place}")
    yield Text("Exercised by:")
    yield Text(f"  {exercise(rule, target)}")
    if rule.gives_way_to:
        yield Text(f"Gives way to {rule.gives_way_to}, which says more, where both are broken at the same place.")
    if rule.broken_by_sample:
        yield Text("A sample that the vendor prints breaks it.")
    yield Text("Faults of the sandbox that break it:" if faults else "No fault of the sandbox breaks it.")
    for fault in faults:
        yield Text(f"  {fault.full_name}: it {fault.summary}")


def _example(service: Service, target: Target, fault: Fault) -> Iterator[Text]:
    yield Text(f"Example of a break, by {fault.full_name}:")
    use_cache_folder()
    planned = [each for each in trials([service], [fault.full_name], 1, 0) if each.target == target]
    found = example(planned[0]) if planned else None
    if found is None:
        yield Text("  none was seen within 20 s")
        return
    yield Text(f"  {escaped(' '.join(found.text.split()))}", style="bold")
    if found.case is not None:
        yield Text(f"  {escaped(asked(found.case))}", style="dim")
    yield Text(f"  `sleeptalk prove --rule {fault.full_name}` shows that it is found.", style="dim")
