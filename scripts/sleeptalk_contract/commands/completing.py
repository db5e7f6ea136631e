"""What a shell completes: click does the work, and the services name their targets, rules and faults."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from click.shell_completion import BashComplete, CompletionItem, split_arg_string

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import click

    from sleeptalk_contract.contract.service import Service

    Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem[Any]]]


def completing(*kinds: Callable[[Sequence[Service]], Iterable[tuple[str, str]]]) -> Complete:
    """Return what completes the value of a parameter by names of some kinds, such as `rules_and_sentences`."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[Any]]:  # noqa: ARG001  # click's signature
        services: Sequence[Service] = getattr(ctx.find_root().command, "services", ())
        return [
            CompletionItem(name, help=meaning)
            for kind in kinds
            for name, meaning in kind(services)
            if name.startswith(incomplete)
        ]

    return complete


def rules_and_sentences(services: Sequence[Service]) -> Iterator[tuple[str, str]]:
    """Yield the id and the sentence of every rule, each id once."""
    targets = [target for service in services for target in service.targets]
    rules = {rule.id: rule.sentence for target in targets for rule in target.rules.values()}
    yield from rules.items()


def faults_and_summaries(services: Sequence[Service]) -> Iterator[tuple[str, str]]:
    """Yield the full name and the summary of every fault, each name once."""
    yield from {fault.full_name: fault.summary for service in services for fault in service.faults}.items()


class ColonBashComplete(BashComplete):
    """Completes names with a colon: bash takes one for the end of a word, and would insert the part before it again."""

    name = "bash"
    source_template = BashComplete.source_template.replace(
        "COMP_CWORD=$COMP_CWORD",
        'COMP_CWORD=$COMP_CWORD COMP_LINE="$COMP_LINE" COMP_POINT=$COMP_POINT COMP_WORDBREAKS="$COMP_WORDBREAKS"',
    )

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the whole words before the cursor, without the program, and the one that is being written."""
        line = os.environ.get("COMP_LINE", "")[: int(os.environ.get("COMP_POINT", "0"))]
        words = split_arg_string(line)
        incomplete = words.pop() if words and not line[-1].isspace() else ""
        return words[1:], incomplete

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Return a line for bash, with only what stands behind the last colon that is already written."""
        _, written = self.get_completion_args()
        head, colon, _ = written.partition("=")[2 if written.startswith("--") else 0].rpartition(":")
        if colon and ":" in os.environ.get("COMP_WORDBREAKS", ":"):
            return f"{item.type},{str(item.value).removeprefix(f'{head}:')}"
        return super().format_completion(item)
