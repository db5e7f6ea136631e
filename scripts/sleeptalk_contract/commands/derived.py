"""The tables of the guides, in Markdown, each made from what it describes: a command, errors, documents, targets."""

from __future__ import annotations

import inspect
import json
import re
from typing import TYPE_CHECKING, Final

import click

import sleeptalk.errors
from sleeptalk.errors import CallbackError, SleeptalkError
from sleeptalk_contract.commands import schemas
from sleeptalk_contract.commands.help import OTHER, heading_of
from sleeptalk_contract.commands.program import COMMANDS, command_named
from sleeptalk_contract.contract.pointer import resolved
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reference.body_schemas import bodies
from sleeptalk_contract.reference.prose import one_line, table
from sleeptalk_contract.reference.twins import twin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sleeptalk_contract.contract.operation import Operation, Response
    from sleeptalk_contract.contract.service import Service
    from sleeptalk_contract.reference.published import Published

_EXIT_CODES: Final = re.compile(r"Exit codes: (?P<codes>.*?)\.(?:\n\n|\Z)", re.DOTALL)


def exit_codes(services: Sequence[Service], _parts: Sequence[Published], _about: str) -> str:
    """Return what each command says about its exit codes."""
    return table(["Command", "Exit codes"], _codes(services))


def _codes(services: Sequence[Service]) -> Iterator[Sequence[str]]:
    for path, command in _commands(services):
        found = _EXIT_CODES.search(inspect.cleandoc(command.help or ""))
        if found is not None and not found["codes"].startswith("as of "):
            yield f"`sleeptalk {path}`", re.sub(r"\b(\d+) ", r"**\1** ", one_line(found["codes"]))


def _commands(services: Sequence[Service]) -> Iterator[tuple[str, click.Command]]:
    for name in COMMANDS:
        command = command_named(name, lambda: services)
        if isinstance(command, click.Group):
            yield name, command
            yield from ((f"{name} {each}", member) for each, member in command.commands.items())
        else:
            yield name, command


def options(services: Sequence[Service], _parts: Sequence[Published], about: str) -> str:
    """Return the options of one command, under the headings of its help."""
    if about not in COMMANDS:
        raise UsageError(f"A page asks for the options of {about}, which is not a command.")
    command = command_named(about, lambda: services)
    context = click.Context(command, info_name=about)
    rows: dict[str, list[Sequence[str]]] = {}
    for param in command.get_params(context):
        shown = param.get_help_record(context)
        if shown is not None and isinstance(param, click.Option):
            rows.setdefault(heading_of(param), []).append((f"`{shown[0]}`", one_line(shown[1]).replace("*", r"\*")))
    ordered = sorted(rows.items(), key=lambda row: row[0] == OTHER)
    return "\n\n".join(f"**{heading}**\n\n{table(['Option', 'Meaning'], found)}" for heading, found in ordered)


def errors(_services: Sequence[Service], _parts: Sequence[Published], _about: str) -> str:
    """Return every error of the Python package: what it means, and what it is one of."""
    return table(["Error", "Meaning", "Is a"], [(f"`{each.__name__}`", *_meaning(each)) for each in _errors()])


def refusals(_services: Sequence[Service], _parts: Sequence[Published], _about: str) -> str:
    """Return the errors with a status that a receiver answers, by that status."""
    found = [each for each in _errors() if issubclass(each, CallbackError) and each is not CallbackError]
    rows = [(str(each.status), f"`{each.__name__}`", _meaning(each)[0]) for each in found]
    return table(["Status", "Error", "When"], sorted(rows))


def _errors() -> list[type[SleeptalkError]]:
    found = [getattr(sleeptalk.errors, name) for name in sleeptalk.errors.__all__]
    return sorted(found, key=lambda each: [one.__name__ for one in reversed(each.__mro__)])


def _meaning(error: type[SleeptalkError]) -> tuple[str, str]:
    text = one_line((inspect.getdoc(error) or "").partition("\n\n")[0])
    return text.partition(" Source: ")[0], f"`{error.__bases__[0].__name__}`" if error is not SleeptalkError else ""


def statuses(_services: Sequence[Service], parts: Sequence[Published], _about: str) -> str:
    """Return what each operation answers, with the text of the first example of a refusal."""
    return table(
        ["Operation", "Status", "Meaning", "Text"],
        [
            (
                f"[{operation.title}]({twin(part.address(operation))})",
                response.status,
                one_line(response.description),
                said,
            )
            for part in parts
            for operation in part.document.operations.values()
            for response in operation.responses.values()
            for said in [_said(operation, response)]
        ],
    )


def _said(operation: Operation, response: Response) -> str:
    """Return the text of the first example of an answer; "" where there is no example or no text in it."""
    if response.is_success:
        return ""
    root = operation.document.root
    written = resolved(root, operation.value["responses"][response.status])
    for media in (written.get("content") or {}).values():
        for example in (media.get("examples") or {}).values():
            value = resolved(root, example).get("value")
            texts = [value.get(key) for key in ("detail", "message")] if isinstance(value, dict) else []
            return next((f"`{text}`" for text in texts if isinstance(text, str)), "")
    return ""


def targets(services: Sequence[Service], _parts: Sequence[Published], _about: str) -> str:
    """Return what can be judged, with the options and environment variables of each target."""
    return table(
        ["Target", "What it is", "Rules", "Options", "Environment"],
        [
            (
                f"`{target.name}`",
                target.summary,
                str(len(target.rules)),
                ", ".join(f"`{option}`" for option in _given(target)),
                ", ".join(f"`{each.variable}`" for each in target.credentials),
            )
            for service in services
            for target in service.targets
        ],
    )


def _given(target: object) -> list[str]:
    ids = getattr(target, "known_ids", None)
    own = [each.option for each in getattr(target, "credentials", ())] + ([ids.option] if ids is not None else [])
    return [option if option.startswith("-") else f"--{option}" for option in own]


def scenarios(services: Sequence[Service], _parts: Sequence[Published], about: str) -> str:
    """Return what the sandbox shows of a service, by id."""
    return table(
        ["Id", "Scenario", "What it shows"],
        [
            (
                ", ".join(f"`{value}`" for value in scenario.path_parameters.values()),
                f"`{scenario.name}`",
                scenario.summary,
            )
            for service in services
            if service.name == about
            for target in service.targets
            for scenario in target.scenarios
            if scenario.path_parameters
        ],
    )


def downloads(_services: Sequence[Service], parts: Sequence[Published], _about: str) -> str:
    """Return the forms of each document."""
    return table(
        ["Document", "As written", "Plain", "OpenAPI 3.0", "Rules"],
        [
            (
                part.title,
                f"[YAML]({part.name}.yaml), [JSON]({part.name}.json)",
                f"[YAML]({part.name}-plain.yaml), [JSON]({part.name}-plain.json)",
                f"[JSON]({part.name}-3.0.json)",
                f"[YAML](rules-{part.name}.yaml)",
            )
            for part in parts
        ],
    )


def body_schemas(_services: Sequence[Service], parts: Sequence[Published], _about: str) -> str:
    """Return the JSON Schema of each body."""
    return table(
        ["Operation", "Body", "JSON Schema"],
        [
            (
                f"[{body.operation.title}]({twin(part.address(body.operation))})",
                body.what,
                f"[{_name(body.file)}]({body.file})",
            )
            for part in parts
            for body in bodies(part)
        ],
    )


def tool_schemas(services: Sequence[Service], _parts: Sequence[Published], _about: str) -> str:
    """Return the JSON Schema of each file that the tools read or write."""
    found = {file: json.loads(text)["title"] for file, text in schemas.tool_schemas(services).items()}
    return table(
        ["JSON Schema", "What it describes"], [(f"[{_name(file)}]({file})", title) for file, title in found.items()]
    )


def _name(file: str) -> str:
    return file.rpartition("/")[2]


TABLES: Final[Mapping[str, Callable[[Sequence[Service], Sequence[Published], str], str]]] = {
    "body-schemas": body_schemas,
    "downloads": downloads,
    "errors": errors,
    "exit-codes": exit_codes,
    "options": options,
    "refusals": refusals,
    "scenarios": scenarios,
    "statuses": statuses,
    "targets": targets,
    "tool-schemas": tool_schemas,
}
"""Each table by its name: a function of the services, of what is published of them, and of the word after the name."""
