"""Each page against its budget of weight, requests and time: `python -m benchmarks.pages [--write]`.

Students' pages are measured as on a cheap phone over a slow network (4 Mbit/s, 100 ms, a processor a quarter
as fast), reviewers' as at a desk; the browser's cache is empty, pictures of pages have been drawn, and the
browser's own window has come to rest. What a page fetches early for the one after it is not counted. A page
over its weight or its requests fails; times depend on the machine and are only reported.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, Response

from benchmarks.pages.stage import SAMPLES, Stage, chromium, log_in, open_stage
from benchmarks.tables import publish, table

KIB = 1024
PHONE = {"offline": False, "latency": 100, "downloadThroughput": 500_000, "uploadThroughput": 250_000}
PHONE_SLOWER = 4
SETTLING_MS = 1500
"""A new window loads parts of the browser's own, which take as much of the processor as a page does."""
PAINTED_MS = 200
"""After the network is idle, for the last paint to be told."""


@dataclass(frozen=True)
class Budget:
    """Attributes:
    weight: KiB without pictures of pages; pictures: KiB of these.
    requests: of all kinds.
    first: ms until something is painted; picture: ms until the largest picture of a page is painted.
    """

    name: str
    address: str
    phone: bool
    weight: int
    pictures: int
    requests: int
    first: int
    picture: int | None = None


@dataclass(frozen=True)
class Measured:
    weight: float
    pictures: float
    requests: int
    first: float
    picture: float | None


def budgets(stage: Stage) -> list[Budget]:
    shown = stage.samples[0]
    return [
        Budget("student: what is asked", shown.unused, True, 40, 0, 7, 1500),
        Budget("student: result", shown.used, True, 60, 1400, 6, 1500, 5000),
        Budget("queue", "/review", False, 30, 0, 6, 300),
        Budget("case", f"/review/scans/{shown.scan}", False, 50, 1500, 8, 300, 300),
        Budget("season", "/office/season", False, 30, 0, 4, 300),
        Budget("ledger", "/office/papers", False, 30, 0, 4, 300),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=3, help="times that each page is opened")
    parser.add_argument("--write", action="store_true", help="keep the page in docs/benchmarks")
    given = parser.parse_args()
    rows, over = [], []
    with open_stage(SAMPLES[:2]) as stage, chromium() as browser:
        for budget in budgets(stage):
            found = _median([_measure(browser, stage, budget) for _ in range(given.size)])
            rows.append(_row(budget, found))
            sizes = (found.weight, budget.weight), (found.pictures, budget.pictures)
            if any(value > most for value, most in sizes) or found.requests > budget.requests:
                over.append(budget.name)
    header = ["page", "KiB (budget)", "pictures, KiB", "requests", "first paint, ms", "picture painted, ms"]
    load = f"Load of the machine while it was measured: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores."
    command = f"python -m benchmarks.pages --size {given.size} --write"
    publish("pages", "Pages: weight, requests, time", command, [table(header, rows), load], write=given.write)
    if over:
        sys.exit(f"over budget: {', '.join(over)}")


def _row(budget: Budget, found: Measured) -> list[object]:
    picture = "-" if found.picture is None else f"{found.picture:.0f} ({budget.picture})"
    return [
        budget.name,
        f"{found.weight:.0f} ({budget.weight})",
        f"{found.pictures:.0f} ({budget.pictures})",
        f"{found.requests} ({budget.requests})",
        f"{found.first:.0f} ({budget.first})",
        picture,
    ]


def _median(found: list[Measured]) -> Measured:
    pictures = [one.picture for one in found if one.picture is not None]
    return Measured(
        weight=statistics.median(one.weight for one in found),
        pictures=statistics.median(one.pictures for one in found),
        requests=max(one.requests for one in found),
        first=statistics.median(one.first for one in found),
        picture=statistics.median(pictures) if pictures else None,
    )


def _measure(browser: Browser, stage: Stage, budget: Budget) -> Measured:
    size = {"width": 360, "height": 740} if budget.phone else {"width": 1440, "height": 900}
    context = browser.new_context(base_url=stage.base, viewport=size, locale="zh-CN")  # type: ignore[arg-type]
    page = context.new_page()
    if not budget.phone:
        log_in(page)
        page.goto("about:blank")
    page.wait_for_timeout(SETTLING_MS)
    # Log-in has filled the cache; a page is measured as its first visitor meets it.
    session = context.new_cdp_session(page)
    session.send("Network.clearBrowserCache")
    if budget.phone:
        session.send("Network.emulateNetworkConditions", PHONE)
        session.send("Emulation.setCPUThrottlingRate", {"rate": PHONE_SLOWER})
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(budget.address, wait_until="networkidle")
    page.wait_for_timeout(PAINTED_MS)
    answers = [answer for answer in answers if "purpose" not in answer.request.headers]
    weights = [(_is_picture(answer), answer.request.sizes()["responseBodySize"]) for answer in answers]
    first, picture = _times(page)
    context.close()
    return Measured(
        weight=sum(size for is_picture, size in weights if not is_picture) / KIB,
        pictures=sum(size for is_picture, size in weights if is_picture) / KIB,
        requests=len(answers),
        first=first,
        picture=picture if budget.picture is not None else None,
    )


def _is_picture(answer: Response) -> bool:
    return "/pages/" in answer.url


def _times(page: Page) -> tuple[float, float | None]:
    """First paint, and that of the largest picture (an SVG `image`); None where it was none of a page."""
    return tuple(
        page.evaluate(
            """() => new Promise((told) => {
              const first = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0;
              const watch = new PerformanceObserver((list) => {
                const pictures = list.getEntries().filter((one) => one.element?.localName === "image");
                told([first, pictures.at(-1)?.startTime ?? null]);
              });
              watch.observe({ type: "largest-contentful-paint", buffered: true });
            })"""
        )
    )


if __name__ == "__main__":
    main()
