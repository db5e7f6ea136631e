"""Decoding: our classes against json.loads, other tools' classes, and msgspec's own Structs as the floor."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks.bodies import analysis_body, callback_body, session_body
from benchmarks.measure import interleaved, ratio
from benchmarks.peers import decoders

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.results import Results, Target

_TARGETS: dict[str, dict[str, Target]] = {
    kind: {
        "json.loads": ("at most", untyped),
        "msgspec Structs": ("at most", structs),
        "openapi-python-client": ("at most", stock),
        "pydantic": ("at most", pydantic),
        "openapi-generator": None,
    }
    for kind, untyped, structs, stock, pydantic in (
        ("session", 0.3, 1.1, 0.1, 0.5),
        ("analysis", 0.5, 1.7, 0.15, 0.3),  # many small objects, which Structs are made for
        ("callback", 0.3, 1.1, 0.1, 0.5),
    )
}


def measure(results: Results, workspace: Path) -> None:
    """Measure how long our decoding takes in relation to each peer's, for three bodies."""
    for kind, body in (("session", session_body()), ("analysis", analysis_body()), ("callback", callback_body())):
        peers = decoders(kind, workspace)
        timings = interleaved({name: partial(decode, body) for name, decode in peers.decoders.items()}, cpu=True)
        for name, target in _TARGETS[kind].items():
            what = f"decode one {kind} body ({len(body):,} bytes)"
            if name in timings:
                results.add(what, name, ratio(timings["sleeptalk"], timings[name]), target)
            elif name in peers.missing:
                results.skip(what, name, peers.missing[name])
