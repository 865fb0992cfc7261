"""A case on paper is one sheet of A4, from the browser and as PDF."""

from __future__ import annotations

import pymupdf

from tests.pages.conftest import Site, put_case

ORDERS = "differ employer_name\nunsure employer_phone\nunsure student_name\nabsent employer_seal"


def sizes(data: bytes) -> list[tuple[int, int]]:
    with pymupdf.open(stream=data, filetype="pdf") as document:
        return [(round(page.rect.width), round(page.rect.height)) for page in document]


def test_one_sheet_of_a4(site: Site) -> None:
    put_case(site, "c-1")
    scan = site.checked("c-1", ORDERS)
    page = site.desk()
    page.goto(f"/review/scans/{scan}/paper", wait_until="networkidle")
    assert sizes(page.pdf(prefer_css_page_size=True)) == [(595, 842)]
    data = page.request.get(f"/review/scans/{scan}/paper.pdf").body()
    assert sizes(data) == [(595, 842)]
    with pymupdf.open(stream=data, filetype="pdf") as document:
        text = document[0].get_text()
        assert "张海洋" in text
        assert "上海蓝海生物科技有限公司" in text.replace("\n", "")
        assert len(document[0].get_images()) == 1
