# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/asleep.yaml
"""Asleep sleep API: Read the analysis of a night, and receive it by callback."""

SERVER = "https://api.asleep.ai"
"""The address of the server that the document names first, its variables filled with their defaults."""
