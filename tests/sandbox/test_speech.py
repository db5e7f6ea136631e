"""Reactions and crosstalks of conversations that can be followed by eye."""

from typing import Any

import pytest

from sleeptalk_contract.services.phonexia.sandbox.speech import Channel, Segment, analyse, crosstalks, reactions


def speech(*stretches: tuple[float, float], phonemes: int = 100) -> Channel:
    return Channel(tuple(Segment(start, end) for start, end in stretches), phonemes)


def spans(segments: list[Segment]) -> list[tuple[float, float]]:
    return [(segment.start, segment.end) for segment in segments]


def reaction_analysis(reacting: Channel, other: Channel) -> dict[str, Any]:
    analysis: dict[str, Any] = analyse([reacting, other], 60)["reaction_analyses"][0]
    return analysis


def test_a_reaction_lasts_from_where_the_other_stopped_to_where_this_one_starts() -> None:
    assert spans(reactions(speech((3, 4), (7, 8)), speech((0, 2.5), (4.5, 6)))) == [(2.5, 3), (6, 7)]


def test_the_first_to_speak_reacts_to_nobody() -> None:
    assert reactions(speech((0, 2)), speech((3, 4))) == []


def test_going_on_after_a_pause_of_ones_own_is_not_a_reaction() -> None:
    assert spans(reactions(speech((3, 4), (5, 6)), speech((0, 2)))) == [(2, 3)]


def test_going_on_after_having_talked_over_the_others_end_is_not_a_reaction() -> None:
    reacting, other = speech((3, 6), (7, 8)), speech((0, 5))
    assert reactions(reacting, other) == []
    assert spans(crosstalks(reacting, other)) == [(3, 5)]


def test_a_crosstalk_lasts_as_long_as_both_speak() -> None:
    other = speech((0, 10))
    assert spans(crosstalks(speech((2, 4)), other)) == [(2, 4)]
    assert spans(crosstalks(speech((8, 14)), other)) == [(8, 10)]


def test_an_overlap_belongs_to_the_channel_that_started_second() -> None:
    first, second = speech((0, 5)), speech((4, 8))
    assert crosstalks(first, second) == []
    assert spans(crosstalks(second, first)) == [(4, 5)]


def test_starting_while_the_other_speaks_is_not_a_reaction_to_what_was_said_before() -> None:
    assert reactions(speech((6, 9)), speech((0, 2), (5, 8))) == []


def test_times_and_positions_come_from_the_slowest_and_the_fastest_reaction() -> None:
    analysis = reaction_analysis(speech((3, 4), (7, 8), (12.5, 13)), speech((0, 2.5), (4.5, 6), (8.5, 12.25)))
    assert analysis == {
        "reacting_channel": 0,
        "reactions_count": 3,
        "average_reaction_time": 0.583,
        "slowest_reaction_position": {"start_time": 6, "end_time": 7},
        "fastest_reaction_position": {"start_time": 12.25, "end_time": 12.5},
        "crosstalks": [],
    }


def test_without_reactions_times_and_positions_are_zero() -> None:
    analysis = reaction_analysis(speech((0, 2)), speech((3, 4)))
    assert analysis["reactions_count"] == analysis["average_reaction_time"] == 0
    assert analysis["slowest_reaction_position"] == {"start_time": 0, "end_time": 0}
    assert analysis["fastest_reaction_position"] == {"start_time": 0, "end_time": 0}


def test_speech_is_counted_without_pauses_and_its_rate_in_phonemes_a_second() -> None:
    first, second = analyse([speech((0, 2), (3, 4.5), phonemes=30), speech((5, 6), phonemes=7)], 9.75)[
        "channel_analyses"
    ]
    assert first == {"channel_number": 0, "speech_duration": 3.5, "speech_rate": 8.6, "total_duration": 9.75}
    assert second == {"channel_number": 1, "speech_duration": 1, "speech_rate": 7.0, "total_duration": 9.75}


def test_a_silent_channel_has_no_rate_and_leaves_nobody_to_react_to() -> None:
    analysis = analyse([speech((0, 2)), speech(phonemes=0)], 10)
    assert analysis["channel_analyses"][1]["speech_rate"] is None
    assert analysis["channel_analyses"][1]["speech_duration"] == 0
    assert analysis["reaction_analyses"] == []


def test_one_channel_has_no_reaction_analyses() -> None:
    assert analyse([speech((0, 2))], 10)["reaction_analyses"] == []


@pytest.mark.parametrize("stretches", [((0, 2), (1, 3)), ((4, 5), (0, 1)), ((2, 2),), ((3, 1),)])
def test_stretches_that_overlap_or_run_backwards_are_not_a_channel(stretches: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="without overlap"):
        speech(*stretches)
