"""Options that stand in a file: `sleeptalk.toml`, or `[tool.sleeptalk]` of `pyproject.toml`. The command line wins.

A table holds the options of one command, by their long names; `[fuzz.NAME]` those for the target NAME alone. Keys and
other secrets are refused: files are committed. The file is the first one in the present folder or above it, up to the
root of the repository. Paths in it are relative to its folder.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import jsonschema_rs

from sleeptalk_contract.commands.settings_schema import (
    has_settings,
    in_words,
    option_schema,
    options_of,
    secrets_of,
    targets_named,
)
from sleeptalk_contract.contract.redaction import shortened
from sleeptalk_contract.contract.usage import UsageError, did_you_mean, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

OWN_FILE: Final = "sleeptalk.toml"
SHARED_FILE: Final = "pyproject.toml"
_SHARED_TABLE: Final = ("tool", "sleeptalk")
_LONGEST_VALUE: Final = 60
_USERINFO: Final = re.compile(r"://[^/\s]*@")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in a file: `value` is the table that has one for each command, which begins at `table`."""

    path: Path
    text: str
    table: tuple[str, ...]
    value: Mapping[str, Any]

    def problem(self, keys: Sequence[str], sentence: str) -> UsageError:
        """Return the error about what stands at some keys: with the file and the line, where it can be found."""
        line = _line_of(self.text, (*self.table, *keys))
        place = f"{self.path}" if line is None else f"{self.path}, line {line}"
        return UsageError(f"{place}: {sentence}")

    def check_commands(self, names: Sequence[str]) -> None:
        """Raise UsageError for a table that is not one of some commands."""
        for name, value in self.value.items():
            if name not in names:
                advice = did_you_mean(name, names, "its tables are named after commands.")
                raise self.problem([name], f"there is no command {name!r}: {advice}")
            if not isinstance(value, dict):
                raise self.problem([name], f"{name} is a command: write its options in a table [{name}].")

    def defaults(self, name: str, command: click.Command, arguments: Sequence[str]) -> dict[str, Any]:
        """Return the values for the options of a command, by the names of its parameters.

        `arguments` are those of the command line, which may name a target. Raises UsageError for what cannot stand in
        the table of the command.
        """
        self.check([name], command)
        return self._values(self.value.get(name, {}), command, arguments)

    def check(self, keys: list[str], command: click.Command) -> None:
        """Raise UsageError for what cannot stand in the table of a command, at some keys, or in one of its tables."""
        table = self.value
        for key in keys:
            table = table.get(key, {})
        if isinstance(command, click.Group):
            commands = {each: inner for each, inner in command.commands.items() if has_settings(inner)}
            for key, value in table.items():
                self._check_name(keys, key, commands)
                self._check_table([*keys, key], value)
                self.check([*keys, key], commands[key])
            return
        targets = targets_named(command)
        for key, value in table.items():
            if key in targets:
                self._check_table([*keys, key], value)
                for inner, each in value.items():
                    self._check_option([*keys, key], inner, each, command, ())
            else:
                self._check_option(keys, key, value, command, targets)

    def _check_table(self, keys: list[str], value: object) -> None:
        if not isinstance(value, dict):
            raise self.problem(keys, f"{'.'.join(keys)} is a table: write [{'.'.join(keys)}].")

    def _check_name(self, keys: list[str], key: str, names: Mapping[str, object]) -> None:
        if key not in names:
            advice = did_you_mean(key, names, f"see sleeptalk {keys[0]} --help.")
            raise self.problem([*keys, key], f"{'.'.join(keys)} has no option {key!r}: {advice}")

    def _check_option(
        self, keys: list[str], key: str, value: object, command: click.Command, targets: Sequence[str]
    ) -> None:
        variables = secrets_of(command).get(key)
        if variables:
            instead = f"the environment variable {' or '.join(variables)}"
            raise self.problem([*keys, key], f"{key} is a secret, which no file may hold: put it into {instead}.")
        options = options_of(command)
        self._check_name(keys, key, {**options, **dict.fromkeys(targets)})
        if any(
            isinstance(each, str) and _USERINFO.search(each) for each in (value if isinstance(value, list) else [value])
        ):
            raise self.problem(
                [*keys, key], f"{key} has a name or password, which no file may hold: pass --{key} instead."
            )
        schema = option_schema(options[key])
        try:
            fits = jsonschema_rs.validator_for(schema).is_valid(value)
        except (ValueError, TypeError):  # a date or a time, which JSON does not have
            fits = False
        if not fits:
            shown = shortened(one_line(json.dumps(value, ensure_ascii=False, default=str)), _LONGEST_VALUE)
            raise self.problem([*keys, key], f"{'.'.join([*keys, key])} is {shown}: write {in_words(schema)}.")

    def _values(self, table: Mapping[str, Any], command: click.Command, arguments: Sequence[str]) -> dict[str, Any]:
        if isinstance(command, click.Group):
            inner = command.commands
            return {each: self._values(value, inner[each], arguments[1:]) for each, value in table.items()}
        targets = targets_named(command)
        own = {key: value for key, value in table.items() if key not in targets}
        own |= table.get(_target_in(command, arguments), {})
        options = options_of(command)
        return {
            str(options[key].name): self._resolved(options[key], value)
            for key, value in own.items()
            if not _from_environment(options[key])
        }

    def _resolved(self, option: click.Option, value: Any) -> Any:
        """Return a value of the file as the command line would have it: paths begin at the folder of the file."""
        if isinstance(option.type, click.Path):
            return (
                [str(self.path.parent / each) for each in value] if option.multiple else str(self.path.parent / value)
            )
        return value


def chosen_settings(named: Path | None) -> Settings | None:
    """Return the settings in the file that `--config` names, or else those of the present folder, None without any.

    Raises UsageError for a file that cannot be read or is not TOML.
    """
    return find_settings(Path.cwd()) if named is None else read_settings(named)


def find_settings(folder: Path) -> Settings | None:
    """Return the settings of a folder: of the first file in it or above it, None without one.

    Raises UsageError for a file that cannot be read or is not TOML.
    """
    for place in (folder, *folder.parents):
        if (place / OWN_FILE).is_file():
            return read_settings(place / OWN_FILE)
        if (place / SHARED_FILE).is_file():
            found = read_settings(place / SHARED_FILE)
            if found.value:
                return found
        if (place / ".git").exists():
            break
    return None


def read_settings(path: Path) -> Settings:
    """Return the settings in a file. Raises UsageError where it cannot be read or is not TOML."""
    try:
        text = path.read_text(encoding="utf-8")
        value: Any = tomllib.loads(text)
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): name another with --config.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not TOML: {one_line(str(error))}.") from error
    table = _SHARED_TABLE if path.name == SHARED_FILE else ()
    for key in table:
        value = value.get(key, {}) if isinstance(value, dict) else {}
    settings = Settings(path, text, table, value if isinstance(value, dict) else {})
    if not isinstance(value, dict):
        raise settings.problem([], f"{'.'.join(table)} is a table: write [{'.'.join(table)}].")
    return settings


def _target_in(command: click.Command, arguments: Sequence[str]) -> str:
    """Return the name of the target that a command line names, or else that the command takes by default; or ""."""
    argument = next((each for each in command.params if isinstance(each, click.Argument)), None)
    if argument is None:
        return ""
    context = click.Context(command, resilient_parsing=True)
    try:
        named = command.make_parser(context).parse_args(list(arguments))[0].get(str(argument.name))
    except click.UsageError:  # told when the command itself reads its arguments
        return ""
    if isinstance(named, tuple):  # a target may stand before what else the argument takes
        named = next(iter(named), None)
    return str(named if isinstance(named, str) else argument.default if isinstance(argument.default, str) else "")


def _from_environment(option: click.Option) -> bool:
    """Whether an environment variable has a value for an option: it comes before the file."""
    variables = [option.envvar] if isinstance(option.envvar, str) else option.envvar or []
    return any(os.environ.get(name) for name in variables)


_HEADER: Final = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY: Final = re.compile(r"^\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
_PART: Final = re.compile(r"[\w-]+|\"[^\"]*\"|'[^']*'")


def _line_of(text: str, keys: Sequence[str]) -> int | None:
    """Return the number of the line, from 1, at which a key is given, or the table or the key around it."""
    found: dict[tuple[str, ...], int] = {}
    for number, place in _places(text):
        for length in range(1, len(place) + 1):
            found.setdefault(place[:length], number)
    return next(
        (found[tuple(keys[:length])] for length in range(len(keys), 0, -1) if tuple(keys[:length]) in found), None
    )


def _places(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the number of each line that gives a key or begins a table, with the keys that lead there."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header is not None and key is None:
            table = _parts(header[1])
            yield number, table
        elif key is not None:
            yield number, (*table, *_parts(key[1]))


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
