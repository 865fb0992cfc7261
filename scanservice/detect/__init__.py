"""Pixels to evidence: which form, where, how well to be judged, and the marks on it."""

from scanservice.detect.layout import find
from scanservice.detect.library import Library, build_library
from scanservice.detect.library_cache import cached_library
from scanservice.detect.measure import Measured, measure
from scanservice.detect.streaks import without_streaks

__all__ = ["Library", "Measured", "build_library", "cached_library", "find", "measure", "without_streaks"]
