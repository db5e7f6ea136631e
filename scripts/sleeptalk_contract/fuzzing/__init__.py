"""Fuzzing: schemathesis makes and sends the requests, the rules judge every answer."""
