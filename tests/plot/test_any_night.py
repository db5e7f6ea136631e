"""Any night and any call that decodes can be drawn, in any theme and width, and in a terminal."""

from __future__ import annotations

import json
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sleeptalk import plot
from sleeptalk.drawing import hypnogram
from sleeptalk.drawing.blocks import as_blocks
from sleeptalk.drawing.nights import night_picture
from sleeptalk_generated.asleep.models import SessionResult, Stat
from sleeptalk_generated.decoding import decode
from tests.plot.results import drawn, needs_matplotlib, texts

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

ZONES = ("UTC", "Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Monrovia", "nowhere")
STATES = ("OPEN", "CLOSED", "COMPLETE", "PAUSED")
VALIDITIES = ("VALID", "IN_PROGRESS", "INVALID:TOO_MANY_DEFECTS_IN_OSA_STAGES", "INVALID: ", "")

times = st.builds(
    lambda time, minutes: time.replace(tzinfo=timezone(timedelta(minutes=minutes))).isoformat(timespec="seconds"),
    st.datetimes(),
    st.integers(-14 * 60, 14 * 60),
)
integers = st.integers(-(10**30), 10**30) | st.integers(0, 30_000)
floats = st.floats(allow_nan=False, allow_infinity=False) | st.floats(0, 1)
stages = st.lists(st.integers(-1, 3) | st.integers(-(2**40), 2**40), max_size=60) | st.lists(
    st.sampled_from([-1, 0, 1]), max_size=200
)
plain = st.text(max_size=40)


def value_of(kind: str) -> SearchStrategy[Any]:
    """Return a strategy for the values of a field of the statistics, by its annotation."""
    values: SearchStrategy[Any] = (
        times if "Timestamp" in kind else integers if "int" in kind else floats if "float" in kind else plain
    )
    return values | st.none() if "None" in kind else values


statistics = st.fixed_dictionaries({each.name: value_of(str(each.type)) for each in attrs.fields(Stat)})
bodies = st.fixed_dictionaries(
    {
        "timezone": st.sampled_from(ZONES) | plain,
        "validity": st.sampled_from(VALIDITIES) | plain,
        "session": st.fixed_dictionaries(
            {
                "id": plain,
                "state": st.sampled_from(STATES),
                "start_time": times,
                "end_time": times | st.none(),
                "sleep_stages": stages | st.none(),
                "osa_stages": stages | st.none(),
            }
        ),
        "stat": statistics | st.none(),
    }
)
nights = bodies.map(lambda body: decode(json.dumps(body).encode(), SessionResult))
draws = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@draws
@given(nights, st.sampled_from(["light", "dark", "auto"]), st.floats(240, 2000))
def test_any_night_that_decodes_is_drawn_and_says_whether_it_is_valid(
    night: SessionResult, theme: Any, width: float
) -> None:
    svg = hypnogram(night, theme=theme, width=width)
    root = drawn(svg)
    words = " ".join(texts(svg))
    assert all(state in words for state in STATES if night.session.state == state)
    for shape in root.iter():
        sizes = [float(shape.get(name, "0")) for name in ("x", "y", "width", "height") if shape.tag.endswith("}rect")]
        assert all(size >= 0 for size in sizes)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}line"))) < 1000


@draws
@given(nights, st.integers(1, 200), st.booleans())
def test_any_night_that_decodes_is_shown_in_a_terminal(night: SessionResult, columns: int, ascii_only: bool) -> None:
    for row in as_blocks(night_picture(night), columns, ascii_only=ascii_only):
        assert len(row.name) + len(row.cells) == columns


@needs_matplotlib
@pytest.mark.filterwarnings("ignore:Glyph")  # which matplotlib's font does not have: it draws a box
@settings(draws, max_examples=15)
@given(nights)
def test_any_night_that_decodes_is_drawn_by_matplotlib(night: SessionResult) -> None:
    figure = plot.hypnogram(night)
    figure.draw_without_rendering()
    assert figure.axes[0].get_xlim() == (0, night_picture(night).length)
