"""What shells complete: commands, options, targets, rules and faults."""

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.commands.program import COMMANDS
from sleeptalk_contract.services.registered import SERVICES

TARGETS = [target.name for service in SERVICES for target in service.targets]
RULES = {rule for service in SERVICES for target in service.targets for rule in target.rules}
FAULTS = {fault.full_name for service in SERVICES for fault in service.faults}


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command on a path of its own, as a shell finds it."""
    path = tmp_path_factory.mktemp("bin") / "sleeptalk"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sleeptalk_contract "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return path


def environment(command: Path, **variables: str) -> dict[str, str]:
    return {**os.environ, "PATH": f"{command.parent}:{os.environ['PATH']}", **variables}


def source(shell: str) -> str:
    """Return the script that `sleeptalk completion` writes."""
    with contextlib.redirect_stdout(io.StringIO()) as written:
        assert cli.run(["completion", shell]) == 0
    return written.getvalue()


def in_bash(command: Path, line: str) -> list[str]:
    """Return what bash offers at the end of a line, by the script that `sleeptalk completion bash` writes."""
    script = f"""
        {source("bash")}
        COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}
        read -ra COMP_WORDS <<< "$COMP_LINE"; COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
        _sleeptalk_completion sleeptalk
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", script], env=environment(command), capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def by_protocol(command: Path, shell: str, *words: str) -> set[str]:
    """Return what zsh and fish are told: their scripts hand over the words and read names."""
    variables = {"COMP_WORDS": " ".join(("sleeptalk", *words)), "COMP_CWORD": str(len(words))}
    if shell == "fish":
        variables["COMP_CWORD"] = words[-1]
    done = subprocess.run(
        [command],
        env=environment(command, _SLEEPTALK_COMPLETE=f"{shell}_complete", **variables),
        capture_output=True,
        text=True,
        check=True,
    )
    return {word.partition(",")[2] or word for word in done.stdout.split()}


CASES = {
    "sleeptalk ": list(COMMANDS),
    "sleeptalk fu": ["fuzz"],
    "sleeptalk fuzz ": TARGETS,
    "sleeptalk explain session.st": [rule for rule in RULES if rule.startswith("session.st")],
    "sleeptalk sandbox --fault analysis.rate": [fault for fault in FAULTS if fault.startswith("analysis.rate")],
    "sleeptalk prove --rule callback.shape": [name for name in (*RULES, *FAULTS) if name.startswith("callback.shape")],
    f"sleeptalk fuzz {TARGETS[0]} --require m": ["must"],
    "sleeptalk rules --le": ["--level"],
}


@pytest.mark.parametrize(("line", "offered"), CASES.items(), ids=CASES)
def test_bash_completes(line: str, offered: list[str], command: Path) -> None:
    assert sorted(in_bash(command, line)) == sorted(offered)


def test_bash_completes_what_stands_behind_a_colon_and_an_equals_sign(command: Path) -> None:
    rule = "session.timestamp-format"
    names = [name.partition(":")[2] for name in FAULTS if name.startswith(f"{rule}:")]
    assert sorted(in_bash(command, f"sleeptalk sandbox --fault {rule}:")) == sorted(names)
    assert in_bash(command, f"sleeptalk fuzz {TARGETS[0]} --rule={rule[:-2]}") == [rule]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_zsh_and_fish_are_told_the_same(shell: str, command: Path) -> None:
    assert "session.timestamp-format" in by_protocol(command, shell, "explain", "session.timest")
    faults = by_protocol(command, shell, "sandbox", "--fault", "session.timestamp")
    assert "session.timestamp-format:zulu" in {name.replace("\\:", ":") for name in faults}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_for_each_shell_calls_the_program(shell: str) -> None:
    assert f"_SLEEPTALK_COMPLETE={shell}_complete" in source(shell)
