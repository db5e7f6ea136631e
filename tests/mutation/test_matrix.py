"""The matrix as it is printed and written."""

import io
import json

from rich.console import Console

from sleeptalk_contract.mutation.matrix import as_json, line, show, summary
from sleeptalk_contract.mutation.trials import HONEST, Plain, Proof, Sighting, Trial

MODULE = "sleeptalk_contract.services.asleep.service"
ID_ECHOED = "session.id-echoed"


def trial(name: str) -> Trial:
    return Trial(MODULE, "session", ID_ECHOED, name, "repeats another id", 1)


NAMED = Proof(trial("other-id"), (ID_ECHOED,), Sighting(3, 0.25), 256, 1.5, plain=Plain(killed=False, seconds=4.0))
BESIDE = Proof(
    trial("later"), ("session.shape", ID_ECHOED), Sighting(9, 0.5), 256, 2.5, plain=Plain(True, 3.0, ("ST108 shape",))
)
MISNAMED = Proof(trial("header"), ("session.shape",), None, 300, 3.5)
SURVIVED = Proof(trial("never"), (), None, 300, 4.5)
SILENT = Proof(Trial(MODULE, "session", "", HONEST, "breaks nothing", 1), (), None, 300, 5.0)
ALARM = Proof(Trial(MODULE, "session", "", HONEST, "breaks nothing", 2), ("session.shape",), None, 300, 5.0)


def printed(*proofs: Proof, without_faults: tuple[str, ...] = ()) -> str:
    screen = io.StringIO()
    show(proofs, without_faults, Console(file=screen, width=40))
    return screen.getvalue()


def test_only_what_was_named_or_silent_holds() -> None:
    assert [proof.holds for proof in (NAMED, BESIDE, SILENT)] == [True] * 3
    assert [proof.holds for proof in (MISNAMED, SURVIVED, ALARM)] == [False] * 3


def test_the_table_has_a_whole_line_for_each_fault_however_narrow_the_terminal() -> None:
    lines = printed(NAMED, BESIDE, MISNAMED, SURVIVED, SILENT).splitlines()
    assert lines[0].split("  ")[0] == "fault"
    assert "session.id-echoed:other-id  killed, named      3         0.25     -" in lines[1]
    assert lines[1].endswith("survived")
    assert lines[2].endswith("session.shape        killed in 3.0 s")
    assert "session.id-echoed:header    killed, not named  -         -        session.shape" in lines[3]
    assert "survived" in lines[4]
    assert "silent" in lines[5]


def test_the_summary_counts_what_was_named_alone_and_what_was_not() -> None:
    assert summary([NAMED, BESIDE, MISNAMED, SURVIVED, SILENT, ALARM]) == [
        "2 of 4 faults were killed and named, 1 of them alone; 1 survived.",
        "1 false alarms in 2 runs on honest implementations.",
        "Median 3.00 s per fault.",
        "Plain schemathesis killed 1 of the 2 faults that it can be tried on, median 3.50 s per fault.",
    ]


def test_the_rules_that_no_fault_breaks_are_named() -> None:
    text = printed(without_faults=("session.age", "session.naps"))
    assert text.endswith("No fault breaks session.age, session.naps: write one, so that there is something to prove.\n")


def test_a_line_says_what_came_of_a_trial() -> None:
    assert line(BESIDE) == "session.id-echoed:later: killed, named, beside session.shape"
    assert line(ALARM) == "session:honest: false alarm: session.shape"


def test_the_json_holds_the_whole_matrix() -> None:
    value = json.loads(as_json([NAMED, SURVIVED, ALARM], ["session.age"], interrupted=False))
    assert {key: value[key] for key in ("faults", "named", "survived", "false_alarms", "interrupted")} == {
        "faults": 2,
        "named": 1,
        "survived": 1,
        "false_alarms": 1,
        "interrupted": False,
    }
    assert value["rules_without_faults"] == ["session.age"]
    assert value["matrix"][0] == {
        "rule": ID_ECHOED,
        "fault": "session.id-echoed:other-id",
        "summary": "repeats another id",
        "seed": 1,
        "killed": True,
        "named": True,
        "others": [],
        "first": {"requests": 3, "seconds": 0.25},
        "requests": 256,
        "seconds": 1.5,
        "problem": None,
        "schemathesis": {"killed": False, "seconds": 4.0, "found": []},
    }
