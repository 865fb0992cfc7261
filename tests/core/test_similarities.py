"""Several papers compared at once are told apart as one by one."""

from __future__ import annotations

from scanservice.fingerprint_index import similarities, similarity
from tests.detect.marks.test_fingerprints import made


def test_each_of_several_is_as_alike_as_by_itself() -> None:
    mine = made(1)
    others = [
        made(2),
        made(1, noise=0.05),
        made(1, key=b"form-two"),
        made(1, unseen=2),
        made(1, noise=0.2, unseen=0),
        mine,
    ]
    found = similarities(mine, others)
    assert found == [similarity(mine, other) for other in others]
    assert found[2] == 0
    assert found[5] > 0.999 > found[1] > found[4] > found[0]
    assert similarities(mine, []) == []
