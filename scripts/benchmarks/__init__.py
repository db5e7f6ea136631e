"""Speed and memory against named peers, in one run on one machine: ratios, never absolute times."""
