"""The session's rules of data v3: those of data v2, and what v3 adds. Source: Get Session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.exchange import text_in
from sleeptalk_contract.judging.case import Checks
from sleeptalk_contract.services.asleep.rules import night as nights
from sleeptalk_contract.services.asleep.rules import session, session_credentials, session_requests
from sleeptalk_contract.services.asleep.rules.night import instant
from sleeptalk_contract.services.asleep.rules.night_arithmetic import checks_of
from sleeptalk_contract.services.asleep_v3.rules.memory import Memory, user_of
from sleeptalk_contract.services.asleep_v3.rules.night_arithmetic import ADDED
from sleeptalk_contract.services.asleep_v3.rules.requests import is_authorised, is_judged, result

if TYPE_CHECKING:
    from sleeptalk_contract.judging.case import Breaches, Case

CHECKS: Final = Checks()
CHECKS.update(session.CHECKS)
CHECKS.update(checks_of("session", nights.answered, ADDED))
CHECKS.update(session_requests.CHECKS)
CHECKS.update(session_requests.checks_of_ids("session.malformed-id-refused", 400, 422))
CHECKS.update(session_credentials.CHECKS)

_NOT_FOUND: Final = 404


@CHECKS.rule("session.agrees-with-list")
def agrees_with_list(case: Case) -> Breaches:
    """A session that was listed has the same start, zone and end when it is read."""
    read = _session(case)
    seen = case.history.of(Memory).sessions.get(_key(case))
    if seen is None or seen.listed is None or read is None:
        return None
    listed = seen.listed
    breaches = []
    for name, as_listed in (("start_time", "session_start_time"), ("end_time", "session_end_time")):
        times = instant(listed.get(as_listed)), instant(read.get(name))
        if None not in times and times[0] != times[1]:
            breaches.append((f"/result/session/{name}", f"is {read[name]}, but the list says {listed[as_listed]}"))
    zones = listed.get("created_timezone"), read.get("created_timezone")
    if None not in zones and zones[0] != zones[1]:
        breaches.append(("/result/session/created_timezone", f"is {zones[1]!r}, but the list says {zones[0]!r}"))
    return breaches


@CHECKS.rule("session.listed-is-read")
def listed_is_read(case: Case) -> Breaches:
    """A session that was listed for a user, and not deleted, can be read by the same user."""
    seen = case.history.of(Memory).sessions.get(_key(case))
    if seen is None or seen.listed is None or seen.deleted:
        return None
    if not is_judged(case) or not is_authorised(case) or _has_wrong_timezone(case):
        return None
    return [] if case.exchange.successful else [("status", f"is {case.exchange.status}, but the session is listed")]


@CHECKS.rule("session.state-never-back")
def state_never_back(case: Case) -> Breaches:
    """A session that is read is not in an earlier state than before."""
    state = (_session(case) or {}).get("state")
    try:
        later = case.history.of(Memory).went_back(case.exchange, case.identifier, state)
    except LookupError:
        return None
    return [] if later is None else [("/result/session/state", f"is {state}, after it was {later}")]


@CHECKS.rule("session.deleted-404")
def deleted_404(case: Case) -> Breaches:
    """A session that was deleted is answered 404."""
    seen = case.history.of(Memory).sessions.get(_key(case))
    if seen is None or not seen.deleted:
        return None
    if not is_judged(case) or not is_authorised(case) or _has_wrong_timezone(case):
        return None
    status = case.exchange.status
    return [] if status == _NOT_FOUND else [("status", f"is {status}, not 404, although the session was deleted")]


def _session(case: Case) -> dict[str, Any] | None:
    found = result(case)
    read = found.get("session") if isinstance(found, dict) else None
    return read if isinstance(read, dict) else None


def _key(case: Case) -> tuple[str, str]:
    return user_of(case.exchange), case.identifier


def _has_wrong_timezone(case: Case) -> bool:
    return text_in(case.error_body, "detail") == "The invalid timezone is provided"
