"""Nights and calls of the sandbox as the clients read them, and what stands in their pictures."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import msgspec
import pytest

from sleeptalk_contract.contract.time_zones import timezone_named
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS
from sleeptalk_generated.asleep.models import SessionResult
from sleeptalk_generated.decoding import decode
from sleeptalk_generated.phonexia.models import TimeAnalysisResult

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

needs_matplotlib = pytest.mark.skipif(
    importlib.util.find_spec("matplotlib") is None, reason="matplotlib is not installed (extra plot)"
)
SVG = "{http://www.w3.org/2000/svg}"


def night(name: str, zone: str = "UTC", **changed: Any) -> SessionResult:
    """Return a night of the sandbox in a zone; what is changed are parts of the result, or of its session."""
    found = timezone_named(zone)
    assert found is not None
    result = SCENARIOS[name].as_result(zone, found)
    session = {**result["session"], **{key: value for key, value in changed.items() if key in result["session"]}}
    rest = {key: value for key, value in changed.items() if key not in session}
    return decode(msgspec.json.encode({**result, "session": session, **rest}), SessionResult)


def analysis(name: str) -> TimeAnalysisResult:
    return decode(msgspec.json.encode(CALLS[name].outcome["result"]), TimeAnalysisResult)


def drawn(svg: str) -> Element:
    return ET.fromstring(svg)


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in drawn(svg).iter(f"{SVG}text")]


def hints(svg: str) -> list[str]:
    """Return what the bars say to a pointer that rests on them."""
    return [title.text or "" for box in drawn(svg).iter(f"{SVG}rect") for title in box.iter(f"{SVG}title")]
