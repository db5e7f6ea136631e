"""A small honest implementation of both services and of the callback sender: the fuzzer's default target."""
