"""The JSON Schema of the settings file, made from the options of the commands themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from sleeptalk_contract.commands.options import LONGEST_SECONDS, Seconds, SecretOption, TargetType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NOT_SETTINGS: Final = frozenset({"help", "version"})


def settings_schema(commands: Mapping[str, click.Command]) -> dict[str, Any]:
    """Return the JSON Schema of a settings file for some commands by name, fit for editors of TOML."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:sleeptalk:settings",
        "title": "sleeptalk.toml",
        "description": "Options of sleeptalk, a table for each command; the command line wins. In pyproject.toml the"
        " same tables stand under tool.sleeptalk.",
        "type": "object",
        "properties": {name: command_schema(command) for name, command in commands.items() if has_settings(command)},
        "additionalProperties": False,
    }


def has_settings(command: click.Command) -> bool:
    """Whether a command has options that may stand in the file."""
    return isinstance(command, click.Group) or bool(options_of(command))


def options_of(command: click.Command) -> dict[str, click.Option]:
    """Return the options of a command that may stand in the file, by their long names without dashes."""
    return {
        name_of(option): option
        for option in command.params
        if isinstance(option, click.Option) and option.name not in _NOT_SETTINGS and not secret_variables(option)
    }


def secrets_of(command: click.Command) -> dict[str, tuple[str, ...]]:
    """Return the options that hold secrets, by name, with the environment variables that have them instead."""
    return {
        name_of(option): secret_variables(option)
        for option in command.params
        if isinstance(option, click.Option) and secret_variables(option)
    }


def secret_variables(option: click.Option) -> tuple[str, ...]:
    """Return the environment variables of an option whose value is a secret; none for any other option."""
    return option.variables if isinstance(option, SecretOption) else ()


def name_of(option: click.Option) -> str:
    """Return the long name of an option, without dashes."""
    return max(option.opts, key=len).lstrip("-")


def targets_named(command: click.Command) -> tuple[str, ...]:
    """Return the names of the targets that a command can be given, each of which may have a table of its own."""
    kinds = [each.type for each in command.params if isinstance(each, click.Argument)]
    return next((kind.names for kind in kinds if isinstance(kind, TargetType)), ())


def command_schema(command: click.Command) -> dict[str, Any]:
    """Return the schema of a command's table: its options, then a table for each target or each command in it."""
    if isinstance(command, click.Group):
        inner = {name: command_schema(each) for name, each in command.commands.items() if has_settings(each)}
    else:
        inner = {name: option_schema(option) for name, option in options_of(command).items()}
        own = dict(inner)
        inner |= {
            target: {
                "description": f"Options for the target {target} alone.",
                "type": "object",
                "properties": own,
                "additionalProperties": False,
            }
            for target in targets_named(command)
        }
    summary = " ".join((command.help or "").partition("\n\n")[0].split())
    return {"description": summary, "type": "object", "properties": inner, "additionalProperties": False}


def option_schema(option: click.Option) -> dict[str, Any]:
    """Return the schema of the values of an option."""
    value = _kind(option)
    if option.multiple:
        value = {"type": "array", "items": value}
    return {"description": option.help or "", **value}


def _kind(option: click.Option) -> dict[str, Any]:
    kind = option.type
    if option.is_flag:
        return {"type": "boolean"}
    if isinstance(kind, click.Choice):
        return {"enum": list(kind.choices)}
    if isinstance(kind, click.IntRange | click.FloatRange):
        return {"type": "integer" if isinstance(kind, click.IntRange) else "number", **dict(_bounds(kind))}
    names = {"integer": "integer", "float": "number", "boolean": "boolean"}
    return {"type": names[kind.name]} if kind.name in names else {"type": "string", "minLength": 1}


def _bounds(kind: click.IntRange | click.FloatRange) -> Iterator[tuple[str, float]]:
    largest = LONGEST_SECONDS if isinstance(kind, Seconds) else kind.max
    if kind.min is not None:
        yield ("exclusiveMinimum" if kind.min_open else "minimum"), kind.min
    if largest is not None:
        yield ("exclusiveMaximum" if kind.max_open else "maximum"), largest


def in_words(schema: Mapping[str, Any]) -> str:
    """Return what a value of an option has to be, in words that follow "write"."""
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    if schema["type"] == "array":
        return f"a list, each {in_words(schema['items'])}"
    words = {"boolean": "true or false", "integer": "a whole number", "number": "a number", "string": "a text"}
    bounds = {"minimum": "from", "exclusiveMinimum": "more than", "maximum": "to", "exclusiveMaximum": "less than"}
    limits = [f"{bounds[name]} {schema[name]:g}" for name in bounds if name in schema and schema[name] < 2**32]
    return " ".join([words[schema["type"]], *limits])
