"""Mutation testing of the fuzzer: every rule is broken on purpose, in several ways, and has to be named."""
