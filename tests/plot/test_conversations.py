"""The picture of a conversation shows who talks how much, the reactions of each channel, and where both talk."""

from __future__ import annotations

from sleeptalk.drawing import conversation
from sleeptalk.drawing.conversations import clock, conversation_picture, ticks
from sleeptalk_generated.decoding import decode
from sleeptalk_generated.phonexia.models import TimeAnalysisResult
from tests.plot.results import SVG, analysis, drawn, hints, texts


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


def test_figures_beyond_all_measure_are_drawn_and_their_axis_has_few_marks() -> None:
    position = b'{"start_time":-5,"end_time":1e300}'
    result = decode(
        b'{"channel_analyses":[{"channel_number":0,"speech_duration":-3,"speech_rate":1e308,"total_duration":-1}],'
        b'"reaction_analyses":[{"reacting_channel":0,"reactions_count":1,"average_reaction_time":0,'
        b'"slowest_reaction_position":%b,"fastest_reaction_position":%b,"crosstalks":[]}]}' % (position, position),
        TimeAnalysisResult,
    )
    assert len(conversation_picture(result).ticks) <= 12
    assert conversation(result).startswith("<svg")


def test_two_reactions_at_the_same_place_have_names_one_below_the_other() -> None:
    position = b'{"start_time":5,"end_time":6}'
    result = decode(
        b'{"channel_analyses":[{"channel_number":0,"speech_duration":3,"speech_rate":8.5,"total_duration":58.3}],'
        b'"reaction_analyses":[{"reacting_channel":0,"reactions_count":1,"average_reaction_time":1,'
        b'"slowest_reaction_position":%b,"fastest_reaction_position":%b,"crosstalks":[]}]}' % (position, position),
        TimeAnalysisResult,
    )
    root = drawn(conversation(result))
    heights = {text.text: float(text.get("y", "nan")) for text in root.iter(f"{SVG}text")}
    assert heights["fastest"] - heights["slowest"] > 15
