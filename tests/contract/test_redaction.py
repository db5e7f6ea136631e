"""Keys in output: in every form in which a program prints one, and where a key is only a word."""

import base64
import html
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from sleeptalk_contract.contract import redaction
from sleeptalk_contract.contract.redaction import REPLACEMENT, escaped, inert, redacted, redacted_bytes, shortened

KEY = 'sk-4"Ab/c&9<Zz_q'


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(redaction, "_known", set())
    monkeypatch.setattr(redaction, "_variables", set())
    monkeypatch.setattr(redaction, "_documents", set())
    return iter(())


def basic(key: str, user: str) -> str:
    return base64.b64encode(f"{user}:{key}".encode()).decode()


@pytest.mark.parametrize(
    "printed",
    [
        KEY,
        KEY[:-1],
        KEY.swapcase(),
        quote(KEY),
        quote(KEY, safe="").replace("%2F", "%2f").replace("%3C", "%3c"),
        "".join(f"%{byte:02X}" for byte in KEY.encode()),
        base64.b64encode(KEY.encode()).decode(),
        base64.b64encode(KEY.encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(KEY.encode()).decode(),
        KEY.encode().hex(),
        KEY.encode().hex().upper(),
        KEY.encode().hex(":"),
        json.dumps(KEY)[1:-1],
        "".join(f"\\u{ord(each):04x}" for each in KEY),
        KEY.replace("/", "\\/").replace('"', '\\"'),
        html.escape(KEY),
        "".join(f"&#{ord(each)};" for each in KEY),
        "".join(f"&#x{ord(each):X};" for each in KEY),
    ],
)
def test_a_key_is_left_out_in_every_encoding(printed: str) -> None:
    redaction.remember_key(KEY)
    assert redacted(f"the key <{printed}> is wrong") == f"the key <{REPLACEMENT}> is wrong"
    assert redacted_bytes(f"\x00{printed}".encode() + b"\xff") == b"\x00" + REPLACEMENT.encode() + b"\xff"


@pytest.mark.parametrize("user", ["", "u", "us", "use"])
def test_a_key_within_longer_base64_is_left_out(user: str) -> None:
    redaction.remember_key(KEY)
    shown = redacted(f"Basic {basic(KEY, user)}")
    assert REPLACEMENT in shown
    rest = shown.replace(REPLACEMENT, "").removeprefix("Basic ")
    assert len(rest) <= len(basic("", user)) + 4


def test_a_text_is_cut_after_its_keys_are_left_out() -> None:
    redaction.remember_key(KEY)
    assert KEY[:4] not in shortened(f"{'x' * 30}{KEY}", 40)


@pytest.mark.parametrize("key", ["a", "the", "1"])
def test_a_key_of_a_few_characters_is_not_left_out(key: str) -> None:
    redaction.remember_key(key)
    assert redacted("a test of the session 1") == "a test of the session 1"


def test_a_key_that_is_a_word_of_the_contract_is_left_out_only_as_a_whole_value(tmp_path: Path) -> None:
    document = tmp_path / "document.yaml"
    document.write_text("paths: {/session/{id}: {summary: Reads one session}}")
    redaction.remember_documents([document, tmp_path / "missing.yaml"])
    redaction.remember_key("session")
    kept = "GET http://127.0.0.1/session/1: the session is not found, session_id is 4"
    assert redacted(kept) == kept
    assert redacted('{"got": "session"}') == f'{{"got": "{REPLACEMENT}"}}'
    assert redacted("http://127.0.0.1/?key=session&other=1") == f"http://127.0.0.1/?key={REPLACEMENT}&other=1"
    assert redacted("session") == REPLACEMENT


def test_a_key_of_letters_is_left_out_as_a_word_and_not_within_another() -> None:
    redaction.remember_key("sesame")
    assert redacted("open sesame, sesameseeds") == f"open {REPLACEMENT}, sesameseeds"


def test_a_text_of_the_other_side_is_one_line_that_no_console_or_ci_system_acts_on() -> None:
    hostile = "a\r\n::error::b\u202ec\x1b[2J\u2028d ##vso[task.setvariable]e ##[error]f \u200fg"
    shown = escaped(hostile)
    assert shown.isprintable()
    for each in ("::", "##"):
        assert each not in shown
    assert json.loads(inert(json.dumps(hostile))) == hostile
    assert inert("http://[::1]:8000") == "http://[::1]:8000"
