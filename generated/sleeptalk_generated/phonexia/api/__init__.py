# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
"""One module for each operation: `get_time_analysis`."""
