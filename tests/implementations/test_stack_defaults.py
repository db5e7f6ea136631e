"""What frameworks do by themselves and the contract forbids is found, and told in words that help."""

from pathlib import Path

import pytest

from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from tests.implementations.judging import broken, judged
from tests.implementations.stacks.serving import serving

NIGHT = SCENARIOS["closed"].session_id


def found(stack: str, target: str, folder: Path) -> tuple[set[str], set[str], set[str]]:
    """Judge a framework's own ways: the `must` rules that are broken, the `should` rules, and the words for both."""
    with serving(stack, folder, "stock") as url:
        address, known = (f"{url}/callback", ()) if target == "callback" else (url, (NIGHT,))
        report = judged(target, address, known, max_examples=1)
    words = {f"{finding.location}: {finding.message}" for result in report.of("failed") for finding in result.findings}
    return broken(report, "must"), broken(report, "should"), words


@pytest.mark.parametrize("stack", ["Express", "Flask", "the standard library"])
def test_pages_as_refusals(stack: str, tmp_path: Path) -> None:
    must, should, words = found(stack, "asleep", tmp_path)
    assert (must, should) == ({"session.error-detail-string"}, {"session.documented-status"})
    charset = ";charset=utf-8" if stack == "the standard library" else "; charset=utf-8"
    assert words >= {
        ": is not JSON: it is HTML or XML",
        f"header content-type: is text/html{charset} with status 404, not application/json",
        f"header content-type: is text/html{charset} with status 422, not application/json",
    }


def test_the_list_of_what_fastapi_finds_invalid(tmp_path: Path) -> None:
    assert found("FastAPI", "asleep", tmp_path) == (
        {"session.error-detail-string"},
        set(),
        {"/detail: must be a string (it is a list of 1)"},
    )


def test_fastapi_repeats_a_number_that_json_cannot_write_and_fails(tmp_path: Path) -> None:
    assert found("FastAPI", "callback", tmp_path) == ({"receiver.never-5xx"}, set(), {"status: is 500"})


def test_express_replaces_bytes_that_are_not_utf_8(tmp_path: Path) -> None:
    assert found("Express", "callback", tmp_path) == (
        set(),
        {"receiver.refuses-non-utf-8"},
        {"status: is 204 to a body that is not UTF-8, not 4xx"},
    )


def test_django_appends_a_slash(tmp_path: Path) -> None:
    with serving("Django", tmp_path, "stock") as url:
        with pytest.raises(UsageError) as provider:
            judged("asleep", url, (NIGHT,))
        with pytest.raises(UsageError) as receiver:
            judged("callback", f"{url}/callback")
    assert str(provider.value).endswith(
        f"{NIGHT}/: serve the paths of the contract as they are, without a slash at their end."
    )
    assert str(receiver.value).endswith(f"leads to {url}/callback/: pass --url {url}/callback/.")
