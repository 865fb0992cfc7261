"""The national layout of the paper agreement, 全国普通高等学校毕业生就业协议书, and its editions.

Every university prints this layout with its own issuer lines, numbering and small changes of rows; an
`Edition` names what differs. Three pages: cover, agreement table, clauses.
"""

from __future__ import annotations

from forms.national.agreement import agreement
from forms.national.clauses import clauses
from forms.national.cover import cover
from forms.national.edition import TITLE, Edition, Serial
from forms.sheet import Sheet


def sheets(edition: Edition) -> list[Sheet]:
    """The three pages of an edition."""
    return [cover(edition), agreement(edition), clauses(edition)]


__all__ = ["TITLE", "Edition", "Serial", "sheets"]
