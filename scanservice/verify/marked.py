"""Corrections by the pen, as the tuned reader sees them: it was trained to put `MARK` where one is."""

from __future__ import annotations

import numpy as np

from scanservice.evidence import Posterior
from scanservice.verify.dense import Floats
from scanservice.verify.preparing import FIRST
from scanservice.verify.recogniser import TUNED, recogniser
from scanservice.verify.tuned import MARK

WHOLE = (f"{TUNED}/{FIRST.name}", f"{TUNED}/{FIRST.name}-together")
"""The looks that count, at a line as it is; one drawn wider or cut in parts shows what is none."""


def marks(look: Posterior) -> Floats:
    """The probability of a correction at each step of a look; 0 where it is not the tuned reader's."""
    if look.source not in WHOLE:
        return np.zeros(len(look.symbols))
    own = look.symbols == recogniser().characters.index(MARK)
    return np.where(own, np.exp(look.log_probs.astype(np.float64)), 0.0).sum(axis=1)
