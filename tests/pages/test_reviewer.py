"""The reviewers' stories, at a desk."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Site, put_case


def waiting(site: Site, number: int, *orders: str) -> list[str]:
    """Cases in the queue, the first uploaded first."""
    found = []
    for n in range(number):
        put_case(site, f"c-{n}", f"学生{n:02}", student__number=f"2116000{n:04}")
        found.append(site.checked(f"c-{n}", "\n".join([*orders, f"number {n}"])))
    return found


def press(page: Page, *keys: str) -> None:
    """Once the page listens."""
    expect(page.locator("html[data-ready]")).to_be_attached()
    for key in keys:
        page.keyboard.press(key)


def approve(page: Page) -> None:
    press(page, "a", "1", "2", "Enter")


def decide_by_keyboard(site: Site, number: int) -> None:
    scans = waiting(site, number, "unsure employer_phone")
    page = site.desk()
    page.keyboard.press("s")
    for n in range(number):
        expect(page.locator("h1")).to_have_text(f"学生{n:02}")
        if n % 5 == 4:
            press(page, "r", "1", "Enter")
        else:
            approve(page)
    expect(page.get_by_text("队列已清空")).to_be_visible()
    decided = [site.world.scan(scan)["decision"]["decision"] for scan in scans]
    assert decided == ["return" if n % 5 == 4 else "approve" for n in range(number)]


def test_cases_decided_by_keyboard_alone(site: Site) -> None:
    decide_by_keyboard(site, 6)


@pytest.mark.long
def test_fifty_cases_decided_by_keyboard_alone(site: Site) -> None:
    decide_by_keyboard(site, 50)


def test_two_reviewers_on_one_case(site: Site) -> None:
    (scan,) = waiting(site, 1, "differ employer_name")
    li, wang = site.desk("li"), site.desk("wang")
    for page in (li, wang):
        page.goto(f"/review/scans/{scan}")
    approve(li)
    expect(li.get_by_text("队列已清空")).to_be_visible()
    press(wang, "r")
    wang.fill("[data-key=r] [name=own]", "另一个原因")
    wang.keyboard.press("Control+Enter")
    expect(wang.locator("#trouble")).to_contain_text("有了变化")
    expect(wang.locator("#trouble")).to_contain_text("li 已通过")
    assert site.world.scan(scan)["decision"]["decided_by"] == "account:li"


def test_new_facts_refuse_a_decision_on_the_old_ones(site: Site) -> None:
    (scan,) = waiting(site, 1, "differ employer_name")
    page = site.desk()
    page.goto(f"/review/scans/{scan}")
    put_case(site, "c-0", "学生00", entry__employer_name="上海蓝海科技有限公司")
    deadline = time.monotonic() + 10
    while site.world.scan(scan)["being_judged"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    press(page, "r", "Control+Enter")
    expect(page.locator("#trouble")).to_contain_text(
        "单位全称：录入由“上海蓝海生物科技有限公司”改为“上海蓝海科技有限公司”"
    )
    assert site.world.scan(scan)["decision"] is None


def test_a_decision_taken_back(site: Site) -> None:
    first, _ = waiting(site, 2)
    page = site.desk()
    page.goto(f"/review/scans/{first}")
    approve(page)
    expect(page.locator("h1")).to_have_text("学生01")
    expect(page.locator(".undo")).to_contain_text("已通过：学生00")
    press(page, "z")
    expect(page.locator("h1")).to_have_text("学生00")
    assert site.world.scan(first)["state"] == "checked"


def test_reasons_are_chosen_from_the_findings_and_edited(site: Site) -> None:
    (scan,) = waiting(site, 1, "differ employer_name", "absent employer_seal")
    page = site.desk()
    page.goto(f"/review/scans/{scan}")
    press(page, "r")
    panel = page.locator("[data-key=r]")
    expect(panel.locator("[name=reason]:checked")).to_have_count(2)
    page.keyboard.press("2")
    panel.locator("[name=text-1]").fill("单位名称少一个字。")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".undo")).to_be_visible()
    reasons = site.world.scan(scan)["decision"]["reasons"]
    assert reasons == [{"code": "field-differs", "text": "单位名称少一个字。"}]


def test_a_retake_names_its_page(site: Site) -> None:
    put_case(site, "c-1")
    scan = site.checked("c-1", "the form", "blurred")
    page = site.desk()
    page.goto(f"/review/scans/{scan}")
    press(page, "t", "Control+Enter")
    expect(page.locator(".undo")).to_be_visible()
    assert site.world.scan(scan)["decision"]["pages"] == [1]


def test_an_approval_without_the_ticks_is_refused(site: Site) -> None:
    (scan,) = waiting(site, 1)
    page = site.desk()
    page.goto(f"/review/scans/{scan}")
    press(page, "a", "1", "Enter")
    expect(page.locator("#trouble")).to_contain_text("通过须勾选两项")
    assert site.world.scan(scan)["decision"] is None


def test_a_finding_leads_to_its_place(site: Site) -> None:
    (scan,) = waiting(site, 1, "differ employer_name")
    page = site.desk()
    page.goto(f"/review/scans/{scan}")
    picture = page.locator("svg.straight")
    whole = picture.get_attribute("viewBox")
    press(page, "j")
    expect(page.locator("svg.straight .lit")).to_have_attribute("data-region", "employer_name")
    assert picture.get_attribute("viewBox") != whole
    page.keyboard.press("0")
    assert picture.get_attribute("viewBox") == whole
    page.keyboard.press("v")
    expect(page.locator("svg.upload image")).to_have_attribute(
        "href", re.compile(f"^/review/scans/{scan}/pages/0/uploaded\\?v=")
    )
    expect(picture).to_be_hidden()


def test_each_field_shows_entry_beside_ink_with_what_differs_marked(site: Site) -> None:
    (scan,) = waiting(site, 1, "differ employer_name")
    page = site.desk()
    page.goto(f"/review/scans/{scan}")
    row = page.locator("#f-employer_name")
    expect(row.locator("svg.crop image")).to_have_attribute(
        "href", re.compile(f"^/review/scans/{scan}/pages/0/straight\\?v=")
    )
    expect(row.locator("mark").last).to_have_text("口")
    expect(page.locator("#f-employer_seal svg.crop.tall")).to_be_visible()


def test_the_queue_is_filtered_and_searched(site: Site) -> None:
    put_case(site, "c-1", "张海洋", student__college="海洋生命学院")
    put_case(site, "c-2", "李建国", student__college="法学院")
    site.checked("c-1", "differ employer_name")
    site.checked("c-2", "in order")
    page = site.desk()
    names = page.locator("tbody th")
    expect(names).to_have_text(["张海洋", "李建国"])
    page.locator(".tallies a.pass").click()
    expect(names).to_have_text(["李建国"])
    page.goto("/review?finding=field-differs")
    expect(names).to_have_text(["张海洋"])
    page.goto("/review?college=法学院")
    expect(names).to_have_text(["李建国"])
    page.select_option("[name=college]", "")
    page.keyboard.press("/")
    page.keyboard.type("张海")
    page.keyboard.press("Enter")
    expect(names).to_have_text(["张海洋"])
    page.goto("/review?waited=24")
    expect(page.get_by_text("没有符合条件")).to_be_visible()


def test_clean_cases_are_confirmed_by_their_thumbnails(site: Site) -> None:
    scans = waiting(site, 3)
    page = site.desk()
    page.goto("/review/batch")
    expect(page.locator(".cards img")).to_have_count(3)
    for box in page.locator("[name=scan]").all()[:2]:
        box.check()
    page.click("text=通过所选")
    expect(page.locator(".notice")).to_contain_text("已通过 0 份")
    for box in [*page.locator("[name=scan]").all()[:2], *page.locator(".tick input").all()]:
        box.check()
    page.click("text=通过所选")
    expect(page.locator(".notice")).to_contain_text("已通过 2 份")
    assert [site.world.scan(scan)["state"] for scan in scans] == ["decided", "decided", "checked"]
    page.locator(".undo button").first.click()
    expect(page.locator("h1")).to_have_text("学生00")
    assert [site.world.scan(scan)["state"] for scan in scans] == ["checked", "decided", "checked"]


def test_a_correction_is_kept_and_counted(site: Site) -> None:
    (scan,) = waiting(site, 1, "differ employer_name")
    page = site.desk()
    page.goto(f"/review/scans/{scan}")
    page.click("#finding-1 .correct")
    correction = page.locator("#finding-1 .correction")
    correction.locator("select").select_option("none")
    correction.locator("button").click()
    expect(page.get_by_text("已记为标注样例")).to_be_visible()
    approve(page)
    page.wait_for_url("**/review*")
    page.goto("/office/quality")
    row = page.locator("tbody tr", has_text="内容不符").first
    expect(row.locator("td")).to_have_text(["1", "0", "1", "1", "0%"])
