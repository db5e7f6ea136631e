"""Asleep, data v3 (target "asleep-v3"): sessions, lists, averages, users and deletes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import msgspec

from sleeptalk.asleep_v3.night import OVERRIDES
from sleeptalk.drawing import hypnogram
from sleeptalk_contract.contract.document import folder
from sleeptalk_contract.contract.exchange import text_in
from sleeptalk_contract.contract.service import (
    Credential,
    KnownIds,
    Picture,
    RuleGroup,
    Service,
    Target,
    snippet,
)
from sleeptalk_contract.services.asleep.faults import receiver as receiver_faults
from sleeptalk_contract.services.asleep.rules.timezones import EVERYWHERE
from sleeptalk_contract.services.asleep_v3 import callbacks
from sleeptalk_contract.services.asleep_v3.faults import callback as callback_faults
from sleeptalk_contract.services.asleep_v3.faults import lists as list_faults
from sleeptalk_contract.services.asleep_v3.faults import session as session_faults
from sleeptalk_contract.services.asleep_v3.faults import users as user_faults
from sleeptalk_contract.services.asleep_v3.probes import probes
from sleeptalk_contract.services.asleep_v3.readings import READINGS
from sleeptalk_contract.services.asleep_v3.rules import averages, session, sessions, users
from sleeptalk_contract.services.asleep_v3.sandbox.application import AsleepV3Provider
from sleeptalk_contract.services.asleep_v3.sandbox.nights import SCENARIOS
from sleeptalk_contract.services.asleep_v3.scenarios import SHOWN
from sleeptalk_generated.asleep_v3.models import SessionResult
from sleeptalk_generated.decoding import decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk_contract.contract.exchange import Exchange

DOCUMENT: Final = folder() / "asleep-v3.yaml"
_SNIPPETS: Final = "sleeptalk_contract.services.asleep_v3.snippets"
_PICTURED_IN: Final = "Asia/Seoul"
_SNIPPETS_V1: Final = "sleeptalk_contract.services.asleep.snippets"


def _formats() -> Mapping[str, Any]:
    from sleeptalk_contract.services.asleep.strategies import FORMATS  # noqa: PLC0415  # brings Hypothesis

    return FORMATS


def _state_of_session(exchange: Exchange) -> str:
    return text_in(exchange.response_json, "result", "session", "state") or "-"


def _user(headers: Mapping[str, str], _body: Any) -> str:
    """Return whose sessions a request is about; what is about users themselves names none."""
    return f"user {headers.get('x-user-id', '')}"


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
    name="asleep-v3",
    module=__name__,
    document=DOCUMENT,
    targets=(
        Target(
            name="asleep-v3",
            summary="An implementation of Asleep's API with data v3: sessions, lists, averages and users.",
            document=DOCUMENT,
            groups=(
                RuleGroup(
                    name="session",
                    operations=("getSession",),
                    checks=session.CHECKS,
                    schemas=("SessionResult", "Session", "Stat"),
                ),
                RuleGroup(
                    name="sessions",
                    operations=("listSessions",),
                    checks=sessions.CHECKS,
                    schemas=("SessionList", "ListedSession"),
                ),
                RuleGroup(
                    name="average-stats",
                    operations=("getAverageStats",),
                    checks=averages.CHECKS,
                    schemas=("AverageStatsResult", "AverageStats", "SleptSession"),
                ),
                RuleGroup(
                    name="users",
                    operations=("createUser", "getUser", "deleteUser"),
                    checks=users.CHECKS,
                    schemas=("User", "LastSession", "UserMetadata"),
                ),
                RuleGroup(
                    name="deletes",
                    operations=("deleteSession", "deleteSessions"),
                    checks=users.DELETES,
                ),
            ),
            credentials=(
                Credential("x-api-key", "--api-key", "ASLEEP_API_KEY", secret=True),
                Credential(
                    "x-user-id", "--user-id", "ASLEEP_USER_ID", secret=False, meaning="The user who owns the sessions"
                ),
            ),
            known_ids=KnownIds("--session-id", "getSession", "session_id", "14 digits, _ and 5 of a-z and 0-9"),
            probes=probes,
            dictionaries={"header.timezone": (EVERYWHERE, 0.9)},
            formats=_formats,
            implementation=AsleepV3Provider,
            scenarios=SHOWN,
            state=_state_of_session,
            readings=READINGS,
            lane=_user,
        ),
        *callbacks.TARGETS,
    ),
    faults=(
        *session_faults.FAULTS,
        *list_faults.FAULTS,
        *user_faults.FAULTS,
        *callback_faults.FAULTS,
        *receiver_faults.FAULTS,
    ),
    overrides=OVERRIDES,
    snippets={
        "getSession": snippet(_SNIPPETS, "get_session.py"),
        "listSessions": snippet(_SNIPPETS, "list_sessions.py"),
        "getAverageStats": snippet(_SNIPPETS, "average_stats.py"),
        "createUser": snippet(_SNIPPETS, "create_user.py"),
        "getUser": snippet(_SNIPPETS, "get_user.py"),
        "deleteUser": snippet(_SNIPPETS, "delete_user.py"),
        "deleteSession": snippet(_SNIPPETS, "delete_session.py"),
        "deleteSessions": snippet(_SNIPPETS, "delete_sessions.py"),
        "receiveCallbackV2": snippet(_SNIPPETS_V1, "receive_callback.py"),
        "receiveCallbackV3": snippet(_SNIPPETS_V1, "receive_callback.py"),
    },
    pictures=_pictures,
)
