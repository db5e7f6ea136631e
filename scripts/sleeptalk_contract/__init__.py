"""The tools behind the `sleeptalk` command: fuzz, sandbox, listen, prove, generate, lint, diff, reference."""
