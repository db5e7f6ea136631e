"""Finds the two versions of each document: in files, or in a git revision."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.catalogue import is_catalogue
from sleeptalk_contract.contract.document import Document, folder
from sleeptalk_contract.contract.documents import DOCUMENTS
from sleeptalk_contract.contract.usage import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator


CATALOGUES: Final = "rules/"
"""The folder of the catalogues, which the names of their pairs begin with."""

_COMPARED: Final = (*DOCUMENTS, *(f"{CATALOGUES}{name}" for name in DOCUMENTS))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions of the document `name` ("asleep") or of its catalogue ("rules/asleep").

    A version is None where a git revision does not have it.
    """

    name: str
    base: Document | None
    revision: Document | None


def pairs(base: str, revision: str | None) -> Iterator[Pair]:
    """Yield what to compare: two files, or each document and each catalogue at one git revision and at another.

    `revision` None means the files of the project as they are now. A file is compared with the project's document of
    the same name, or with its catalogue where it is one. Raises UsageError for what is neither a file nor a git
    revision.
    """
    if Path(base).is_file():
        first = Document.read(Path(base))
        name = f"{CATALOGUES if is_catalogue(first) else ''}{first.name}"
        if revision is not None and not Path(revision).is_file():
            raise UsageError(f"{base} is a file, so {revision} must be a file too: there is none of this name.")
        if revision is None and name not in _COMPARED:
            raise UsageError(f"{base} is not one of the project's files ({', '.join(_COMPARED)}): name two files.")
        other = Path(revision) if revision is not None else folder() / f"{name}.yaml"
        yield Pair(name, first, Document.read(other))
        return
    for given in (base, *([revision] if revision is not None else [])):
        _known(given)
    for name in _COMPARED:
        now = _committed(revision, name) if revision is not None else Document.read(folder() / f"{name}.yaml")
        yield Pair(name, _committed(base, name), now)


def _known(revision: str) -> None:
    run = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if run.returncode != 0:
        raise UsageError(f"{revision} is neither a file nor a git revision of this checkout.")


def _committed(revision: str, name: str) -> Document | None:
    place = f"{revision}:openapi/{name}.yaml"
    run = _git("show", "--end-of-options", place)
    return Document.parse(run.stdout, place, name.rpartition("/")[2]) if run.returncode == 0 else None


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603  # fixed program, and `--end-of-options` keeps names from being options
            ["git", "-C", str(folder().parent), *arguments],  # noqa: S607  # git of the PATH, as its user means it
            check=False,
            capture_output=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise UsageError("git is not on the PATH: install it, or name two files.") from error
