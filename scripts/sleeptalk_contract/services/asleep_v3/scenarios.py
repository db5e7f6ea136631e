"""What the sandbox of data v3 shows, for each operation at least one thing, so that people can ask for it."""

from __future__ import annotations

from typing import Final

from sleeptalk_contract.contract.service import Scenario
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_CREDENTIALS
from sleeptalk_contract.services.asleep_v3.sandbox.nights import FINISHING, SCENARIOS
from sleeptalk_contract.services.asleep_v3.sandbox.store import GUESTS

_GUEST, _LEAVER = GUESTS
_OF_GUEST: Final = {"x-user-id": _GUEST}
_DAYS: Final = {"start_date": "2024-03-01", "end_date": "2024-03-31"}
_USER: Final = {"user_id": SANDBOX_CREDENTIALS["x-user-id"]}
_NEW: Final = '{"metadata": {"birth_year": 1990}}'

SHOWN: Final = (
    *(
        Scenario(name, night.recorded.summary, "getSession", {"session_id": night.session_id})
        for name, night in SCENARIOS.items()
    ),
    Scenario(
        FINISHING.recorded.name,
        FINISHING.recorded.summary,
        "getSession",
        {"session_id": FINISHING.session_id},
        "changing",
    ),
    Scenario(
        "march", "the sessions of a month, by the day", "listSessions", {}, "changing", {"date_gte": "2024-03-01"}
    ),
    Scenario("march", "a month of nights, averaged", "getAverageStats", _USER, "changing", _DAYS),
    Scenario("new", "a new user, who has two nights from the start", "createUser", {}, "changing", body=_NEW),
    Scenario("user", "who has every night above", "getUser", _USER, "changing"),
    Scenario("leaver", "is there to be deleted", "deleteUser", {"user_id": _LEAVER}, "changing"),
    Scenario(
        "guest",
        "a night that is there to be deleted",
        "deleteSession",
        {"session_id": f"{SCENARIOS['two-stages'].session_id[:14]}_guest"},
        "changing",
        headers=_OF_GUEST,
    ),
    Scenario(
        "guest",
        "the nights of a user that are there to be deleted",
        "deleteSessions",
        {},
        "changing",
        headers=_OF_GUEST,
    ),
)
