"""The analysis's `arithmetic` rules: times and channels compared with each other, and the id with the request.

They apply only where the values they compare are there and of the right type. Source: Time Analysis: get result.
"""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.exchange import text_in
from sleeptalk_contract.judging.case import Checks, number, of_body

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sleeptalk_contract.judging.case import Breaches, Case

CHECKS: Final = Checks()

_NOISE: Final = Decimal("0.000001")
"""Seconds: what the printing of a float may add."""

_ROUNDING: Final = Decimal("0.05")
"""Seconds: half of the last digit that the vendor's samples print."""

_ROUNDING_OF_LENGTHS: Final = 3 * _ROUNDING + _NOISE
"""Seconds: an average compared with the distance of two times, each of the three rounded."""


@CHECKS.rule("analysis.speech-within-total")
@of_body
def speech_within_total(case: Case) -> Breaches:
    """speech_duration is not above total_duration."""
    pairs = [
        (where, speech, total)
        for where, channel in _items(case, "channel_analyses")
        if (speech := number(channel.get("speech_duration"))) is not None
        and (total := number(channel.get("total_duration"))) is not None
    ]
    if not pairs:
        return None
    return [
        (f"{where}/speech_duration", f"is {speech}, above total_duration {total}")
        for where, speech, total in pairs
        if speech > total + _NOISE
    ]


@CHECKS.rule("analysis.reacting-channel-exists")
@of_body
def reacting_channel_exists(case: Case) -> Breaches:
    """reacting_channel is the channel_number of a listed channel."""
    channels = [number(channel.get("channel_number")) for _, channel in _items(case, "channel_analyses")]
    listed = {channel for channel in channels if channel is not None}
    reacting = [
        (where, channel)
        for where, reaction in _items(case, "reaction_analyses")
        if (channel := number(reaction.get("reacting_channel"))) is not None
    ]
    if not reacting or len(listed) < len(channels):
        return None
    numbers = ", ".join(str(channel) for channel in sorted(listed))
    return [
        (f"{where}/reacting_channel", f"is {channel}, but the listed channels are: {numbers or 'none'}")
        for where, channel in reacting
        if channel not in listed
    ]


@CHECKS.rule("analysis.task-id-echoed")
def task_id_echoed(case: Case) -> Breaches:
    """task.task_id is the id that was asked for; capitals make no difference, nor do hyphens asked without."""
    answered = text_in(case.success_body, "task", "task_id")
    if answered is None or not case.identifier:
        return None
    written_alike = answered.lower() == case.identifier.lower()
    if written_alike or ("-" not in case.identifier and same_id(answered, case.identifier)):
        return []
    return [("/task/task_id", f"is {answered!r}, but {case.identifier!r} was asked for")]


@CHECKS.rule("analysis.positions-run-forward")
@of_body
def positions_run_forward(case: Case) -> Breaches:
    """start_time is not after end_time, and neither is above total_duration."""
    totals = [number(channel.get("total_duration")) for _, channel in _items(case, "channel_analyses")]
    longest = max((total for total in totals if total is not None), default=None)
    ranges = [found for where, reaction in _items(case, "reaction_analyses") for found in _ranges(where, reaction)]
    if not ranges:
        return None
    breaches = [
        (where, f"starts at {start}, after its end {end}") for where, start, end in ranges if start > end + _NOISE
    ]
    if longest is not None:
        breaches += [
            (where, f"reaches {max(start, end)}, beyond total_duration {longest}")
            for where, start, end in ranges
            if max(start, end) > longest + _ROUNDING + _NOISE
        ]
    return breaches


@CHECKS.rule("analysis.reaction-times-ordered")
@of_body
def reaction_times_ordered(case: Case) -> Breaches:
    """Fastest <= average <= slowest, each the length of its position."""
    breaches: list[tuple[str, str]] = []
    exercised = False
    for where, reaction in _items(case, "reaction_analyses"):
        average, count = number(reaction.get("average_reaction_time")), number(reaction.get("reactions_count"))
        fastest = _length(reaction.get("fastest_reaction_position"))
        slowest = _length(reaction.get("slowest_reaction_position"))
        if average is None or fastest is None or slowest is None or not count:
            continue
        exercised = True
        in_order = fastest <= average + _ROUNDING_OF_LENGTHS and average <= slowest + _ROUNDING_OF_LENGTHS
        if not in_order:
            text = f"is {average}, but the fastest reaction takes {fastest} and the slowest {slowest}"
            breaches.append((f"{where}/average_reaction_time", text))
    return breaches if exercised else None


@CHECKS.rule("analysis.zero-reactions-zero-times")
@of_body
def zero_reactions_zero_times(case: Case) -> Breaches:
    """reactions_count 0: average_reaction_time and both positions are 0."""
    breaches: list[tuple[str, str]] = []
    exercised = False
    for where, reaction in _items(case, "reaction_analyses"):
        if number(reaction.get("reactions_count")) != 0:
            continue
        exercised = True
        times = {"average_reaction_time": number(reaction.get("average_reaction_time"))}
        for position in ("slowest_reaction_position", "fastest_reaction_position"):
            span = reaction.get(position)
            for end in ("start_time", "end_time"):
                times[f"{position}/{end}"] = number(span.get(end)) if isinstance(span, dict) else None
        breaches += [
            (f"{where}/{name}", f"is {time}, but there is no reaction") for name, time in times.items() if time
        ]
    return breaches if exercised else None


def same_id(one: str, other: str) -> bool:
    """Whether two task ids are the same: capitals make no difference."""
    try:
        return uuid.UUID(one) == uuid.UUID(other)
    except ValueError:
        return one.lower() == other.lower()


def _items(case: Case, key: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each object of a list under `result` with its JSON Pointer."""
    result = case.success_body.get("result") if isinstance(case.success_body, dict) else None
    listed = result.get(key) if isinstance(result, dict) else None
    for index, item in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(item, dict):
            yield f"/result/{key}/{index}", item


def _ranges(where: str, reaction: Mapping[str, Any]) -> Iterator[tuple[str, Decimal, Decimal]]:
    """Yield each range of a reaction analysis: JSON Pointer, start and end."""
    crosstalks = reaction.get("crosstalks")
    named = {key: reaction.get(key) for key in ("slowest_reaction_position", "fastest_reaction_position")}
    if isinstance(crosstalks, list):
        named |= {f"crosstalks/{index}": crosstalk for index, crosstalk in enumerate(crosstalks)}
    for name, span in named.items():
        start, end = (
            (number(span.get(key)) for key in ("start_time", "end_time")) if isinstance(span, dict) else (None, None)
        )
        if start is not None and end is not None:
            yield f"{where}/{name}", start, end


def _length(span: Any) -> Decimal | None:
    start, end = (
        (number(span.get(key)) for key in ("start_time", "end_time")) if isinstance(span, dict) else (None, None)
    )
    return None if start is None or end is None else end - start
