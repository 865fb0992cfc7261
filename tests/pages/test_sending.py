"""Files sent piece by piece at a student's link: offsets, bounds, whose they are."""

from __future__ import annotations

import os
import time

import pytest
from httpx2 import Response

from scanservice.service import housekeeping, links
from scanservice.service.times import HOUR
from tests.service.world import World

PIECE = {"Content-Type": "application/partial-upload"}


def link(world: World, case: str = "c-1") -> str:
    world.put_case(case)
    with world.services.db.write() as tx:
        return f"/u/{links.create_link(tx, world.services.vault, case, HOUR).token}"


def begin(world: World, home: str, length: int) -> Response:
    return world.client.post(f"{home}/parts", headers={"Upload-Length": str(length)})


def piece(world: World, address: str, offset: int, data: bytes) -> Response:
    return world.client.patch(address, content=data, headers={**PIECE, "Upload-Offset": str(offset)})


def finish(world: World, home: str, *addresses: str) -> Response:
    parts = [address.rpartition("/")[2] for address in addresses]
    return world.client.post(f"{home}/scans", json={"parts": parts}, headers={"Accept": "application/json"})


def spooled(world: World) -> list[str]:
    return [path.name for path in housekeeping.spool(world.services).iterdir()]


def test_pieces_make_a_scan(world: World) -> None:
    home = link(world)
    address = begin(world, home, 11).headers["location"]
    assert piece(world, address, 0, b"in order").headers["upload-offset"] == "8"
    asked = world.client.head(address)
    assert (asked.headers["upload-offset"], asked.headers["upload-complete"]) == ("8", "?0")
    assert finish(world, home, address).status_code == 422
    assert piece(world, address, 8, b"\nx\n").headers["upload-complete"] == "?1"
    assert finish(world, home, address).status_code == 202
    assert spooled(world) == []
    assert finish(world, home, address).json()["next"] == home, "an answer that was lost costs nothing"
    assert begin(world, home, 5).status_code == 410


@pytest.mark.parametrize("offset", [0, 3, 9, 400])
def test_a_piece_that_does_not_fit_on_is_refused_with_where_it_would(world: World, offset: int) -> None:
    address = begin(world, link(world), 20).headers["location"]
    piece(world, address, 0, b"in order")
    refused = piece(world, address, offset, b"more")
    assert (refused.status_code, refused.headers["upload-offset"]) == (409, "8")


def test_nothing_beyond_its_length_is_taken(world: World) -> None:
    address = begin(world, link(world), 4).headers["location"]
    assert piece(world, address, 0, b"in order").status_code == 413
    assert world.client.head(address).headers["upload-offset"] == "0"


def test_a_link_reaches_its_own_files_only(world: World) -> None:
    mine, other = link(world), link(world, "c-2")
    address = begin(world, mine, 8).headers["location"]
    part = address.rpartition("/")[2]
    assert world.client.head(f"{other}/parts/{part}").status_code == 404
    assert piece(world, f"{other}/parts/{part}", 0, b"in order").status_code == 404
    piece(world, address, 0, b"in order")
    assert finish(world, other, address).status_code == 404
    assert world.client.head("/u/link_unknown/parts/" + part).status_code == 410


def test_room_is_bounded_and_the_oldest_makes_way(world: World) -> None:
    home, most = link(world), world.services.settings.max_files
    assert begin(world, home, world.services.settings.max_file_bytes + 1).status_code == 413
    assert begin(world, home, 0).status_code == 422
    addresses = [begin(world, home, 10).headers["location"] for _ in range(most + 3)]
    assert len(spooled(world)) == most
    assert world.client.head(addresses[0]).status_code == 404
    assert world.client.head(addresses[-1]).status_code == 204
    too_much = world.services.settings.max_upload_bytes // world.services.settings.max_file_bytes + 1
    for _ in range(too_much):
        begin(world, home, world.services.settings.max_file_bytes)
    lengths = [int(name.rpartition("-")[2]) for name in spooled(world)]
    assert sum(lengths) <= world.services.settings.max_upload_bytes


def test_what_is_never_finished_is_swept(world: World) -> None:
    address = begin(world, link(world), 10).headers["location"]
    (name,) = spooled(world)
    housekeeping.remove_orphans(world.services)
    assert world.client.head(address).status_code == 204
    old = time.time() - 2 * 24 * 3600
    os.utime(housekeeping.spool(world.services) / name, (old, old))
    housekeeping.remove_orphans(world.services)
    assert world.client.head(address).status_code == 404


@pytest.mark.parametrize(
    "body", ["", "[]", '{"parts": []}', '{"parts": ["../x"]}', '{"parts": ["a"], "b": 1}']
)
def test_a_list_of_parts_that_is_none(world: World, body: str) -> None:
    home = link(world)
    json = {"Content-Type": "application/json", "Accept": "application/json"}
    assert world.client.post(f"{home}/scans", content=body, headers=json).status_code == 422
