"""Phonexia Speech Platform 4: Time Analysis, from the recording to the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from sleeptalk.drawing import conversation
from sleeptalk.phonexia.task import OVERRIDES
from sleeptalk_contract.contract.document import folder
from sleeptalk_contract.contract.exchange import text_in
from sleeptalk_contract.contract.service import Kind, KnownIds, Picture, RuleGroup, Scenario, Service, Target, snippet
from sleeptalk_contract.services.phonexia.faults import answers, bodies
from sleeptalk_contract.services.phonexia.faults import starts as start_faults
from sleeptalk_contract.services.phonexia.probes import analysis_probes
from sleeptalk_contract.services.phonexia.reading import READING
from sleeptalk_contract.services.phonexia.rules import analysis, analysis_requests, starts
from sleeptalk_contract.services.phonexia.sandbox.application import (
    RATE_LIMITED_FILE,
    REFUSED_FILES,
    PhonexiaProvider,
)
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS, Availability, Call
from sleeptalk_contract.services.phonexia.sandbox.tasks import ENDS
from sleeptalk_generated.decoding import decode
from sleeptalk_generated.phonexia.models import TimeAnalysisResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk_contract.contract.exchange import Exchange

DOCUMENT: Final = folder() / "phonexia.yaml"


_KINDS: Final[Mapping[Availability, Kind]] = {
    "available": "known",
    "expired": "refused",
    "rate-limited": "refused",
    "progressing": "changing",
}


def _scenario(call: Call) -> Scenario:
    return Scenario(call.name, call.summary, "getTimeAnalysis", {"task_id": call.task_id}, _KINDS[call.availability])


_UPLOADS: Final = (
    *(
        Scenario(name, f"{status}, whatever is in a file of this name", "startTimeAnalysis", {}, "refused")
        for name, (status, *_) in REFUSED_FILES.items()
    ),
    Scenario(RATE_LIMITED_FILE, "429, whatever is in a file of this name", "startTimeAnalysis", {}, "refused"),
    *(
        Scenario(f"{name}.wav", f"the task ends as {end}", "startTimeAnalysis", {}, "changing")
        for name, end in ENDS.items()
    ),
    Scenario("any other name", "a task, whose result is that of the WAV file", "startTimeAnalysis", {}, "changing"),
)


def _formats() -> Mapping[str, Any]:
    from hypothesis import strategies  # noqa: PLC0415  # heavy, and only fuzzing needs it

    return {"trace-id": strategies.uuids().map(str)}


def _state(exchange: Exchange) -> str:
    return text_in(exchange.response_json, "task", "state") or "-"


def _pictures() -> tuple[Picture, ...]:
    """Draw a call."""
    call = CALLS["done-stereo"].outcome["result"]
    return (
        Picture(
            "conversation",
            conversation(decode(msgspec.json.encode(call), TimeAnalysisResult), theme="auto"),
            "A call of the sandbox: the slowest and the fastest reaction of each channel, and where both talk.",
        ),
    )


SERVICE: Final = Service(
    name="phonexia",
    module=__name__,
    document=DOCUMENT,
    targets=(
        Target(
            name="phonexia",
            summary="An implementation of Phonexia's Time Analysis.",
            document=DOCUMENT,
            groups=(
                RuleGroup(
                    name="analysis",
                    operations=("startTimeAnalysis", "getTimeAnalysis"),
                    checks=analysis.CHECKS | analysis_requests.CHECKS | starts.CHECKS,
                ),
            ),
            known_ids=KnownIds("--task-id", "getTimeAnalysis", "task_id", "a UUID"),
            probes=analysis_probes,
            formats=_formats,
            implementation=PhonexiaProvider,
            scenarios=(*map(_scenario, CALLS.values()), *_UPLOADS),
            readings=(READING,),
            state=_state,
        ),
    ),
    faults=(*bodies.FAULTS, *answers.FAULTS, *start_faults.FAULTS),
    overrides=OVERRIDES,
    snippets={
        "startTimeAnalysis": snippet("sleeptalk_contract.services.phonexia.snippets", "start_time_analysis.py"),
        "getTimeAnalysis": snippet("sleeptalk_contract.services.phonexia.snippets", "get_time_analysis.py"),
    },
    pictures=_pictures,
)
