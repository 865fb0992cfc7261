"""Characters that a hand, or a reader, takes for one another by their shape."""

from __future__ import annotations

from functools import cache
from importlib import resources

WRITTEN = (
    *("06", "17", "27", "35", "38", "49", "56", "79", "08", "14", "69", "89"),
    *("0O", "0D", "1I", "1L", "2Z", "5S", "8B", "6G", "CG", "UV", "VY", "PF", "MN", "KX", "WM"),
    *("己已巳", "日曰", "戊戌戍成", "千干于", "天夭", "贝见", "人入八", "土士", "未末"),
)
"""Groups that run into one another when written fast, whatever their printed shapes."""


@cache
def _partners() -> dict[str, frozenset[str]]:
    """`data/alike.txt` (shapes of print and pen faces, benchmarks/calibration/look_alikes) and `WRITTEN`."""
    text = resources.files("scanservice.verify").joinpath("data", "alike.txt").read_text(encoding="utf-8")
    partners: dict[str, set[str]] = {}
    for line in text.splitlines():
        character, _, others = line.partition(" ")
        partners[character] = set(others)
    for members in WRITTEN:
        for member in members:
            partners.setdefault(member, set()).update(set(members) - {member})
    return {member: frozenset(others) for member, others in partners.items()}


def alike(one: str, other: str) -> bool:
    """Whether two characters look alike."""
    partners = _partners()
    return other in partners.get(one, ()) or one in partners.get(other, ())
