"""The ledger of issued forms: versions, files in and out, and what turns on it."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from scanservice.service.papers import Paper
from scanservice.service.refusals import RefusedError
from scanservice.service.sheets import read_sheet, write_csv, write_xlsx
from tests.service.world import GOOD, World, a_case

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


def _import(world: World, rows: list[str]):
    table = "\n".join(["serial,holder,status", *rows]).encode()
    return world.call("POST", "/v1/papers/import", content=table, headers={"Content-Type": "text/csv"})


def test_thousands_are_written_in_few_statements(world: World) -> None:
    """The write lock is held for a moment, however many serials a list holds."""
    statements = []
    engine = world.services.db.engine
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    rows = [f"{2_019_000_000 + number},c-{number},held" for number in range(3000)]
    assert _import(world, rows).json() == {"created": 3000, "changed": 0, "unchanged": 0}
    rows[7:9] = ["2019000007,c-7,returned", "2019000008,c-9,held"]
    assert _import(world, rows).json() == {"created": 0, "changed": 2, "unchanged": 2998}
    assert len(statements) < 120
    for serial, history in (("2019000007", ["held", "returned"]), ("2019000009", ["held"])):
        paper = world.call("GET", f"/v1/papers/{serial}").json()
        assert ([entry["status"] for entry in paper["history"]], paper["version"]) == (history, len(history))


def test_a_list_has_the_scans_that_turn_on_it_judged_again(world: World) -> None:
    world.put_case()
    world.put_case("c-2", entry__serial="2019100424")
    scans = [world.checked("c-1", GOOD)["scan"], world.checked("c-2", "serial 2019100424\n")["scan"]]
    rows = ["2019100423,c-9,held", "2019100424,c-2,held", "2019100425,c-2,held"]
    assert _import(world, rows).json()["created"] == 3
    assert world.work() == 2
    found = [[finding["code"] for finding in world.scan(scan)["verdict"]["findings"]] for scan in scans]
    assert found == [["serial-of-another-student"], []]


def test_a_wrong_row_is_named_with_what_to_do(world: World) -> None:
    rows = [f"{number},,stock" for number in range(2500)] + ["17,,stock", "x/y,,stock"]
    answer = _import(world, rows).json()
    assert answer["detail"] == "Nothing was imported: 2 cells cannot be read."
    assert answer["errors"] == [
        {"path": "row[2502].serial", "message": "stands in row 19 too: leave one of the two out"},
        {"path": "row[2503].serial", "message": "must be there, with at most 100 characters, and no slash"},
    ]
    assert world.call("GET", "/v1/papers").json()["papers"] == []


def test_two_that_set_the_same_new_thing_at_once_are_both_answered(world: World) -> None:
    """Neither sees the other's row; the second one's insert fails, and is begun again."""
    calls = [
        *(("PUT", "/v1/papers/55", {"json": {"holder": f"c-{n}"}}) for n in range(6)),
        *(("PUT", "/v1/cases/c-5", {"json": a_case("c-5", student__name=f"某{n}")}) for n in range(6)),
    ]
    with ThreadPoolExecutor(len(calls)) as pool:
        answers = list(pool.map(lambda call: world.call(call[0], call[1], **call[2]).status_code, calls))
    assert (sorted(answers[:6]), sorted(answers[6:])) == ([200] * 5 + [201],) * 2
    assert world.call("GET", "/v1/papers/55").json()["version"] == 6
