"""The analysis's `exchange` rules about starts, and about the tasks that were started. Source: Time Analysis: start."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from sleeptalk_contract.contract.exchange import text_in
from sleeptalk_contract.judging.case import Checks, number
from sleeptalk_contract.services.phonexia.rules.request_errors import why_no_request_error
from sleeptalk_contract.services.phonexia.rules.uploads import (
    ENDS,
    FOLLOWED,
    NO_AUDIO,
    RECORDING,
    SELECTION,
    UNFINISHED,
    Memory,
    channels_sent,
    form_of,
    upload_of,
)
from sleeptalk_generated.phonexia.client import GET_TIME_ANALYSIS, START_TIME_ANALYSIS
from sleeptalk_generated.phonexia.models import RequestErrorType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sleeptalk_contract.judging.case import Breaches, Case

CHECKS: Final = Checks()

_ACCEPTED: Final = 202
_NOT_FOUND: Final = 404
_OF_THE_APPLIANCE: Final = frozenset({403, 413, 429, 507})
"""By whom and how much may be uploaded is the appliance's own."""

_REFUSALS: Final = frozenset({400, 422})
_REFUSALS_OF_NO_AUDIO: Final = _REFUSALS | {413}
_LOCATIONS: Final = ("location", "x-location")
_SECONDS_OFF: Final = Decimal("0.5")

_TYPES: Final = {
    400: "request.invalid",
    403: "request.forbidden",
    405: "method.invalid",
    413: "request.size-limit-exceeded",
    422: "request.validation-error",
    507: "storage.capacity-exceeded",
}

_KNOWN_TYPES: Final = frozenset(each.value for each in RequestErrorType)


@CHECKS.rule("analysis.start-accepted")
def start_accepted(case: Case) -> Breaches:
    """A form with a recording is answered 202, or refused for reasons of the appliance's own."""
    status = case.exchange.status
    if not _is_start(case) or case.exchange.intent != RECORDING or status in _OF_THE_APPLIANCE:
        return None
    return [] if status == _ACCEPTED else [("status", f"is {status}, not 202")]


@CHECKS.rule("analysis.start-location")
def start_location(case: Case) -> Breaches:
    """Location or X-Location is there, and each that is there leads to the task."""
    task_id = _started_task(case)
    if task_id is None:
        return None
    headers = case.exchange.response_headers
    named = {name: headers[name] for name in _LOCATIONS if name in headers}
    if not named:
        return [("header location", "is missing, and x-location too")]
    end = f"{START_TIME_ANALYSIS.path}/{task_id}".lower()
    return [
        (f"header {name}", f"is {value!r}, which does not lead to the task {task_id}")
        for name, value in named.items()
        if not _path(value).lower().endswith(end)
    ]


@CHECKS.rule("analysis.start-location-current")
def start_location_current(case: Case) -> Breaches:
    """Location itself is there, and not X-Location alone."""
    headers = case.exchange.response_headers
    if _started_task(case) is None or not any(name in headers for name in _LOCATIONS):
        return None
    return [] if "location" in headers else [("header location", "is missing: x-location is deprecated")]


@CHECKS.rule("analysis.file-required")
def file_required(case: Case) -> Breaches:
    """A form without a file is answered 400 or 422 with a request error."""
    form = form_of(case.exchange) if _is_start(case) else {}
    return _refused(case) if form and ("file" not in form or not form["file"].content) else None


@CHECKS.rule("analysis.channels-form")
def channels_form(case: Case) -> Breaches:
    """Channels that are not numbers joined by commas are answered 400 or 422 with a request error."""
    channels = channels_sent(case.exchange) if _is_start(case) else None
    if channels is None or SELECTION.fullmatch(channels) or not any(map(str.isalpha, channels)):
        return None  # some servers forgive a space, and nobody reads letters as numbers
    return _refused(case)


@CHECKS.rule("analysis.no-audio-rejected")
def no_audio_rejected(case: Case) -> Breaches:
    """What is not audio is refused, or its task ends as rejected."""
    status, memory = case.exchange.status, case.history.of(Memory)
    if _is_start(case) and case.exchange.intent == NO_AUDIO:
        task_id = _started_task(case)
        if task_id is not None:
            memory.not_audio.add(task_id.lower())
            return None
        if status in _OF_THE_APPLIANCE - _REFUSALS_OF_NO_AUDIO:
            return None
        return [] if status in _REFUSALS_OF_NO_AUDIO else [("status", f"is {status}, not 400, 413 or 422")]
    state = _state(case)
    if state not in ENDS or case.identifier.lower() not in memory.not_audio:
        return None
    return [] if state == "rejected" else [("/task/state", f"is {state}, not rejected: the file is not audio")]


@CHECKS.rule("analysis.started-task-found")
def started_task_found(case: Case) -> Breaches:
    """A task that was started is found until it has ended."""
    memory = case.history.of(Memory)
    task_id = _started_task(case)
    if task_id is not None:
        memory.started.add(task_id.lower())
        return None
    asked = case.identifier.lower()
    if not _is_followed(case) or asked not in memory.started or memory.states.get(asked) in ENDS:
        return None
    if case.exchange.status == _NOT_FOUND:
        return [("status", "is 404, but the task was started and has not ended")]
    return [] if case.exchange.successful else None


@CHECKS.rule("analysis.task-moves-forward")
def task_moves_forward(case: Case) -> Breaches:
    """A task that is read again is in the same state or in a later one, and stays in its last."""
    states, now = case.history.of(Memory).states, _state(case)
    if not _is_followed(case) or now is None or now not in (*UNFINISHED, *ENDS):
        return None
    asked = case.identifier.lower()
    before = states.get(asked)
    if before is None or _rank(now) >= _rank(before):
        states[asked] = now
    if before is None:
        return None
    is_back = _rank(now) < _rank(before) or (before in ENDS and now != before)
    return [("/task/state", f"is {now}, after it was {before}")] if is_back else []


@CHECKS.rule("analysis.selected-channels-analysed")
def selected_channels_analysed(case: Case) -> Breaches:
    """There is one channel analysis for each channel that is to be analysed."""
    memory, task_id = case.history.of(Memory), _started_task(case)
    if task_id is not None:
        upload = upload_of(case.exchange)
        if upload is not None:
            memory.uploads[task_id.lower()] = upload
        return None
    found = memory.uploads.get(case.identifier.lower())
    channels = _channels(case)
    if found is None or channels is None:
        return None
    if len(channels) == len(found.channels):
        return []
    return [("/result/channel_analyses", f"has {len(channels)} channels, not {len(found.channels)}")]


@CHECKS.rule("analysis.total-duration-of-the-recording")
def total_duration_of_the_recording(case: Case) -> Breaches:
    """total_duration is the length of the recording, within half a second."""
    found = case.history.of(Memory).uploads.get(case.identifier.lower())
    lengths = [
        (index, total)
        for index, channel in enumerate(_channels(case) or ())
        if (total := number(channel.get("total_duration"))) is not None
    ]
    if found is None or not lengths:
        return None
    return [
        (f"/result/channel_analyses/{index}/total_duration", f"is {total}, but the recording has {found.seconds:g} s")
        for index, total in lengths
        if abs(total - Decimal(found.seconds)) > _SECONDS_OFF
    ]


@CHECKS.rule("analysis.no-speech-in-silence")
def no_speech_in_silence(case: Case) -> Breaches:
    """A channel of digital silence has speech_duration 0 and speech_rate null."""
    found = case.history.of(Memory).uploads.get(case.identifier.lower())
    channels = _channels(case) or []
    if found is None or not found.silent or len(channels) != len(found.channels):
        return None
    breaches: list[tuple[str, str]] = []
    for index, (uploaded, channel) in enumerate(zip(found.channels, channels, strict=True)):
        where = f"/result/channel_analyses/{index}"
        if uploaded not in found.silent or number(channel.get("channel_number")) not in (uploaded, index):
            continue
        if number(channel.get("speech_duration")) != 0:
            breaches.append((f"{where}/speech_duration", "is not 0, but the channel is silent"))
        if channel.get("speech_rate") is not None:
            breaches.append((f"{where}/speech_rate", "is not null, but the channel is silent"))
    return breaches


@CHECKS.rule("analysis.error-type-fits-status")
def error_type_fits_status(case: Case) -> Breaches:
    """A request error has the type of its status."""
    expected, given = _TYPES.get(case.exchange.status or 0), case.error_body.get("type")
    if expected is None or not case.is_sane or given not in _KNOWN_TYPES or case.is_throttled:
        return None  # what is not known at all breaks another rule
    return [] if given == expected else [("/type", f"is {given!r} with the status {case.exchange.status}")]


def _is_start(case: Case) -> bool:
    answered = case.exchange.status is not None and not case.is_throttled
    return case.operation.id == START_TIME_ANALYSIS.id and case.is_by_method and case.is_sane and answered


def _is_followed(case: Case) -> bool:
    """Whether it is a read of a task whose reads have an order."""
    return case.operation.id == GET_TIME_ANALYSIS.id and case.is_by_method and case.exchange.intent == FOLLOWED


def _started_task(case: Case) -> str | None:
    """Return the id of the task that a start was answered with; None for everything else."""
    return text_in(case.success_body, "task", "task_id") if _is_start(case) else None


def _state(case: Case) -> str | None:
    """Return the state of a task that is read."""
    return text_in(case.success_body, "task", "state") if case.operation.id == GET_TIME_ANALYSIS.id else None


def _channels(case: Case) -> list[Mapping[str, Any]] | None:
    """Return the channel analyses of a task that is read and done."""
    if _state(case) != "done":
        return None
    result = case.success_body.get("result")
    listed = result.get("channel_analyses") if isinstance(result, dict) else None
    is_list = isinstance(listed, list) and all(isinstance(each, dict) for each in listed)
    return listed if is_list else None


def _rank(state: str) -> int:
    return UNFINISHED.index(state) if state in UNFINISHED else len(UNFINISHED)


def _refused(case: Case) -> Breaches:
    """Judge that a start is answered 400 or 422 with a request error."""
    status = case.exchange.status
    if status in _OF_THE_APPLIANCE:
        return None
    if status not in _REFUSALS:
        return [("status", f"is {status}, not 400 or 422")]
    return [*_why_no_request_error(case)]


def _why_no_request_error(case: Case) -> Iterator[tuple[str, str]]:
    found = why_no_request_error(case)
    if found is not None:
        yield found


def _path(location: str) -> str:
    try:
        return urlsplit(location).path
    except ValueError:
        return ""
