"""How descriptions are written: one region a line, boxes to a hundredth of a millimetre."""

from __future__ import annotations

from typing import Any

import yaml

from scanservice.geometry import Box


def flow(value: Any) -> str:
    """A value on one line of YAML, as a person would write it."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**6)
    return text.removesuffix("\n").removesuffix("\n...")


def rounded(box: Box) -> list[float]:
    """A box as a description holds it."""
    return [round(value, 2) for value in (box.left, box.top, box.right, box.bottom)]
