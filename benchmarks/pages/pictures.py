"""Photographs of the main pages for the documents: `python -m benchmarks.pages.pictures`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser

from benchmarks.pages.stage import ROOT, Stage, chromium, log_in, open_stage

COLOURS = 192
OUT = ROOT / "docs" / "images" / "pages"


@dataclass(frozen=True)
class Shot:
    """`height` of None: the whole page."""

    name: str
    address: str
    width: int
    height: int | None = None
    language: str = "zh-CN"
    scheme: Literal["light", "dark"] = "light"
    keys: tuple[str, ...] = ()


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with open_stage() as stage, chromium() as browser:
        for shot in _shots(stage):
            path = OUT / f"{shot.name}.png"
            _take(browser, stage, shot, path)
            print(path.relative_to(ROOT))


def _shots(stage: Stage) -> list[Shot]:
    shown = stage.samples[0]
    case = f"/review/scans/{shown.scan}"
    return [
        Shot("student-upload-360", shown.unused, 360),
        Shot("student-result-360", shown.used, 360),
        Shot("student-result-360-dark-en", shown.used, 360, 780, "en", "dark"),
        Shot("queue-1440", "/review", 1440, 900),
        Shot("case-1440", case, 1440, 900),
        Shot("case-1440-dark-en", case, 1440, 900, "en", "dark", keys=("j",)),
        Shot("case-return-1440", case, 1440, 900, keys=("r",)),
        Shot("case-768", case, 768, 1024),
        Shot("sheet-1440", f"{case}/paper", 1440),
        Shot("form-1440", "/office/forms/ouc-2019", 1440, 900),
        Shot("season-1440", "/office/season", 1440, 900),
        Shot("ledger-1440", "/office/papers", 1440, 900),
    ]


def _take(browser: Browser, stage: Stage, shot: Shot, path: Path) -> None:
    context = browser.new_context(
        base_url=stage.base,
        viewport={"width": shot.width, "height": shot.height or 900},
        color_scheme=shot.scheme,
        locale="zh-CN",
    )
    context.add_cookies([{"name": "scanservice_language", "value": shot.language, "url": stage.base}])
    page = context.new_page()
    if not shot.address.startswith("/u/"):
        log_in(page)
    page.goto(shot.address, wait_until="networkidle")
    for key in shot.keys:
        page.keyboard.press(key)
    page.screenshot(path=path, full_page=shot.height is None)
    context.close()
    with Image.open(path) as picture:  # half the bytes, and nothing that an eye would miss
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
