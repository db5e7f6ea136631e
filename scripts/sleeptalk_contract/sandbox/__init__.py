"""Small honest implementations of any service, with faults on request: what is fuzzed where no address is given."""
