"""`sleeptalk generate`: write the typed clients from the documents, or check that they are up to date."""

from __future__ import annotations

from pathlib import Path

import click

from sleeptalk_contract.commands.help import Command
from sleeptalk_contract.contract.document import Document, checkout, document_paths
from sleeptalk_contract.contract.output import say
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.generation.tree import LOCK, PACKAGE, differences, lock, present, replace


@click.command(cls=Command)
@click.option("--check", is_flag=True, help="Write nothing; show what differs and exit with 1.")
@click.pass_context
def generate(context: click.Context, check: bool) -> None:
    """Write the typed clients in generated/ from openapi/ and overrides/templates/.

    Works in a checkout of the project, from any of its folders. A document that cannot be generated leaves the old
    files as they are.

    Exit codes: 0 written or up to date, 1 different (with --check), 2 not possible.

    Example: sleeptalk generate --check
    """
    root = project(Path.cwd())
    files = rendered(root)
    folder = root / "generated"
    different = differences(present(folder), files)
    if check:
        for line in different:
            say(line)
        if different:
            say("generated/ is out of date with the documents and templates: run sleeptalk generate.")
            context.exit(1)
        say(f"generated/ is up to date: {len(files)} files.")
        return
    if different:
        try:
            replace(folder, files)
        except OSError as error:
            raise UsageError(f"{folder} cannot be written ({error.strerror}); the old files are kept.") from error
    say(f"generated/: {len(files)} files, {'written' if different else 'already up to date'}.")


def project(start: Path) -> Path:
    """Return the checkout of the project that a folder is in; UsageError outside of one.

    An installed package holds the documents but neither templates nor a place for the output.
    """
    root = checkout(start)
    if root is None:
        raise UsageError(
            "generate works in a checkout of the project, where openapi/ and overrides/templates/ are: run it there."
        )
    return root


def rendered(root: Path) -> dict[str, str]:
    """Return everything that belongs in `generated/` of a checkout: paths below it with their texts.

    Raises UsageError for a document or template that cannot be used.
    """
    # The generator takes most of a second to import, which --help and usage errors need not wait for.
    from sleeptalk_contract.generation.overrides import read_overrides  # noqa: PLC0415  # slow
    from sleeptalk_contract.generation.rendering import render  # noqa: PLC0415  # slow
    from sleeptalk_contract.linting.checks import refuse_ambiguous  # noqa: PLC0415  # slow

    templates, table = root / "overrides" / "templates", root / "overrides" / "overrides.toml"
    paths = document_paths(root / "openapi")
    documents = [Document.read(path, f"openapi/{path.name}") for path in paths]
    for document in documents:
        refuse_ambiguous(document)
    overrides = read_overrides(table)
    files = {f"{PACKAGE}/{path}": text for path, text in render(documents, templates, overrides).items()}
    overrides.refuse_unused()
    return {LOCK: lock(root, paths, templates, table), **files}
