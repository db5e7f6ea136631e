"""Asleep: reading a night (target "asleep"), and the callbacks it sends (target "callback")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sleeptalk.asleep.night import OVERRIDES
from sleeptalk_contract.contract.document import folder
from sleeptalk_contract.contract.exchange import text_in
from sleeptalk_contract.contract.service import (
    Credential,
    KnownIds,
    RuleGroup,
    Scenario,
    Service,
    Target,
    snippet,
)
from sleeptalk_contract.services.asleep.callback_target import USER_ID, callback_target, formats
from sleeptalk_contract.services.asleep.callbacks import CallbackFormat
from sleeptalk_contract.services.asleep.faults import callback as callback_faults
from sleeptalk_contract.services.asleep.faults import callback_numbers, session_answers, session_numbers
from sleeptalk_contract.services.asleep.faults import receiver as receiver_faults
from sleeptalk_contract.services.asleep.faults import session as session_faults
from sleeptalk_contract.services.asleep.faults import session_credentials as session_credentials_faults
from sleeptalk_contract.services.asleep.probes.session import session_probes
from sleeptalk_contract.services.asleep.reading import READING
from sleeptalk_contract.services.asleep.rules import callback, session, session_credentials, session_requests
from sleeptalk_contract.services.asleep.rules.timezones import EVERYWHERE
from sleeptalk_contract.services.asleep.sandbox.application import AsleepProvider
from sleeptalk_contract.services.asleep.sandbox.deliveries import deliveries
from sleeptalk_contract.services.asleep.sandbox.nights import (
    SCENARIOS,
)

if TYPE_CHECKING:
    from sleeptalk_contract.contract.exchange import Exchange

DOCUMENT: Final = folder() / "asleep.yaml"

_SNIPPETS: Final = "sleeptalk_contract.services.asleep.snippets"


def _state_of_session(exchange: Exchange) -> str:
    return text_in(exchange.response_json, "result", "session", "state") or "-"


V1: Final = CallbackFormat(
    version="V1",
    operation="receiveCallback",
    nights=SCENARIOS,
    deliver=deliveries,
    objects=((), ("callback_data",), ("callback_data", "sleep_data")),
)
"""How callbacks of V1 are made."""


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
            credentials=(Credential("x-api-key", "--api-key", "ASLEEP_API_KEY", secret=True), USER_ID),
            known_ids=KnownIds("--session-id", "getSession", "session_id", "14 digits, _ and 5 of a-z and 0-9"),
            probes=session_probes,
            dictionaries={"header.timezone": (EVERYWHERE, 0.9)},
            formats=formats,
            implementation=AsleepProvider,
            scenarios=tuple(
                Scenario(night.name, night.summary, "getSession", {"session_id": night.session_id})
                for night in SCENARIOS.values()
            ),
            readings=(READING,),
            state=_state_of_session,
        ),
        callback_target(
            "callback",
            DOCUMENT,
            V1,
            callback.CHECKS,
            ("InferenceCompleteData", "SessionCompleteData", "SleepData"),
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
    overrides=OVERRIDES,
    snippets={
        "getSession": snippet(_SNIPPETS, "get_session.py"),
        "receiveCallback": snippet(_SNIPPETS, "receive_callback.py"),
    },
)
