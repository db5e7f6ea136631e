"""Asleep: reading a night (target "asleep"), and the callbacks it sends (target "callback")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import msgspec

from sleeptalk.drawing import hypnogram
from sleeptalk_contract.contract.document import folder
from sleeptalk_contract.contract.exchange import text_in
from sleeptalk_contract.contract.service import (
    Claim,
    Credential,
    Delivery,
    KnownIds,
    Picture,
    RuleGroup,
    Scenario,
    Service,
    Target,
    snippet,
)
from sleeptalk_contract.services.asleep.faults import callback as callback_faults
from sleeptalk_contract.services.asleep.faults import callback_numbers, session_answers, session_numbers
from sleeptalk_contract.services.asleep.faults import receiver as receiver_faults
from sleeptalk_contract.services.asleep.faults import session as session_faults
from sleeptalk_contract.services.asleep.faults import session_credentials as session_credentials_faults
from sleeptalk_contract.services.asleep.probes.receiver import about_a_new_session, honest_callbacks, receiver_probes
from sleeptalk_contract.services.asleep.probes.session import session_probes
from sleeptalk_contract.services.asleep.reading import READING
from sleeptalk_contract.services.asleep.rules import callback, receiver, session, session_credentials, session_requests
from sleeptalk_contract.services.asleep.rules.timezones import EVERYWHERE
from sleeptalk_contract.services.asleep.sandbox.application import AsleepProvider
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import (
    DEFAULT_TIMEZONE,
    SANDBOX_API_KEY,
    SANDBOX_USER_ID,
    SCENARIOS,
    scenarios_of,
)
from sleeptalk_contract.services.asleep.sandbox.receiver import AsleepReceiver
from sleeptalk_generated.asleep.models import SessionResult
from sleeptalk_generated.decoding import decode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sleeptalk_contract.contract.exchange import Exchange, Knowledge

DOCUMENT: Final = folder() / "asleep.yaml"

_SNIPPETS: Final = "sleeptalk_contract.services.asleep.snippets"

_PICTURED_IN: Final = "Asia/Seoul"

_USER_ID: Final = Credential(
    "x-user-id", "--user-id", "ASLEEP_USER_ID", secret=False, meaning="The user who owns the sessions"
)


def _deliveries(
    credentials: Mapping[str, str], faults: Sequence[Any] = (), timezone: str = DEFAULT_TIMEZONE
) -> dict[str, Sequence[Delivery]]:
    key = credentials.get("x-api-key", SANDBOX_API_KEY)
    nights = scenarios_of(credentials.get("x-user-id", SANDBOX_USER_ID))
    return {name: deliveries(night, api_key=key, timezone=timezone, faults=faults) for name, night in nights.items()}


def _bodies(knowledge: Knowledge) -> Mapping[str, Any]:
    from sleeptalk_contract.services.asleep.strategies import callback_bodies  # noqa: PLC0415  # brings Hypothesis

    return {"receiveCallback": callback_bodies(knowledge.credentials.get("x-user-id", "user"))}


def _formats() -> Mapping[str, Any]:
    from sleeptalk_contract.services.asleep.strategies import FORMATS  # noqa: PLC0415  # brings Hypothesis

    return FORMATS


def _state_of_session(exchange: Exchange) -> str:
    return text_in(exchange.response_json, "result", "session", "state") or "-"


def _event(exchange: Exchange) -> str:
    return text_in(exchange.request_json, "callback_event") or "-"


def _caption(exchange: Exchange) -> str:
    session = text_in(exchange.request_json, "callback_data", "session_id")
    return _event(exchange) if session is None else f"{_event(exchange)} of {session}"


def _session(_headers: Mapping[str, str], body: Any) -> str:
    return text_in(body, "callback_data", "session_id") or ""


def _pictures() -> tuple[Picture, ...]:
    """Draw a night."""
    night = SCENARIOS["four-stages"].as_result(_PICTURED_IN, ZoneInfo(_PICTURED_IN))
    return (
        Picture(
            "hypnogram",
            hypnogram(decode(msgspec.json.encode(night), SessionResult), theme="auto"),
            "A night of the sandbox: sleep stages of 30 s epochs, and unstable breathing beneath.",
        ),
    )


SERVICE: Final = Service(
    name="asleep",
    module=__name__,
    document=DOCUMENT,
    targets=(
        Target(
            name="asleep",
            summary="An implementation of Asleep's data API.",
            document=DOCUMENT,
            groups=(
                RuleGroup(
                    name="session",
                    operations=("getSession",),
                    checks=session.CHECKS
                    | session_requests.CHECKS
                    | session_requests.checks_of_ids("session.malformed-id-422", 422)
                    | session_credentials.CHECKS,
                    schemas=("SessionResult", "Session", "Stat"),
                ),
            ),
            credentials=(Credential("x-api-key", "--api-key", "ASLEEP_API_KEY", secret=True), _USER_ID),
            known_ids=KnownIds("--session-id", "getSession", "session_id", "14 digits, _ and 5 of a-z and 0-9"),
            probes=session_probes,
            dictionaries={"header.timezone": (EVERYWHERE, 0.9)},
            formats=_formats,
            implementation=AsleepProvider,
            scenarios=tuple(
                Scenario(night.name, night.summary, "getSession", {"session_id": night.session_id})
                for night in SCENARIOS.values()
            ),
            reading=READING,
            state=_state_of_session,
        ),
        Target(
            name="callback",
            summary="A receiver of Asleep's callbacks.",
            document=DOCUMENT,
            groups=(
                RuleGroup(
                    name="receiver",
                    operations=("receiveCallback",),
                    checks=receiver.CHECKS,
                ),
                RuleGroup(
                    name="callback",
                    operations=("receiveCallback",),
                    checks=callback.CHECKS,
                    schemas=("InferenceCompleteData", "SessionCompleteData", "SleepData"),
                ),
            ),
            credentials=(Credential("x-api-key", "--api-key", "SLEEPTALK_CALLBACK_KEY", secret=True), _USER_ID),
            claims=(
                Claim(
                    receiver.SLOW_HANDLER,
                    f"The receiver's handler takes longer than {receiver.DEADLINE:g} s: it must answer before that",
                ),
            ),
            probes=lambda knowledge, _ids: receiver_probes(knowledge),
            honest_probes=honest_callbacks,
            renewed=about_a_new_session,
            formats=_formats,
            bodies=_bodies,
            implementation=AsleepReceiver,
            scenarios=tuple(Scenario(night.name, night.summary, "receiveCallback") for night in SCENARIOS.values()),
            deliveries=_deliveries,
            state=_event,
            lane=_session,
            caption=_caption,
        ),
    ),
    faults=(
        *session_faults.FAULTS,
        *session_numbers.FAULTS,
        *session_answers.FAULTS,
        *session_credentials_faults.FAULTS,
        *callback_faults.FAULTS,
        *callback_numbers.FAULTS,
        *receiver_faults.FAULTS,
    ),
    snippets={
        "getSession": snippet(_SNIPPETS, "get_session.py"),
        "receiveCallback": snippet(_SNIPPETS, "receive_callback.py"),
    },
    pictures=_pictures,
)
