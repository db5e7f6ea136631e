"""`sleeptalk reference` builds the API reference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sleeptalk_contract.contract.documents import DOCUMENTS, document, folder
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.generation.tree import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

MARK: Final = ".sleeptalk-reference"


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("site"), show_default=True)
def reference(out: Path) -> None:
    """Build the API reference into the folder --out, which is replaced.

    The pages load nothing from the network: they can be served, or opened from the disk. Exits 0, or 2 where the
    reference could not be built; then the folder is as it was.
    """
    write(out, contents())
    click.echo(f"{out / 'index.html'} is the first page of the reference.")


def contents() -> Mapping[str, str]:
    """Give every file of the site by its name. Raises UsageError where Redocly cannot render a document."""
    from sleeptalk_contract.reference.downgrade import downgraded  # noqa: PLC0415  # as below
    from sleeptalk_contract.reference.pages import pages  # noqa: PLC0415  # models and templates, which --help can do without
    from sleeptalk_contract.reference.redoc import redoc_page  # noqa: PLC0415  # as above

    files = {MARK: "Built by `sleeptalk reference`, which replaces this folder.\n", **pages(_changelog())}
    for name in DOCUMENTS:
        files[f"{name}.html"] = redoc_page(name, f"{document(name)['info']['title']} · Sleeptalk reference")
        files[f"{name}.yaml"] = _text(folder() / f"{name}.yaml")
        files[f"rules-{name}.yaml"] = _text(folder() / "rules" / f"{name}.yaml")
        files[f"{name}.json"] = _json(document(name))
        files[f"{name}-3.0.json"] = _json(downgraded(document(name)))
    return files


def write(out: Path, files: Mapping[str, str]) -> None:
    """Put the files in the place of `out`. Raises UsageError where that cannot be done; then `out` is as it was.

    A folder that holds anything else than a reference is never replaced.
    """
    try:
        place = out.resolve()  # "." too has a name, and a folder beside it
        if place.exists() and any(place.iterdir()) and not (place / MARK).is_file():
            raise UsageError(f"{out} holds files that are no reference: name an empty or a new folder with --out.")
        replace(place, files)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}. Name another folder with --out.") from error


def _json(value: object) -> str:
    return f"{json.dumps(value, indent=2, ensure_ascii=False)}\n"


def _changelog() -> str:
    file = folder().parent / "CHANGELOG.md"
    return _text(file) if file.is_file() else "# Changelog\n\nThe changelog is in the source archive.\n"


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}.") from error
