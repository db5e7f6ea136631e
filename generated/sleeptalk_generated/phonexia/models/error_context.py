# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
from typing import TypeAlias

ErrorContext: TypeAlias = dict[str, str | int | float | bool | list[str | int | float | bool] | None]
"""Named values that explain an error; a value is a string, a number, a boolean, or a list of those."""
