"""Which part of a run a process sends, and how the environment sets it."""

import pytest

from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.plan import Shard, read_shard


def test_without_a_shard_everything_is_sent() -> None:
    assert all(read_shard(None, {}).takes(ordinal) for ordinal in range(10))


def test_every_request_belongs_to_exactly_one_shard() -> None:
    shards = [Shard(index, 4) for index in (1, 2, 3, 4)]
    assert all(sum(shard.takes(ordinal) for shard in shards) == 1 for ordinal in range(100))


@pytest.mark.parametrize(
    ("text", "environment", "shard"),
    [
        ("2/3", {}, "2/3"),
        ("auto", {"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "5"}, "2/5"),
        ("auto", {"CIRCLE_NODE_INDEX": "0", "CIRCLE_NODE_TOTAL": "2"}, "1/2"),
        ("auto", {"BUILDKITE_PARALLEL_JOB": "3", "BUILDKITE_PARALLEL_JOB_COUNT": "4"}, "4/4"),
        ("auto/4", {"JOB_COMPLETION_INDEX": "2"}, "3/4"),
    ],
)
def test_the_shard_comes_from_the_option_or_the_ci_system(text: str, environment: dict[str, str], shard: str) -> None:
    assert str(read_shard(text, environment)) == shard


@pytest.mark.parametrize(
    ("text", "environment", "named"),
    [
        ("auto", {"JOB_COMPLETION_INDEX": "2"}, "auto/N"),
        ("auto/2", {"JOB_COMPLETION_INDEX": "2"}, "JOB_COMPLETION_INDEX=2 of 2"),
        ("auto", {"CI_NODE_INDEX": "x", "CI_NODE_TOTAL": "5"}, "CI_NODE_INDEX=x"),
        ("2", {}, "--shard 2"),
        ("-1/2", {}, "--shard -1/2"),
    ],
)
def test_what_names_no_shard_is_said(text: str, environment: dict[str, str], named: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_shard(text, environment)
    assert named in raised.value.message
