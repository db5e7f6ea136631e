# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml, openapi/asleep.yaml, openapi/phonexia.yaml
"""What the documents say, as Python: the operations and bodies of each service in a sub-package of its own."""
