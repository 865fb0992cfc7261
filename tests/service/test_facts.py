"""A case whose facts change is judged again from what was seen, without the picture."""

from __future__ import annotations

import json

import pytest

from scanservice.service.tables import cases, scan_files
from tests.service.world import GOOD, START, World, a_case


def test_new_facts_give_a_new_verdict_in_the_same_call(world: World) -> None:
    world.put_case()
    scan = world.checked("c-1", GOOD)
    assert scan["verdict"]["verdict"] == "pass"
    put = world.put_case(entry__employer_name="另一家公司")
    assert (put["rejudged"], put["facts_version"]) == (True, 2)
    assert put["scan"]["verdict_kind"] == "return"
    now = world.scan(scan["scan"])
    assert now["verdict"]["findings"][0]["code"] == "field-differs"
    assert [event["data"]["verdict"] for event in world.events()] == ["pass", "return"]


def test_the_picture_is_not_needed(world: World) -> None:
    world.put_case()
    scan = world.checked("c-1", GOOD)
    with world.services.db.read() as tx:
        for row in tx.all(scan_files.select()):
            world.services.blobs.delete(row.blob_key)
    assert world.put_case(entry__employer_name="另一家公司")["scan"]["verdict_kind"] == "return"
    assert world.scan(scan["scan"])["verdict"]["input_sha256"] == scan["verdict"]["input_sha256"]


def test_the_same_facts_again_change_nothing(world: World) -> None:
    world.put_case()
    scan = world.checked("c-1", GOOD)
    put = world.put_case()
    assert (put["changed"], put["rejudged"], put["facts_version"]) == (False, False, 1)
    assert world.scan(scan["scan"])["version"] == scan["version"]


def test_facts_that_change_no_verdict_tell_nobody(world: World) -> None:
    world.put_case()
    scan = world.checked("c-1", GOOD)
    assert world.put_case(student__college="化学化工学院")["rejudged"]
    now = world.scan(scan["scan"])
    assert now["verdict_version"] == 1
    assert not now["being_judged"]
    assert len(world.events()) == 1


def test_facts_that_change_while_the_picture_is_looked_at(world: World) -> None:
    world.put_case()
    scan = world.upload("c-1", GOOD).json()["scan"]
    with world.services.db.write() as tx:
        # As the check would see it: the facts move on between its first and its last transaction.
        tx.run(cases.update().values(facts_version=2))
    from scanservice.service import jobs, judging, looking

    with world.services.db.write() as tx:
        job = jobs.claim(tx, "w", ("check",), world.services.lease_ms)
        assert job is not None
    with world.services.db.read() as tx:
        task = looking.read_task(tx, world.services, scan)
    assert task is not None
    outcome = looking.judged(world.services, world.services.bench, task, pictures=True)
    world.put_case(entry__employer_name="另一家公司")
    judging._conclude(world.services, job, task, outcome)
    assert world.scan(scan)["verdict"]["verdict"] == "pass"
    world.work()
    assert world.scan(scan)["verdict"]["verdict"] == "return"


def test_words_come_in_the_language_asked_for(world: World) -> None:
    world.put_case(entry__employer_name="另一家公司")
    scan = world.checked("c-1", GOOD)
    english = world.scan(scan["scan"], lang="en")["verdict"]["findings"][0]
    chinese = world.scan(scan["scan"])["verdict"]["findings"][0]
    assert english["params"] == chinese["params"]
    assert english["message"] != chinese["message"]
    assert english["message"].isascii() or "“" in english["message"]


def test_today_is_the_day_at_the_school(world: World) -> None:
    from scanservice.service.times import day

    assert day(START, "Asia/Shanghai").isoformat() == "2018-12-25"
    evening_in_utc = START - START % 86_400_000 + 17 * 3_600_000
    assert day(evening_in_utc, "Asia/Shanghai").isoformat() == "2018-12-26"


def test_the_verdict_names_what_it_was_made_with(world: World) -> None:
    world.put_case()
    scan = world.checked("c-1", GOOD)
    (version,) = world.call("GET", f"/v1/scans/{scan['scan']}/history").json()["verdicts"]
    assert (version["rules_version"], version["template_version"]) == ("1", "0" * 64)
    assert (version["facts_version"], version["cause"]) == (1, "check")


def test_every_mistake_in_a_case_is_named_at_once(world: World) -> None:
    wrong = a_case(workflow__state="nowhere", student__name=None)
    answer = world.call("PUT", "/v1/cases/c-1", json=wrong)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/case-invalid")
    assert {error["path"] for error in answer.json()["errors"]} == {"student.name", "workflow.state"}


def test_a_case_of_another_id_is_refused(world: World) -> None:
    answer = world.call("PUT", "/v1/cases/c-2", json=a_case("c-1"))
    assert answer.json()["type"] == "/problems/case-id-differs"


def test_a_file_seen_under_another_case_is_reused(world: World) -> None:
    world.put_case("c-1")
    world.put_case("c-2")
    first = world.checked("c-1", GOOD)
    second = world.checked("c-2", GOOD)
    assert second["scan"] != first["scan"]
    assert [finding["code"] for finding in second["verdict"]["findings"]] == ["scan-reused"]
    assert "c-1" not in str(second["verdict"]["findings"]), "the other case is for reviewers alone"
    assert world.scan(first["scan"])["verdict"]["findings"] == []


def test_ink_seen_under_another_case_is_reused(world: World) -> None:
    world.put_case("c-1")
    world.put_case("c-2")
    world.checked("c-1", "ink 8c1f\nfirst picture")
    second = world.checked("c-2", "ink 8c1f\nphotographed again")
    assert [finding["code"] for finding in second["verdict"]["findings"]] == ["scan-reused"]


def test_a_seal_seen_under_another_case_is_named_to_the_reviewer(world: World) -> None:
    from scanservice.service import scans

    world.put_case("c-1")
    world.put_case("c-2")
    first = world.checked("c-1", "seal round\nfirst")
    second = world.checked("c-2", "seal round\nsecond")
    with world.services.db.read() as tx:
        (inside,) = scans.internal_of(tx, scans.get_scan(tx, second["scan"]))
    assert inside == {"kind": "seal", "case": "c-1", "scan": first["scan"]}


def test_an_erased_paper_is_not_remembered(world: World) -> None:
    world.put_case("c-1")
    world.put_case("c-2")
    world.checked("c-1", "ink 8c1f\nfirst picture")
    assert world.call("DELETE", "/v1/cases/c-1").json()["scans_erased"] == 1
    assert world.checked("c-2", "ink 8c1f\nphotographed again")["verdict"]["findings"] == []


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800"])
def test_text_that_no_database_takes(world: World, text: str) -> None:
    body = json.dumps(a_case(student__name=text, student__number=text))
    answer = world.call("PUT", "/v1/cases/c-1", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (201, 400, 422)
