"""The exchanges of a file, one after the other: NDJSON line by line, HAR files and cassettes as a whole."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import sys
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, Final, cast

import msgspec

from sleeptalk.recording import Recorded
from sleeptalk_contract.contract.redaction import escaped
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.recording.cassette import exchanges_of_cassette, read_yaml_cassette
from sleeptalk_contract.recording.har import exchanges_of_har
from sleeptalk_contract.recording.text import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STDIN: Final = "-"

LONGEST_LINE: Final = 64 * 1024 * 1024
"""Bytes of one line of NDJSON, a body in base64 included."""

LARGEST_WHOLE: Final = 1024 * 1024 * 1024
"""Bytes of a HAR file or a cassette, which are read as a whole."""

_GZIP: Final = b"\x1f\x8b"
_HEAD: Final = 4096
_HAR: Final = re.compile(rb'\s*\{\s*"(log|_\w+)"')
_CASSETTE_IN_JSON: Final = re.compile(rb'\s*\{\s*"(http_)?(interactions|version)"|\s*\{\s*"recorded_with"')
_CASSETTE: Final = re.compile(rb"(?m)^(http_)?interactions:")
_FORMS: Final = "NDJSON as sleeptalk records it (sleeptalk judge --schema), a HAR file or a cassette of VCR"
_DECODER: Final = msgspec.json.Decoder(Recorded)


def recorded_exchanges(path: Path) -> Iterator[Recorded]:
    """Yield the exchanges of a file, packed by gzip or not; of standard input for "-".

    Raises UsageError with one sentence that names the file, and the line or the entry at fault.
    """
    name = "standard input" if str(path) == STDIN else escaped(str(path))
    with ExitStack() as stack:
        try:
            stream = _opened(path, stack)
            if _peeked(stream).startswith(codecs.BOM_UTF8):
                stream.read(len(codecs.BOM_UTF8))
            yield from _read(stream, _peeked(stream), path)
        except MalformedError as error:
            raise UsageError(f"{name}{error.place}: {error}.") from None
        except EOFError:
            raise UsageError(f"{name} is cut off: its gzip stream ends too early.") from None
        except gzip.BadGzipFile:
            raise UsageError(f"{name} is not gzip, or damaged.") from None
        except OSError as error:
            raise UsageError(f"{name} cannot be read ({error.strerror or type(error).__name__}).") from None


def _opened(path: Path, stack: ExitStack) -> io.BufferedReader:
    raw = sys.stdin.buffer if str(path) == STDIN else stack.enter_context(path.open("rb"))
    stream = cast("io.BufferedReader", raw)
    if _peeked(stream).startswith(_GZIP):
        unpacked = stack.enter_context(gzip.GzipFile(fileobj=stream))
        return io.BufferedReader(cast("io.RawIOBase", unpacked), 256 * 1024)
    return stream


def _peeked(stream: io.BufferedReader) -> bytes:
    return stream.peek(_HEAD)[:_HEAD]


def _read(stream: IO[bytes], head: bytes, path: Path) -> Iterator[Recorded]:
    if not head.strip():
        rest = stream.read(LONGEST_LINE)
        if rest.strip():
            raise MalformedError(f"it begins with a great many blanks: it must be {_FORMS}")
        return
    if _HAR.match(head):
        yield from exchanges_of_har(_json(_whole(stream)), None if str(path) == STDIN else path)
    elif _CASSETTE_IN_JSON.match(head):
        yield from exchanges_of_cassette(_json(_whole(stream)))
    elif head.lstrip().startswith(b"{"):
        yield from _lines(stream)
    elif _CASSETTE.search(head) or head.lstrip().startswith((b"#", b"---", b"command:", b"version:")):
        yield from exchanges_of_cassette(read_yaml_cassette(_whole(stream)))
    else:
        raise MalformedError(f"it is none of what can be judged: {_FORMS}")


def _lines(stream: IO[bytes]) -> Iterator[Recorded]:
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise MalformedError(f"it has more than {LONGEST_LINE} bytes", f", line {number}")
        if line.isspace():
            continue
        try:
            recorded = _DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise MalformedError(_why(line, error), f", line {number}") from None
        if recorded.request is None and not recorded.lost:
            raise MalformedError("it has neither a request nor how many were lost", f", line {number}")
        yield recorded


def _why(line: bytes, error: Exception) -> str:
    if isinstance(error, msgspec.ValidationError):
        return f"it is not a recorded exchange: {_sentence(error)}"
    if not line.endswith(b"\n"):
        return "it is cut off: end the recording before you judge it, or remove this line"
    return f"it is not JSON: {_sentence(error)}"


def _whole(stream: IO[bytes]) -> bytes:
    content = stream.read(LARGEST_WHOLE + 1)
    if len(content) > LARGEST_WHOLE:
        raise MalformedError(f"it has more than {LARGEST_WHOLE} bytes: only NDJSON is read line by line")
    return content


def _json(content: bytes) -> object:
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        found = re.search(r"byte (\d+)", str(error))
        line = content[: int(found[1]) if found else len(content)].count(b"\n") + 1
        raise MalformedError(f"it is not JSON: {_sentence(error)}", f", line {line}") from None


def _sentence(error: Exception) -> str:
    return escaped(" ".join(str(error).split()).rstrip(".")[:200])
