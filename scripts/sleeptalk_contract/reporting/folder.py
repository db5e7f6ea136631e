"""The folder of a report: one run at a time writes to it, and each file is whole."""

import errno
import os
import re
import secrets
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reporting.cases import CASES
from sleeptalk_contract.reporting.model import BEYOND

JUNIT: Final = "junit.xml"
PAGE: Final = "report.html"
FACTS: Final = "report.json"

_LOCK: Final = ".sleeptalk-lock"
_CASE: Final = re.compile(rf"({BEYOND}|[a-z0-9-]+\.[a-z0-9-]+)-[0-9]+\.json|[0-9a-f]{{12}}\.body")


@contextmanager
def reserved(folder: Path | None) -> Iterator[None]:
    """Make a folder for reports, and keep other runs out of it for as long as the block lasts; None for no reports.

    Reports of an earlier run are removed, so that they are not taken for those of a run that could not be made. Raises
    UsageError where the folder cannot be written, and where another run writes to it.
    """
    if folder is None:
        yield
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = _opened(folder / _LOCK)
    except OSError as error:
        raise _unwritable(folder, error) from error
    with lock:
        if not (_locked(lock.fileno()) and _is_still(folder / _LOCK, lock.fileno())):
            raise UsageError(
                f"Another run writes its reports to {folder}: wait for its end, or name another with --report-dir."
            )
        try:
            prepare_folder(folder)
            yield
        finally:
            with suppress(OSError):
                (folder / _LOCK).unlink()


def prepare_folder(folder: Path) -> None:
    """Make a folder for reports, see that it can be written, and remove the reports of an earlier run.

    Raises UsageError where the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        for name in (JUNIT, PAGE, FACTS):
            (folder / name).unlink(missing_ok=True)
        remove_cases(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _opened(path: Path) -> IO[bytes]:
    """Open a file to be locked; raises OSError where a link is in its place, which would lead elsewhere."""
    return os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0), 0o666), "wb")


def _unwritable(folder: Path, error: OSError) -> UsageError:
    return UsageError(
        f"The report folder {folder} cannot be written ({error.strerror}): name another with --report-dir."
    )


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether an open file is the one at its path: a run that ends removes its own."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError:
        return False


def _locked(descriptor: int) -> bool:
    """Lock an open file until it is closed, by this process or by its end; False where another one has it."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415  # only there

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415  # only there

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part of it. Raises OSError.

    Who may read it, the umask decides. A link is followed; a device or a pipe (/dev/null, /dev/stdout) is written to,
    because a file in its place would break it for everybody.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        path.write_bytes(_encoded(content))
        return
    with staged({path.resolve() if path.is_symlink() else path: content}):
        pass


def _encoded(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


@contextmanager
def staged(contents: Mapping[Path, str | bytes]) -> Iterator[None]:
    """Write files beside their places before the block, and put them there, in their order, after it.

    Where there is no room for all of them, none is put in its place. Raises OSError.
    """
    with ExitStack() as unused:
        names = {}
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{path.name[:100]}-{secrets.token_hex(8)}")
            with temporary.open("xb") as stream:
                unused.callback(_remove, temporary)
                stream.write(_encoded(content))
            names[path] = temporary
        yield
        for path, temporary in names.items():
            temporary.replace(path)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def refuse_link(folder: Path) -> None:
    """Raise OSError where a link is in the place of the folder of cases."""
    if (folder / CASES).is_symlink():
        raise OSError(errno.ELOOP, f"{CASES} in it is a symbolic link")


def remove_cases(folder: Path) -> None:
    """Remove the cases of an earlier run, and their folder unless it holds files of the user.

    Raises OSError, also where a link is in the place of their folder, which would lead elsewhere.
    """
    refuse_link(folder)
    for path in (folder / CASES).glob("*"):
        if _CASE.fullmatch(path.name):
            path.unlink()
    with suppress(OSError):
        (folder / CASES).rmdir()
