"""The student's stories, on a phone."""

from __future__ import annotations

import hashlib
import io
import re
from typing import Any

import numpy as np
import pymupdf
import pytest
from PIL import Image
from playwright.sync_api import Page, Request, Route, expect

from scanservice.service import housekeeping, scans
from tests.pages.conftest import Site, put_case

PHONE = {"width": 360, "height": 740, "has_touch": True, "is_mobile": True}
SLOT = ".slot .shot >> nth=0"


def a_file(text: str, name: str = "IMG_0001.jpg") -> dict[str, Any]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": text.encode()}


def photograph(size: int, level: int) -> dict[str, Any]:
    """A noisy picture of a level of grey: sharp, as far as a look can tell."""
    noise = np.random.default_rng(1).normal(level, level / 4, (size, size * 3 // 4)).clip(0, 255)
    data = io.BytesIO()
    Image.fromarray(noise.astype(np.uint8)).save(data, "JPEG")
    return {"name": "IMG_0002.jpg", "mimeType": "image/jpeg", "buffer": data.getvalue()}


def open_link(site: Site, **more: Any) -> Page:
    put_case(site, "c-1")
    page = site.page(**{**PHONE, **more})
    page.goto(site.link())
    return page


def send(page: Page, *files: dict[str, Any]) -> None:
    page.set_input_files(SLOT, files[0])
    if files[1:]:
        page.set_input_files("#files", list(files[1:]))
    page.click("#send")


def test_good_from_link_to_result(site: Site) -> None:
    page = open_link(site)
    expect(page.locator("h1")).to_have_text("上传协议书扫描件")
    expect(page.locator(".examples svg[role=img]")).to_have_count(4)
    send(page, a_file("wait 0.5\nin order"))
    expect(page.locator("h1")).to_contain_text("初步核对全部相符")
    assert len(site.scans()) == 1


def test_progress_is_shown_while_it_is_checked(site: Site) -> None:
    page = open_link(site)
    send(page, a_file("wait 3"))
    expect(page.locator("[aria-current=step]")).to_contain_text("找到协议书的表格")
    expect(page.locator("h1")).to_contain_text("初步核对全部相符")


def test_what_differs_is_told_with_entry_and_paper_beside_the_ink(site: Site) -> None:
    page = open_link(site)
    send(page, a_file("differ employer_name\nunsure student_name"))
    expect(page.locator(".outcome h1")).to_contain_text("有问题需要你处理")
    first = page.locator(".findings").first.locator("li").first
    expect(first.locator("svg.crop")).to_be_visible()
    expect(first.locator(".versus dd").first).to_have_text("上海蓝海生物科技有限公司")
    expect(first.locator(".versus dd").last.locator("mark")).to_have_text("口")
    expect(page.locator("#later ~ ol li")).to_have_count(1)


def test_only_the_page_that_needs_it_is_taken_again(site: Site) -> None:
    page = open_link(site)
    send(page, a_file("the form"), a_file("blurred"))
    page.get_by_role("button", name="重拍：第 2 页").click()
    expect(page.locator(".slot")).to_have_count(1)
    expect(page.get_by_text("保留不动：")).to_be_visible()
    page.set_input_files(SLOT, a_file("sharp now"))
    page.click("#send")
    expect(page.locator("h1")).to_contain_text("初步核对全部相符")
    newest, first = (site.world.scan(scan["scan"])["verdict"]["input_sha256"] for scan in site.scans())
    assert newest[0] == first[0]
    assert newest[1] != first[1]


def a_pdf(*texts: str) -> dict[str, Any]:
    with pymupdf.open() as document:
        for text in texts:
            document.new_page().insert_text((72, 72), text)
        return {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": document.tobytes()}


@pytest.mark.parametrize("scripts", [True, False])
def test_one_page_of_a_pdf_is_taken_again(site: Site, scripts: bool) -> None:
    page = open_link(site, java_script_enabled=scripts)
    page.set_input_files("#files", a_pdf("the form", "blurred", "a third", "a fourth"))
    page.click("#send")
    until(page, ".outcome", scripts)
    page.get_by_role("button", name="重拍：第 2 页").click()
    expect(page.get_by_text("保留不动：")).to_contain_text("第 3 页")
    page.set_input_files(SLOT if scripts else "#files", a_file("sharp now"))
    page.click("#send")
    until(page, ".outcome.pass", scripts)
    newest, first = (scan["scan"] for scan in site.scans())
    pages = site.world.scan(newest)["verdict"]["pages"]
    assert [(one["scan"], one["page"]) for one in pages] == [(0, 0), (1, 0), (2, 0), (2, 1)]
    services = site.world.services
    with services.db.read() as tx:
        kept = [services.blobs.get(row.blob_key) for row in scans.files_of(tx, newest)]
        assert [services.blobs.get(row.blob_key)[:5] for row in scans.files_of(tx, first)] == [b"%PDF-"]
    with pymupdf.open(stream=kept[2], filetype="pdf") as rest:
        assert [str(one.get_text()).strip() for one in rest] == ["a third", "a fourth"]


def until(page: Page, found: str, scripts: bool) -> None:
    """A page without scripts is loaded again until something is there."""
    for _ in range(0 if scripts else 60):
        if page.locator(found).count():
            break
        page.wait_for_timeout(100)
        page.reload()
    expect(page.locator(found)).to_be_visible()


def test_the_same_address_leads_to_where_the_student_stands(site: Site) -> None:
    page = open_link(site)
    address = page.url
    send(page, a_file("absent employer_seal"))
    page.get_by_role("button", name="处理好了，重新上传").click()
    expect(page.locator("h1")).to_have_text("上传协议书扫描件")
    send(page, a_file("sealed"))
    expect(page.locator("h1")).to_contain_text("初步核对全部相符")
    assert page.url == address


def test_without_javascript(site: Site) -> None:
    page = open_link(site, java_script_enabled=False)
    page.set_input_files("#files", [a_file("the form"), a_file("blurred")])
    page.click("#send")
    for _ in range(40):
        if page.locator(".outcome").count():
            break
        page.wait_for_timeout(100)
        page.reload()
    expect(page.locator(".outcome h1")).to_contain_text("请重拍")
    page.get_by_role("button", name="重拍：第 2 页").click()
    page.set_input_files("#files", [a_file("sharp now")])
    page.click("#send")
    page.wait_for_timeout(500)
    page.reload()
    expect(page.locator("h1")).to_contain_text("初步核对全部相符")


@pytest.mark.parametrize("lost", ["request", "answer"])
def test_a_connection_lost_in_mid_upload(site: Site, lost: str) -> None:
    page = open_link(site)
    attempts = []

    def breaking(route: Route) -> None:
        attempts.append(route.request.headers["idempotency-key"])
        if len(attempts) == 1:
            if lost == "answer":
                route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/scans", breaking)
    send(page, a_file("in order"))
    expect(page.get_by_text("正在自动重试")).to_be_visible()
    expect(page.locator("h1")).to_contain_text("初步核对全部相符")
    assert len(set(attempts)) == 1
    assert len(attempts) == (2 if lost == "request" else 1)
    assert len(site.scans()) == 1


def test_an_upload_goes_on_where_it_broke_off(site: Site) -> None:
    page = open_link(site)
    sent: list[tuple[str, int]] = []

    def watching(request: Request) -> None:
        if request.method in ("PATCH", "HEAD"):
            sent.append((request.method, int(request.headers.get("upload-offset", -1))))

    page.on("request", watching)
    network = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 5, "downloadThroughput": 10**7, "uploadThroughput": 3 * 10**6}
    network.send("Network.emulateNetworkConditions", slow)
    large = a_file("in order\n" + "x" * (5 << 20))
    send(page, large)
    expect(page.locator("#sending p")).to_have_text(re.compile(r"[3-9]\d"))
    network.send("Network.emulateNetworkConditions", slow | {"offline": True})
    expect(page.get_by_text("正在自动重试")).to_be_visible()
    before = len(sent)
    network.send("Network.emulateNetworkConditions", slow)
    expect(page.locator("h1")).to_contain_text("初步核对全部相符")
    resumed = sent[before:]
    assert ("HEAD", -1) in resumed
    assert min(offset for method, offset in resumed if method == "PATCH") >= 1 << 20
    assert len(sent) < 12
    (scan,) = site.scans()
    assert site.world.scan(scan["scan"])["verdict"]["input_sha256"] == [
        hashlib.sha256(large["buffer"]).hexdigest()
    ]
    assert list(housekeeping.spool(site.world.services).iterdir()) == []


def test_a_bad_photograph_is_noticed_before_it_is_sent(site: Site) -> None:
    page = open_link(site)
    words = page.locator(".checked").first
    page.set_input_files(SLOT, photograph(600, 180))
    expect(words).to_contain_text("太小")
    page.set_input_files(SLOT, photograph(1600, 40))
    expect(words).to_contain_text("偏暗")
    page.set_input_files(SLOT, photograph(1600, 180))
    expect(words).to_contain_text("清楚")
    blurred = Image.open(io.BytesIO(photograph(100, 180)["buffer"])).resize(
        (1200, 1600), Image.Resampling.BICUBIC
    )
    data = io.BytesIO()
    blurred.save(data, "JPEG")
    page.set_input_files(SLOT, {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": data.getvalue()})
    expect(words).to_contain_text("模糊")
    assert site.scans() == []


def test_an_expired_link(site: Site) -> None:
    put_case(site, "c-1")
    page = site.page(**PHONE)
    address = site.link(hours=1)
    site.world.clock.wait(seconds=3601)
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 410
    expect(page.locator("h1")).to_contain_text("链接已失效")
    assert "张海洋" not in page.content()


def test_another_students_link_shows_nothing_of_this_one(site: Site) -> None:
    put_case(site, "c-1")
    put_case(site, "c-2", "李建国")
    scan = site.checked("c-1", "differ employer_name")
    page = site.page(**PHONE)
    page.goto(site.link("c-2"))
    expect(page.get_by_text("李建国")).to_be_visible()
    for path in ("", "/pages/0", "/state", "/events"):
        answer = page.request.get(page.url + path)
        assert "张海洋" not in answer.text()
        assert path == "" or path == "/state" or answer.status == 404
    token = page.url.rpartition("/")[2]
    api = page.request.get(f"/v1/scans/{scan}", headers={"Authorization": f"Bearer {token}"})
    assert api.status == 404
    assert (
        page.request.get(f"/review/scans/{scan}/pages/0/straight")
        .headers["content-type"]
        .startswith("text/html")
    )


def test_what_the_office_decided_and_wrote(site: Site) -> None:
    page = open_link(site)
    send(page, a_file("unsure student_name"))
    expect(page.locator("h1")).to_contain_text("等老师核对")
    scan = site.world.scan(site.scans()[0]["scan"])
    answer = site.world.decide(scan, "retake", pages=[0], reasons=["请拍清楚姓名。"], note="内部的话")
    assert answer.status_code == 200, answer.text
    page.reload()
    expect(page.locator(".outcome")).to_contain_text("请拍清楚姓名。")
    assert "内部的话" not in page.content()
