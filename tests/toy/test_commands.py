"""The command line of the toy alone: fuzzed in shards and joined, replayed, proven, and read through its own client."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from sleeptalk_contract.commands.program import run
from sleeptalk_contract.contract.service import Service
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import sandbox_app
from tests.architecture.source import ROOT

KEY = "kitchen-key"

CLIENT = """
import sys
from sleeptalk.runtime.options import Secret
from sleeptalk.runtime.sync_client import SyncClient
from sleeptalk_generated.kettle.client import KettleMethods
from sleeptalk_generated.kettle.models import Water


class Kettle(SyncClient, KettleMethods):
    pass


with Kettle(sys.argv[1], secrets={"x-kettle-key": Secret(sys.argv[2])}) as kettle:
    print(kettle.get_kettle("k0001").celsius, kettle.create_kettle(Water(celsius=20)).id)
"""


@pytest.fixture
def command(service: Service, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The command line of the toy and of no other service."""
    monkeypatch.setenv("KETTLE_KEY", KEY)
    return lambda *arguments: run(list(arguments), lambda: [service])


@contextmanager
def served(service: Service, *faults: str) -> Iterator[str]:
    found = [fault for name in faults for fault in service.faults_named(name)]
    with running(sandbox_app([service], {"x-kettle-key": KEY}, found)) as server:
        yield server.url


def test_the_shards_of_a_run_are_joined(
    command: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [str(tmp_path / name) for name in ("first", "second", "whole")]
    for number, folder in enumerate(folders[:2], start=1):
        arguments = ("--allow-writes", "--seed", "3", "--max-examples", "20", "--shard", f"{number}/2")
        assert command("fuzz", "kettle", *arguments, "--report-dir", folder) == 0
    assert command("report", "merge", *folders[:2], "--report-dir", folders[2]) == 0
    report = json.loads((tmp_path / "whole" / "report.json").read_text(encoding="utf-8"))
    assert (report["target"], report["outcome"]) == ("kettle", "passed")
    assert {rule["id"] for rule in report["rules"] if rule["outcome"] == "passed"} == {
        "kettle.shape",
        "kettle.celsius-values",
        "kettle.filled-as-asked",
    }
    assert KEY not in capsys.readouterr().out + (tmp_path / "whole" / "report.html").read_text(encoding="utf-8")


def test_a_case_is_replayed_until_its_rule_is_kept(
    command: Callable[..., int], service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(service, "kettle.celsius-values") as url:
        arguments = ("--url", url, "--kettle-id", "k0001", "--max-examples", "5", "--report-dir", str(tmp_path))
        assert command("fuzz", "kettle", *arguments) == 1
        case = str(tmp_path / "cases" / "kettle.celsius-values-1.json")
        assert command("replay", case) == 1
    with served(service) as url:
        assert command("replay", case, "--url", url) == 0
    assert "kettle.celsius-values is kept now." in capsys.readouterr().out


def test_workers_find_the_service_by_its_module(command: Callable[..., int], tmp_path: Path) -> None:
    assert command("prove", "--jobs", "1", "--rule", "kettle.shape", "--report-dir", str(tmp_path)) == 0
    proven = json.loads((tmp_path / "prove.json").read_text(encoding="utf-8"))
    assert (proven["faults"], proven["named"], proven["false_alarms"]) == (1, 1, 0)


def test_a_rule_without_a_fault_is_not_proven(
    command: Callable[..., int], service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = tuple(fault for fault in service.faults if fault.rule != "kettle.shape")
    less = replace(service, faults=faults)
    assert run(["prove", "--jobs", "1", "--rule", "kettle.shape"], lambda: [less]) == 1
    assert "No fault breaks kettle.shape: write one" in capsys.readouterr().out


def test_its_rules_are_listed_and_explained(command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert command("rules", "kettle") == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        "kettle.shape",
        "kettle.celsius-values",
        "kettle.filled-as-asked",
    ]
    for rule, seen in {"kettle.celsius-values": "must be at most 100", "whistle.shape": "delivered to us"}.items():
        assert command("explain", rule) == 0
        explained = capsys.readouterr().out
        assert f"Example of a break, by {rule}:" in explained
        assert seen in explained
        assert "kettle.yaml:" in explained


def test_targets_of_other_services_are_not_there(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("fuzz", "asleep") == 2
    assert "name one of kettle, cup" in capsys.readouterr().err


def test_it_is_read_through_its_generated_client(
    command: Callable[..., int], service: Service, toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "overrides" / "templates", toy / "overrides" / "templates")
    (toy / "overrides" / "overrides.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(toy)
    assert command("generate") == 0
    assert command("generate", "--check") == 0
    with served(service) as url:
        read = subprocess.run(
            [sys.executable, "-c", CLIENT, url, KEY],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "PYTHONPATH": str(toy / "generated")},
        )
    assert (read.stdout, read.stderr) == ("12.5 k0003\n", "")
