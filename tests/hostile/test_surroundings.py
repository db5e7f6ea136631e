"""A disk without room and a current folder that is gone are a sentence and exit code 2, and leave no half of a file."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import sandbox_app
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID
from sleeptalk_contract.services.registered import SERVICES
from tests.generation import conftest as generation
from tests.hostile import test_files as files

DEADLINE = 120.0
ROOM = 16 * 1024
"""Bytes that a file may have; what each command here writes has more in one of them."""

LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
os.execv(sys.executable, [sys.executable, "-m", "sleeptalk_contract", *sys.argv[2:]])
"""
GONE = """
import os, sys
os.rmdir(os.getcwd())
os.execv(sys.executable, [sys.executable, "-m", "sleeptalk_contract", *sys.argv[1:]])
"""

checkout = generation.checkout
shard = files.folder


def ends(cwd: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",
        "ASLEEP_API_KEY": SANDBOX_API_KEY,
        "ASLEEP_USER_ID": SANDBOX_USER_ID,
    }
    command = [sys.executable, "-c", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=DEADLINE, check=False
    )


def on_a_full_disk(cwd: Path, *arguments: object, room: int = ROOM) -> str:
    """Return the sentence in which a command ends that finds no room for what it writes."""
    ended = ends(cwd, LIMITED, room, *arguments)
    assert ended.returncode == 2, ended
    assert "Traceback" not in ended.stdout + ended.stderr
    sentence = ended.stderr.splitlines()[-1]
    assert sentence.startswith("sleeptalk: ")
    assert "(File too large)" in sentence
    return sentence


def left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size]


def test_fuzz_says_that_its_reports_cannot_be_written_and_leaves_none(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    with running(sandbox_app(SERVICES)) as server:
        options = ("--url", server.url, "--report-dir", reports, "--rule", "session.shape", "--max-examples", 2)
        sentence = on_a_full_disk(tmp_path, "fuzz", "asleep", *options, "--max-time", 5)
    assert f"The reports cannot be written to {reports}" in sentence
    assert left(reports) == []


def test_merge_says_that_its_reports_cannot_be_written_and_leaves_none(shard: Path, tmp_path: Path) -> None:
    parts = {path: path.read_bytes() for path in left(shard)}
    merged = tmp_path / "all"
    sentence = on_a_full_disk(tmp_path, "report", "merge", shard, "--report-dir", merged)
    assert f"The reports cannot be written to {merged}" in sentence
    assert left(merged) == []
    assert {path: path.read_bytes() for path in left(shard)} == parts


def test_generate_says_that_its_folder_cannot_be_written_and_leaves_the_old_files(checkout: Path) -> None:
    generated = checkout / "generated"
    changed = next(iter(sorted(left(generated))))
    changed.write_bytes(b"# changed\n")
    old = {path: path.read_bytes() for path in left(generated)}
    sentence = on_a_full_disk(checkout, "generate", room=ROOM // 4)
    assert f"{generated} cannot be written" in sentence
    assert {path: path.read_bytes() for path in left(generated)} == old
    assert sorted(path.name for path in checkout.iterdir()) == ["generated", "openapi", "overrides"]


def test_the_reference_says_that_it_cannot_be_written_and_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "reference"
    ended = ends(tmp_path, LIMITED, ROOM, "reference", "--out", out)
    assert ended.returncode == 2, ended
    assert ended.stderr.startswith("sleeptalk: ")
    assert ended.stderr.count("\n") == 1
    assert "File too large" in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("fuzz", "asleep", "--url", "http://127.0.0.1:1"),
        ("lint", "document.yaml"),
        ("diff", "one.yaml", "other.yaml"),
        ("report", "merge", "one", "other"),
        ("listen", "callback", "--port", "0", "--timeout", "0.1"),
        ("get", "asleep", "20220821093117_hz82a"),
        ("config",),
    ],
    ids=lambda each: each[0],
)
def test_a_current_folder_that_is_gone_is_a_sentence(arguments: tuple[str, ...], tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    ended = ends(gone, GONE, *arguments)
    assert ended.returncode == 2, ended
    assert ended.stderr == "sleeptalk: the current folder does not exist any more: change to one that does.\n"
    assert ended.stdout == ""
