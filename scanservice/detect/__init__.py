"""Pixels to evidence: which form, where, how well to be judged, and the marks on it."""
