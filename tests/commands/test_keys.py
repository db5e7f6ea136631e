"""The ways in which an API key is spoiled, and what a key that was sent is called."""

import pytest

from sleeptalk_contract.contract import redaction
from sleeptalk_contract.contract.keys import key_kind, key_of_kind, spoiled_keys

KEYS = ["a-Key-of-ours", "1234567890", "00000000", "1", "a", "UPPER"]


@pytest.mark.parametrize("key", KEYS)
def test_the_right_key_is_called_right(key: str) -> None:
    assert key_kind(key, key) == "right"
    assert key_of_kind("right", key) == key


@pytest.mark.parametrize("key", KEYS)
def test_no_spoiled_key_is_the_right_one_and_each_can_be_made_again_from_its_name(key: str) -> None:
    spoiled = dict(spoiled_keys(key))
    assert key not in spoiled.values()
    assert {"missing", "empty", "wrong", "extended"} <= spoiled.keys()
    for name, value in spoiled.items():
        assert key_kind(value, key) == name
        assert key_of_kind(name, key) == value


def test_any_other_key_is_wrong() -> None:
    assert key_kind("something else", "a-Key-of-ours") == "wrong"


@pytest.mark.parametrize(("value", "name"), [(None, "missing"), ("", "empty"), ("any", "wrong")])
def test_without_the_right_key_a_key_is_missing_empty_or_wrong(value: str | None, name: str) -> None:
    assert key_kind(value, None) == name


def test_what_gives_a_key_away_is_redacted_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_known", set())
    redaction.remember_key("a-Key-of-ours")
    for name, value in spoiled_keys("a-Key-of-ours"):
        if name in {"truncated", "extended", "recased"}:
            assert redaction.redacted(f"<{value}>") == f"<{redaction.REPLACEMENT}>"
