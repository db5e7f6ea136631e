"""`sleeptalk generate`: write the typed clients from the documents, or see that they are as written."""

from __future__ import annotations

import keyword
import re
from pathlib import Path
from typing import Final

import click

from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.generation.tree import LOCK, PACKAGE, differences, present, replace

_OTHERS: Final = frozenset({"redocly", "rules"})
"""The YAML files of openapi/ that are not OpenAPI documents."""


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 and show what differs.")
@click.pass_context
def generate(context: click.Context, check: bool) -> None:
    """Write the typed clients in generated/ from openapi/ and overrides/templates/.

    Works in a checkout of the project, from any of its folders. A document that cannot be generated leaves the old
    files as they are. Exit codes: 0 written or as written, 1 different (with --check), 2 not possible.
    """
    root = checkout(Path.cwd())
    files = rendered(root)
    folder = root / "generated"
    different = differences(present(folder), files)
    if check:
        for line in different:
            click.echo(line)
        if different:
            click.echo("generated/ is not what the documents and templates give: run sleeptalk generate.")
            context.exit(1)
        click.echo(f"generated/ is up to date: {len(files)} files.")
        return
    if different:
        try:
            replace(folder, files)
        except OSError as error:
            raise UsageError(f"{folder} cannot be written ({error.strerror}); the old files are kept.") from error
    click.echo(f"generated/: {len(files)} files, {'renewed' if different else 'nothing to change'}.")


def checkout(start: Path) -> Path:
    """Find the checkout of the project that `start` is in; UsageError outside of one.

    An installed package holds the documents but neither templates nor a place for the output.
    """
    for folder in (start, *start.parents):
        if (folder / "overrides" / "templates").is_dir() and (folder / "openapi").is_dir():
            return folder
    raise UsageError(
        "generate works in a checkout of the project, where openapi/ and overrides/templates/ are: run it there."
    )


def rendered(root: Path) -> dict[str, str]:
    """Render everything that belongs in `generated/` of a checkout: paths below it with their texts.

    Raises UsageError for a document or template that cannot be used.
    """
    # The generator takes most of a second to import, which --help and wrong use need not wait for.
    from sleeptalk_contract.generation.lock import lock  # noqa: PLC0415
    from sleeptalk_contract.generation.overrides import read_overrides  # noqa: PLC0415
    from sleeptalk_contract.generation.rendering import Service, render  # noqa: PLC0415
    from sleeptalk_contract.generation.source import read  # noqa: PLC0415

    templates, table = root / "overrides" / "templates", root / "overrides" / "overrides.toml"
    paths = _documents(root)
    services = [Service(package, read(path, f"openapi/{path.name}")) for package, path in paths.items()]
    overrides = read_overrides(table)
    files = {f"{PACKAGE}/{path}": text for path, text in render(services, templates, overrides).items()}
    overrides.refuse_unused()
    return {LOCK: lock(root, paths.values(), templates, table), **files}


def _documents(root: Path) -> dict[str, Path]:
    """Find the documents in `openapi/`, each by the name of its package: the file's name as an identifier."""
    found: dict[str, Path] = {}
    for path in sorted((root / "openapi").glob("*.yaml")):
        if path.stem in _OTHERS:
            continue
        package = re.sub(r"\W", "_", path.stem.lower())
        if not package.isidentifier() or keyword.iskeyword(package):
            raise UsageError(f"openapi/{path.name}: the name of a document must begin with a letter: rename the file.")
        if package in found:
            raise UsageError(
                f"openapi/{path.name} and openapi/{found[package].name} would both become the package {package}:"
                " rename one."
            )
        found[package] = path
    return found
