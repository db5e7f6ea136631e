"""Compare judge and readers on many mutated bodies: python -m tests.agreement [NUMBER] [SEED]."""

import random
import sys
import time
from collections import Counter

from tests.agreement.mutations import mutated
from tests.agreement.sides import SIDES, disagreement

PER_JUDGE = 1000


def write(line: str) -> None:
    """Show a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(number: int, seed: str) -> int:
    """Return how many bodies the two sides differ about, after printing the first of each kind."""
    started, differing = time.monotonic(), Counter[str]()
    for name, side in SIDES.items():
        rng = random.Random(f"{seed} {name}")
        judge = side.judge()
        for count in range(number // len(SIDES)):
            if count % PER_JUDGE == 0:
                judge = side.judge()
            body = mutated(rng, side.seeds)
            found = disagreement(side, judge, body)
            if found:
                kind = f"{name}: {found[:120]}"
                if differing[kind] == 0 and len(differing) <= 40:
                    write(f"{kind}\n  {body[:300]!r}\n  {body[-300:]!r}")
                differing[kind] += 1
    write(f"{number} bodies in {time.monotonic() - started:.0f} s: {differing.total()} differ")
    return differing.total()


if __name__ == "__main__":
    bodies = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    sys.exit(1 if main(bodies, sys.argv[2] if len(sys.argv) > 2 else "1") else 0)
