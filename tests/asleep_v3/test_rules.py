"""Every rule of data v3 is seen kept by the honest sandbox, and broken by each of its faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from sleeptalk_contract.services.asleep_v3.service import SERVICE

from .conversation import TARGET, Conversation

if TYPE_CHECKING:
    from sleeptalk_contract.contract.service import Fault

_FAULTS: Final = [fault for fault in SERVICE.faults if fault.rule in TARGET.rules]  # test_callbacks has the others


def test_the_honest_sandbox_keeps_and_exercises_every_rule() -> None:
    honest = Conversation().run()
    assert honest.broken == {}
    assert set(TARGET.rules) - honest.exercised == set()


def test_every_rule_has_a_fault_and_every_fault_a_rule() -> None:
    assert {fault.rule for fault in _FAULTS} == set(TARGET.rules)
    names = [fault.full_name for fault in SERVICE.faults]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("fault", _FAULTS, ids=lambda fault: fault.full_name)
def test_a_fault_is_named(fault: Fault) -> None:
    group = next(each for each in TARGET.groups if each.name == fault.rule.partition(".")[0])
    listed = ("listSessions",) if fault.rule == "session.agrees-with-list" else ()
    assert fault.rule in Conversation([fault], fault.rule).run(*listed, *group.operations).broken
