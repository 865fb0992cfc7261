"""Connectionist temporal classification: how probable a text is under a recogniser's probabilities.

The forward and backward sums are those of Graves et al., "Connectionist Temporal Classification:
Labelling Unsegmented Sequence Data with Recurrent Neural Networks" (ICML 2006), over the sequence of
blanks and characters b c1 b c2 b ... cn b. They are computed on probabilities divided by each step's
largest, in float64: every score is relative to the best path, and only a text that nobody would take
for a reading of the ink underflows to 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scanservice.verify.dense import Flags, Floats, Integers

HOPELESS = -60.0
"""The least relative score, as a natural logarithm: four characters that the ink denies outright."""


def scores(weights: Floats, texts: Sequence[Integers]) -> Floats:
    """Logarithm of each text's probability relative to the best path's, at least `HOPELESS`.

    Args:
        weights: T x C, the largest of each step 1; column 0 is the blank.
        texts: columns of each text's characters.
    """
    if not texts:
        return np.zeros(0)
    labels, lengths = _labels(texts)
    skips = _skips(labels)
    alpha = np.zeros(labels.shape)
    alpha[:, :2] = weights[0][labels[:, :2]]
    alpha[lengths == 0, 1] = 0.0
    for step in weights[1:]:
        moved = alpha.copy()
        moved[:, 1:] += alpha[:, :-1]
        moved[:, 2:] += np.where(skips[:, 2:], alpha[:, :-2], 0.0)
        alpha = moved * step[labels]
    rows = np.arange(len(texts))
    total = alpha[rows, 2 * lengths]
    total = total + np.where(lengths > 0, alpha[rows, np.maximum(2 * lengths - 1, 0)], 0.0)
    return np.log(np.maximum(total, np.exp(HOPELESS)))


@dataclass(frozen=True, eq=False)
class Edits:
    """Probabilities (relative, not logarithms) of all texts one edit away from a text of n characters.

    Attributes:
        total: of the text itself.
        substituted: n x C: character i replaced by column c (0 for the character itself and the blank).
        inserted: (n + 1) x C: column c before character i (at n: at the end).
        deleted: n: without character i.
        swapped: n - 1: characters i and i + 1 changed places.
    """

    total: float
    substituted: Floats
    inserted: Floats
    deleted: Floats
    swapped: Floats


def edits(weights: Floats, text: Integers, usable: int) -> Edits:
    """Every text one edit away at once, from one forward and one backward sum.

    Args:
        weights: T x C as for `scores`.
        text: columns, n >= 1.
        usable: number of leading columns that may stand as a rival character.
    """
    labels, _ = _labels([text])
    row, count = labels[0], len(text)
    emissions = weights[:, row]
    alpha = _forward(emissions, row)
    ahead = _backward(emissions, row)
    total = float(alpha[-1, -1] + alpha[-1, -2])
    rivals = np.arange(usable)
    # One character in the place of the i-th lies between the blanks around it; one more, in a blank.
    ends, between = 2 * np.arange(count), 2 * np.arange(count + 1)
    slots = _Slots(np.concatenate([ends, between]), np.concatenate([ends + 2, between]), row)
    found = _slots(weights[:, :usable], alpha, ahead, slots, rivals)
    found[:, 0] = 0.0
    substituted, inserted = found[:count], found[count:]
    substituted[np.arange(count), np.minimum(text, usable - 1)] = 0.0
    shorter = [np.delete(text, i) for i in range(count)]
    swaps = [_swapped(text, i) for i in range(count - 1)]
    others = np.exp(scores(weights, [*shorter, *swaps]))
    same = np.array([bool(text[i] == text[i + 1]) for i in range(count - 1)], dtype=bool)
    swapped = np.where(same, 0.0, others[count:])
    return Edits(total, substituted, inserted, others[:count], swapped)


@dataclass(frozen=True, eq=False)
class _Slots:
    """Places in a text where one free character stands.

    Attributes:
        before, after: states of the blanks on its two sides.
        row: labels of all states.
    """

    before: Integers
    after: Integers
    row: Integers


def _slots(weights: Floats, alpha: Floats, ahead: Floats, slots: _Slots, rivals: Integers) -> Floats:
    """Slots x rivals: the sum over all paths that emit the rival, and nothing else, in the slot."""
    steps, states = alpha.shape
    before, after = slots.before, slots.after
    has_left, has_right = before >= 1, after + 1 < states
    left = np.where(has_left, before - 1, 0)
    right = np.where(has_right, after + 1, 0)
    joins_left = has_left[:, None] & (slots.row[left][:, None] != rivals[None, :])
    joins_right = has_right[:, None] & (slots.row[right][:, None] != rivals[None, :])
    running = np.zeros((len(before), len(rivals)))
    total, leaving = np.zeros_like(running), np.zeros_like(running)
    # Sums into and out of the slot at every step, without and with the character beside it: T x slots.
    from_blank, to_blank = np.zeros((steps, len(before))), np.zeros((steps, len(before)))
    from_blank[0], to_blank[-1] = before == 0, after == states - 1
    from_blank[1:], to_blank[:-1] = alpha[:-1, before], ahead[1:, after]
    from_both, to_both = from_blank.copy(), to_blank.copy()
    from_both[1:] += alpha[:-1, left]
    to_both[:-1] += ahead[1:, right]
    for t in range(steps):
        running += np.where(joins_left, from_both[t][:, None], from_blank[t][:, None])
        running *= weights[t]
        np.multiply(running, np.where(joins_right, to_both[t][:, None], to_blank[t][:, None]), out=leaving)
        total += leaving
    return total


def _forward(emissions: Floats, row: Integers) -> Floats:
    """T x S: sum over the paths that are in a state at a step, that step's emission included."""
    skip = _skips(row[None])[0]
    alpha = np.zeros_like(emissions)
    alpha[0, :2] = emissions[0, :2]
    for t in range(1, len(emissions)):
        previous = alpha[t - 1]
        moved = previous.copy()
        moved[1:] += previous[:-1]
        moved[2:] += np.where(skip[2:], previous[:-2], 0.0)
        alpha[t] = moved * emissions[t]
    return alpha


def _backward(emissions: Floats, row: Integers) -> Floats:
    """T x S: sum over the paths from a state at a step to the end, that step's emission included."""
    skip = _skips(row[None])[0]
    ahead = np.zeros_like(emissions)
    ahead[-1, -2:] = emissions[-1, -2:]
    for t in range(len(emissions) - 2, -1, -1):
        following = ahead[t + 1]
        moved = following.copy()
        moved[:-1] += following[1:]
        moved[:-2] += np.where(skip[2:], following[2:], 0.0)
        ahead[t] = moved * emissions[t]
    return ahead


def _labels(texts: Sequence[Integers]) -> tuple[Integers, Integers]:
    """States x labels of some texts, blanks between and around, padded with blanks; and the lengths."""
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    labels = np.zeros((len(texts), 2 * int(lengths.max()) + 1 if len(texts) else 1), dtype=np.int64)
    if labels.shape[1] == 1:
        labels = np.zeros((len(texts), 3), dtype=np.int64)
    for index, text in enumerate(texts):
        labels[index, 1 : 2 * len(text) : 2] = text
    return labels, lengths


def _skips(labels: Integers) -> Flags:
    """Where a path may jump over the blank: between two different characters."""
    skip = np.zeros(labels.shape, dtype=bool)
    skip[:, 2:] = (labels[:, 2:] != 0) & (labels[:, 2:] != labels[:, :-2])
    return skip


def steps(weights: Floats, text: Integers) -> Integers:
    """The step of the best path at which each character of a text is seen best (Viterbi).

    Args:
        weights: T x C as for `scores`; text: columns, n >= 1.

    Returns:
        A step for each character, ascending; -1 where the text has more characters than there are steps.
    """
    row = _labels([text])[0][0]
    logs = np.log(np.maximum(weights[:, row], 1e-12))
    count, states = logs.shape
    jumps = np.where(_skips(row[None])[0], 0.0, -np.inf)
    came = np.zeros((count, states), dtype=np.int64)
    best = np.full(states, -np.inf)
    best[:2] = logs[0, :2]
    ways = np.full((3, states), -np.inf)
    for t in range(1, count):
        ways[0], ways[1, 1:], ways[2, 2:] = best, best[:-1], best[:-2] + jumps[2:]
        came[t] = ways.argmax(axis=0)
        best = ways.max(axis=0) + logs[t]
    state = states - 1 if best[-1] >= best[-2] else states - 2
    found, seen = np.full(len(text), -1), np.full(len(text), -np.inf)
    if not np.isfinite(best[state]):
        return found
    for t in range(count - 1, -1, -1):
        place = state // 2
        if state % 2 and logs[t, state] >= seen[place]:
            found[place], seen[place] = t, logs[t, state]
        state -= int(came[t, state])
    return found


def _swapped(text: Integers, i: int) -> Integers:
    other = text.copy()
    other[i], other[i + 1] = text[i + 1], text[i]
    return other


def beam(weights: Floats, usable: int, width: int = 24, pruned: float = 1e-4) -> list[tuple[int, ...]]:
    """The likeliest texts, best first: prefix beam search (Hannun et al., 2014) without a language model.

    Args:
        weights: T x C as for `scores`.
        usable: number of leading columns that may stand in a text.
        width: prefixes kept at each step.
        pruned: columns below this at a step are not tried there.
    """
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}
    for step in weights:
        grown: dict[tuple[int, ...], tuple[float, float]] = {}
        likely = [column for column in np.flatnonzero(step[:usable] >= pruned).tolist() if column]
        for prefix, (blank, ink) in beams.items():
            last = prefix[-1] if prefix else 0
            kept_blank, kept_ink = grown.get(prefix, (0.0, 0.0))
            kept_ink += ink * float(step[last]) if prefix else 0.0
            grown[prefix] = (kept_blank + (blank + ink) * float(step[0]), kept_ink)
            for column in likely:
                longer = (*prefix, column)
                source = blank if column == last else blank + ink
                old_blank, old_ink = grown.get(longer, (0.0, 0.0))
                grown[longer] = (old_blank, old_ink + source * float(step[column]))
        best = sorted(grown.items(), key=lambda item: -sum(item[1]))[:width]
        scale = max(sum(best[0][1]), 1e-300)
        beams = {prefix: (blank / scale, ink / scale) for prefix, (blank, ink) in best}
    return list(beams)
