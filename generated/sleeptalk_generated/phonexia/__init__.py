# Do not edit: this file is generated.
# Command: sleeptalk generate
# Source: openapi/phonexia.yaml
"""Phonexia Time Analysis: From the recording of a call to who spoke when, and how fast they reacted."""

SERVER = "http://localhost:8000"
"""The address of the server that the document names first, its variables filled with their defaults."""
