"""The options that several commands share, and those that follow from the targets of the services."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from click.shell_completion import CompletionItem

from sleeptalk.runtime.options import HEADER_VALUE
from sleeptalk_contract.commands.help import JUDGED, REACHED, Grouped
from sleeptalk_contract.contract.redaction import remember_key
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.contract.usage import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sleeptalk_contract.contract.service import Claim, Credential, KnownIds, Service

if TYPE_CHECKING:
    _TargetParameter = click.ParamType[Target]
else:
    _TargetParameter = click.ParamType  # which is generic since click 8.4

Command = TypeVar("Command", bound="Callable[..., Any]")

LONGEST_SECONDS: Final = 366 * 24 * 60 * 60.0
"""A year: far longer times are more than a socket can wait for."""


class Seconds(click.FloatRange):
    """A time in seconds: more than 0, at most a year, and a number (which nan is not)."""

    def __init__(self) -> None:
        super().__init__(min=0, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read a time, or fail with a sentence."""
        seconds = float(super().convert(value, param, ctx))
        if math.isnan(seconds) or seconds > LONGEST_SECONDS:
            self.fail(f"{value!r} is not a time: write seconds, at most a year, such as 10.", param, ctx)
        return seconds


FOLDER: Final = click.Path(path_type=Path, file_okay=False)
FILE: Final = click.Path(path_type=Path, dir_okay=False)

REPORT_DIR: Final = click.option(
    "--report-dir", type=FOLDER, metavar="DIR", help="Write report.json, junit.xml and report.html into this folder."
)
STRICT: Final = click.option(
    "--strict", is_flag=True, help="Also fail on should rules and on findings beyond the rules."
)
BASELINE: Final = click.option(
    "--baseline",
    type=FILE,
    metavar="FILE",
    help=(
        "Accept the known findings that this YAML file lists: under `accepted`, entries of rule, reason, expires"
        " (YYYY-MM-DD), and places, a list such as [/result/*], to accept it only there."
    ),
)
WRITE_BASELINE: Final = click.option(
    "--write-baseline",
    type=FILE,
    metavar="FILE",
    help="Write a baseline that accepts what fails this run, which ends as it would without; entries last 90 days.",
)
REQUEST_TIMEOUT: Final = click.option(
    "--request-timeout",
    type=Seconds(),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long one request may take, from connecting to the last byte.",
)


ALLOW_WRITES: Final = click.option(
    "--allow-writes",
    is_flag=True,
    help="Also send what creates, changes or deletes: only things that the run itself makes, and deletes at its end.",
)


def all_of(options: Iterable[Callable[[Command], Command]]) -> Callable[[Command], Command]:
    """Return a decorator that adds some options to a command, the first one shown first in the help."""
    listed = list(options)

    def decorated(command: Command) -> Command:
        for option in reversed(listed):
            command = option(command)
        return command

    return decorated


def targets_of(services: Sequence[Service]) -> tuple[Target, ...]:
    """Return the targets of some services, in their order."""
    return tuple(target for service in services for target in service.targets)


class TargetType(_TargetParameter):
    """The name of a target, read as the target."""

    name = "target"

    def __init__(self, targets: Iterable[Target]) -> None:
        self._targets = {target.name: target for target in targets}

    @property
    def names(self) -> tuple[str, ...]:
        """The names to choose from."""
        return tuple(self._targets)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002  # click's signature
        """Return the names to choose from."""
        return "|".join(self._targets)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002  # click's
        """Return the targets whose names begin as what is written does."""
        fitting = (each for each in self._targets.values() if each.name.startswith(incomplete))
        return [CompletionItem(each.name, help=each.summary) for each in fitting]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Target:
        """Return the target of a name, or fail with a sentence that names the one that may be meant, or all."""
        if isinstance(value, Target):
            return value
        found = self._targets.get(value)
        if found is None:
            advice = did_you_mean(value, self._targets, f"name one of {', '.join(self._targets)}.")
            self.fail(f"there is no target {value!r}: {advice}", param, ctx)
        return found


class TargetOrFileType(TargetType):
    """The name of a target or of a file, as it was written: which of them it is, the command tells."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the targets whose names begin as what is written does, and let the shell add files."""
        return [*super().shell_complete(ctx, param, incomplete), CompletionItem(incomplete, type="file")]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ARG002  # click's
        """Return the text."""
        return value


class SecretOption(click.Option):
    """An option whose value is a secret, which may stand in one of some environment `variables` and in no file."""

    def __init__(self, *arguments: Any, variables: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.variables = tuple(variables)


class _CredentialOption(Grouped, SecretOption):
    """An option whose environment variable depends on the target: `given_credentials` reads it.

    It has `variables` where one of the credentials is a key.
    """

    heading = REACHED

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:  # noqa: ARG002  # click's signature
        """Leave the variables to `given_credentials`."""
        return None


class _IdOption(Grouped):
    """An option for ids that exist."""

    heading = JUDGED

    def __init__(self, *arguments: Any, example: str, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.example = example


class _ClaimOption(Grouped):
    """A flag that says something of an implementation."""

    heading = JUDGED


def credential_options(
    targets: Sequence[Target], *, keys_only: bool = False, key_help: str = "The key"
) -> Callable[[Command], Command]:
    """Add an option for each credential of some targets to a command, which gets them as `given`.

    With `keys_only` only those that are keys; `key_help` is what their help begins with.
    """
    options: dict[str, list[tuple[Target, Credential]]] = {}
    for target in targets:
        for credential in target.credentials:
            if credential.secret or not keys_only:
                options.setdefault(credential.option, []).append((target, credential))
    return all_of(_credential_option(option, users, targets, key_help) for option, users in options.items())


def _credential_option(
    option: str, users: Sequence[tuple[Target, Credential]], targets: Sequence[Target], key_help: str
) -> Callable[[Command], Command]:
    credentials = [credential for _, credential in users]
    secret = any(credential.secret for credential in credentials)
    variables = list(dict.fromkeys(credential.variable for credential in credentials))
    meaning = key_help if secret else next((each.meaning for each in credentials if each.meaning), "A value")
    headers = " or ".join(dict.fromkeys(credential.header for credential in credentials))
    advice = (
        "; the environment variable is safer, because other processes can read a command line. No output shows it, nor"
        " encoded; an ordinary word is left out only where it is a whole value, one of 1 to 3 characters is not"
    )
    advice = advice if secret else ""
    return click.option(
        option,
        cls=_CredentialOption,
        metavar="KEY" if secret else "VALUE",
        envvar=variables,
        variables=variables if secret else (),
        show_envvar=True,
        help=f"{meaning}, sent as {headers}{_for(users, targets)}{advice}.",
    )


def id_options(targets: Sequence[Target]) -> Callable[[Command], Command]:
    """Add an option for the known ids of each target to a command, which gets them as `given`."""
    options: dict[str, list[tuple[Target, KnownIds]]] = {}
    for target in targets:
        if target.known_ids is not None:
            options.setdefault(target.known_ids.option, []).append((target, target.known_ids))
    return all_of(_id_option(option, users, targets) for option, users in options.items())


def _id_option(
    option: str, users: Sequence[tuple[Target, KnownIds]], targets: Sequence[Target]
) -> Callable[[Command], Command]:
    forms = " or ".join(dict.fromkeys(known.form for _, known in users))
    text = f"An id that exists ({forms}){_for(users, targets)}; can be repeated."
    ids = (each.path_parameters.get(known.parameter) for target, known in users for each in target.scenarios)
    example = next(filter(None, ids), "")
    return click.option(option, cls=_IdOption, multiple=True, metavar="ID", help=text, example=example)


def claim_options(targets: Sequence[Target]) -> Callable[[Command], Command]:
    """Add a flag for each claim of some targets to a command, which gets them as `given`."""
    options: dict[str, list[tuple[Target, Claim]]] = {}
    for target in targets:
        for claim in target.claims:
            options.setdefault(claim.option, []).append((target, claim))
    return all_of(
        click.option(option, cls=_ClaimOption, is_flag=True, help=f"{users[0][1].meaning}{_for(users, targets)}.")
        for option, users in options.items()
    )


def given_claims(target: Target, given: Mapping[str, Any], targets: Sequence[Target]) -> frozenset[str]:
    """Return the claims that the user makes of a target. Raises UsageError for one of another target."""
    made = frozenset(option for each in targets for option in each.all_claims if given[_parameter(option)])
    for option in sorted(made - target.all_claims):
        raise UsageError(f"{option} does not apply to the target {target.name}.")
    return made


def given_ids(target: Target, given: Mapping[str, Any], targets: Sequence[Target]) -> tuple[str, ...]:
    """Return the known ids of a target from its option, without repetitions.

    Raises UsageError for those of another target.
    """
    own = None if target.known_ids is None else target.known_ids.option
    for other in targets:
        if other.known_ids is not None and other.known_ids.option != own and given[_parameter(other.known_ids.option)]:
            raise UsageError(f"{other.known_ids.option} does not apply to the target {target.name}.")
    return tuple(dict.fromkeys(given[_parameter(own)])) if own is not None else ()


def given_credentials(target: Target, given: Mapping[str, Any], *, options_only: bool = False) -> dict[str, str]:
    """Return the credentials of a target by header, from their options or, not with `options_only`, their variables.

    Keys are remembered for redaction. Raises UsageError for a value that no header can carry.
    """
    found: dict[str, str] = {}
    for credential in target.credentials:
        option: str | None = given.get(_parameter(credential.option))
        value = option or (None if options_only else os.environ.get(credential.variable))
        if credential.secret:
            remember_key(value)
        checked = checked_header(value, credential.option if option else credential.variable)
        if checked is not None:
            found[credential.header] = checked
    return found


def checked_header(value: str | None, option: str) -> str | None:
    """Return a key or an id as it is, seen to be one that a header can carry; None for an empty one and for None.

    `option` is where it comes from, such as "--api-key". Raises UsageError with a sentence that does not show it.
    """
    if value and not HEADER_VALUE.fullmatch(value):
        raise UsageError(
            f"The value of {option} cannot be sent in a header: use printable ASCII, without a space or a line end at"
            " either end."
        )
    return value or None


def _parameter(option: str) -> str:
    """Return the name that click gives the value of an option."""
    return option.lstrip("-").replace("-", "_")


def _for(users: Sequence[tuple[Target, Any]], targets: Sequence[Target]) -> str:
    """Return which targets an option is for, in words; "" for all of them."""
    names = [target.name for target, _ in users]
    return "" if len(names) == len(targets) else f", for {' and '.join(names)}"
