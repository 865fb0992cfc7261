"""Pixels to evidence: which form, where, how well to be judged, and the marks on it."""

from scanservice.detect.measure import Measured, measure

__all__ = ["Measured", "measure"]
