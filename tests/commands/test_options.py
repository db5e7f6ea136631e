"""What commands ask of the values of their options."""

import base64

import click
import pytest

from sleeptalk_contract.commands.options import Seconds, checked_header
from sleeptalk_contract.contract import redaction
from sleeptalk_contract.contract.address import authorization, checked_address
from sleeptalk_contract.contract.usage import UsageError


@pytest.fixture
def forgetting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is remembered be forgotten after the test."""
    monkeypatch.setattr(redaction, "_known", set())


@pytest.mark.parametrize(
    "url", ["http://localhost:8000", "HTTPS://host", "http://[::1]:8000/a", "http://h/%EC%9E%A0?a=%20", "http://a_b.c."]
)
def test_an_address_is_given_back_to_the_letter(url: str) -> None:
    assert checked_address(url, "--url") == url


@pytest.mark.parametrize(
    "url",
    [
        *("", "localhost:8000", "ftp://host", "http://", "http://host:0", "http://host:99999", "http://host:x"),
        *("http://[::1", "http://a..b:80", f"http://{'a' * 64}.b", "//host"),
    ],
)
def test_what_is_no_address_is_named_with_its_option(url: str) -> None:
    with pytest.raises(UsageError, match=r"^--forward .* is not an address .* write --forward http://") as raised:
        checked_address(url, "--forward")
    assert url in raised.value.message


@pytest.mark.parametrize("url", ["http://host/a b", "http://host/잠", "http://예.kr/", " http://host", "http://host\n"])
def test_characters_that_no_url_has_are_to_be_percent_encoded(url: str) -> None:
    with pytest.raises(UsageError, match="percent-encode"):
        checked_address(url, "--url")


@pytest.mark.parametrize("url", ["ftp://me:passw0rd@host", "http://me:passw0rd@host/a b", "http://me:passw0rd/1@host"])
def test_a_refused_address_is_shown_without_its_password(url: str, forgetting: None) -> None:
    with pytest.raises(UsageError) as raised:
        checked_address(url, "--url")
    assert "passw0rd" not in raised.value.message


@pytest.mark.parametrize(
    ("url", "secrets"),
    [("http://me:pa%73sw0rd@host", ["pa%73sw0rd", "passw0rd", "me:passw0rd"]), ("http://t0ken-t0ken@host", ["t0ken"])],
)
def test_the_password_of_an_address_is_redacted_from_then_on(url: str, secrets: list[str], forgetting: None) -> None:
    header = authorization(checked_address(url, "--url"))["authorization"]
    assert redaction.redacted(f"{url} {header}").count(redaction.REPLACEMENT) == 2
    assert not any(secret in redaction.redacted(f"{url} {header}") for secret in secrets)


def test_name_and_password_make_a_header_and_an_address_without_them_makes_none() -> None:
    assert authorization("http://me:a%40b@host") == {"authorization": f"Basic {base64.b64encode(b'me:a@b').decode()}"}
    assert authorization("http://host") == {}


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "0", "-1", "soon", "", "1e300"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        Seconds().convert(text, None, None)


@pytest.mark.parametrize(("text", "seconds"), [("0.5", 0.5), ("10", 10.0), ("1e3", 1000.0)])
def test_a_time_is_read(text: str, seconds: float) -> None:
    assert Seconds().convert(text, None, None) == seconds


@pytest.mark.parametrize("value", ["key\n", " key", "key ", "ke\ty", "clé", "잠"])
def test_a_value_that_no_header_can_carry_is_refused_and_not_shown(value: str) -> None:
    with pytest.raises(UsageError, match="The value of --api-key cannot be sent in a header") as raised:
        checked_header(value, "--api-key")
    assert value.strip() not in raised.value.message.replace("--api-key", "")


@pytest.mark.parametrize(("value", "given"), [("a key", "a key"), ("", None), (None, None)])
def test_a_value_that_a_header_can_carry_is_given_back(value: str | None, given: str | None) -> None:
    assert checked_header(value, "--user-id") == given
