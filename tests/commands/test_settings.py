"""Options that stand in a file."""

import json
from pathlib import Path
from typing import Any

import click
import jsonschema_rs
import pytest
from click.testing import CliRunner

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.commands.config import schema_text
from sleeptalk_contract.commands.options import FILE, Seconds, SecretOption
from sleeptalk_contract.commands.program import COMMANDS, command_named
from sleeptalk_contract.commands.settings import find_settings, read_settings
from sleeptalk_contract.commands.settings_schema import has_settings, option_schema, options_of, settings_schema
from sleeptalk_contract.contract.service import Service
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.services.registered import SERVICES
from tests.commands.test_options import BUILDING

SECRET = "s3cret-Key-9f1c77aa"  # opens nothing


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The present folder, at the root of a repository."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@click.command
@click.argument("thing", required=False)
@click.option("--count", type=click.IntRange(1, 9), default=1)
@click.option("--pause", type=Seconds())
@click.option("--loud", is_flag=True)
@click.option("--name", "names", multiple=True)
@click.option("--level", type=click.Choice(["low", "high"]))
@click.option("--list-file", type=FILE)
@click.option("--colour", envvar="KETTLE_COLOUR")
@click.option("--key", cls=SecretOption, variables=["KETTLE_KEY"])
def kettle(**given: Any) -> None:
    click.echo(json.dumps(given, default=str))


def given(text: str, folder: Path, *arguments: str) -> Any:
    """Return what the command is given with a table in a file, and some arguments."""
    (folder / "sleeptalk.toml").write_text(text)
    settings = find_settings(folder)
    assert settings is not None
    defaults = settings.defaults("kettle", kettle, arguments)
    done = CliRunner().invoke(kettle, arguments, default_map=defaults, catch_exceptions=False)
    return json.loads(done.output)


ALL = """\
[kettle]
count = 3
pause = 1.5
loud = true
name = ["a", "b"]
level = "high"
list-file = "lists/one.txt"
colour = "red"
"""


def test_every_kind_of_option_may_stand_in_the_file(folder: Path) -> None:
    assert given(ALL, folder) == {
        "thing": None,
        "count": 3,
        "pause": 1.5,
        "loud": True,
        "names": ["a", "b"],
        "level": "high",
        "list_file": str(folder / "lists" / "one.txt"),
        "colour": "red",
        "key": None,
    }


def test_the_command_line_comes_before_the_environment_and_that_before_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = given(ALL, folder, "--count", "5", "--name", "c")
    assert (seen["count"], seen["names"], seen["pause"]) == (5, ["c"], 1.5)
    monkeypatch.setenv("KETTLE_COLOUR", "blue")
    assert given(ALL, folder)["colour"] == "blue"
    assert given(ALL, folder, "--colour", "green")["colour"] == "green"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[kettle]\n\ncoumt = 3", "line 3: kettle has no option 'coumt': did you mean count?"),
        ("[kettle]\nzzzz = 3", "line 2: kettle has no option 'zzzz': see sleeptalk kettle --help."),
        ("kettle.count = 'x'", 'line 1: kettle.count is "x": write a whole number from 1 to 9.'),
        ("[kettle]\ncount = 10", "line 2: kettle.count is 10: write a whole number from 1 to 9."),
        ("[kettle]\npause = 0", "line 2: kettle.pause is 0: write a number more than 0 to"),
        ("[kettle]\nloud = 'yes'", 'line 2: kettle.loud is "yes": write true or false.'),
        ("[kettle]\nname = 'a'", 'line 2: kettle.name is "a": write a list, each a text.'),
        ("[kettle]\n'level' = 'middle'", 'line 2: kettle.level is "middle": write one of low, high.'),
        ("[kettle]\nlist-file = 2026-01-01", 'line 2: kettle.list-file is "2026-01-01": write a text.'),
        (f"[kettle]\nkey = '{SECRET}'", "line 2: key is a secret, which no file may hold: put it into the environment"),
        (f"[kettle]\ncolour = 'http://me:{SECRET}@h'", "line 2: colour has a name or password, which no file may hold"),
    ],
)
def test_what_cannot_stand_in_the_file_is_told_with_its_line(text: str, sentence: str, folder: Path) -> None:
    with pytest.raises(UsageError) as raised:
        given(text, folder)
    assert raised.value.message.startswith(f"{folder / 'sleeptalk.toml'}, {sentence}")
    assert SECRET not in raised.value.message


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[fuzz]\nseed = x", "is not TOML: Invalid value (at line 2, column 8)"),
        ("[fuz]\nseed = 1", "line 1: there is no command 'fuz': did you mean fuzz?"),
        ("fuzz = 1", "line 1: fuzz is a command: write its options in a table [fuzz]."),
        ("[fuzz]\nasleep = 1", "line 2: fuzz.asleep is a table: write [fuzz.asleep]."),
        ("[fuzz.asleep]\nphonexia = 1", "line 2: fuzz.asleep has no option 'phonexia'"),
    ],
)
def test_a_wrong_file_ends_a_command_in_one_sentence(
    text: str, sentence: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "sleeptalk.toml").write_text(text)
    assert cli.run(["fuzz", "asleep"]) == 2
    printed = capsys.readouterr().err
    assert sentence in printed
    assert printed.count("\n") == 1
    assert cli.run(["fuzz", "--help"]) == 0  # help helps, whatever the file says


def test_the_first_file_above_counts_up_to_the_root_of_the_repository(folder: Path) -> None:
    inner = folder / "a" / "b"
    inner.mkdir(parents=True)
    assert find_settings(inner) is None
    (folder.parent / "sleeptalk.toml").write_text("[fuzz]\n")
    assert find_settings(inner) is None
    (folder / "pyproject.toml").write_text("[tool.sleeptalk.fuzz]\nseed = 1\n")
    found = find_settings(inner)
    assert found is not None
    assert found.path == folder / "pyproject.toml"
    assert found.value == {"fuzz": {"seed": 1}}
    (folder / "a" / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    assert find_settings(inner) == found
    (folder / "a" / "sleeptalk.toml").write_text("[fuzz]\nseed = 2\n")
    nearer = find_settings(inner)
    assert nearer is not None
    assert nearer.value == {"fuzz": {"seed": 2}}


def test_the_lines_of_a_shared_file_are_found(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[project]\nseed = 1\n\n[tool.sleeptalk.kettle]\ncount = 0\n")
    settings = read_settings(folder / "pyproject.toml")
    with pytest.raises(UsageError, match=r"line 5: kettle\.count is 0"):
        settings.check(["kettle"], kettle)


def test_a_target_has_a_table_of_its_own(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "sleeptalk.toml").write_text(
        "[fuzz]\nmax-examples = 1\nurl = 'http://127.0.0.1:1'\n[fuzz.phonexia]\nurl = 'http://127.0.0.1:2'\n"
    )
    assert cli.run(["fuzz", "phonexia"]) == 2
    assert "127.0.0.1:2" in capsys.readouterr().err
    assert cli.run(["fuzz", "--seed", "1", "asleep"]) == 2
    printed = capsys.readouterr().err
    assert "127.0.0.1:1" in printed
    assert f"sleeptalk: options of fuzz are read from {folder / 'sleeptalk.toml'}." in printed


def test_a_target_that_stands_before_files_has_a_table_of_its_own(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "sleeptalk.toml").write_text("[judge.phonexia]\nrequire = ['analysis.shape']\nreport-dir = 'r'\n")
    (folder / "t.ndjson").write_text('{"request": {"method": "GET", "url": "/"}}\n')
    assert cli.run(["judge", "phonexia", "t.ndjson"]) == 2
    assert f"{folder / 'r' / 'report.html'}" in capsys.readouterr().out
    assert cli.run(["judge", "t.ndjson"]) == 2
    assert "report.html" not in capsys.readouterr().out


def test_another_file_can_be_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "sleeptalk.toml").write_text("[fuzz]\nurl = 'http://127.0.0.1:1'\n")
    (folder / "ci.toml").write_text("[fuzz]\nurl = 'http://127.0.0.1:2'\n")
    assert cli.run(["--config", "ci.toml", "fuzz", "asleep"]) == 2
    assert "127.0.0.1:2" in capsys.readouterr().err
    assert cli.run(["--config", "nowhere.toml", "fuzz", "asleep"]) == 2
    assert "nowhere.toml cannot be read (No such file or directory)" in capsys.readouterr().err


def test_config_checks_the_tables_of_all_commands(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["config"]) == 0
    assert "There is neither sleeptalk.toml nor" in capsys.readouterr().out
    (folder / "sleeptalk.toml").write_text("[listen]\nport = 9000\n[report.merge]\nreport-dir = 'reports'\n")
    assert cli.run(["config"]) == 0
    assert "is right: it has options for listen, report." in capsys.readouterr().out
    (folder / "sleeptalk.toml").write_text("[listen]\nport = 9000\n[report.merge]\nreport-dir = 7\n")
    assert cli.run(["config"]) == 2
    assert "line 4: report.merge.report-dir is 7: write a text." in capsys.readouterr().err


def test_a_command_within_a_command_has_options_in_the_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "sleeptalk.toml").write_text("[report.merge]\nreport-dir = 'joined'\n")
    assert cli.run(["report", "merge", str(folder / "nowhere")]) == 2
    assert "options of report are read from" in capsys.readouterr().err


def test_the_published_schema_says_what_the_commands_take() -> None:
    schema = json.loads(schema_text(SERVICES))
    validator = jsonschema_rs.Draft202012Validator(schema)
    jsonschema_rs.meta.validate(schema)
    assert validator.is_valid({"fuzz": {"seed": 1, "asleep": {"session-id": ["20220821093117_hz82a"]}}})
    assert not validator.is_valid({"fuzz": {"seed": "1"}})
    assert not validator.is_valid({"fuzz": {"api-key": SECRET}})
    assert not validator.is_valid({"fuzz": {"header": [f"X: {SECRET}"]}})
    assert not validator.is_valid({"fuzz": {"asleep": {"phonexia": {}}}})
    for name in COMMANDS:
        command = None if name == "config" else command_named(name, lambda: SERVICES)
        if command is not None and not isinstance(command, click.Group) and has_settings(command):
            assert schema["properties"][name]["properties"].keys() >= options_of(command).keys()


@pytest.mark.parametrize("option", ["count", "pause", "loud", "name", "level", "list-file"])
def test_a_value_that_the_schema_takes_is_one_that_the_command_takes(option: str) -> None:
    values: dict[str, list[Any]] = {
        "count": [1, 9, 0, 10],
        "pause": [0.5, 1, 0, 1e300],
        "loud": [True],
        "name": [["a"], []],
        "level": ["low", "middle"],
        "list-file": ["a"],
    }
    schema = option_schema(options_of(kettle)[option])
    parameter = str(options_of(kettle)[option].name)
    for value in values[option]:
        done = CliRunner().invoke(kettle, [], default_map={parameter: value})
        assert (done.exit_code == 0) == jsonschema_rs.validator_for(schema).is_valid(value), value


def test_the_schema_follows_from_the_services() -> None:
    service = Service("building", "building", Path("building.yaml"), BUILDING)
    fuzz = settings_schema({"fuzz": command_named("fuzz", lambda: [service])})["properties"]["fuzz"]["properties"]
    assert {"door-id", "lift-id", "tenant", "doors", "lifts"} <= fuzz.keys()
    assert "token" not in fuzz
