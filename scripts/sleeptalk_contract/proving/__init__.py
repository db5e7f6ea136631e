"""The fuzzer proves itself: every rule is broken on purpose, in several ways, and has to be named."""
