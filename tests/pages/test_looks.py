"""Every page in both languages: nothing that axe-core objects to, no overflow at any width, no other host."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from scanservice.findings import Language
from tests.pages.conftest import Site, put_case

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WIDTHS = (360, 768, 1440)


def addresses(site: Site) -> list[str]:
    """Every page, each with something on it."""
    put_case(site, "c-1")
    put_case(site, "c-2", "李建国")
    put_case(site, "c-3", "王芳")
    scan = site.checked("c-1", "differ employer_name\nunsure employer_phone\nabsent employer_seal", "blurred")
    site.checked("c-2", "in order")
    returned, waiting = site.link("c-1"), site.link("c-3")
    token = returned.rpartition("/")[2]
    files = [("files", ("a", b"differ student_name")), ("files", ("b", b"blurred"))]
    answer = site.world.client.post(
        "/v1/cases/c-1/scans", files=files, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 202
    site.world.work()
    checking = site.link("c-2")
    token = checking.rpartition("/")[2]
    answer = site.world.client.post(
        "/v1/cases/c-2/scans",
        files=[("files", ("c", b"still to be checked"))],
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 202
    papers = {"holder": "c-1", "status": "held", "issued_on": "2018-10-12"}
    site.world.call("PUT", "/v1/papers/2019100423", json=papers)
    site.world.call("PUT", "/v1/hooks/main", json={"url": "http://127.0.0.1:9/hook"})
    site.world.deliver()
    desk = ["/review", f"/review/scans/{scan}", "/review/batch", f"/review/scans/{scan}/paper"]
    office = ["papers", "papers/2019100423", "season", "quality", "forms", "forms/donghai-2019", "accounts"]
    hooks = ["/office/hooks", "/office/hooks/main"]
    errors = ["/u/link_unknown", "/review/scans/scan_unknown"]
    return [waiting, returned, checking, *errors, *desk, *(f"/office/{name}" for name in office), *hooks]


def violations(page: Page) -> list[str]:
    assert AXE.exists(), "axe-core is missing: npm ci"
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, rules)", RULES)
    return [f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"]]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_at_every_width_in_light_and_dark(site: Site, language: Language) -> None:
    pages = addresses(site)
    page = site.page(language=language, bypass_csp=True)  # axe is put into the page from outside
    page.add_init_script(path=str(AXE))
    page.goto("/login")
    assert violations(page) == []
    page.fill("[name=login]", "zhao")
    page.fill("[name=password]", "a password of the tests")
    page.click("main button")
    page.wait_for_url("**/review")
    expect(page.locator("html")).to_have_attribute("lang", language)
    wrong = {}
    for address in pages:
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(address)
        found = violations(page)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                found.append(f"{wide} wide at {width}")
        page.emulate_media(color_scheme="dark")
        found += violations(page)
        if found:
            wrong[address] = found
    assert wrong == {}
