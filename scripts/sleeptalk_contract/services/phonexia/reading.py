"""One time analysis, as `sleeptalk get` reads and shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk.drawing import conversation
from sleeptalk.drawing.conversations import conversation_picture
from sleeptalk.phonexia import Phonexia, TaskState
from sleeptalk_contract.contract.reading import Page, Reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sleeptalk.phonexia import ChannelAnalysis, ReactionAnalysis, TimeAnalysisTask

_COLUMNS: Final = (
    "channel_number",
    "speech_duration",
    "speech_rate",
    "total_duration",
    "reactions_count",
    "average_reaction_time",
    "crosstalks",
)
_STATES: Final = {
    TaskState.PENDING: "The task has not begun yet.",
    TaskState.RUNNING: "The task is still running.",
    TaskState.REJECTED: "The task was rejected: its input cannot be analysed.",
    TaskState.FAILED: "The task failed: the same input may work later.",
    TaskState.CANCELLED: "The task was cancelled.",
}


def _read(task_id: str, *, url: str, credentials: Mapping[str, str], timeout: float) -> TimeAnalysisTask:  # noqa: ARG001  # there are none
    with Phonexia(url, timeout=timeout) as phonexia:
        return phonexia.get_time_analysis(task_id)


def _page(task: TimeAnalysisTask) -> Page:
    facts = [("state", str(task.state))]
    if task.error is not None:
        facts += [("error", f"{task.error.type}: {task.error.message}")]
        details = [] if not task.error.detail else task.error.detail
        facts += [("detail", f"{detail.type}: {detail.message}") for detail in details]
    title = f"Task {task.task_id}"
    if task.result is None:
        why = _STATES.get(task.state, "The service sent no result.")
        return Page(title, facts, None, [(why, ["result"])])
    for channel in task.result.channel_analyses:
        reactions = _reactions(task, channel)
        facts += [(f"channel {channel.channel_number}", _of_channel(channel, reactions))]
    silent = [
        f"speech rate of channel {each.channel_number}"
        for each in task.result.channel_analyses
        if each.speech_rate is None
    ]
    missing = [("The channel has no speech.", silent)] if silent else []
    if not task.result.reaction_analyses:
        missing += [("There is only one channel, or one without speech.", ["reactions"])]
    return Page(title, facts, conversation_picture(task), missing)


def _reactions(task: TimeAnalysisTask, channel: ChannelAnalysis) -> ReactionAnalysis | None:
    found = [] if task.result is None else task.result.reaction_analyses
    return next((each for each in found if each.reacting_channel == channel.channel_number), None)


def _of_channel(channel: ChannelAnalysis, reactions: ReactionAnalysis | None) -> str:
    words = f"{channel.speech_duration:g} s of speech in {channel.total_duration:g} s"
    if channel.speech_rate is not None:
        words += f", {channel.speech_rate:g} phonemes/s"
    if reactions is None:
        return words
    words += f"; reactions: {reactions.reactions_count}, after {reactions.average_reaction_time:g} s on average"
    return f"{words}; crosstalks: {len(reactions.crosstalks)}"


def _rows(task: TimeAnalysisTask) -> Sequence[Mapping[str, object]]:
    rows: list[Mapping[str, object]] = []
    for channel in [] if task.result is None else task.result.channel_analyses:
        reactions = _reactions(task, channel)
        of_channel = [channel.channel_number, channel.speech_duration, channel.speech_rate, channel.total_duration]
        of_reactions: list[object] = [None] * 3
        if reactions is not None:
            of_reactions = [reactions.reactions_count, reactions.average_reaction_time, len(reactions.crosstalks)]
        rows.append(dict(zip(_COLUMNS, [*of_channel, *of_reactions], strict=True)))
    return rows


READING: Final = Reading(
    identifier="TASK_ID",
    summary="Show one call: who speaks how much and how fast, who reacts when, and why something is missing.",
    read=_read,
    page=_page,
    rows=_rows,
    columns=_COLUMNS,
    svg=conversation,
    variable="PHONEXIA_URL",
)
