"""Where a check of the linter or the type checker is switched off, a reason stands beside it."""

import re

import pytest

from tests.architecture.source import modules

SWITCH = re.compile(r"#\s*(noqa|type: ignore|pyright: ignore)\b[^#]*(?P<reason># .*)?$")


@pytest.mark.parametrize("module", [name for name in modules() if not name.startswith("sleeptalk_generated")])
def test_a_check_that_is_switched_off_has_a_reason(module: str) -> None:
    lines = modules()[module].read_text(encoding="utf-8").splitlines()
    found = [(number, SWITCH.search(line)) for number, line in enumerate(lines, start=1)]
    assert [number for number, match in found if match and not match["reason"]] == []


def test_a_switch_without_a_reason_is_found() -> None:
    for line, reason in (
        ("x  # noqa: E501", None),
        ("x  # noqa: E501  # long", "# long"),
        ("x  # type: ignore[a, b]", None),
    ):
        match = SWITCH.search(line)
        assert match is not None
        assert match["reason"] == reason
