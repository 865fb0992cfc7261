"""Signatures: ink by hand in its place, and not a stray line, a printed name or a neighbour's writing."""

from __future__ import annotations

import numpy as np

from scanservice.detect.canvas import Canvas, Plane
from scanservice.detect.handwriting import StrokeLook, by_hand, stroke_look
from scanservice.detect.regionink import RegionInk
from scanservice.evidence import SignatureMark
from scanservice.geometry import Box

JOINED_PRINT = 0.3
"""Where all is joined in one piece, the feet and heights of characters tell nothing, and a person looks: a
small signature that a chat's compression had blurred was called print."""
LEAST_DEPTH_MM = 2.6
"""A signature reaches this far into its place from top to bottom; a neighbour's overflow hugs an edge."""


def signature_mark(canvas: Canvas, writing: Plane, ink: RegionInk, box: Box) -> SignatureMark:
    """Probability that a hand signed in a box, from the ink that belongs to it."""
    extent = ink.extent(canvas)
    if extent is None:
        return SignatureMark(0.0)
    window = ink.rows, ink.columns
    presence = presence_of(stroke_look(ink.mask, writing[window], canvas.blueness[window]))
    depth = extent.clipped(box).height
    return SignatureMark(round(min(presence, _chance(6.0 * (depth - LEAST_DEPTH_MM))), 4), extent)


def presence_of(look: StrokeLook) -> float:
    """Probability of a signature from the look of the ink.

    A signature covers some area, spreads in two directions and turns: a stray line is thin across its
    own direction however long it is. That it is no print is told apart.
    """
    evidence = min(1.5 * (look.area - 6.0), 14.0 * (look.spread - 0.55), 16.0 * (look.turns - 0.62))
    hand = by_hand(look)
    if look.ragged == 0.0 and look.uneven == 0.0:
        hand = max(hand, JOINED_PRINT)
    return min(_chance(evidence), hand)


def _chance(evidence: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(evidence, -30, 30))))
