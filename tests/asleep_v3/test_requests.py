"""What the sandbox of data v3 makes of requests that are unusual, and right."""

import httpx
import pytest

from sleeptalk_contract.sandbox.embedded import embedded
from tests.targets import target_named


@pytest.mark.parametrize(("day", "status"), [(17.0, 201), (31.0, 201), (31, 201), (30.5, 422)])
def test_a_birthday_may_be_written_with_a_fraction_of_zero(day: float, status: int) -> None:
    metadata = {"birth_year": 1905.0, "birth_month": 3.0, "birth_day": day}
    with embedded(target_named("asleep-v3")) as served:
        answer = httpx.post(f"{served.url}/ai/v1/users", headers=served.credentials, json={"metadata": metadata})
    assert answer.status_code == status, answer.text


def test_a_method_that_is_not_allowed_is_told_those_that_are() -> None:
    with embedded(target_named("asleep-v3")) as served:
        answer = httpx.put(f"{served.url}/ai/v1/users/one", headers=served.credentials)
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET")
