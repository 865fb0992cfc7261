"""The table of who may call what, walked with every kind of caller."""

from __future__ import annotations

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from scanservice.service import accounts, keys
from scanservice.service.keys import SCOPES
from scanservice.web import api
from scanservice.web.access import ACCESS
from tests.service.world import World, a_case

PASSWORD = "a good long password"


@pytest.fixture
def storage() -> dict[str, str]:
    """Who may call has nothing to do with where rows lie."""
    return {}


def routes() -> list[tuple[str, str]]:
    found = []
    for part in api.PARTS:
        for route in part.router.routes:
            assert isinstance(route, APIRoute)
            found += [(method, route.path) for method in sorted(route.methods)]
    return found


def test_every_call_is_in_the_table_and_every_line_is_a_call() -> None:
    assert {f"{method} {path}" for method, path in routes()} == set(ACCESS)


def test_every_scope_is_of_use() -> None:
    assert {access.scope for access in ACCESS.values() if access.scope} == set(SCOPES)


@pytest.fixture
def known(world: World) -> dict[str, str]:
    """Something for every address to name."""
    world.put_case()
    world.put_case("c-2")
    scan = world.checked()["scan"]
    other = world.checked("c-2")["scan"]
    names = {"number": "0", "serial": "1", "name": "main", "delivery": "1", "rerun": "rerun_1"}
    return {"case": "c-1", "scan": scan, "other": other, "type": "internal", **names}


def address(path: str, known: dict[str, str]) -> str:
    return path.format(**known)


def refusal(answer) -> str | None:
    """`not-authenticated` or `not-allowed`, where the caller was turned away; whatever else came of it."""
    if answer.headers.get("content-type") == "application/problem+json":
        name = answer.json()["type"].removeprefix("/problems/")
        return name if name in ("not-authenticated", "not-allowed") else None
    return None


def call(
    client: TestClient, line: str, known: dict[str, str], headers: dict[str, str] | None = None
) -> str | None:
    method, path = line.split(" ")
    return refusal(client.request(method, address(path, known), headers=headers or {}))


def test_nobody_may_only_what_is_public(world: World, known: dict[str, str]) -> None:
    for line, access in ACCESS.items():
        expected = None if access.public else "not-allowed" if access.operator else "not-authenticated"
        assert call(world.client, line, known) == expected, line


def test_a_key_may_what_its_scope_says_and_nothing_else(world: World, known: dict[str, str]) -> None:
    for scope in SCOPES:
        with world.services.db.write() as tx:
            text = keys.create_key(tx, world.services.vault, scope, [scope])
        for line, access in ACCESS.items():
            if access.public or access.operator or access.scope == "erase":
                continue
            found = call(world.client, line, known, {"Authorization": f"Bearer {text}"})
            assert found == (None if access.scope == scope else "not-allowed"), f"{scope}: {line}"


def test_only_the_scope_for_it_erases(world: World, known: dict[str, str]) -> None:
    with world.services.db.write() as tx:
        most = keys.create_key(tx, world.services.vault, "most", [s for s in SCOPES if s != "erase"])
    assert (
        call(world.client, "DELETE /v1/cases/{case}", known, {"Authorization": f"Bearer {most}"})
        == "not-allowed"
    )
    assert (
        call(world.client, "DELETE /v1/cases/{case}", known, {"Authorization": f"Bearer {world.key}"}) is None
    )


@pytest.mark.parametrize("role", ["reviewer", "admin"])
def test_a_person_may_what_the_role_says(world: World, known: dict[str, str], role: str) -> None:
    with world.services.db.write() as tx:
        accounts.create_account(tx, role, PASSWORD, role)  # type: ignore[arg-type]
    token = accounts.log_in(world.services.db, world.services.settings, world.services.vault, role, PASSWORD)
    desk = TestClient(world.client.app, cookies={"scanservice_session": token or ""})
    for line, access in ACCESS.items():
        if access.public or access.operator or line.startswith("DELETE /v1/cases"):
            continue
        assert call(desk, line, known) == (None if role in access.roles else "not-allowed"), line


def link_for(world: World, case: str) -> dict[str, str]:
    token = world.call("POST", f"/v1/cases/{case}/links").json()["token"]
    return {"Authorization": f"Bearer {token}"}


def test_a_link_may_upload_once_and_then_see_its_own_scan(world: World) -> None:
    world.put_case()
    student = link_for(world, "c-1")
    files = {"files": ("a.txt", b"page")}
    sent = world.client.post("/v1/cases/c-1/scans", files=files, headers=student)
    assert sent.status_code == 202
    world.work()
    shown = world.client.get(sent.json()["href"], headers=student)
    assert shown.json()["verdict"]["case"] == "c-1"
    assert world.client.get(f"{sent.json()['href']}/pages/0", headers=student).status_code == 200
    second = world.client.post("/v1/cases/c-1/scans", files={"files": ("b.txt", b"other")}, headers=student)
    assert (second.status_code, second.json()["type"]) == (410, "/problems/link-spent")
    assert len(world.call("GET", "/v1/cases/c-1/scans").json()["scans"]) == 1


def test_a_link_shows_nothing_about_anyone_else(world: World, known: dict[str, str]) -> None:
    student = link_for(world, "c-1")
    for line, access in ACCESS.items():
        method, path = line.split(" ")
        if access.public or access.operator:
            continue
        if access.link == "no":
            assert call(world.client, line, known, student) == "not-allowed", line
            continue
        theirs = address(path, {**known, "case": "c-2", "scan": known["other"]})
        missing = address(path, {**known, "case": "no-such", "scan": "scan_0"})
        files = {"files": ("a.txt", b"page")} if method == "POST" else None
        one = world.client.request(method, theirs, headers=student, files=files)
        two = world.client.request(method, missing, headers=student, files=files)
        assert one.status_code == 404, line
        assert one.json() == two.json(), f"{line} tells others' things from what is not there"


def test_an_expired_link_is_nobodys(world: World) -> None:
    world.put_case()
    made = world.call("POST", "/v1/cases/c-1/links", json={"hours": 1}).json()
    assert made["url"].endswith(f"/u/{made['token']}")
    world.clock.wait(seconds=3700)
    answer = world.client.post(
        "/v1/cases/c-1/scans",
        files={"files": ("a.txt", b"page")},
        headers={"Authorization": f"Bearer {made['token']}"},
    )
    assert answer.status_code == 401


def test_a_revoked_key_is_nobodys(world: World) -> None:
    with world.services.db.write() as tx:
        text = keys.create_key(tx, world.services.vault, "old")
        keys.revoke_key(tx, text.split("_")[1])
    assert world.call("GET", "/v1/queue", key=text).status_code == 401
    assert world.call("GET", "/v1/queue", key=world.key[:-1] + "x").status_code == 401


def test_no_secret_is_stored_as_it_is(world: World) -> None:
    world.put_case()
    link = world.call("POST", "/v1/cases/c-1/links").json()["token"]
    hook = world.call("PUT", "/v1/hooks/main", json={"url": "http://127.0.0.1:9/x"}).json()["secret"]
    with world.services.db.write() as tx:
        accounts.create_account(tx, "li", PASSWORD)
    session = accounts.log_in(
        world.services.db, world.services.settings, world.services.vault, "li", PASSWORD
    )
    world.services.db.engine.dispose()
    files = world.services.settings.data.glob("scanservice.db*")
    stored = b"".join(file.read_bytes() for file in files)
    assert b"c-1" in stored
    for secret in (link, hook, PASSWORD, session or "", world.key.split("_", 2)[2]):
        assert secret.encode() not in stored


def local(world: World, **headers: str) -> int:
    """The answer's status to a caller on this machine without a key."""
    client = TestClient(world.client.app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 40000))
    return client.put("/v1/cases/c-9", json=a_case("c-9"), headers=headers).status_code


def test_before_the_first_key_this_machine_may_call(world: World) -> None:
    assert local(world) == 401, "a key was made"
    with world.services.db.write() as tx:
        tx.run(keys.api_keys.delete())
    assert local(world) == 201
    assert local(world, **{"X-Forwarded-For": "203.0.113.9"}) == 401, "not through a proxy"
    assert local(world, Host="evil.example") == 401, "not by a name that was made to point here"
    assert local(world, Origin="http://evil.example") == 403, "not for another site's page"
    away = TestClient(world.client.app, base_url="http://127.0.0.1:8000", client=("203.0.113.9", 40000))
    assert away.put("/v1/cases/c-9", json=a_case("c-9")).status_code == 401


def test_a_student_does_not_see_what_the_office_notes_for_itself(world: World) -> None:
    world.put_case()
    student = link_for(world, "c-1")
    sent = world.client.post("/v1/cases/c-1/scans", files={"files": ("a.txt", b"page")}, headers=student)
    world.work()
    seen = world.client.get(sent.json()["href"], headers=student).json()
    assert world.decide(seen, reasons=["请补盖公章。"], note="电话问过单位").status_code == 200
    shown = world.client.get(sent.json()["href"], headers=student)
    assert shown.json()["decision"]["reasons"][0]["text"] == "请补盖公章。"
    assert "电话问过单位" not in shown.text
    assert "decided_by" not in shown.json()["decision"]
    assert world.call("GET", sent.json()["href"]).json()["decision"]["note"] == "电话问过单位"
