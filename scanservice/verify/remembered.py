"""Results kept beside the object that they were worked out from, for as long as it lives."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

Owner = TypeVar("Owner")
Result = TypeVar("Result")


class Remembered(Generic[Owner, Result]):
    """A region is weighed while it is read, to see whether a doubt is left, and again when it is judged.

    What was found the first time is kept with the scan's own posteriors, which nobody changes, and goes
    with them: nothing of a scan outlives it.
    """

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Owner, dict[Hashable, Result]] = WeakKeyDictionary()

    def get(self, owner: Owner, key: Hashable, make: Callable[[], Result]) -> Result:
        """The result for a key; made when it is first asked for.

        Args:
            owner: compared by identity; must not be referred to by the result, or neither would ever go.
            key: everything else that the result depends on.
        """
        results = self._known.setdefault(owner, {})
        if key not in results:
            results[key] = make()
        return results[key]
