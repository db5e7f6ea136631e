"""Small honest implementations of any service, with faults on request: the default target of the fuzzer."""
