"""Browsers: headers, other sites' pages, sessions, log-ins."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from scanservice.service import accounts
from tests.service.world import World, a_case, planted

PASSWORD = "a good long password"


@pytest.fixture
def storage() -> dict[str, str]:
    return {}


def log_in(world: World, login: str = "li", password: str = PASSWORD) -> str | None:
    services = world.services
    return accounts.log_in(services.db, services.settings, services.vault, login, password)


@pytest.fixture
def account(world: World) -> str:
    with world.services.db.write() as tx:
        accounts.create_account(tx, "li", PASSWORD, "admin")
    return "li"


def desk(world: World, token: str | None) -> TestClient:
    return TestClient(world.client.app, cookies={"scanservice_session": token or ""})


@pytest.mark.parametrize("path", ["/healthz", "/v1/queue", "/nowhere"])
def test_every_answer_has_the_headers(world: World, path: str) -> None:
    headers = world.client.get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://testserver"}, 201),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_another_sites_page_cannot_act(
    world: World, account: str, headers: dict[str, str], status: int
) -> None:
    answer = desk(world, log_in(world)).put("/v1/papers/1", json={"status": "stock"}, headers=headers)
    assert answer.status_code == status


def test_sessions_end(world: World, account: str) -> None:
    token = log_in(world)
    assert desk(world, token).get("/v1/queue").status_code == 200
    world.clock.wait(seconds=121 * 60)
    assert desk(world, token).get("/v1/queue").status_code == 401, "idle too long"
    token = log_in(world)
    for _ in range(13):
        world.clock.wait(seconds=3500)
        last = desk(world, token).get("/v1/queue").status_code
    assert last == 401, "too old, though never idle"


def test_a_new_log_in_is_a_new_session(world: World, account: str) -> None:
    first, second = log_in(world), log_in(world)
    assert first != second
    with world.services.db.write() as tx:
        accounts.log_out(tx, world.services.vault, first or "")
    assert desk(world, first).get("/v1/queue").status_code == 401
    assert desk(world, second).get("/v1/queue").status_code == 200


def test_a_cookie_that_somebody_planted_is_no_session(world: World, account: str) -> None:
    assert desk(world, "session_planted").get("/v1/queue").status_code == 401


def test_a_new_password_and_disabling_end_sessions(world: World, account: str) -> None:
    token = log_in(world)
    with world.services.db.write() as tx:
        accounts.change_account(tx, "li", password="another good password")
    assert desk(world, token).get("/v1/queue").status_code == 401
    token = log_in(world, password="another good password")
    with world.services.db.write() as tx:
        accounts.change_account(tx, "li", disabled=True)
    assert desk(world, token).get("/v1/queue").status_code == 401
    assert log_in(world, password="another good password") is None


def test_wrong_log_ins(world: World, account: str) -> None:
    assert log_in(world, password="wrong wrong wrong") is None
    assert log_in(world, login="nobody") is None
    assert log_in(world) is not None


def test_a_body_too_large_is_refused(world: World) -> None:
    big = a_case() | {"student": {"name": "x" * 3_000_000}}
    answer = world.call("PUT", "/v1/cases/c-1", json=big)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/request-too-large")


@pytest.mark.parametrize("case", ["a b", "案例", "..", "a%2Fb", "x" * 201, "%00", "a%0Ab"])
def test_odd_case_ids_break_nothing(world: World, case: str) -> None:
    answer = world.call(
        "PUT", f"/v1/cases/{case}", json={key: v for key, v in a_case().items() if key != "case"}
    )
    assert answer.status_code in (201, 404, 405, 422)


def test_problems_hold_no_personal_data(world: World) -> None:
    wrong = a_case(workflow__state="张海洋", student__gender=["21160231045"], student__name={"上海蓝海": 1})
    answer = world.call("PUT", "/v1/cases/c-1", json=wrong)
    assert answer.status_code == 422
    assert not planted(answer.text)


def test_metrics_are_for_operators_and_about_nobody(world: World) -> None:
    world.put_case("21160231045", student__name="张海洋")
    world.checked("21160231045")
    near = TestClient(world.client.app, client=("127.0.0.1", 4000)).get("/metrics")
    assert near.status_code == 200
    assert 'scanservice_scans{verdict="pass"} 1.0' in near.text
    assert not planted(near.text)
    far = TestClient(world.client.app, client=("203.0.113.9", 4000)).get("/metrics")
    assert far.status_code == 403
