"""The command `sleeptalk` itself: what it imports, how it ends."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.commands.help import OTHER, example_of, heading_of
from sleeptalk_contract.contract.service import Service
from sleeptalk_contract.services.registered import SERVICES

SUBCOMMANDS = (
    "report merge",
    "report summary",
    *(f"inbox {name}" for name in ("list", "show", "retry", "purge", "work")),
)
HEAVY = ("schemathesis", "hypothesis", "starlette", "uvicorn", "jinja2", "openapi_python_client", "jsonschema_rs")


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)


def test_help_lists_every_command_without_importing_any() -> None:
    code = (
        "import sys\nfrom sleeptalk_contract.commands import program as cli\nprint(cli.run(['--help']))\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = python(code)
    assert done.returncode == 0, done.stderr
    for name in cli.COMMANDS:
        assert f"\n  {name} " in done.stdout
    assert done.stdout.splitlines()[-2:] == ["0", "[]"]


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_that_is_listed_is_there(name: str) -> None:
    group = cli.program(SERVICES)
    command = group.get_command(click.Context(group), name)
    assert isinstance(command, click.Command)
    assert command.help


def test_without_the_extra_one_sentence_says_what_to_install() -> None:
    code = "import sys\nsys.modules['click'] = None\nfrom sleeptalk_contract.__main__ import main\nsys.exit(main())"
    done = python(code)
    assert done.returncode == 2
    assert done.stderr == (
        'sleeptalk: the package click is missing; install the command with: pip install "sleeptalk[contract]".\n'
    )


def test_a_package_that_only_one_command_needs_is_named_as_well() -> None:
    code = (
        "import sys\nsys.modules['schemathesis'] = None\nsys.argv[1:] = ['fuzz', 'asleep']\n"
        "from sleeptalk_contract.__main__ import main\nsys.exit(main())"
    )
    done = python(code)
    assert done.returncode == 2
    assert "the package schemathesis is missing" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["fuz"], "There is no command 'fuz': did you mean fuzz?"),
        (["fuzz"], "Missing argument"),
        (["fuzz", "asleep", "--sed", "1"], "No such option"),
        (["fuzz", "asleep", "--seed", "x"], "'--seed'"),
        (["fuzz", "asleep", "--max-time", "0"], "'--max-time'"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("sleeptalk: ")
    assert sentence in printed.err
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize("name", [*cli.COMMANDS, *SUBCOMMANDS])
def test_every_command_says_what_its_exit_codes_mean(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([*name.split(), "--help"]) == 0
    assert "Exit codes: " in capsys.readouterr().out or name == "report"  # a group of two commands


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command that does something, with its name."""
    root = cli.program(SERVICES)
    with click.Context(root) as context:
        for name in root.list_commands(context):
            command = root.get_command(context, name)
            assert command is not None
            yield from (
                ((f"{name} {inner}", each) for inner, each in command.commands.items())
                if isinstance(command, click.Group)
                else [(name, command)]
            )


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=lambda each: each if isinstance(each, str) else "")
def test_every_command_has_an_example_and_every_option_an_explanation(name: str, command: click.Command) -> None:
    with click.Context(command, info_name=name) as context:
        shown = command.get_help(context)
        options = [param for param in command.get_params(context) if isinstance(param, click.Option)]
    (example,) = [line.strip() for line in shown.splitlines() if "Example: sleeptalk " in line]
    assert not {"TARGET", "RULE", "RULE:FAULT"} & set(example.split()), "it runs as it is printed"
    for option in options:
        assert option.help, f"{name} {option.opts[0]}"


@pytest.mark.parametrize("name", ["fuzz", "listen"])
def test_the_options_of_the_commands_that_judge_stand_under_headings_with_examples(name: str) -> None:
    command = dict(commands())[name]
    with click.Context(command, info_name=name) as context:
        options = [param for param in command.get_params(context) if isinstance(param, click.Option)]
        shown = command.get_help(context)
    for option in options:
        if "--help" in option.opts:
            continue
        assert heading_of(option) != OTHER, f"{option.opts[0]} is in no section of commands/help.py"
        assert f"\n{heading_of(option)}:\n" in shown
        takes_a_value = not option.is_flag and not isinstance(option.type, click.Choice)
        if takes_a_value and option.envvar is None and option.opts[0] != "--send":
            assert example_of(option), f"{option.opts[0]} has no example in commands/help.py"


def test_commands_stand_under_who_they_are_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"]) == 0
    shown = capsys.readouterr().out
    places = [shown.index(f"\n{heading}:") for heading in cli.SECTIONS]
    assert places == sorted(places)
    assert shown.index("\n  fuzz ") < shown.index("\nRead and serve:") < shown.index("\n  sandbox ")
    assert shown.index("\nMake the documents:") < shown.index("\n  generate ")


def test_help_says_that_a_key_is_safer_in_the_environment(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["fuzz", "--help"]) == 0
    assert "the environment variable is safer" in " ".join(capsys.readouterr().out.split())


def test_services_that_cannot_be_loaded_are_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    def load() -> tuple[Service, ...]:
        raise TypeError("Target() got an unexpected keyword argument 'naem'")

    assert cli.run(["fuzz", "asleep"], load) == 2
    assert capsys.readouterr().err == (
        "sleeptalk: stopped by an unexpected error, TypeError: Target() got an unexpected keyword argument 'naem'"
        " (SLEEPTALK_DEBUG=1 shows where).\n"
    )


@pytest.mark.parametrize("arguments", [[], ["report"]])
def test_without_a_command_the_help_is_printed_as_it_is(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("Usage: sleeptalk")
    assert printed.err.endswith("\n")
    assert "See sleeptalk" not in printed.err


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize(("arguments", "code"), [(["--help"], 0), (["report"], 2), (["fuz"], 2)])
def test_a_reader_that_goes_away_changes_no_exit_code(stream: str, arguments: list[str], code: int) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "sleeptalk_contract", *arguments]
    out, err = (writing if name == stream else subprocess.PIPE for name in ("stdout", "stderr"))
    done = subprocess.run(command, stdout=out, stderr=err, text=True, check=False)
    os.close(writing)
    assert done.returncode == code
    assert "Traceback" not in f"{done.stdout}{done.stderr}"


def test_rich_lines_that_nobody_reads_change_no_exit_code(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "sleeptalk_contract", "listen", "callback", "--port", "0", "--timeout", "0.1"]
    done = subprocess.run(
        [*command, "--report-dir", str(tmp_path)], stdout=writing, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (2, "")
    assert (tmp_path / "report.json").is_file()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_disk_without_space_is_a_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "sleeptalk_contract", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_unexpected_error_is_a_sentence_without_the_key(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("with key very-secret-key")

    monkeypatch.setenv("ASLEEP_API_KEY", "very-secret-key")
    monkeypatch.setattr(cli.Program, "main", fail)
    for debug in ("0", "1"):
        monkeypatch.setenv("SLEEPTALK_DEBUG", debug)
        assert cli.run([]) == 2
        printed = capsys.readouterr().err
        assert "ZeroDivisionError" in printed
        assert "very-secret-key" not in printed
        assert ("Traceback" in printed) == (debug == "1")


def test_an_interrupt_ends_with_130(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli.Program, "main", interrupt)
    assert cli.run([]) == 130
    assert capsys.readouterr().err == "sleeptalk: interrupted.\n"


def test_the_version_is_that_of_the_distribution() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sleeptalk_contract", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("sleeptalk 0.")


def test_the_command_is_installed_beside_python() -> None:
    assert (Path(sys.executable).parent / "sleeptalk").is_file()


@pytest.mark.parametrize("encoding", ["cp1252", "cp437"])
def test_what_the_encoding_of_a_console_lacks_is_written_as_an_escape(encoding: str, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("sleeptalk")
    (tmp_path / "\uc624.yaml").write_text("openapi: 3.0.3\n", "utf-8")
    done = subprocess.run(
        [program, "lint", "\uc624.yaml"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.startswith(rb"\uc624.yaml:1:1  openapi  ")
