"""Find the two versions of each document and of each catalogue: in files, or in git revisions."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.catalogue import is_catalogue
from sleeptalk_contract.contract.document import Document, checkout, current_folder, decoded, document_paths
from sleeptalk_contract.contract.usage import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CATALOGUES: Final = "rules/"
"""The folder of the catalogues, which the names of their pairs begin with."""

_FILE: Final = re.compile(r"openapi/((?:rules/)?[^/]+)\.yaml")
_IS_DOCUMENT: Final = re.compile(r"""^["']?openapi["']?\s*:""", re.MULTILINE)
_OTHER_REPOSITORY: Final = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX"})


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions of the document `name` ("asleep") or of its catalogue ("rules/asleep").

    A version is None where there is none. `catalogue` is that of a document, the newer one where there are two.
    """

    name: str
    base: Document | None
    revision: Document | None
    catalogue: Document | None = None

    @property
    def is_catalogue(self) -> bool:
        """Whether it is a catalogue that is compared."""
        return self.name.startswith(CATALOGUES)


def pairs(base: str, revision: str | None) -> Iterator[Pair]:
    """Yield what to compare: two files, or each document and each catalogue of two git revisions.

    `revision` None means the files of the project as they are now. A file is compared with the project's document of
    the same name, or with its catalogue where it is one. Raises UsageError for what is neither a file nor a git
    revision.
    """
    if Path(base).is_file():
        yield _files(Path(base), revision)
        return
    before = _committed(base)
    after = _now() if revision is None else _committed(revision)
    for name in sorted({*before, *after}, key=lambda name: (name.startswith(CATALOGUES), name)):
        catalogue = f"{CATALOGUES}{name}"
        holder = after if catalogue in after else before
        old, new = (found[name]() if name in found else None for found in (before, after))
        yield Pair(name, old, new, holder[catalogue]() if catalogue in holder else None)


def _files(base: Path, revision: str | None) -> Pair:
    first = Document.read(base)
    name = f"{CATALOGUES if is_catalogue(first) else ''}{first.name}"
    now = _now()
    if revision is not None and not Path(revision).is_file():
        raise UsageError(f"{base} is a file, so {revision} must be a file too, and it is not there.")
    if revision is None and name not in now:
        raise UsageError(f"{base} is not one of the project's files ({', '.join(now)}): name two files.")
    other = Document.read(Path(revision)) if revision is not None else now[name]()
    catalogue = f"{CATALOGUES}{name}"
    return Pair(name, first, other, now[catalogue]() if catalogue in now else None)


def _now() -> dict[str, Callable[[], Document]]:
    """Return what reads each file of the project, by name."""
    place = current_folder()
    documents = document_paths(place)
    catalogues = [path for path in document_paths(place / CATALOGUES) if (place / path.name) in documents]
    return {
        **{path.stem: partial(Document.read, path) for path in documents},
        **{f"{CATALOGUES}{path.stem}": partial(Document.read, path) for path in catalogues},
    }


def _committed(revision: str) -> dict[str, Callable[[], Document]]:
    """Return what reads each file of a git revision, by name.

    Raises UsageError outside of a checkout, and where there is no such revision or it has no documents.
    """
    root = current_folder().parent
    if checkout(root) != root:  # an installed package, around which git may find the repository of another project
        raise UsageError(f"{revision} is not a file; git revisions are compared in a checkout of the project.")
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None and _git(root, "rev-parse", "--git-dir") is None:
        raise UsageError(f"{revision} is not a file, and git reads no repository in {root}: name two files.")
    if commit is None:
        raise UsageError(f"{revision} is neither a file nor a git revision of this checkout.")
    # Names are below the checkout, which may be a folder of its repository.
    listed = _git(root, "ls-tree", "-r", "-z", "--name-only", commit.decode().strip(), "openapi/") or b""
    found: dict[str, Callable[[], Document]] = {}
    for name in _FILE.findall(listed.decode("utf-8", "replace").replace("\0", "\n")):
        place = f"{revision}:openapi/{name}.yaml"
        text = decoded(_git(root, "show", "--end-of-options", f"{revision}:./openapi/{name}.yaml") or b"", place)
        if name.startswith(CATALOGUES) or _IS_DOCUMENT.search(text):  # older revisions keep settings beside documents
            found[name] = partial(Document.parse, text, place, Path(name).name)
    if not found:
        raise UsageError(f"{revision} has no documents in openapi/ of {root}: name another revision, or two files.")
    return found


def _git(root: Path, *arguments: str) -> bytes | None:
    """Return what git prints in the checkout `root`, also where variables such as those of hooks name another one.

    None where it fails.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _OTHER_REPOSITORY}
    try:
        run = subprocess.run(  # noqa: S603  # fixed program, and `--end-of-options` keeps names from being options
            ["git", "-C", str(root), *arguments],  # noqa: S607  # git of the PATH, as its user means it
            check=False,
            capture_output=True,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise UsageError("git is not on the PATH: install it, or name two files.") from error
    return run.stdout if run.returncode == 0 else None
