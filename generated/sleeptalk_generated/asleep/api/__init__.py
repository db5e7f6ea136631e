# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
"""One module for each operation: `get_session`."""
