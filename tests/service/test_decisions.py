"""Decisions are made on what was seen, kept for good, and told when they stand."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from scanservice.service import accounts
from scanservice.service.decisions import Decision, Reason, decide, undo
from scanservice.service.refusals import RefusedError
from tests.service.world import GOOD, World


def test_an_approval_needs_both_ticks(world: World) -> None:
    world.put_case()
    scan = world.checked("c-1", GOOD)
    refused = world.decide(scan, "approve", documents_seen=False)
    assert (refused.status_code, refused.json()["missing"]) == (422, ["documents_seen"])
    assert world.decide(scan, "approve").status_code == 200
    now = world.scan(scan["scan"])
    assert (now["state"], now["verdict"]["final"], now["decision"]["announces"]) == ("decided", True, "filed")


def test_a_return_needs_a_reason(world: World) -> None:
    world.put_case()
    scan = world.checked("c-1", GOOD)
    assert world.decide(scan, reasons=[]).json()["missing"] == ["reasons"]


def test_a_decision_on_a_stale_version_is_refused_with_what_changed(world: World) -> None:
    world.put_case()
    seen = world.checked("c-1", GOOD)
    world.put_case(entry__employer_name="另一家公司")
    refused = world.decide(seen, "approve")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/stale-version")
    changed = refused.json()["changed"]
    assert changed["verdict"] == {"from": "pass", "to": "return"}
    assert [finding["code"] for finding in changed["findings"]["added"]] == ["field-differs"]
    assert world.decide(world.scan(seen["scan"])).status_code == 200


def test_of_two_reviewers_the_second_hears_of_the_first(world: World) -> None:
    world.put_case()
    seen = world.checked("c-1", GOOD)
    assert world.decide(seen).status_code == 200
    refused = world.decide(seen, "approve")
    assert refused.json()["changed"]["decisions"][0]["decision"] == "return"


def test_no_decision_while_new_facts_are_weighed(world: World) -> None:
    world.put_case()
    scan = world.checked("c-1", GOOD)
    from scanservice.service import cases

    with world.services.db.write() as tx:
        cases.question(tx, scan["scan"], "facts")
    refused = world.decide(world.scan(scan["scan"]))
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/being-judged")


def test_the_version_may_come_as_if_match(world: World) -> None:
    world.put_case()
    scan = world.checked("c-1", GOOD)
    path = f"/v1/scans/{scan['scan']}/decision"
    tag = world.call("GET", f"/v1/scans/{scan['scan']}").headers["etag"]
    body = {"decision": "return", "reasons": [{"code": "photocopy", "text": "是复印件"}]}
    assert world.call("POST", path, json=body).status_code == 422
    assert world.call("POST", path, json=body, headers={"If-Match": '"99"'}).status_code == 409
    assert world.call("POST", path, json=body, headers={"If-Match": tag}).status_code == 200


def test_a_decision_is_told_once(world: World) -> None:
    world.put_case()
    scan = world.checked("c-1", GOOD)
    world.decide(scan, "retake", pages=[0])
    told = [event for event in world.events() if event["type"] == "scan.decided"]
    assert len(told) == 1
    assert (told[0]["data"]["decision"], told[0]["data"]["pages"]) == ("retake", [0])


def by(login: str, scan: dict) -> Decision:
    return Decision(scan["scan"], scan["version"], "return", f"account:{login}", [Reason(None, "x")])


def test_a_reviewer_may_take_a_decision_back_for_a_while(world: World) -> None:
    world.put_case()
    scan = world.checked("c-1", GOOD)
    with world.services.db.write() as tx:
        made = decide(tx, by("li", scan), undo_ms=5000)
    world.deliver()
    assert len(world.events()) == 1, "nobody is told yet"
    with world.services.db.write() as tx, pytest.raises(RefusedError, match="too-late"):
        undo(tx, made.id, "account:wang")
    with world.services.db.write() as tx:
        undo(tx, made.id, "account:li")
    world.clock.wait(seconds=10)
    world.deliver()
    now = world.scan(scan["scan"])
    assert (now["state"], now["decision"], len(world.events())) == ("checked", None, 1)
    kept = world.call("GET", f"/v1/scans/{scan['scan']}/history").json()["decisions"]
    assert [entry["decision"] for entry in kept] == ["return", "undo"]


def test_later_it_stands(world: World) -> None:
    world.put_case()
    scan = world.checked("c-1", GOOD)
    with world.services.db.write() as tx:
        made = decide(tx, by("li", scan), undo_ms=5000)
    world.clock.wait(seconds=10)
    world.deliver()
    assert [event["type"] for event in world.events()] == ["scan.checked", "scan.decided"]
    with world.services.db.write() as tx, pytest.raises(RefusedError, match="too-late"):
        undo(tx, made.id, "account:li")


def test_a_person_decides_with_a_session(world: World) -> None:
    world.put_case()
    scan = world.checked("c-1", GOOD)
    with world.services.db.write() as tx:
        accounts.create_account(tx, "li", "a good long password", "reviewer")
    token = accounts.log_in(
        world.services.db, world.services.settings, world.services.vault, "li", "a good long password"
    )
    assert token is not None
    desk = TestClient(world.client.app, cookies={"scanservice_session": token})
    body = {"version": scan["version"], "decision": "return", "reasons": ["看不清"]}
    assert desk.post(f"/v1/scans/{scan['scan']}/decision", json=body).status_code == 200
    assert world.scan(scan["scan"])["decision"]["decided_by"] == "account:li"
    assert len(world.events()) == 1, "it is told when it can no longer be undone"


def test_the_queue_is_searched_and_counted(world: World) -> None:
    for number, name in enumerate(["张海洋", "李明", "王芳"]):
        world.put_case(f"c-{number}", student__name=name, student__number=f"2116{number}")
        world.checked(f"c-{number}", GOOD if number else "employer 另一家")

    def found(**params) -> list[str]:
        listed = world.call("GET", "/v1/queue", params=params).json()["scans"]
        return [scan["student"]["name"] for scan in listed]

    assert found() == ["张海洋", "李明", "王芳"]
    assert found(order="newest") == ["王芳", "李明", "张海洋"]
    assert found(search="海洋") == ["张海洋"]
    assert found(search="21161") == ["李明"]
    assert found(verdict="return") == ["张海洋"]
    assert found(finding="scan-reused") == ["王芳"]
    assert found(college="没有这个学院") == []
    assert found(waited_hours=1) == []
    counts = world.call("GET", "/v1/queue").json()["counts"]
    assert counts["verdicts"] == {"return": 1, "pass": 1, "review": 1}
    first = world.call("GET", "/v1/queue", params={"limit": 2}).json()
    assert found(after=first["next"]) == ["王芳"]
