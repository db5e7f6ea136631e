"""The pictures that README shows are those of the night and the call that the snippets beside them read."""

from __future__ import annotations

import re
from pathlib import Path

from sleeptalk.asleep_v3 import Asleep
from sleeptalk.drawing import conversation, hypnogram
from sleeptalk.phonexia import Phonexia
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import sandbox_app
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID
from sleeptalk_contract.services.registered import SERVICES

ROOT = Path(__file__).resolve().parents[2]


def snippet_before(picture: str) -> str:
    """Return the snippet that stands in README right before a picture."""
    before = (ROOT / "README.md").read_text("utf-8").partition(f"(docs/{picture})")[0]
    found: list[str] = re.findall(r"^```python\n(.*?)^```$", before, re.DOTALL | re.MULTILINE)
    return found[-1]


def written(picture: str) -> str:
    return (ROOT / "docs" / picture).read_text("utf-8").removesuffix("\n")


def test_the_hypnogram_is_that_of_the_night_of_its_snippet() -> None:
    called = re.search(r'night = asleep\.get_session\("(.*?)", timezone="(.*?)"\)', snippet_before("hypnogram.svg"))
    assert called is not None
    session_id, timezone = called.groups()
    with (
        running(sandbox_app(SERVICES)) as server,
        Asleep(SANDBOX_API_KEY, SANDBOX_USER_ID, base_url=server.url) as asleep,
    ):
        night = asleep.get_session(session_id, timezone=timezone)
    assert written("hypnogram.svg") == hypnogram(night, theme="auto"), "run scripts/pictures"


def test_the_conversation_is_the_call_of_its_snippet() -> None:
    called = re.search(r'wait_for_time_analysis\("(.*?)"', snippet_before("conversation.svg"))
    assert called is not None
    with running(sandbox_app(SERVICES)) as server, Phonexia(server.url) as phonexia:
        analysis = phonexia.wait_for_time_analysis(called[1], timeout=60)
    assert written("conversation.svg") == conversation(analysis, theme="auto"), "run scripts/pictures"
