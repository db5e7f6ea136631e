"""What commands ask of the values of their options."""

import base64
import json
import shutil
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from sleeptalk_contract.commands.listen import listen
from sleeptalk_contract.commands.options import (
    Seconds,
    checked_header,
    credential_options,
    given_credentials,
    given_ids,
    id_options,
)
from sleeptalk_contract.commands.program import program
from sleeptalk_contract.contract import redaction
from sleeptalk_contract.contract.address import authorization, checked_address
from sleeptalk_contract.contract.service import Credential, KnownIds, RuleGroup, Service, Target
from sleeptalk_contract.contract.usage import UsageError


@pytest.fixture
def forgetting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is remembered be forgotten after the test."""
    monkeypatch.setattr(redaction, "_known", set())
    monkeypatch.setattr(redaction, "_variables", set())


@pytest.mark.parametrize(
    "url", ["http://localhost:8000", "HTTPS://host", "http://[::1]:8000/a", "http://h/%EC%9E%A0?a=%20", "http://a_b.c."]
)
def test_an_address_is_given_back_to_the_letter(url: str) -> None:
    assert checked_address(url, "--url") == url


@pytest.mark.parametrize(
    "url",
    [
        *("", "ftp://host", "http://", "http://host:0", "http://host:99999", "http://host:x"),
        *("http://[::1", "http://a..b:80", f"http://{'a' * 64}.b"),
    ],
)
def test_what_is_not_an_address_is_named_with_its_option(url: str) -> None:
    with pytest.raises(UsageError, match=r"^--forward .* is not an address .* write --forward http://") as raised:
        checked_address(url, "--forward")
    assert url in raised.value.message


@pytest.mark.parametrize("url", ["localhost:8000", "//staging.example.com/base", "staging.example.com", "10.0.0.1:80"])
def test_a_missing_scheme_is_told(url: str) -> None:
    with pytest.raises(UsageError) as raised:
        checked_address(url, "--url")
    bare = url.removeprefix("//")
    assert raised.value.message == f"--url {url!r} has no scheme: write --url http://{bare} or https://{bare}."


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
def test_what_is_not_a_time_is_refused(text: str) -> None:
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


def target(name: str, *credentials: Credential, known_ids: KnownIds | None = None) -> Target:
    return Target(name, f"An implementation of {name}.", Path(f"{name}.yaml"), (), credentials, known_ids)


DOORS = target(
    "doors",
    Credential("x-token", "--token", "DOORS_TOKEN", secret=True),
    Credential("x-tenant", "--tenant", "TENANT", secret=False, meaning="Whose doors they are"),
    known_ids=KnownIds("--door-id", "getDoor", "door_id", "a number"),
)
LIFTS = target(
    "lifts",
    Credential("x-token", "--token", "LIFTS_TOKEN", secret=True),
    known_ids=KnownIds("--lift-id", "getLift", "lift_id", "a letter"),
)
BUILDING = (DOORS, LIFTS)


def shown(*arguments: str) -> str:
    service = Service("building", "building", Path("building.yaml"), BUILDING)
    return " ".join(CliRunner().invoke(program([service]), arguments).output.split())


def test_the_options_are_those_of_the_targets() -> None:
    text = shown("fuzz", "--help")
    assert "doors|lifts" in text
    assert "--door-id ID An id that exists (a number), for doors; can be repeated." in text
    assert "--lift-id ID An id that exists (a letter), for lifts; can be repeated." in text
    assert "--tenant VALUE Whose doors they are, sent as x-tenant, for doors. [env var: TENANT]" in text
    assert "[env var: DOORS_TOKEN, LIFTS_TOKEN]" in text
    assert "session" not in text


def test_an_option_of_several_targets_names_the_headers_and_forms_of_all() -> None:
    targets = (
        replace(DOORS, credentials=(Credential("x-door", "--token", "DOORS_TOKEN", secret=True),)),
        replace(LIFTS, known_ids=KnownIds("--door-id", "getLift", "lift_id", "a letter")),
    )
    service = Service("building", "building", Path("building.yaml"), targets)
    text = " ".join(CliRunner().invoke(program([service]), ["fuzz", "--help"]).output.split())
    assert "The key, sent as x-door or x-token; the environment" in text
    assert "An id that exists (a number or a letter); can be repeated." in text


def test_a_target_that_is_not_there_is_named_with_those_that_are() -> None:
    assert "there is no target 'stairs': name one of doors, lifts." in shown("fuzz", "stairs")


@pytest.mark.parametrize(
    ("names", "metavar"), [(("cup",), "[cup]"), (("pot", "cup"), "[pot|cup]")], ids=["one sender", "two senders"]
)
def test_listen_takes_the_first_of_several_senders_where_none_is_named(
    names: tuple[str, ...], metavar: str, tmp_path: Path
) -> None:
    document = tmp_path / "kettle.yaml"
    (tmp_path / "rules").mkdir()
    shutil.copy(Path(__file__).parents[1] / "toy" / "rules.yaml", tmp_path / "rules" / "kettle.yaml")
    targets = [Target(name, name, document, (RuleGroup("whistle", ()),)) for name in names]
    command = listen([Service("kettle", "kettle", document, (DOORS, *targets))])
    assert f"listen [OPTIONS] {metavar}\n" in CliRunner().invoke(command, ["--help"]).output
    heard = ["--port", "0", "--timeout", "0.01", "--report-dir", str(tmp_path / "reports")]
    for named, taken in (((), names[0]), ((names[-1],), names[-1])):
        assert CliRunner().invoke(command, [*named, *heard]).exit_code == 2  # nothing was received
        assert json.loads((tmp_path / "reports" / "report.json").read_bytes())["target"] == taken
    assert "there is no target 'doors': name one of " in CliRunner().invoke(command, ["doors"]).output


def test_each_target_has_an_environment_variable_of_its_own(monkeypatch: pytest.MonkeyPatch, forgetting: None) -> None:
    monkeypatch.setenv("DOORS_TOKEN", "token-of-the-doors")
    seen: list[dict[str, str]] = []

    @click.command
    @credential_options(BUILDING)
    def command(**given: str | None) -> None:
        seen.extend(given_credentials(each, given) for each in BUILDING)

    CliRunner().invoke(command, [], catch_exceptions=False)
    CliRunner().invoke(command, ["--token", "t0ken", "--tenant", "me"], catch_exceptions=False)
    assert seen == [{"x-token": "token-of-the-doors"}, {}, {"x-token": "t0ken", "x-tenant": "me"}, {"x-token": "t0ken"}]
    assert redaction.redacted("token-of-the-doors t0ken") == f"{redaction.REPLACEMENT} {redaction.REPLACEMENT}"


def test_ids_are_those_of_the_target_and_each_counts_once() -> None:
    seen: list[tuple[str, ...]] = []

    @click.command
    @id_options(BUILDING)
    def command(**given: tuple[str, ...]) -> None:
        seen.append(given_ids(DOORS, given, BUILDING))

    CliRunner().invoke(command, ["--door-id", "1", "--door-id", "2", "--door-id", "1"], catch_exceptions=False)
    assert seen == [("1", "2")]
    refused = CliRunner().invoke(command, ["--lift-id", "a"])
    assert "--lift-id does not apply to the target doors." in refused.output


def test_a_key_in_the_environment_of_a_service_is_kept_out_of_errors(
    monkeypatch: pytest.MonkeyPatch, forgetting: None
) -> None:
    monkeypatch.setenv("LIFTS_TOKEN", "token-of-the-lifts")
    group = program([Service("building", "building", Path("building.yaml"), BUILDING)])
    assert group.redacted("token-of-the-lifts") == redaction.REPLACEMENT
