"""The plugin as a user's project meets it: a pytest run of its own."""

import subprocess
import sys
from typing import Literal

import pytest

from sleeptalk_contract.pytest_plugin import AsleepSandbox, CallbackSender
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.services.asleep.sandbox.receiver import receiver_app

pytest_plugins = ["pytester"]

QUICKLY = ("-p", "no:cacheprovider", "-p", "no:schemathesis")  # whose own plugin takes seconds to load

USER_TESTS = """
import httpx


def test_night(asleep_sandbox, assert_conforms):
    identifier = asleep_sandbox.known_ids["four-stages"]
    url = f"{asleep_sandbox.url}/data/v2/sessions/{identifier}"
    assert_conforms(httpx.get(url, headers=asleep_sandbox.headers))


def test_users_and_lists_are_those_of_the_test(asleep_v3_sandbox, assert_conforms):
    sessions = f"{asleep_v3_sandbox.url}/ai/v1/sessions"
    assert_conforms(httpx.get(f"{asleep_v3_sandbox.url}/data/v1/sessions", headers=asleep_v3_sandbox.headers))
    assert_conforms(httpx.delete(sessions, headers=asleep_v3_sandbox.headers))
    listed = httpx.get(f"{asleep_v3_sandbox.url}/data/v1/sessions", headers=asleep_v3_sandbox.headers)
    assert listed.json()["result"]["sleep_session_list"] == []


def test_night_of_data_v3(asleep_v3_sandbox, assert_conforms):
    url = f"{asleep_v3_sandbox.url}/data/v3/sessions/{asleep_v3_sandbox.known_ids['too-short']}"
    assert_conforms(httpx.get(url, headers=asleep_v3_sandbox.headers))


def test_call(phonexia_sandbox, assert_conforms):
    identifier = phonexia_sandbox.known_ids["pending"]
    assert_conforms(httpx.get(f"{phonexia_sandbox.url}/api/technology/time-analysis/{identifier}"))


def test_callback(callback_sender, assert_callback_conforms):
    for delivery in callback_sender.deliveries("never-slept"):
        assert_callback_conforms(delivery.body, delivery.headers)


def test_broken_night(asleep_sandbox, assert_conforms):
    url = f"{asleep_sandbox.url}/data/v2/sessions/20220821093117_hz82a"
    request = httpx.Request("GET", url, headers=asleep_sandbox.headers)
    assert_conforms(httpx.Response(200, json={"detail": "ok"}, request=request))
"""


def test_a_project_uses_fixtures_and_assertions_without_an_import(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(USER_TESTS)
    outcome = pytester.runpytest_subprocess(*QUICKLY)
    outcome.assert_outcomes(passed=5, failed=1)
    outcome.stdout.fnmatch_lines(["*AssertionError: The answer 200 to GET *breaks the contract.", "*session.shape: *"])
    outcome.stdout.no_fnmatch_line("*conformance.py:*")  # the traceback ends where the user's own line is


def test_the_fixtures_are_listed_with_a_sentence(pytester: pytest.Pytester) -> None:
    listed = pytester.runpytest_subprocess("--fixtures", *QUICKLY)
    listed.stdout.fnmatch_lines(["asleep_sandbox*", "*Serve Asleep on a free port*"])


PLACES_OF_FIXTURES = (
    "",
    ".asleep",
    ".asleep.fixtures",
    ".asleep_v3",
    ".asleep_v3.fixtures",
    ".phonexia",
    ".phonexia.fixtures",
)


def test_loading_the_plugin_imports_nothing_but_pytest() -> None:
    program = (
        "import pytest, sys; before = set(sys.modules); import sleeptalk_contract.pytest_plugin;"
        "print(*sorted(name for name in set(sys.modules) - before))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    places = ("", ".pytest_plugin", *(f".services{place}" for place in PLACES_OF_FIXTURES))
    assert loaded == sorted(f"sleeptalk_contract{place}" for place in places)


@pytest.mark.parametrize("version", ["V1", "V2", "V3"])
def test_the_sender_posts_a_night_to_a_receiver_in_its_order(
    callback_sender: CallbackSender, version: Literal["V1", "V2", "V3"]
) -> None:
    with running(receiver_app(callback_sender.api_key)) as receiver:
        outcomes = callback_sender.send(receiver.url, "two-stages", version=version)
    assert {outcome.status for outcome in outcomes} == {204}
    assert [outcome.delivery.event for outcome in outcomes][-1] == "SESSION_COMPLETE"
    assert len(outcomes) == len(callback_sender.deliveries("two-stages"))


def test_keys_are_in_no_repr(asleep_sandbox: AsleepSandbox, callback_sender: CallbackSender) -> None:
    assert asleep_sandbox.api_key not in repr(asleep_sandbox)
    assert callback_sender.api_key not in repr(callback_sender)
