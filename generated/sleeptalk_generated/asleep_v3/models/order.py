# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
from ...types import OpenStrEnum


class Order(OpenStrEnum):
    """An order by time, ASC for the earliest first, DESC for the latest first."""

    ASC = "ASC"
    DESC = "DESC"
