# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep-v3.yaml
"""Asleep sleep API, data v3: Read nights, lists of nights and averages, manage users, and receive webhooks."""

SERVER = "https://api.asleep.ai"
"""The address of the server that the document names first, its variables filled with their defaults."""
