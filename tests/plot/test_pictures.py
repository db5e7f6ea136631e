"""Pictures show what a night and a conversation hold: stages in their lanes, the zone's clock, reactions, crosstalk."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import msgspec
import pytest

from sleeptalk import plot
from sleeptalk.drawing import conversation, hypnogram
from sleeptalk.drawing.conversations import clock, ticks
from sleeptalk.drawing.nights import recording, runs
from sleeptalk_contract.contract.time_zones import timezone_named
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS
from sleeptalk_generated.asleep.models import SessionResult, SleepData, SleepStage
from sleeptalk_generated.decoding import decode
from sleeptalk_generated.phonexia.models import TimeAnalysisResult

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

needs_matplotlib = pytest.mark.skipif(
    importlib.util.find_spec("matplotlib") is None, reason="matplotlib is not installed (extra plot)"
)
SVG = "{http://www.w3.org/2000/svg}"


def night(name: str, timezone: str = "UTC") -> SessionResult:
    zone = timezone_named(timezone)
    assert zone is not None
    return decode(msgspec.json.encode(SCENARIOS[name].as_result(timezone, zone)), SessionResult)


def analysis(name: str) -> TimeAnalysisResult:
    return decode(msgspec.json.encode(CALLS[name].outcome["result"]), TimeAnalysisResult)


def drawn(svg: str) -> Element:
    return ET.fromstring(svg)


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in drawn(svg).iter(f"{SVG}text")]


def hints(svg: str) -> list[str]:
    """What the bars say to a pointer that rests on them."""
    return [title.text or "" for box in drawn(svg).iter(f"{SVG}rect") for title in box.iter(f"{SVG}title")]


def test_lanes_run_from_wake_on_top_down_to_deep_sleep() -> None:
    lanes = [text for text in texts(hypnogram(night("four-stages"))) if text in ("Wake", "REM", "Light", "Deep")]
    assert lanes == ["Wake", "REM", "Light", "Deep"]


def test_every_run_of_equal_stages_is_one_bar_of_its_length() -> None:
    stages = SCENARIOS["four-stages"].sleep_stages
    assert stages is not None
    expected = [run for run in runs(stages) if run.stage == SleepStage.REM]
    found = [hint for hint in hints(hypnogram(night("four-stages"))) if hint.startswith("REM")]
    assert found == [f"REM for {run.length / 2:g} min" for run in expected]


def test_runs_cover_every_epoch_once() -> None:
    found = list(runs([0, 0, 1, -1, -1, -1, 1]))
    assert [(run.stage, run.first, run.length) for run in found] == [(0, 0, 2), (1, 2, 1), (-1, 3, 3), (1, 6, 1)]


def test_two_stages_have_two_lanes_and_no_breathing_has_no_strip() -> None:
    lanes = texts(hypnogram(night("two-stages-without-breathing")))
    assert "Sleep" in lanes
    assert not {"REM", "Light", "Deep", "Unstable"} & set(lanes)
    assert "Unstable" in texts(hypnogram(night("four-stages")))


def test_epochs_that_could_not_be_analysed_are_not_a_stage() -> None:
    stages = SCENARIOS["lost-audio"].sleep_stages
    assert stages is not None
    lost = [run for run in runs(stages) if run.stage == SleepStage.ERROR]
    found = [hint for hint in hints(hypnogram(night("lost-audio"))) if hint.startswith("not analysed")]
    assert found == [f"not analysed for {run.length / 2:g} min" for run in lost]


def test_an_open_night_without_stages_is_drawn_and_says_so() -> None:
    assert "There are no stages yet." in texts(hypnogram(night("open-without-real-time")))


@pytest.mark.parametrize(
    ("name", "timezone", "repeated", "left_out"),
    [
        ("autumn-clock-change", "Europe/Berlin", "02:00", None),
        ("spring-clock-change", "America/New_York", None, "02:00"),
    ],
)
def test_the_clock_is_the_sessions_and_follows_daylight_saving(
    name: str, timezone: str, repeated: str | None, left_out: str | None
) -> None:
    labels = [label for _, label in recording(night(name, timezone)).hours()]
    assert len(labels) >= 3
    assert [label for label in labels if labels.count(label) > 1] == [repeated] * (2 * bool(repeated))
    assert left_out not in labels


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
            **(SCENARIOS["four-stages"].as_result("UTC", timezone_named("UTC"))["stat"]),
        }
    )
    data = decode(msgspec.json.encode(body), SleepData)
    assert hints(hypnogram(data)) == hints(hypnogram(session))
    assert "23:00" in texts(hypnogram(data))


def test_the_summary_says_in_words_what_is_seen() -> None:
    stages = SCENARIOS["four-stages"].sleep_stages
    assert stages is not None
    rem = sum(stage == SleepStage.REM for stage in stages) / 2
    assert f"rem {rem:g} min" in recording(night("four-stages")).summary()
    assert drawn(hypnogram(night("four-stages"))).get("role") == "img"


def test_a_conversation_marks_slowest_and_fastest_reactions_and_crosstalk_in_each_lane() -> None:
    result = analysis("done-stereo")
    svg = conversation(result)
    assert [text for text in texts(svg) if text.startswith("Channel")] == ["Channel 0", "Channel 1"]
    marks = hints(svg)
    assert sum(mark.startswith("slowest") for mark in marks) == sum(mark.startswith("fastest") for mark in marks) == 2
    assert sum(mark.startswith("both talk") for mark in marks) == sum(
        len(r.crosstalks) for r in result.reaction_analyses
    )


def test_one_channel_has_one_lane_without_reactions() -> None:
    svg = conversation(analysis("done-mono"))
    assert [text for text in texts(svg) if text.startswith("Channel")] == ["Channel 0"]
    assert hints(svg) == []


def test_a_position_that_ends_before_it_starts_is_still_drawn() -> None:
    result = decode(
        b'{"channel_analyses":[{"channel_number":0,"speech_duration":3,"speech_rate":8.5,"total_duration":58.3}],'
        b'"reaction_analyses":[{"reacting_channel":0,"reactions_count":1,"average_reaction_time":1.9,'
        b'"slowest_reaction_position":{"start_time":24.4,"end_time":19.1},'
        b'"fastest_reaction_position":{"start_time":5.5,"end_time":5.7},"crosstalks":[]}]}',
        TimeAnalysisResult,
    )
    assert hints(conversation(result))[0] == "slowest reaction, 0:19 to 0:24, 5.3 s"


def test_positions_are_written_as_minutes_and_seconds_with_about_ten_marks() -> None:
    assert [clock(position) for position in (0, 5.4, 59.6, 65, 3600)] == ["0:00", "0:05", "1:00", "1:05", "60:00"]
    assert all(1 <= len(ticks(length)) <= 12 for length in (1, 9.5, 58.3, 600, 3599, 7200, 40000))


@needs_matplotlib
def test_matplotlib_draws_the_same_bars() -> None:
    figure = plot.hypnogram(night("four-stages"))
    [axes] = figure.axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["Wake", "REM", "Light", "Deep", "Unstable\nbreathing"]
    assert len(axes.collections) == len(hints(hypnogram(night("four-stages"))))
    talk = plot.conversation(analysis("done-stereo")).axes[0]
    assert [label.get_text() for label in talk.get_yticklabels()] == ["Channel 0", "Channel 1"]
    assert len(talk.collections) == len(hints(conversation(analysis("done-stereo")))) + 2  # a bar for each lane


@needs_matplotlib
def test_axes_of_the_user_are_drawn_on() -> None:
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.add_subplot()
    assert plot.hypnogram(night("four-stages"), axes=axes) is figure
    assert axes.collections


def test_without_matplotlib_the_error_names_the_extra_and_svg_goes_on_working() -> None:
    program = (
        "import sys; sys.modules['matplotlib'] = None; sys.modules['matplotlib.figure'] = None\n"
        "from sleeptalk import errors, plot\n"
        "from sleeptalk.drawing import conversation\n"
        "from tests.plot.test_pictures import analysis\n"
        "assert conversation(analysis('done-stereo')).startswith('<svg')\n"
        "try:\n"
        "    plot.conversation(analysis('done-stereo'))\n"
        "except errors.ConfigurationError as error:\n"
        "    print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert run.stdout == 'Drawing needs matplotlib: pip install "sleeptalk[plot]".\n', run.stderr


def test_notebooks_show_a_night_and_a_task_as_svg() -> None:
    from sleeptalk.asleep import Asleep
    from sleeptalk.phonexia import Phonexia
    from sleeptalk_contract.sandbox.server import running
    from sleeptalk_contract.sandbox.web import sandbox_app
    from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID
    from sleeptalk_contract.services.registered import SERVICES

    with (
        running(sandbox_app(SERVICES)) as server,
        Asleep(SANDBOX_API_KEY, SANDBOX_USER_ID, base_url=server.url) as asleep,
        Phonexia(server.url) as phonexia,
    ):
        shown = asleep.get_session(SCENARIOS["four-stages"].session_id)
        assert shown._repr_html_() == hypnogram(shown)
        task = phonexia.get_time_analysis(CALLS["done-stereo"].task_id)
        assert task._repr_html_() == conversation(task)
        assert task.result is not None
        assert conversation(task) == conversation(task.result)
        assert "There is no analysis to show." in phonexia.get_time_analysis(CALLS["pending"].task_id)._repr_html_()
