"""Files that commands write: whole, and where the user said."""

import os
import stat
import threading
from pathlib import Path

import pytest

from sleeptalk_contract.reporting.folder import write_whole


def test_a_link_is_followed_to_the_file_that_it_names(tmp_path: Path) -> None:
    named, link = tmp_path / "night.svg", tmp_path / "latest.svg"
    named.write_text("old")
    link.symlink_to(named)
    write_whole(link, "new")
    assert link.is_symlink()
    assert named.read_text() == "new"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    write_whole(pipe, "new")
    reader.join(10)
    assert read == ["new"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="this system has no device that is always full")
def test_a_device_is_written_to_and_never_replaced() -> None:
    with pytest.raises(OSError, match="No space left"):
        write_whole(Path("/dev/full"), "new")
    assert Path("/dev/full").is_char_device()
