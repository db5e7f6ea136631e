"""`sleeptalk lint`: check the documents."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sleeptalk_contract.commands.help import Command
from sleeptalk_contract.contract.document import Document, current_folder, document_paths, read_text
from sleeptalk_contract.contract.output import say
from sleeptalk_contract.contract.redaction import escaped
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.contract.versions import FOLDER
from sleeptalk_contract.linting.checks import (
    CATALOGUE,
    SPECIFICATION,
    YAML,
    Problem,
    catalogue_problems,
    own_problems,
    versions_problems,
)
from sleeptalk_contract.linting.redocly import FLOORS, SCORE, Score, as_markdown, fallen, floors, score, style_problems
from sleeptalk_contract.reporting.github import add_to_summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@click.command(cls=Command)
@click.argument("documents", nargs=-1, type=click.Path(path_type=Path))
@click.pass_context
def lint(context: click.Context, documents: tuple[Path, ...]) -> None:
    """Check DOCUMENTS, by default those of the project: valid OpenAPI, house style, examples, rules, scores.

    Prints one line per problem.

    Exit codes: 0 no problems, 1 problems, 2 the check could not be made.

    Example: sleeptalk lint openapi/mine.yaml
    """
    files = documents or tuple(_shown(path) for path in document_paths(current_folder()))
    problems = _told_as_far_as_possible(files)
    scores: dict[str, Score] = {}
    if not problems:
        scores = {file.stem: score(file) for file in files}
        problems = [] if documents else list(_fallen(files, scores))
    for problem in problems:
        say(escaped(str(problem)))
    for name, one in scores.items():
        say(f"{name}: {one}.")
    if scores:
        add_to_summary(as_markdown(scores), os.environ)
    say(f"{len(files)} document{'s' * (len(files) != 1)}, {len(problems)} problem{'s' * (len(problems) != 1)}.")
    context.exit(1 if problems else 0)


def _told_as_far_as_possible(files: Sequence[Path]) -> list[Problem]:
    """Return the problems, sorted; where the check cannot be finished, print those that were found before it raises."""
    found: set[Problem] = set()
    try:
        for problem in problems_of(files):
            found.add(problem)  # kept one by one, for `update` loses those before an error
    except UsageError:
        for problem in sorted(found):
            say(escaped(str(problem)))
        raise
    return sorted(found)


def problems_of(files: Sequence[Path]) -> Iterator[Problem]:
    """Yield every problem of `files`, and of the catalogues of rules and files of versions beside them.

    A document that is not valid OpenAPI, or whose catalogue is not one, is not judged for its style. Raises UsageError
    where a file cannot be read or Redocly cannot be run.
    """
    sound: list[Path] = []
    for file in files:
        document = Document(read_text(file, str(file)), str(file))
        found = list(own_problems(document))
        rules = file.parent / "rules" / file.name
        if rules.is_file():
            found += catalogue_problems(Document(read_text(rules, str(rules)), str(rules)))
        versions = file.parent / FOLDER / file.name
        if versions.is_file():
            found += versions_problems(Document(read_text(versions, str(versions)), str(versions)))
        yield from found
        if not any(problem.rule in {YAML, SPECIFICATION, CATALOGUE} for problem in found):
            sound.append(file)
    yield from style_problems(sound)


def _fallen(files: Sequence[Path], scores: dict[str, Score]) -> Iterator[Problem]:
    least = floors()
    for file in files:
        if file.stem not in least:
            raise UsageError(f"openapi/{FLOORS} has no floor for {file.stem}: add {scores[file.stem]}.")
        for message in fallen(scores[file.stem], least[file.stem]):
            yield Problem(str(file), 1, 1, SCORE, message)


def _shown(path: Path) -> Path:
    """Return `path` relative to the current folder where it is inside it: shorter, and a terminal can open it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
