"""Rates hold across processes, and come back with time."""

from __future__ import annotations

from sqlalchemy import func, select

from scanservice.service import housekeeping
from scanservice.service.tables import rates
from scanservice.web.rates import Limiter
from tests.service.world import World

MINUTE = 60_000


def uses(world: World, limiters: list[Limiter], most: int, tried: int) -> int:
    """How many of some tries are let through, turn by turn by each process."""
    took = [limiters[i % len(limiters)].use(world.services, "b", most, MINUTE) for i in range(tried)]
    return sum(wait == 0 for wait in took)


def test_two_processes_share_a_rate(world: World) -> None:
    assert uses(world, [Limiter(), Limiter()], 10, 40) == 10


def test_of_a_generous_rate_a_process_takes_a_share_at_a_time(world: World) -> None:
    first, second = Limiter(), Limiter()
    assert uses(world, [first, second], 200, 400) == 200
    with world.services.db.read() as tx:
        assert tx.value(select(rates.c.uses)) == 200


def test_a_refusal_says_when_and_it_is_so(world: World) -> None:
    limiter = Limiter()
    uses(world, [limiter], 10, 10)
    wait = limiter.use(world.services, "b", 10, MINUTE)
    assert 0 < wait <= MINUTE
    world.clock.wait(seconds=wait / 1000 + MINUTE / 1000 * 0.15)
    assert uses(world, [limiter], 10, 5) >= 1
    assert uses(world, [limiter], 10, 40) < 10, "what was used in the period before counts in part"


def test_others_are_not_held_up(world: World) -> None:
    limiter = Limiter()
    uses(world, [limiter], 3, 9)
    assert limiter.use(world.services, "another", 3, MINUTE) == 0


def test_what_counts_no_more_is_forgotten(world: World) -> None:
    uses(world, [Limiter()], 10, 5)
    world.clock.wait(seconds=180)
    housekeeping.tidy(world.services)
    with world.services.db.read() as tx:
        assert tx.value(select(func.count()).select_from(rates)) == 0
