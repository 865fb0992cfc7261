"""A season in figures, and how often each check was right."""

from __future__ import annotations

from scanservice.service import corrections, statistics
from scanservice.service.statistics import quantiles
from tests.service.world import GOOD, START, World

DAY = 86_400_000


def test_a_season(world: World) -> None:
    for number in range(3):
        world.put_case(f"c-{number}")
    first = world.checked("c-0", GOOD)
    second = world.checked("c-1", "employer 另一家")
    world.clock.wait(days=1)
    world.upload("c-2", "page")
    world.decide(world.scan(first["scan"]), "approve")
    world.decide(world.scan(second["scan"]), "approve")
    with world.services.db.read() as tx:
        found = statistics.season(tx, START, START + 3 * DAY, "Asia/Shanghai")
        quality = {check.code: check for check in statistics.check_quality(tx, START)}
        turned = statistics.overturned(tx, START)
        people = statistics.decided_by(tx, START)
    assert found.days == {"2018-12-25": {"pass": 1, "return": 1}, "2018-12-26": {"none": 1}}
    assert found.findings == [("field-differs", 1)]
    assert found.decisions == {"approve": 2}
    assert found.to_decision.median >= DAY
    assert (quality["field-differs"].approved, quality["field-differs"].agreement) == (1, 0.0)
    assert turned == {("pass", "approve"): 1, ("return", "approve"): 1}
    assert sum(people.values()) == 2


def test_a_correction_is_kept_as_a_label(world: World) -> None:
    world.put_case()
    scan = world.checked("c-1", "employer 另一家")
    with world.services.db.write() as tx:
        corrections.add_correction(
            tx,
            scan["scan"],
            region="employer",
            code="field-differs",
            said="differ",
            right="agree",
            actor="account:li",
        )
    with world.services.db.read() as tx:
        (label,) = corrections.list_corrections(tx)
        (check,) = statistics.check_quality(tx, START)
    assert (label["said"], label["right"], label["verdict_version"]) == ("differ", "agree", 1)
    assert (check.code, check.corrected, check.raised) == ("field-differs", 1, 0)


def test_quantiles() -> None:
    assert quantiles([]).count == 0
    assert (quantiles(range(101)).median, quantiles(range(101)).p95) == (50, 95)
