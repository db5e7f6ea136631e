"""`sleeptalk rules`: every rule of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sleeptalk_contract.commands.help import Command
from sleeptalk_contract.commands.options import TargetType, targets_of
from sleeptalk_contract.contract.output import write_data, write_json
from sleeptalk_contract.contract.redaction import escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sleeptalk_contract.contract.catalogue import Rule
    from sleeptalk_contract.contract.service import Service, Target


def rules(services: Sequence[Service]) -> click.Command:
    """Return the command for the targets of some services."""
    targets = targets_of(services)

    @click.command(cls=Command)
    @click.argument("target", type=TargetType(targets), required=False)
    @click.option("--level", type=click.Choice(["must", "should"]), help="List only the rules of this level.")
    @click.option("--json", "as_json", is_flag=True, help="Write a JSON array, with the source of each rule.")
    def rules(*, target: Target | None, level: str | None, as_json: bool) -> None:
        """List every rule with its level and its sentence, of all targets or of TARGET.

        `sleeptalk explain RULE` says more about one.

        Exit codes: 0 listed, 2 there is no such target.

        Example: sleeptalk rules --level must --json
        """
        chosen = [
            (each, rule)
            for each in (targets if target is None else (target,))
            for rule in each.rules.values()
            if level in {None, rule.level}
        ]
        if as_json:
            write_json([_facts(each, rule) for each, rule in chosen])
            return
        width = max((len(rule.id) for _, rule in chosen), default=0)
        before = ""
        for each, rule in chosen:
            if before not in {"", f"{each.name} {rule.group}"}:
                write_data("\n")
            before = f"{each.name} {rule.group}"
            write_data(f"{rule.id:{width}}  {rule.level:6}  {escaped(rule.sentence)}\n")

    return rules


def _facts(target: Target, rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "target": target.name,
        "role": target.role_of(rule.group),
        "level": rule.level,
        "sentence": rule.sentence,
        "source": {"title": rule.source.title, "url": rule.source.url, "section": rule.source.section},
        "where": rule.where,
        "hint": rule.hint,
    }
