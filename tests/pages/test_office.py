"""What the office keeps: the ledger, accounts and keys, webhooks; and who may not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from scanservice.service import accounts, hooks, papers
from scanservice.web.app import create_app
from tests.pages.conftest import PASSWORD
from tests.service.world import World


def client_of(world: World, login: str) -> TestClient:
    client = TestClient(create_app(world.services))
    answer = client.post("/login", data={"login": login, "password": PASSWORD}, follow_redirects=False)
    assert answer.status_code == 303
    return client


@pytest.fixture
def office(world: World) -> Iterator[TestClient]:
    yield client_of(world, "zhao")


@pytest.fixture
def desk(world: World) -> Iterator[TestClient]:
    yield client_of(world, "li")


def test_whoever_is_not_logged_in_comes_back_after_it(world: World) -> None:
    client = TestClient(create_app(world.services))
    answer = client.get("/office/papers", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/office/papers")
    data = {"login": "li", "password": PASSWORD, "next": "/office/papers"}
    assert client.post("/login", data=data, follow_redirects=False).headers["location"] == "/office/papers"


def test_a_wrong_password_is_told_and_limited(world: World, settings: object) -> None:
    client = TestClient(create_app(world.services))
    answer = client.post("/login", data={"login": "li", "password": "wrong"})
    assert answer.status_code == 422
    assert "账号或密码不对" in answer.text


@pytest.mark.parametrize("page", ["/office/accounts", "/office/hooks"])
def test_reviewers_see_no_page_of_administrators(desk: TestClient, page: str) -> None:
    assert desk.get(page).status_code == 403
    assert page not in desk.get("/review").text


@pytest.mark.parametrize(
    "call",
    ["/office/papers/range", "/office/papers/import", "/office/papers/1", "/office/keys", "/office/hooks"],
)
def test_reviewers_change_nothing_of_the_office(desk: TestClient, call: str) -> None:
    assert desk.post(call, data={"x": "y"}).status_code == 403


def test_another_sites_page_changes_nothing(office: TestClient) -> None:
    answer = office.post(
        "/office/keys", data={"name": "x", "scope": "scans"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403


def version_of(page: str) -> str:
    return re.findall(r'name="version" value="(\d+)"', page)[0]


def test_the_life_of_a_serial(office: TestClient, world: World) -> None:
    answer = office.post("/office/papers/range", data={"first": "2019100001", "count": "20"})
    assert "入库 20 个新编号" in answer.text
    address = "/office/papers/2019100007"
    handed = {"status": "held", "holder": "c-1", "issued_on": "2018-10-12", "sealed_in_advance": "yes"}
    old = version_of(office.get(address).text)
    assert "提前盖章" in office.post(address, data=handed | {"version": old}).text
    stale = office.post(address, data={"status": "void", "version": old})
    assert stale.status_code == 409
    assert "刚被别人改过" in stale.text
    for status in ("lost", "returned", "void"):
        office.post(
            address, data={"status": status, "holder": "c-1", "version": version_of(office.get(address).text)}
        )
    with world.services.db.read() as tx:
        entries = papers.history(tx, "2019100007")
    assert [entry.status for entry in entries] == ["stock", "held", "lost", "returned", "void"]
    assert {entry.actor for entry in entries} == {"account:zhao"}


def test_a_paper_is_handed_out_to_somebody(office: TestClient) -> None:
    office.post("/office/papers/range", data={"first": "2019100001", "count": "1"})
    answer = office.post("/office/papers/2019100001", data={"status": "held", "holder": "", "version": "1"})
    assert answer.status_code == 422


def test_tables_go_out_and_come_in(office: TestClient) -> None:
    office.post("/office/papers/range", data={"first": "2019100001", "count": "3"})
    for kind in ("csv", "xlsx"):
        table = office.get(f"/office/papers.{kind}")
        assert table.headers["content-disposition"].endswith(f'papers.{kind}"')
        answer = office.post("/office/papers/import", files={"file": ("papers", table.content)})
        assert "未变 3" in answer.text


def test_a_wrong_table_imports_nothing_and_names_its_cells(office: TestClient) -> None:
    table = "编号,状态,发放日期\n2019100001,在手,明天\n2019100002,飞走,\n".encode()
    answer = office.post("/office/papers/import", files={"file": ("papers.csv", table)})
    assert answer.status_code == 422
    assert "row[2].issued_on" in answer.text
    assert "row[3].status" in answer.text
    assert "2019100001" not in office.get("/office/papers").text


def test_accounts_are_made_changed_and_disabled(office: TestClient, world: World) -> None:
    new = {"login": "qian", "password": "short", "role": "reviewer"}
    assert office.post("/office/accounts", data=new).status_code == 422
    office.post("/office/accounts", data=new | {"password": PASSWORD})
    qian = client_of(world, "qian")
    office.post("/office/accounts/change", data={"login": "qian", "what": "role", "role": "admin"})
    assert qian.get("/office/accounts").status_code == 200
    office.post("/office/accounts/change", data={"login": "qian", "what": "disable"})
    assert qian.get("/review", follow_redirects=False).status_code == 303


def test_nobody_locks_themselves_out(office: TestClient, world: World) -> None:
    for change in ({"what": "disable"}, {"what": "role", "role": "reviewer"}):
        assert office.post("/office/accounts/change", data={"login": "zhao", **change}).status_code == 403
    with world.services.db.read() as tx:
        assert not next(one for one in accounts.list_accounts(tx) if one.login == "zhao").disabled


def test_a_key_is_shown_once_works_and_is_revoked(office: TestClient, world: World) -> None:
    page = office.post("/office/keys", data={"name": "main system", "scope": ["cases", "scans"]}).text
    key = re.findall(r"sk_[0-9a-f]{12}_[\w-]{20,}", page)[0]
    assert key not in office.get("/office/accounts").text
    world.put_case()
    assert world.call("GET", "/v1/cases/c-1/scans", key=key).status_code == 200
    assert world.call("GET", "/v1/queue", key=key).status_code == 403
    office.post("/office/keys/revoke", data={"key": key.split("_")[1]})
    assert world.call("GET", "/v1/cases/c-1/scans", key=key).status_code == 401


def test_a_webhook_its_deliveries_and_sending_again(office: TestClient, world: World) -> None:
    target = {"name": "main", "url": "http://127.0.0.1:9/hook", "type": ["scan.checked"], "enabled": "yes"}
    assert "whsec_" in office.post("/office/hooks", data=target).text
    assert "whsec_" not in office.get("/office/hooks").text
    world.put_case()
    world.checked()
    world.deliver()
    page = office.get("/office/hooks/main").text
    assert "等待送达" in page
    delivery = re.findall(r'name="delivery" value="(\d+)"', page)[0]
    office.post("/office/hooks/main/replay", data={"delivery": delivery})
    with world.services.db.read() as tx:
        assert hooks.list_deliveries(tx, "main")[0].attempts == 0
    refused = office.post("/office/hooks", data=target | {"name": "x", "url": "http://192.0.2.1/"})
    assert refused.status_code == 422


def test_a_language_is_kept_with_the_account(office: TestClient, world: World) -> None:
    page = office.post("/language", data={"to": "en", "back": "/office/season"})
    assert page.url.path == "/office/season"
    assert 'lang="en"' in page.text
    assert 'lang="en"' in client_of(world, "zhao").get("/review").text
