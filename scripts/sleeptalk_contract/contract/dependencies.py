"""Which versions of a package this one is written for, as its metadata says."""

import re
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Final

_COMPARED: Final = re.compile(r"(<|>=)([0-9.]+)")
_ADVICE: Final = 'pip install --upgrade "sleeptalk[contract]" installs one that fits'


def refusal(package: str) -> str:
    """Return a sentence that refuses the installed version of a package, empty where it is supported.

    A package that is missing is refused, too; what no extra of ours requires is supported in every version.
    """
    wanted = [each for each in requires("sleeptalk") or () if re.match(rf"{package}\b", each)]
    bounds = _COMPARED.findall(wanted[0].partition(";")[0]) if wanted else []
    try:
        found = version(package)
    except PackageNotFoundError:
        return missing(package)
    if all((_numbers(found) >= _numbers(bound)) is (sign == ">=") for sign, bound in bounds):
        return ""
    words = [f"{'at least' if sign == '>=' else 'below'} {bound}" for sign, bound in sorted(bounds, reverse=True)]
    ours = f"sleeptalk {version('sleeptalk')} supports {' and '.join(words)}"
    return f"{package} {found} is installed, and {ours}: {_ADVICE}."


def missing(package: str) -> str:
    """Return a sentence that says that a package is missing, and how it is installed."""
    return f"The package {package} is missing: {_ADVICE}."


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"[0-9]+", text)[:3]))
