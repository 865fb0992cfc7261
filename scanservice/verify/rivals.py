"""Characters that a hand, or a reader, takes for one another by their shape."""

from __future__ import annotations

from functools import cache

GROUPS: tuple[str, ...] = tuple(
    ("0O 06 17 1L 38 35 56 49 79 27 2Z 5S 8B 己已巳 日曰 未末 土士 干千于 人入八 天夭 戊戌戍 大太犬").split(" ")
)


@cache
def _partners() -> dict[str, frozenset[str]]:
    partners: dict[str, set[str]] = {}
    for members in GROUPS:
        for member in members:
            partners.setdefault(member, set()).update(set(members) - {member})
    return {member: frozenset(others) for member, others in partners.items()}


def alike(one: str, other: str) -> bool:
    """Whether two characters look alike."""
    return other in _partners().get(one, frozenset())
