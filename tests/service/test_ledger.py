"""The ledger of issued forms: versions, files in and out, and what turns on it."""

from __future__ import annotations

import io

import pytest

from scanservice.service.papers import Paper
from scanservice.service.refusals import RefusedError
from scanservice.service.sheets import read_sheet, write_csv, write_xlsx
from tests.service.world import GOOD, World

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def put(world: World, serial: str, **body):
    return world.call("PUT", f"/v1/papers/{serial}", json=body)


def test_nothing_is_forgotten(world: World) -> None:
    put(world, "1", holder="c-1", issued_on="2018-10-12")
    put(world, "1", holder="c-1", status="lost")
    put(world, "1", holder="c-1", status="lost")
    paper = world.call("GET", "/v1/papers/1").json()
    assert (paper["status"], paper["version"]) == ("lost", 2)
    assert [entry["status"] for entry in paper["history"]] == ["held", "lost"]
    assert world.call("GET", "/v1/papers/2").status_code == 404


def test_a_change_on_a_stale_version_is_refused(world: World) -> None:
    put(world, "1", status="stock")
    seen = {"If-Match": '"1"'}
    assert world.call("PUT", "/v1/papers/1", json={"status": "void"}, headers=seen).status_code == 200
    answer = world.call("PUT", "/v1/papers/1", json={"status": "lost"}, headers=seen)
    assert (answer.status_code, answer.json()["version"]) == (409, 2)


def test_a_scan_turns_on_the_ledger(world: World) -> None:
    world.put_case()
    scan = world.checked("c-1", GOOD)
    assert scan["verdict"]["verdict"] == "pass", "no ledger is kept, so nothing is known against it"
    put(world, "2019100423", holder="c-2")
    world.work()
    now = world.scan(scan["scan"])
    assert [finding["code"] for finding in now["verdict"]["findings"]] == ["serial-of-another-student"]
    put(world, "2019100423", holder="c-1")
    world.work()
    assert world.scan(scan["scan"])["verdict"]["verdict"] == "pass"


def test_the_serial_that_was_read_is_looked_up(world: World) -> None:
    put(world, "777", holder="c-2")
    world.put_case(entry__serial=None)
    scan = world.checked("c-1", "serial 777")
    assert [finding["code"] for finding in scan["verdict"]["findings"]] == ["serial-of-another-student"]


def test_import_and_export(world: World) -> None:
    table = "编号,持有人,状态,发放日期,提前盖章\n001,c-1,在手,2018/10/12,是\n002,,库存,,\n"
    answer = world.call(
        "POST", "/v1/papers/import", content=table.encode("gb18030"), headers={"Content-Type": "text/csv"}
    )
    assert answer.json() == {"created": 2, "changed": 0, "unchanged": 0}
    sheet = world.call("GET", "/v1/papers", params={"format": "xlsx"}).content
    again = world.call("POST", "/v1/papers/import", content=sheet, headers={"Content-Type": SPREADSHEET})
    assert again.json() == {"created": 0, "changed": 0, "unchanged": 2}
    text = world.call("GET", "/v1/papers", params={"format": "csv", "status": "held"}).content.decode(
        "utf-8-sig"
    )
    assert text.splitlines()[1:] == ["001,c-1,held,2018-10-12,yes"]


def test_a_wrong_import_changes_nothing_and_names_every_cell(world: World) -> None:
    table = "serial,status,issued_on\n1,held,\n1,held,\n,held,\n4,gone,2018-13-01\n"
    answer = world.call("POST", "/v1/papers/import", content=table, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == [
        "row[3].serial",
        "row[4].serial",
        "row[5].status",
        "row[5].issued_on",
    ]
    assert world.call("GET", "/v1/papers").json()["papers"] == []


def test_pages_of_the_ledger(world: World) -> None:
    from scanservice.service import papers

    with world.services.db.write() as tx:
        assert papers.issue_range(tx, "A0098", 5, "account:li") == 5
        assert papers.issue_range(tx, "A0100", 5, "account:li") == 2
    first = world.call("GET", "/v1/papers", params={"limit": 4}).json()
    assert [paper["serial"] for paper in first["papers"]] == ["A0098", "A0099", "A0100", "A0101"]
    second = world.call("GET", "/v1/papers", params={"limit": 4, "after": first["next"]}).json()
    assert [paper["serial"] for paper in second["papers"]] == ["A0102", "A0103", "A0104"]
    assert second["next"] is None


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_no_cell_is_a_formula(write) -> None:
    data = write([Paper("1", "=cmd|' /C calc'!A0")])
    if data.startswith(b"PK"):
        from openpyxl import load_workbook

        cell = load_workbook(io.BytesIO(data)).worksheets[0]["B2"]
        assert (cell.data_type, str(cell.value)[0]) == ("s", "'")
    else:
        assert b",'=cmd" in data


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no zip", b"\x00\x01\x02", b"holder\nc-1\n"])
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(RefusedError, match="papers-invalid"):
        read_sheet(data)
