"""The picture of a night shows what sleep medicine wants to see of it, and what is wrong with it."""

from __future__ import annotations

from datetime import UTC
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
import pytest

from sleeptalk.asleep.recording import recording
from sleeptalk.drawing import hypnogram
from sleeptalk.drawing.nights import night_picture, runs
from sleeptalk.drawing.picture import Box
from sleeptalk.errors import ConfigurationError
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from sleeptalk_generated.asleep.models import SleepData, SleepStage
from sleeptalk_generated.decoding import decode
from tests.plot.results import drawn, hints, night, texts

if TYPE_CHECKING:
    from sleeptalk.asleep.recording import Recorded

LANES = ("W", "REM", "N1+N2", "N3", "Sleep", "Breathing")


def lanes(shown: Recorded) -> list[str]:
    return [lane.name for lane in night_picture(shown).lanes]


def written(shown: Recorded) -> str:
    """Return all that is written in a picture, in one line."""
    return " ".join(texts(hypnogram(shown)))


def gaps(shown: Recorded) -> list[tuple[float, float]]:
    """Return where a picture is hatched, as (first epoch, epochs)."""
    return [(box.x, box.width) for box in night_picture(shown).shapes if isinstance(box, Box) and box.hatched]


def test_lanes_run_from_wake_on_top_down_to_n3_with_breathing_beneath() -> None:
    found = [text for text in texts(hypnogram(night("four-stages"))) if text in LANES]
    assert found == ["W", "REM", "N1+N2", "N3", "Breathing"]


def test_every_run_of_equal_stages_is_one_bar_of_its_length() -> None:
    stages = SCENARIOS["four-stages"].sleep_stages
    assert stages is not None
    expected = [run for run in runs(stages) if run.stage == SleepStage.REM]
    found = [hint for hint in hints(hypnogram(night("four-stages"))) if hint.startswith("REM")]
    assert found == [f"REM for {run.length / 2:g} min" for run in expected]


def test_rem_is_marked_by_bars_that_are_higher_than_all_others() -> None:
    boxes = [shape for shape in night_picture(night("four-stages")).shapes if isinstance(shape, Box)]
    rem = {box.height for box in boxes if box.hint.startswith("REM")}
    others = {box.height for box in boxes if box.hint.startswith(("W ", "N1", "N3"))}
    assert min(rem) > max(others)


def test_runs_cover_every_epoch_once() -> None:
    found = list(runs([0, 0, 1, -1, -1, -1, 1]))
    assert [(run.stage, run.first, run.length) for run in found] == [(0, 0, 2), (1, 2, 1), (-1, 3, 3), (1, 6, 1)]


def test_two_stages_have_two_lanes_and_no_breathing_has_no_strip() -> None:
    assert lanes(night("two-stages")) == ["W", "Sleep", "Breathing"]
    assert lanes(night("two-stages-without-breathing")) == ["W", "Sleep"]
    assert lanes(night("without-breathing")) == ["W", "REM", "N1+N2", "N3"]


def test_sleep_is_not_called_n1_and_n2_while_nothing_tells_the_stages_apart() -> None:
    assert lanes(night("open-with-real-time", sleep_stages=[0, 0, 1, 1], osa_stages=None)) == ["W", "Sleep"]
    assert lanes(night("open-with-real-time", sleep_stages=[0, 0, 1, 3], osa_stages=None))[1] == "REM"


def test_a_stage_that_statistics_do_not_know_is_drawn_all_the_same() -> None:
    assert "N3 for 2 min" in hints(hypnogram(night("two-stages", sleep_stages=[0, 0, 1, 1, 2, 2, 2, 2])))


def test_epochs_that_were_not_analysed_are_hatched_and_not_a_stage() -> None:
    stages, breathing = SCENARIOS["lost-audio"].sleep_stages, SCENARIOS["lost-audio"].osa_stages
    assert stages is not None
    assert breathing is not None
    lost = [run for values in (stages, breathing) for run in runs(values) if run.stage == SleepStage.ERROR]
    assert gaps(night("lost-audio")) == [(run.first, run.length) for run in lost]
    found = [hint for hint in hints(hypnogram(night("lost-audio"))) if hint.startswith("not analysed")]
    assert found == [f"not analysed for {run.length / 2:g} min" for run in lost]
    assert "not analysed" in texts(hypnogram(night("lost-audio")))


def test_breathing_is_stable_unstable_or_unknown_and_each_looks_different() -> None:
    shown = night("four-stages", sleep_stages=[0] * 8, osa_stages=[0, 0, 1, 1, -1, -1, 7, 7], end_time=None)
    boxes = [shape for shape in night_picture(shown).shapes if isinstance(shape, Box)][1:]
    assert [box.hint for box in boxes] == [
        "stable breathing for 1 min",
        "unstable breathing for 1 min",
        "not analysed for 1 min",
        "unknown stage 7 for 1 min",
    ]
    assert [box.hatched for box in boxes] == [False, False, True, True]
    assert boxes[0].colour != boxes[1].colour
    assert boxes[0].height < boxes[1].height


def test_stages_of_undocumented_values_are_hatched_and_named() -> None:
    shown = night("without-breathing", sleep_stages=[0, 5, 5, 3], end_time=None)
    assert "unknown stage 5 for 1 min" in hints(hypnogram(shown))
    assert gaps(shown) == [(1, 2)]
    assert "no value" in texts(hypnogram(shown))


def test_what_was_recorded_without_a_value_is_hatched_up_to_lights_on() -> None:
    shown = night("without-breathing", sleep_stages=[0, 1, 2, 3])
    assert gaps(shown) == [(4, 416)]
    assert "no value for 208 min" in hints(hypnogram(shown))
    assert gaps(night("four-stages")) == []  # 17 s are less than an epoch
    assert gaps(night("closed", osa_stages=[0] * 400)) == [(400, 20)]


def test_a_night_without_stages_says_so() -> None:
    for shown in (night("open-without-real-time"), night("open-without-real-time", sleep_stages=[])):
        assert "There are no sleep stages." in texts(hypnogram(shown))
    breathing = night("open-without-real-time", osa_stages=[0, 1])
    assert lanes(breathing) == ["Breathing"]
    assert "There are no sleep stages." in texts(hypnogram(breathing))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("four-stages", "COMPLETE, VALID"),
        ("invalid", "COMPLETE, INVALID:TOO_MANDY_DEFECTS_IN_SLEEP_STAGES: Too much of the night could not be analysed"),
        ("closed", "CLOSED, IN_PROGRESS: The night has not been analysed yet."),
        ("open-with-real-time", "OPEN, IN_PROGRESS: The night has not been analysed yet."),
    ],
)
def test_state_and_validity_are_written_in_the_picture(name: str, words: str) -> None:
    assert words in written(night(name))
    [alarming] = [note.alarming for note in night_picture(night(name)).notes if words in note.words]
    assert alarming is (name != "four-stages")


def test_lights_onset_and_final_wake_stand_where_the_statistics_have_them() -> None:
    picture = night_picture(night("four-stages", "Asia/Seoul"))
    assert [(mark.words, round(mark.x, 2)) for mark in picture.marks] == [
        ("lights out 18:31", 0),
        ("lights on 02:31", 960.57),
        ("sleep onset 18:46", 30),
        ("final wake 02:18", 935),
    ]
    assert {mark.words for mark in picture.marks} <= set(texts(hypnogram(night("four-stages", "Asia/Seoul"))))


def test_a_night_that_goes_on_has_no_lights_on_and_one_without_sleep_no_onset() -> None:
    assert [mark.words for mark in night_picture(night("open-with-real-time")).marks] == [
        "lights out 13:15",
        "still recording",
    ]
    assert [mark.words for mark in night_picture(night("never-slept")).marks] == ["lights out 15:00", "lights on 16:30"]


def test_zone_and_both_dates_are_written() -> None:
    words = texts(hypnogram(night("four-stages", "Asia/Seoul")))
    assert "2022-08-21 18:31 to 2022-08-22 02:31" in words
    assert "Clock time of Asia/Seoul (UTC+09:00)" in words
    assert {"2022-08-21", "2022-08-22"} <= set(words)


def test_figures_are_those_of_a_sleep_report() -> None:
    shown = night("four-stages")
    assert shown.stat is not None
    assert shown.stat.time_in_rem is not None
    rem = f"{100 * shown.stat.time_in_rem / shown.stat.time_in_sleep:.1f}"
    figures = ["TIB 480.3 min", "TST 447.5 min", "SE 93.0 %", "SOL 15.0 min", "WASO 5.0 min", f"REM {rem} % of TST"]
    assert night_picture(shown).figures == tuple(figures)
    assert all(figure in written(shown) for figure in figures)


def test_statistics_that_are_null_are_dashes_and_no_statistics_are_no_figures() -> None:
    assert night_picture(night("two-stages")).figures[-1] == "REM -"
    assert {"SOL -", "REM -"} <= set(night_picture(night("never-slept")).figures)
    assert night_picture(night("invalid")).figures == ()


@pytest.mark.parametrize(
    ("name", "timezone", "expected", "zone"),
    [
        (
            "autumn-clock-change",
            "Europe/Berlin",
            ["00:30", "01:00", "01:30", "02:00", "02:30", "02:00", "02:30", "03:00"],
            "Clock time of Europe/Berlin (UTC+02:00, then UTC+01:00)",
        ),
        (
            "spring-clock-change",
            "America/New_York",
            ["00:00", "00:30", "01:00", "01:30", "03:00", "03:30", "04:00"],
            "Clock time of America/New_York (UTC-05:00, then UTC-04:00)",
        ),
    ],
)
def test_the_axis_shows_the_clock_of_the_wall_across_a_change(
    name: str, timezone: str, expected: list[str], zone: str
) -> None:
    picture = night_picture(night(name, timezone))
    assert [label for _, label in picture.ticks if label in expected] == expected
    positions = [position for position, _ in picture.ticks]
    assert {round(later - earlier) for earlier, later in pairwise(positions)} == {60}
    assert picture.length == 420
    assert zone in texts(hypnogram(night(name, timezone)))


def test_a_callback_draws_the_same_stages_as_the_session() -> None:
    session = night("four-stages")
    assert session.stat is not None
    body = msgspec.to_builtins(
        {
            "session_id": session.session.id,
            "state": "COMPLETE",
            "session_start_time": "2024-03-11T23:00:00+09:00",
            "session_end_time": "2024-03-12T07:00:00+09:00",
            "sleep_stages": list(session.session.sleep_stages or ()),
            "osa_stages": list(session.session.osa_stages or ()),
            **SCENARIOS["four-stages"].as_result("UTC", UTC)["stat"],
        }
    )
    data = decode(msgspec.json.encode(body), SleepData)
    assert hints(hypnogram(data)) == hints(hypnogram(session))
    assert "00:00" in texts(hypnogram(data))
    assert "Clock time of UTC+09:00" in texts(hypnogram(data))
    assert recording(data).is_valid is None
    assert "COMPLETE" in texts(hypnogram(data))


def test_the_summary_says_in_words_what_is_seen() -> None:
    stages = SCENARIOS["four-stages"].sleep_stages
    assert stages is not None
    rem = sum(stage == SleepStage.REM for stage in stages) / 2
    summary = night_picture(night("four-stages")).summary
    assert f"REM {rem:g} min" in summary
    assert "unstable breathing 23.5 min" in summary
    assert "sleep onset 09:46" in summary
    assert "not analysed 13 min" in night_picture(night("lost-audio")).summary
    assert drawn(hypnogram(night("four-stages"))).get("role") == "img"


def test_what_is_not_a_night_is_named() -> None:
    with pytest.raises(ConfigurationError, match="type str is not a night"):
        hypnogram("night")  # type: ignore[arg-type]
