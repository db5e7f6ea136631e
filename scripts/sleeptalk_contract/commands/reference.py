"""`sleeptalk reference`: build the API reference."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sleeptalk_contract.commands.help import Command
from sleeptalk_contract.commands.schemas import tool_schemas
from sleeptalk_contract.contract.document import current_folder, folder, read_text
from sleeptalk_contract.contract.output import say
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.generation import tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sleeptalk_contract.contract.service import Service

MARK: Final = ".sleeptalk-reference"


def reference(services: Sequence[Service]) -> click.Command:
    """Return the command for some services."""

    @click.command(cls=Command)
    @click.option(
        "--out",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("site"),
        show_default=True,
        help="The folder to write.",
    )
    def reference(out: Path) -> None:
        """Build the API reference into the folder --out, which is replaced.

        The pages load nothing from the network: they can be served, or opened from the disk.

        Exit codes: 0 built, 2 the reference could not be built, and the folder is as it was.

        Example: sleeptalk reference --out site
        """
        write(out, contents(services))
        say(f"{out / 'index.html'} is the first page of the reference.")

    return reference


def contents(services: Sequence[Service]) -> Mapping[str, str]:
    """Return every file of the site by its name. Raises UsageError where a document cannot be used or rendered.

    In a checkout of the project its own documents are shown, and not those of the installed package.
    """
    # The templates and their models take a while to import, which --help can do without.
    from sleeptalk_contract.commands.guides import guides  # noqa: PLC0415  # slow
    from sleeptalk_contract.linting.checks import refuse_unsound  # noqa: PLC0415  # slow
    from sleeptalk_contract.reference.site import Article, files_of, published  # noqa: PLC0415  # slow
    from sleeptalk_contract.reference.versions import comparisons, operation_versions  # noqa: PLC0415  # slow

    languages = resources.files("sleeptalk_contract.services").joinpath("languages.md").read_text(encoding="utf-8")
    shown = [
        replace(each, document=current_folder() / each.document.name) if each.document.parent == folder() else each
        for each in services
    ]
    parts = published(shown)
    for part in parts:
        refuse_unsound(part.document)
    articles = (
        *guides(services, parts),
        *comparisons(parts),
        Article("languages.html", "Languages", "Other languages", languages),
        Article("changelog.html", "Changelog", "Changelog", _changelog()),
    )
    return {
        MARK: "Built by `sleeptalk reference`, which replaces this folder.\n",
        **tool_schemas(services),
        **files_of(parts, articles, operation_versions(parts)),
    }


def write(out: Path, files: Mapping[str, str]) -> None:
    """Replace `out` by the files. Raises UsageError where that cannot be done; then `out` is as it was.

    A folder that holds anything other than a reference is never replaced.
    """
    try:
        place = out.resolve()  # "." too has a name, and a folder beside it
        if place.exists() and any(place.iterdir()) and not (place / MARK).is_file():
            raise UsageError(
                f"{out} holds files that are not part of a reference: name an empty or a new folder with --out."
            )
        tree.replace(place, files)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}. Name another folder with --out.") from error


def _changelog() -> str:
    file = current_folder().parent / "CHANGELOG.md"
    return read_text(file, str(file)) if file.is_file() else "# Changelog\n\nThe changelog is in the source archive.\n"
