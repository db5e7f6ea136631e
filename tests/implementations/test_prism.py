"""What the fuzzer says of Prism, which mocks the documents from their examples."""

import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sleeptalk_contract.contract.document import folder
from tests.implementations.judging import broken, judged, not_exercised

NODE = Path(sysconfig.get_path("scripts")) / "node"
PRISM = folder() / "node_modules" / ".bin" / "prism"
START_SECONDS = 120

pytestmark = pytest.mark.skipif(
    not (NODE.exists() and PRISM.exists()), reason="the Node tools are not installed: run scripts/setup-node"
)


@contextmanager
def prism(document: str, place: Path) -> Iterator[str]:
    """Mock a document on a free port; gives the address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    log = place / "prism.log"
    command = [NODE, PRISM, "mock", folder() / f"{document}.yaml", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            deadline = time.monotonic() + START_SECONDS
            while not listens(port):
                assert process.poll() is None, log.read_text(encoding="utf-8")
                assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_it_mocks_asleep_by_one_sample_whatever_is_asked_for(tmp_path: Path) -> None:
    with prism("asleep", tmp_path) as url:
        report = judged("asleep", url, ["20220821093117_hz82a"])
    assert broken(report, "must") == {
        "session.api-key-required",  # a key has to be there, any will do
        "session.id-echoed",
        "session.invalid-timezone-400",
        "session.malformed-id-422",  # the sample's sentence names the sample's id
        "session.not-found-404",
        "session.timezone-echoed",
        "session.times-in-requested-timezone",
    }
    assert broken(report, "should") == {"session.other-user-refused"}  # any user is served
    assert not_exercised(report) == {
        "session.breathing-stats-null-without-breathing",
        "session.end-time-null-while-open",
        "session.never-slept-nulls",
        "session.stage-stats-null-together",
        "session.stat-null-unless-complete",
        "session.stat-null-unless-valid",
    }


def test_it_mocks_phonexia_by_one_sample_whatever_is_asked_for(tmp_path: Path) -> None:
    with prism("phonexia", tmp_path) as url:
        report = judged("phonexia", url, ["123e4567-e89b-12d3-a456-426614174000"])
    assert broken(report, "must") == {
        "analysis.not-found-404",
        "analysis.task-id-echoed",
    }
    assert broken(report, "should") == set()
    assert {result.rule.id for result in report.of("passed")} >= {  # the sample is of a task that is done
        "analysis.done-has-result",
        "analysis.error-type-fits-status",
        "analysis.malformed-id-422",
        "analysis.no-server-error",  # a path that is not UTF-8 ends Prism, and with it the run
        "analysis.shape",
    }
    assert "analysis.unfinished-has-neither" in not_exercised(report)
