"""The command `sleeptalk` itself: what it imports, how it ends."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from sleeptalk_contract import cli

HEAVY = ("schemathesis", "hypothesis", "starlette", "uvicorn", "jinja2", "openapi_python_client", "jsonschema_rs")


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)


def test_help_lists_every_command_without_importing_any() -> None:
    code = (
        "import sys\nfrom sleeptalk_contract import cli\nprint(cli.run(['--help']))\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = python(code)
    assert done.returncode == 0, done.stderr
    for name in cli.COMMANDS:
        assert f"\n  {name} " in done.stdout
    assert done.stdout.splitlines()[-2:] == ["0", "[]"]


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_that_is_listed_is_there(name: str) -> None:
    command = cli.sleeptalk.get_command(click.Context(cli.sleeptalk), name)
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
        (["fuz"], "No such command 'fuz'."),
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


def test_an_error_that_nobody_foresaw_is_a_sentence_without_the_key(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("with key very-secret-key")

    monkeypatch.setenv("ASLEEP_API_KEY", "very-secret-key")
    monkeypatch.setattr(cli.sleeptalk, "main", fail)
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

    monkeypatch.setattr(cli.sleeptalk, "main", interrupt)
    assert cli.run([]) == 130
    assert capsys.readouterr().err == "sleeptalk: interrupted.\n"


def test_the_version_is_that_of_the_distribution() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sleeptalk_contract", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("sleeptalk 0.")


def test_the_command_is_installed_beside_python() -> None:
    assert (Path(sys.executable).parent / "sleeptalk").is_file()
