"""JSON Pointers, written and read in one place."""

import pytest

from sleeptalk_contract.contract.pointer import follow, parts, pointer


@pytest.mark.parametrize(
    ("keys", "written"),
    [([], ""), (["a", 0, ""], "/a/0/"), (["/data/{id}", "m~n", "~1"], "/~1data~1{id}/m~0n/~01")],
)
def test_what_is_written_is_read_again(keys: list[str | int], written: str) -> None:
    assert pointer(keys) == written
    assert parts(written) == parts(f"#{written}") == [str(key) for key in keys]


def test_a_pointer_leads_to_its_value_or_nowhere() -> None:
    root = {"/data/{id}": [{"m~n": 1}]}
    assert follow(root, "#/~1data~1{id}/0/m~0n") == 1
    with pytest.raises(LookupError, match="leads nowhere: there is no '1'"):
        follow(root, "/~1data~1{id}/1")
