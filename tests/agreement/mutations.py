"""Bodies that were right and are spoiled: in their values, in the text of a value, or in their bytes."""

import copy
import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

JUNK: Final[Sequence[Any]] = (
    None, True, False, 0, -1, 7, 34.0, 0.5, -0.0, 1e300, 2**53, 2**63, 2**64, 2**200, 10**400, -(10**400), "", " ", "x",
    "0", "2022-08-01T01:31:17+09:00", "2022-08-01T01:31:17Z", "2022-08-01T01:31:17", "0000-01-01T00:00:00+00:00",
    "0000-00-00T99:99:99+99:99", "2022-02-29T00:00:00+00:00", "2022-06-30T23:59:60+00:00", "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59", "2022-08-01T01:31:17.5+09:00", "2022-08-01 01:31:17+09:00", "2022-08-01T01:31:17+0900",
    "2022-08-01T24:00:00+00:00", "2022-08-01T01:31:17+24:00", "2022-08-01T01:31:17-00:00", "OPEN", "COMPLETE", "done",
    "pending",
    "INFERENCE_COMPLETE", "SESSION_COMPLETE", "SESSION_DELETED", "수면", "\u0000", "😀", [], [0], [None], [[]],
    [-1, 0, 1], {}, {"": 1}, {"state": "OPEN"}, {"x": {}}, {"a": None},
)  # fmt: skip
"""Values that may stand anywhere."""

RAW: Final[Sequence[bytes]] = (
    rb'"\ud800"', rb'"\udfff\ud800"', rb'"\ud83d\ude00"', rb'"\uD83D"', rb'{"\udc00":1}', rb'"\\ud800"', rb'"\x"',
    rb'"\u12"', b'"\x01"', b'"\t"', b'"\x7f"', b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"1e-999",
    b"1E5", b"1e99999999999999999999", b"1e-99999999999999999999", b"01", b"-0", b"-0.0", b"1.", b".5", b"+1", b"1e",
    b"-", b"9" * 400, b"9" * 4300, b"9" * 4301, b"9" * 400 + b".5", b"9" * 310 + b"e-305", b"34.0",
    b"3400e-2", b"0.34e2", b"9007199254740993.0",
    b"[" * 150 + b"]" * 150, b"[" * 400 + b"]" * 400, b'{"a":' * 400 + b"1" + b"}" * 400, b"[" * 50_000 + b"]" * 50_000,
    b"[" * 300, b"[1,]", b'{"a":1,}', b'{"a":1,"a":2}', b'{"":0,"":1}', b"tru", b"True", b"null", b"'x'", b'"\xff"',
    b'"\xc0\x80"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\xef\xbb\xbf"', b"\xc2\xa0", b"/* */1", b"",
)  # fmt: skip
"""Texts that may stand for a value: JSON, nearly JSON, and what is not text."""

WHOLE: Final[Sequence[Callable[[bytes], bytes]]] = (
    lambda body: b"\xef\xbb\xbf" + body,
    lambda body: body.decode(errors="replace").encode("utf-16"),
    lambda body: body.decode(errors="replace").encode("utf-16-le"),
    lambda body: body.decode(errors="replace").encode("utf-32"),
    lambda body: b" \r\n\t" + body + b"\n",
    lambda body: b"\x0c" + body,
    lambda body: b"\x00" + body,
    lambda body: body + b"\x00",
    lambda body: body + body,
    lambda body: b"[" + body + b"]",
    lambda body: b"",
)
"""Ways to spoil a body as a whole."""

_PLACEHOLDER: Final = "placeholder of a raw text"


def mutated(rng: random.Random, seeds: Sequence[Any]) -> bytes:
    """Return one of the seeds with none to five values spoiled, now and then also in its text or its bytes."""
    body = copy.deepcopy(rng.choice(seeds))
    for _ in range(rng.choice((0, 1, 1, 1, 2, 5))):
        _spoil(rng, body, copy.deepcopy(rng.choice(JUNK)))
    raw = rng.random() < 0.4
    if raw:
        _spoil(rng, body, _PLACEHOLDER)
    content = json.dumps(body, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
    if raw:
        content = content.replace(json.dumps(_PLACEHOLDER).encode(), rng.choice(RAW))
    if rng.random() < 0.1:
        content = _repeated_key(rng, content)
    if rng.random() < 0.05:
        start = rng.randrange(len(content) + 1)
        content = content[:start] + rng.choice(RAW)[:20] + content[start + rng.randrange(4) :]
    if rng.random() < 0.03:
        content = content[: rng.randrange(len(content) + 1)]
    return rng.choice(WHOLE)(content) if rng.random() < 0.03 else content


def _spoil(rng: random.Random, body: Any, by: Any) -> None:
    """Replace, remove, add, rename or double one value anywhere in the body."""
    place = rng.choice([place for place in _containers(body) if place] or [body])
    if not place:
        return
    key: Any = rng.choice(list(place)) if isinstance(place, dict) else rng.randrange(len(place))
    match rng.randrange(6):
        case 0 if isinstance(place, dict):
            del place[key]
        case 1 if isinstance(place, dict):
            place[rng.choice(("added", "", "añadido", "__proto__", "__dict__"))] = by
        case 2 if isinstance(place, dict):
            place[key.upper()] = place.pop(key)
        case 3 if isinstance(place, list):
            place.extend(copy.deepcopy(place[key]) for _ in range(rng.randrange(50)))
        case _:
            place[key] = by


def _repeated_key(rng: random.Random, content: bytes) -> bytes:
    """Write a key of the body, or one that it has not, a second time, before or behind the others."""
    name = rng.choice((b"detail", b"result", b"task", b"error", b"callback_event", b"callback_data", b"other"))
    pair = b'"%s":%s' % (name, rng.choice((*RAW, *(json.dumps(each).encode() for each in JUNK))))
    if not content.startswith(b"{") or not content.endswith(b"}") or content == b"{}":
        return content
    return b"{" + pair + b"," + content[1:] if rng.random() < 0.5 else content[:-1] + b"," + pair + b"}"


def _containers(value: Any) -> Iterator[Any]:
    if isinstance(value, (dict, list)):
        yield value
        for item in value.values() if isinstance(value, dict) else value[:3]:
            yield from _containers(item)
