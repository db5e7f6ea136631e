"""The matrix of all trials: as a table to read, and as JSON."""

from __future__ import annotations

import json
import statistics
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from sleeptalk_contract.mutation.trials import Proof


def line(proof: Proof) -> str:
    """Return one line about a trial."""
    if proof.problem:
        return f"{proof.trial.full_name}: {proof.problem}"
    if proof.trial.is_honest:
        outcome = f"false alarm: {', '.join(proof.found)}" if proof.killed else "nothing found, as expected"
    else:
        outcome = _verdict(proof) + (f", beside {', '.join(proof.others)}" if proof.others else "")
    return f"{proof.trial.full_name}: {outcome}"


def show(proofs: Sequence[Proof], without_faults: Sequence[str], console: Console) -> None:
    """Print the matrix and its summary, with the rules that no fault breaks.

    Its lines are never cut, so that logs keep every name.
    """
    against = any(proof.plain is not None for proof in proofs)
    head: tuple[str, ...] = ("fault", "fuzzer", "requests", "seconds", "other rules failing")
    rows = [_row(proof) for proof in proofs]
    if against:
        head = (*head, "plain schemathesis")
        rows = [(*row, _plain(proof)) for row, proof in zip(rows, proofs, strict=True)]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    console.print(Text(_padded(head, widths), style="bold"), soft_wrap=True)
    for row, proof in zip(rows, proofs, strict=True):
        console.print(Text(_padded(row, widths), style="" if proof.holds else "red"), soft_wrap=True)
    for sentence in summary(proofs):
        console.print(Text(sentence), soft_wrap=True)
    if without_faults:
        sentence = f"No fault breaks {', '.join(without_faults)}: write one, so that there is something to prove."
        console.print(Text(sentence, style="red"), soft_wrap=True)


def summary(proofs: Sequence[Proof]) -> list[str]:
    """Return a few sentences on the whole matrix."""
    faults = [proof for proof in proofs if not proof.trial.is_honest]
    honest = [proof for proof in proofs if proof.trial.is_honest]
    named = sum(proof.named for proof in faults)
    alone = sum(proof.named and not proof.others for proof in faults)
    survived = sum(not proof.killed for proof in faults)
    sentences = [
        f"{named} of {len(faults)} faults were killed and named, {alone} of them alone; {survived} survived.",
    ]
    if honest:
        alarms = sum(proof.killed for proof in honest)
        sentences.append(f"{alarms} false alarms in {len(honest)} runs on honest implementations.")
    if faults:
        sentences.append(f"Median {statistics.median(proof.seconds for proof in faults):.2f} s per fault.")
    judged = [proof for proof in faults if proof.plain is not None and proof.plain.killed is not None]
    if judged:
        killed = sum(bool(proof.plain and proof.plain.killed) for proof in judged)
        seconds = statistics.median(proof.plain.seconds for proof in judged if proof.plain is not None)
        sentences.append(
            f"Plain schemathesis killed {killed} of the {len(judged)} faults that it can be tried on,"
            f" median {seconds:.2f} s per fault."
        )
    return sentences


def as_json(proofs: Sequence[Proof], without_faults: Sequence[str], *, interrupted: bool) -> str:
    """Return the matrix as JSON, with the rules that no fault breaks."""
    faults = [proof for proof in proofs if not proof.trial.is_honest]
    value = {
        "interrupted": interrupted,
        "faults": len(faults),
        "named": sum(proof.named for proof in faults),
        "survived": sum(not proof.killed for proof in faults),
        "rules_without_faults": list(without_faults),
        "false_alarms": sum(proof.killed for proof in proofs if proof.trial.is_honest),
        "median_seconds": round(statistics.median(proof.seconds for proof in faults), 3) if faults else None,
        "matrix": [proof.as_json() for proof in proofs],
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _row(proof: Proof) -> tuple[str, ...]:
    first = ("-", "-") if proof.first is None else (str(proof.first.requests), f"{proof.first.seconds:.2f}")
    return (proof.trial.full_name, _verdict(proof), *first, ", ".join(proof.others) or "-")


def _padded(row: tuple[str, ...], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _verdict(proof: Proof) -> str:
    if proof.problem:
        return "not tried"
    if proof.trial.is_honest:
        return "false alarm" if proof.killed else "silent"
    if proof.named:
        return "killed, named"
    return "killed, not named" if proof.killed else "survived"


def _plain(proof: Proof) -> str:
    plain = proof.plain
    if plain is None or plain.killed is None:
        return "-"
    if proof.trial.is_honest:
        return f"false alarm: {', '.join(plain.found)}" if plain.found else "silent"
    return f"killed in {plain.seconds:.1f} s" if plain.killed else "survived"
