"""`sleeptalk diff`: what changed in the documents, and what it breaks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sleeptalk_contract.commands.help import Command
from sleeptalk_contract.contract.catalogue import parse_catalogue
from sleeptalk_contract.contract.output import quiet, say, write_data, write_json
from sleeptalk_contract.contract.redaction import redacted
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.diffing.change import Change, Impact, as_json, as_markdown, as_text
from sleeptalk_contract.diffing.clients import Comparison
from sleeptalk_contract.diffing.documents import document_changes
from sleeptalk_contract.diffing.rules import catalogue_changes, rule_changes, without_rules
from sleeptalk_contract.diffing.signatures import signatures
from sleeptalk_contract.diffing.sources import pairs
from sleeptalk_contract.linting.checks import refuse_ambiguous

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sleeptalk_contract.diffing.sources import Pair

_WRITERS: Final[Mapping[str, Callable[[Sequence[Change]], None]]] = {
    "text": lambda changes: say(as_text(changes)),
    "json": lambda changes: write_json(as_json(changes)),
    "markdown": lambda changes: write_data(f"{quiet(redacted(as_markdown(changes)))}\n"),
}
"""How changes are printed in each format."""


@click.command(cls=Command)
@click.argument("base")
@click.argument("revision", required=False)
@click.option(
    "--format", "written", type=click.Choice(list(_WRITERS)), default="text", show_default=True, help="How to write."
)
@click.option(
    "--fail-on",
    type=click.Choice(["major", "minor", "patch"]),
    help="Exit with 1 if a change has this impact or a greater one.",
)
@click.option(
    "--announced-in",
    type=click.Path(path_type=Path),
    metavar="CHANGELOG",
    help="With --fail-on: accept changes that the newest section of this file names in backticks.",
)
@click.pass_context
def diff(
    context: click.Context,
    *,
    base: str,
    revision: str | None,
    written: str,
    fail_on: str | None,
    announced_in: Path | None,
) -> None:
    """Compare the documents at BASE with those at REVISION, by default the files as they are now.

    BASE and REVISION are git revisions, or two files. Each change is rated major, minor or patch: for requests,
    responses and callbacks, for the rules in the documents and in the catalogues, and for programs that use the Python
    classes.

    Exit codes: 0 compared, 1 a change of the impact that --fail-on names, 2 the comparison could not be made.

    Example: sleeptalk diff v0.1.0 --fail-on major --announced-in CHANGELOG.md
    """
    changes = sorted(
        (change for pair in pairs(base, revision) for change in changes_of(pair)), key=lambda one: one.order
    )
    _WRITERS[written](changes)
    if fail_on is not None:
        failing = [change for change in changes if change.impact >= Impact[fail_on.upper()]]
        unannounced = _unannounced(failing, announced_in)
        if announced_in is not None and unannounced:
            names = ", ".join(sorted({f"`{change.subject}`" for change in unannounced}))
            say(f"sleeptalk: {announced_in} does not name {names} in its newest section.", err=True)
        context.exit(1 if unannounced else 0)


def changes_of(pair: Pair) -> Iterator[Change]:
    """Yield the changes between two versions of one document. Raises UsageError where they cannot be compared."""
    kind = "catalogue" if pair.is_catalogue else "document"
    if pair.base is None or pair.revision is None:
        gone = pair.revision is None
        sentence = f"The {kind} was removed." if gone else f"The {kind} was added."
        yield Change(Impact.MAJOR if gone else Impact.MINOR, "document", pair.name, pair.name, "#", sentence)
        return
    if pair.base.text == pair.revision.text:
        return
    if pair.is_catalogue:
        yield from catalogue_changes(pair.name, pair.base, pair.revision)
        return
    base, revision = pair.base.checked(), pair.revision.checked()
    refuse_ambiguous(revision)  # the base may be history, which nobody can change
    rules = {} if pair.catalogue is None else parse_catalogue(pair.catalogue).rules
    yield from rule_changes(pair.name, base, revision, rules)
    if without_rules(base.root) == without_rules(revision.root):
        return  # rules have no part in the shape, nor in the classes
    yield from document_changes(pair.name, base, revision)
    yield from Comparison(pair.name, signatures(pair.name, base), signatures(pair.name, revision)).changes()


def _unannounced(changes: Sequence[Change], changelog: Path | None) -> list[Change]:
    if changelog is None:
        return list(changes)
    try:
        text = changelog.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{changelog} cannot be read: {error}.") from error
    _, _, newest = text.partition("\n## ")
    newest = newest.partition("\n## ")[0]
    return [change for change in changes if f"`{change.subject}`" not in newest]
