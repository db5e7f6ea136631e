"""How the help of a command shows its options: under headings, with an example of each value."""

from __future__ import annotations

import inspect
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

JUDGED: Final = "What is judged"
REACHED: Final = "How it is reached"
SENT: Final = "What is sent, and how fast"
VERDICT: Final = "The verdict"
OUTPUT: Final = "Output"
OTHER: Final = "Other options"

_OPTIONS: Final[Mapping[str, Sequence[str]]] = {
    JUDGED: ("--url", "--rule", "--exclude", "--send", "--scenario", "--fault", "--target", "--level"),
    REACHED: (
        "--to",
        "--host",
        "--port",
        "--keep-host",
        "--forward",
        "--callback-url",
        "-H",
        "--header",
        "--proxy",
        "--cacert",
        "--insecure",
        "--cert",
        "--cert-key",
        "--wait-for-url",
    ),
    SENT: (
        "--allow-writes",
        "--seed",
        "--max-examples",
        "--max-time",
        "--max-events",
        "--timeout",
        "--request-timeout",
        "--rate-limit",
        "--workers",
        "--shard",
        "--callback-version",
        "--callback-speed",
        "--callback-timezone",
        "--callback-redeliver",
        "--callback-reorder",
        "--callback-timeout",
        "--callback-burst",
        "--jobs",
        "--honest-seeds",
        "--against-schemathesis",
    ),
    VERDICT: ("--strict", "--require", "--baseline", "--write-baseline"),
    OUTPUT: ("--report-dir", "--record", "--json"),
}

_EXAMPLES: Final[Mapping[str, str]] = {
    "--url": "https://staging.example.com",
    "--rule": "'*.shape'",
    "--exclude": "'*.documented-status'",
    "--require": "must",
    "--baseline": "accepted.yaml",
    "--write-baseline": "accepted.yaml",
    "--report-dir": "reports",
    "--seed": "7",
    "--max-examples": "500",
    "--max-time": "60",
    "--max-events": "20",
    "--timeout": "60",
    "--request-timeout": "30",
    "--workers": "8",
    "--shard": "2/4",
    "--host": "0.0.0.0",  # noqa: S104  # an example of a value, not what is listened on
    "--port": "0",
    "--forward": "http://127.0.0.1:8766/",
    "--callback-url": "http://127.0.0.1:8766/",
    "--callback-version": "V3",
    "--callback-speed": "600",
    "--callback-timezone": "Asia/Seoul",
    "--callback-redeliver": "1",
    "--callback-reorder": "7",
    "--callback-timeout": "0.5",
    "--callback-burst": "8",
    "-H": "'x-tenant: 7'",
    "--proxy": "http://127.0.0.1:3128",
    "--cacert": "authority.pem",
    "--cert": "client.pem",
    "--cert-key": "client.key",
    "--wait-for-url": "30",
    "--rate-limit": "5/s",
    "--config": "sleeptalk.toml",
    "--jobs": "4",
    "--honest-seeds": "20",
}


_EXAMPLE: Final = "\n\nExample: "


class Command(click.Command):
    """A command whose help groups its options, and shows its example as one line that can be copied.

    `meant` are the values that stand in the example for words such as TARGET, which follow from the services.
    """

    meant: Mapping[str, str] = MappingProxyType({})

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command does, and then its example, however long its line is."""
        whole = inspect.cleandoc(self.help or "")
        text, found, example = whole.partition(_EXAMPLE)
        self.help = text
        try:
            super().format_help_text(ctx, formatter)
        finally:
            self.help = whole
        if found:
            words = (self.meant.get(word, word) for word in example.split())
            formatter.write(f"\n  Example: {' '.join(words)}\n")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under their headings, and those that have none under "Other options"."""
        sections: dict[str, list[tuple[str, str]]] = {heading: [] for heading in (*_OPTIONS, OTHER)}
        for param in self.get_params(ctx):
            shown = param.get_help_record(ctx)
            if shown is not None and isinstance(param, click.Option):
                term, text = shown
                sections[heading_of(param)].append((term, f"{text}{_example(param)}"))
        named = [heading for heading in _OPTIONS if sections[heading]]
        for heading, rows in sections.items():
            if rows:
                with formatter.section(heading if named else "Options"):
                    formatter.write_dl(rows)


class Grouped(click.Option):
    """An option that follows from the services, which no table can name: it says its heading and example itself."""

    heading = OTHER
    example = ""


def heading_of(param: click.Parameter) -> str:
    """Return the heading that a parameter stands under."""
    if isinstance(param, Grouped):
        return param.heading
    return next((heading for heading, names in _OPTIONS.items() if set(names) & set(param.opts)), OTHER)


def example_of(param: click.Parameter) -> str:
    """Return an example of the value of a parameter; "" where it has none."""
    if isinstance(param, Grouped):
        return param.example
    return next((_EXAMPLES[name] for name in param.opts if name in _EXAMPLES), "")


def _example(param: click.Parameter) -> str:
    example = example_of(param)
    return f"  [example: {param.opts[0]} {example}]" if example else ""
