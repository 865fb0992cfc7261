"""A scan as a reviewer sees it: pages with places, findings, each field's entry beside its ink."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from scanservice.findings import Language
from scanservice.report.differences import Span, differing_spans
from scanservice.report.draw import region_state
from scanservice.service.services import Services
from scanservice.template import Region, Template
from scanservice.verdict import FindingResult, PageResult, RegionResult, Verdict
from scanservice.web.pages.known_forms import form_of, page_label, region_label
from scanservice.web.pages.queue_page import title

CROP_MARGIN_MM = 1.5
CROP_MARGIN_SHARE = 0.15
"""Of a crop's height, around a region whose place in millimetres is not known."""
LONGEST_STRIP, SHARED = 8, 0.4
"""Of a strip: width to height; what neighbours share, to the height."""
MARK_KINDS = ("seal", "signature")
QUIET_KINDS = ("print", "free")
TROUBLED = ("differ", "absent", "unsure", "blank")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a region lies in a picture: the points of an outline, and a box around it."""

    points: str
    left: float
    top: float
    wide: float
    high: float

    @property
    def crop(self) -> str:
        """The view box."""
        return f"{self.left:.1f} {self.top:.1f} {self.wide:.1f} {self.high:.1f}"

    @property
    def strips(self) -> tuple[str, ...]:
        """View boxes from left to right, none so long that its writing would be too small on a telephone;
        neighbours share about a character."""
        number = max(1, ceil(self.wide / self.high / LONGEST_STRIP))
        step, shared = self.wide / number, (SHARED * self.high if number > 1 else 0.0)
        lefts = (self.left + step * n - (shared if n else 0.0) for n in range(number))
        return tuple(f"{left:.1f} {self.top:.1f} {step + shared:.1f} {self.high:.1f}" for left in lefts)


@dataclass(frozen=True, slots=True)
class Outline:
    """A region on a page. `straight` is None where the page was not straightened.

    Attributes:
        tone: the state, but `not_evaluated` where something is absent that may be, and that no finding minds;
            the finding's severity where the state alone says nothing of what is wrong.
    """

    id: str
    label: str
    state: str
    tone: str
    quiet: bool
    upload: Place
    straight: Place | None
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PageView:
    """`sheet` is the form's width and height in mm, in which the straightened picture is measured."""

    index: int
    label: str
    width: int
    height: int
    sheet: tuple[float, float] | None
    outlines: tuple[Outline, ...]
    dpi: int | None

    @property
    def minded(self) -> bool:
        """Whether a finding is about a place on it."""
        return any(outline.numbers for outline in self.outlines)


@dataclass(frozen=True, slots=True)
class FieldView:
    """A region's row: what was entered, what the ink shows."""

    outline: Outline
    page: PageView
    kind: str
    owner: str | None
    expected: tuple[Span, ...]
    read: tuple[Span, ...]
    confidence: int | None

    @property
    def place(self) -> Place:
        return self.outline.straight or self.outline.upload

    @property
    def troubled(self) -> bool:
        outline = self.outline
        return bool(outline.numbers) or (outline.state in TROUBLED and outline.tone == outline.state)


@dataclass(frozen=True, slots=True)
class FindingView:
    number: int
    code: str
    title: str
    severity: str
    message: str
    advice: str
    clause: str
    region: str | None
    page: int | None
    params: Mapping[str, Any]
    internal: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ScanView:
    """All that is drawn from one verdict.

    Attributes:
        first: index of the page to look at first: that of the first finding which has one, else the fullest.
    """

    verdict: str
    final: bool
    pages: tuple[PageView, ...]
    findings: tuple[FindingView, ...]
    fields: tuple[FieldView, ...]
    marks: tuple[FieldView, ...]
    form: str | None

    @property
    def first(self) -> int:
        found = (one.page for one in self.findings if one.page is not None)
        fullest = max(self.pages, key=lambda page: len(page.outlines), default=None)
        return next(found, fullest.index if fullest else 0)


def scan_view(
    services: Services, document: Mapping[str, Any], internal: Sequence[Mapping[str, Any]], language: Language
) -> ScanView:
    """The view of a verdict with words (contract, 3).

    Args:
        internal: what only reviewers may see, one mapping a finding; empty for students.
    """
    verdict = Verdict.model_validate(document)
    form = form_of(services, verdict.template.id, verdict.template.version) if verdict.template else None
    regions = {region.id: region for _, region in form.regions()} if form else {}
    pages = tuple(_page(index, verdict, form, regions, language) for index in range(len(verdict.pages)))
    rows = _rows(verdict, pages, regions)
    return ScanView(
        verdict=verdict.verdict,
        final=verdict.final,
        pages=pages,
        findings=tuple(
            _finding(number, finding, internal[number - 1] if number <= len(internal) else {}, language)
            for number, finding in enumerate(verdict.findings, start=1)
        ),
        fields=tuple(row for row in rows if row.kind not in (*MARK_KINDS, *QUIET_KINDS)),
        marks=tuple(row for row in rows if row.kind in MARK_KINDS),
        form=form.description.title if form else None,
    )


def _finding(number: int, found: FindingResult, inside: Mapping[str, Any], language: Language) -> FindingView:
    return FindingView(
        number=number,
        code=found.code,
        title=title(found.code, language),
        severity=found.severity,
        message=found.message,
        advice=found.advice,
        clause=found.clause,
        region=found.region,
        page=found.page,
        params=found.params,
        internal=inside,
    )


def _page(
    index: int, verdict: Verdict, form: Template | None, regions: Mapping[str, Region], language: Language
) -> PageView:
    page = verdict.pages[index]
    sheet = _sheet(page, form)
    outlines = tuple(
        _outline(result, regions.get(result.id), sheet is not None, verdict, language)
        for result in verdict.regions
        if result.page == index
    )
    return PageView(
        index=index,
        label=page_label(page.template_page, index + 1, language),
        width=page.width,
        height=page.height,
        sheet=sheet,
        outlines=outlines,
        dpi=round(page.quality.dpi) if page.quality else None,
    )


def _sheet(page: PageResult, form: Template | None) -> tuple[float, float] | None:
    if form is None or page.template_page is None or page.alignment is None:
        return None
    return form.page_size(page.template_page)


def _outline(
    result: RegionResult, region: Region | None, straight: bool, verdict: Verdict, language: Language
) -> Outline:
    state = region_state(result)
    numbers = tuple(n for n, found in enumerate(verdict.findings, start=1) if found.region == result.id)
    spared = state in ("absent", "blank") and region is not None and not region.required and not numbers
    tone = "not_evaluated" if spared else state
    if tone in ("not_evaluated", "blank") and numbers:
        tone = verdict.findings[numbers[0] - 1].severity
    return Outline(
        id=result.id,
        label=region_label(region, result.id, result.kind, language),
        state=state,
        tone=tone,
        quiet=result.kind in QUIET_KINDS,
        upload=_upload_place(result),
        straight=_straight_place(region) if region is not None and straight else None,
        numbers=numbers,
    )


def _upload_place(result: RegionResult) -> Place:
    xs, ys = [x for x, _ in result.quad], [y for _, y in result.quad]
    margin = CROP_MARGIN_SHARE * (max(ys) - min(ys))
    points = " ".join(f"{x:.0f},{y:.0f}" for x, y in result.quad)
    return _place(points, min(xs), min(ys), max(xs), max(ys), margin)


def _straight_place(region: Region) -> Place:
    box = region.box
    corners = (
        (box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom),
    )  # fmt: skip
    points = " ".join(f"{x:g},{y:g}" for x, y in corners)
    return _place(points, box.left, box.top, box.right, box.bottom, CROP_MARGIN_MM)


def _place(points: str, left: float, top: float, right: float, bottom: float, margin: float) -> Place:
    wide, high = right - left + 2 * margin, bottom - top + 2 * margin
    return Place(points, left - margin, top - margin, wide, high)


def _rows(verdict: Verdict, pages: Sequence[PageView], regions: Mapping[str, Region]) -> list[FieldView]:
    outlines = {(page.index, outline.id): outline for page in pages for outline in page.outlines}
    rows = []
    for result in verdict.regions:
        expected, read = differing_spans(result.expected or "", result.read or "")
        region = regions.get(result.id)
        rows.append(
            FieldView(
                outline=outlines[result.page, result.id],
                page=pages[result.page],
                kind=result.kind,
                owner=region.owner if region else None,
                expected=expected,
                read=read,
                confidence=None if result.confidence is None else round(100 * result.confidence),
            )
        )
    return rows
