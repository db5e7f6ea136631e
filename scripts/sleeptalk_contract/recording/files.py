"""The exchanges of files: which form a file has is told by how it begins, not by its name.

All are read entry by entry; only the text of a cassette in YAML is in memory as a whole.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import sys
import zipfile
import zlib
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, Final

import msgspec

from sleeptalk.recording import Recorded
from sleeptalk_contract.contract.bounded import RefusedError, read_bytes
from sleeptalk_contract.contract.redaction import escaped
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.recording import cassette, har
from sleeptalk_contract.recording.archive import hars_of_zip
from sleeptalk_contract.recording.events import exchanges_of_event
from sleeptalk_contract.recording.packing import peeked, unpacked
from sleeptalk_contract.recording.splitting import entries_of
from sleeptalk_contract.recording.text import MalformedError

if TYPE_CHECKING:
    import io
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sleeptalk_contract.recording.har import Attached

STDIN: Final = "-"

LONGEST_LINE: Final = 64 * 1024 * 1024
"""Bytes of one line of NDJSON, a body in base64 included."""

LARGEST_YAML: Final = 1024 * 1024 * 1024
"""Bytes of a cassette in YAML, which is in memory as a whole while its interactions are read one after the other."""

_HAR: Final = re.compile(rb'\s*\{\s*"(log|_\w+)"')
_CASSETTE_IN_JSON: Final = re.compile(rb'(?<!\\)"(http_)?interactions"\s*:\s*\[')
_CASSETTE: Final = re.compile(rb"(?m)^(http_)?interactions:")
_EVENT: Final = re.compile(rb'\s*\{\s*"[A-Z]\w+"\s*:')
_LINE: Final = re.compile(rb'\s*\{\s*"(request|response|started|seconds|failure|webhook|lost|\w+_\w+)"\s*:')
_BEGUN: Final = b'{"request":'
_MITMPROXY: Final = re.compile(rb"\d+:\d+:")
_SUFFIXES: Final = (".har", ".zhar", ".zip", ".ndjson", ".jsonl", ".json", ".yaml", ".yml")
_FORMS: Final = (
    "NDJSON as sleeptalk records it (sleeptalk judge --schema) or schemathesis, a HAR file or a cassette of VCR"
)
_DECODER: Final = msgspec.json.Decoder(Recorded)


def files_in(path: Path) -> list[Path]:
    """Return a file itself, and of a folder the recordings beneath it, in the order of their names.

    Raises UsageError for a folder without any.
    """
    if str(path) == STDIN or not path.is_dir():
        return [path]
    found = [each for each in sorted(path.rglob("*")) if _is_named_like_one(each) and _begins_like_one(each)]
    if not found:
        raise UsageError(f"{escaped(str(path))} has no file that can be judged: {_FORMS}.")
    return found


def recorded_exchanges(path: Path) -> Iterator[Recorded]:
    """Yield the exchanges of a file, packed or not; of standard input for "-".

    Raises UsageError with one sentence that names the file, and the line or the entry at fault.
    """
    return (recorded for recorded, _ in recorded_lines(path))


def recorded_lines(path: Path) -> Iterator[tuple[Recorded, bytes | None]]:
    """Yield the exchanges of a file as `recorded_exchanges`, each with its line in NDJSON of ours, and else with None.

    Raises UsageError as `recorded_exchanges`.
    """
    name = "standard input" if str(path) == STDIN else escaped(str(path))
    with ExitStack() as stack:
        try:
            stream = sys.stdin.buffer if str(path) == STDIN else stack.enter_context(path.open("rb"))
            plain = unpacked(stream, stack)
            if isinstance(plain, zipfile.ZipFile):
                for content, attached in hars_of_zip(plain):
                    yield from _without_lines(har.exchanges_of_har(entries_of(content, har.PATH), attached))
            else:
                yield from _read(plain, _beside(path))
        except MalformedError as error:
            raise UsageError(f"{name}{error.place}: {error}.") from None
        except EOFError:
            raise UsageError(f"{name} is cut off: it ends before what is packed in it does.") from None
        except (gzip.BadGzipFile, zlib.error, zipfile.BadZipFile):
            raise UsageError(f"{name} cannot be unpacked: it is damaged.") from None
        except OSError as error:
            raise UsageError(f"{name} cannot be read ({error.strerror or type(error).__name__}).") from None


def _beside(path: Path) -> Attached:
    """Return what reads the bodies that lie in files of their own beside a HAR file."""

    def attached(name: str) -> bytes | None:
        folder = path.absolute().parent
        try:
            return None if str(path) == STDIN else read_bytes(folder / name, within=folder)
        except (OSError, RefusedError, ValueError):
            return None

    return attached


def _is_named_like_one(path: Path) -> bool:
    return path.name.lower().removesuffix(".gz").endswith(_SUFFIXES) and path.is_file()


def _begins_like_one(path: Path) -> bool:
    with ExitStack() as stack:
        try:
            plain = unpacked(stack.enter_context(path.open("rb")), stack)
            if isinstance(plain, zipfile.ZipFile):
                return any(name.endswith(".har") for name in plain.namelist())
            head = peeked(plain)
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile):
            return True  # which is said when it is read
    forms = (_HAR.match, _CASSETTE_IN_JSON.search, _CASSETTE.search, _EVENT.match, _LINE.match)
    return any(begins(head.removeprefix(codecs.BOM_UTF8)) for begins in forms)


def _without_lines(exchanges: Iterable[Recorded]) -> Iterator[tuple[Recorded, None]]:
    return ((recorded, None) for recorded in exchanges)


def _read(stream: io.BufferedReader, attached: Attached) -> Iterator[tuple[Recorded, bytes | None]]:
    if peeked(stream).startswith(codecs.BOM_UTF8):
        stream.read(len(codecs.BOM_UTF8))
    head = peeked(stream)
    if not head.strip():
        rest = stream.read(LONGEST_LINE)
        if rest.strip():
            raise MalformedError(f"it begins with a great many blanks: it must be {_FORMS}")
    elif _HAR.match(head):
        yield from _without_lines(har.exchanges_of_har(entries_of(stream, har.PATH), attached))
    elif head.lstrip().startswith(b"{") and _CASSETTE_IN_JSON.search(head):
        yield from _without_lines(cassette.exchanges_of_cassette(entries_of(stream, *cassette.PATHS)))
    elif _EVENT.match(head):
        yield from _without_lines(_events(stream))
    elif head.lstrip().startswith(b"{"):
        yield from _lines(stream)
    elif _CASSETTE.search(head) or head.lstrip().startswith((b"#", b"---", b"command:", b"version:")):
        yield from _without_lines(cassette.exchanges_of_cassette(cassette.interactions_in_yaml(_whole(stream))))
    elif _MITMPROXY.match(head):
        raise MalformedError(
            "it is in mitmproxy's own form: make a HAR file of it by `mitmdump -nr FILE --set hardump=FILE.har`"
        )
    else:
        raise MalformedError(f"it is none of what can be judged: {_FORMS}")


def _lines(stream: IO[bytes]) -> Iterator[tuple[Recorded, bytes]]:
    for number, line in _numbered(stream):
        try:
            recorded = _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if not isinstance(error, msgspec.ValidationError) and line.startswith(_BEGUN):
                recorded = Recorded(lost=1)  # whose program ended before it was written as a whole
            else:
                raise MalformedError(_why(line, error), f", line {number}") from None
        if recorded.request is None and not recorded.lost:
            raise MalformedError("it has neither a request nor how many were lost", f", line {number}")
        yield recorded, line


def _events(stream: IO[bytes]) -> Iterator[Recorded]:
    for number, line in _numbered(stream):
        try:
            yield from exchanges_of_event(json.loads(line))
        except (ValueError, RecursionError) as error:
            raise MalformedError(_why(line, error), f", line {number}") from None
        except MalformedError as error:
            raise MalformedError(str(error), f", line {number}") from None


def _numbered(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise MalformedError(f"it has more than {LONGEST_LINE} bytes", f", line {number}")
        if not line.isspace():
            yield number, line


def _why(line: bytes, error: Exception) -> str:
    if isinstance(error, msgspec.ValidationError):
        return f"it is not a recorded exchange: {_sentence(error)}"
    if not line.endswith(b"\n"):
        return "it is cut off: end the recording before you judge it, or remove this line"
    return f"it is not JSON: {_sentence(error)}"


def _whole(stream: IO[bytes]) -> bytes:
    content = stream.read(LARGEST_YAML + 1)
    if len(content) > LARGEST_YAML:
        raise MalformedError(
            f"it has more than {LARGEST_YAML} bytes, and YAML is kept in memory: record NDJSON, HAR or JSON instead"
        )
    return content


def _sentence(error: Exception) -> str:
    return escaped(" ".join(str(error).split()).rstrip(".")[:200])
