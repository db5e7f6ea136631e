"""The clients of data v3 against the sandbox: nights, lists, averages, users and deletes."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING

import pytest

from sleeptalk.asleep_v3 import Asleep, AsyncAsleep, parse
from sleeptalk.errors import InvalidSessionId, SessionNotFound, UserNotFound
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import application
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID
from sleeptalk_contract.services.asleep_v3.sandbox.application import AsleepV3Provider
from sleeptalk_contract.services.asleep_v3.sandbox.nights import FINISHING, SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def url() -> Iterator[str]:
    with running(application([AsleepV3Provider()])) as server:
        yield server.url


@pytest.fixture
def asleep(url: str) -> Iterator[Asleep]:
    with Asleep(SANDBOX_API_KEY, SANDBOX_USER_ID, base_url=url) as client:
        yield client


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_night_is_read_and_kept_as_it_came(asleep: Asleep, name: str) -> None:
    night = asleep.get_session(SCENARIOS[name].session_id, timezone="Asia/Seoul")
    assert parse(night.to_json()) == night
    assert tuple(map(str, night.peculiarities)) == SCENARIOS[name].peculiarities
    assert len(night.sentences) == len(night.peculiarities)
    assert (night.stat is not None) == SCENARIOS[name].has_statistics


@pytest.mark.parametrize(
    ("name", "is_valid"),
    [
        ("four-stages", True),
        ("never-slept", True),
        ("without-breathing", True),
        ("too-short", False),
        ("too-long", False),
        ("invalid", False),
        ("closed", False),
        ("open-without-real-time", False),
    ],
)
def test_a_night_is_valid_where_its_analysis_can_be_used(asleep: Asleep, name: str, is_valid: bool) -> None:
    assert asleep.get_session(SCENARIOS[name].session_id).is_valid is is_valid


def test_a_session_is_waited_for_until_it_is_complete(asleep: Asleep) -> None:
    states: list[str] = []
    night = asleep.wait_for_session(
        FINISHING.session_id, poll=0.01, on_progress=lambda seen: states.append(str(seen.session.state))
    )
    assert states == ["OPEN", "CLOSED", "COMPLETE"]
    assert night.is_valid


def test_refusals_have_the_errors_that_they_have_in_data_v2(asleep: Asleep) -> None:
    with pytest.raises(SessionNotFound):
        asleep.get_session("20010203040506_a0b1c")
    with pytest.raises(InvalidSessionId):
        asleep.get_session("20010203040506")


def test_a_list_and_the_averages_are_typed(asleep: Asleep) -> None:
    page = asleep.list_sessions(limit=3, order_by="ASC").result.sleep_session_list
    starts = [session.session_start_time for session in page]
    assert len(page) == 3
    assert starts == sorted(starts)
    averages = asleep.get_average_stats(SANDBOX_USER_ID, start_date=date(2024, 3, 1), end_date=date(2024, 4, 1)).result
    assert averages.average_stats is not None
    assert averages.period.start_date == date(2024, 3, 1)
    assert averages.slept_sessions


def test_the_user_who_is_named_is_read_and_deleted_and_not_the_clients_own(asleep: Asleep) -> None:
    made = asleep.create_user().result.user_id
    assert asleep.get_user(made).result.user_id == made
    asleep.delete_user(made)
    with pytest.raises(UserNotFound):
        asleep.get_user(made)
    assert asleep.get_user(SANDBOX_USER_ID).result.last_session_info is not None


def test_a_session_that_was_deleted_is_not_found(asleep: Asleep) -> None:
    session_id = SCENARIOS["four-stages"].session_id
    asleep.delete_session(session_id)
    with pytest.raises(SessionNotFound):
        asleep.get_session(session_id)
    asleep.delete_sessions()
    assert asleep.list_sessions().result.sleep_session_list == []


def test_the_async_client_reads_the_same(url: str) -> None:
    async def read() -> None:
        async with AsyncAsleep(SANDBOX_API_KEY, SANDBOX_USER_ID, base_url=url) as asleep:
            night = await asleep.wait_for_session(FINISHING.session_id, poll=0.01)
            assert night.is_valid
            made = (await asleep.create_user()).result.user_id
            assert (await asleep.get_user(made)).result.user_id == made

    asyncio.run(read())
