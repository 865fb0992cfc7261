"""Facts for rules without pixels: a case, a form and a scan of it that pass, and ways to spoil them."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from scanservice.case import Case, parse_case
from scanservice.evidence import (
    Evidence,
    Failure,
    InkMeasure,
    Judgement,
    Layout,
    PageFit,
    PrintMatch,
    RegionEvidence,
    RegionQuality,
    Residual,
    SealMark,
    SerialMark,
    SignatureMark,
)
from scanservice.geometry import PageMap, Quad
from scanservice.template import Description, Template
from scanservice.verify import LedgerFacts, ReuseHit, RuleFacts, serial_facts

SERIAL = "2019100423"
CASE: Mapping[str, Any] = {
    "case": "2019-21160231045",
    "today": "2018-12-25",
    "student": {
        "number": "21160231045",
        "name": "张海洋",
        "id_number": "370202199503184525",
        "gender": "女",
        "birth": "1995-03",
        "ethnicity": "汉族",
        "political_status": "中共党员",
        "college": "海洋生命学院",
        "major": "海洋生物学",
        "degree": "硕士研究生",
        "education_years": "3",
        "education_mode": "非定向",
        "phone": "13853261827",
        "home_address": "山东省青岛市市南区鱼山路5号",
    },
    "entry": {
        "serial": SERIAL,
        "employer_name": "上海蓝海生物科技有限公司",
        "employer_code": "91310115MA1K3XY773",
        "employer_region": "310115",
        "employer_nature": "39",
        "employer_affiliation": "上海市",
        "authority_name": None,
        "employer_contact": "李建国",
        "employer_phone": "021-58331276",
        "employer_postcode": "201203",
        "employer_address": "上海市浦东新区碧波路888号",
        "archive_receiver": "上海市浦东新区人才交流服务中心",
        "archive_address": "上海市浦东新区羊泾路258号",
        "archive_postcode": "200135",
        "archive_contact": "王芳",
        "archive_phone": "021-58601234",
        "household_address": "上海市公安局浦东分局张江派出所",
        "student_signed_on": "2018-12-18",
        "employer_signed_on": "2018-12-20",
        "confirmed_on": "2018-12-21",
    },
    "workflow": {
        "registered": True,
        "account": "enabled",
        "route": "out_of_province",
        "state": "entry_confirmed",
        "papers": [
            {"serial": SERIAL, "issued_on": "2018-10-12", "status": "held", "sealed_in_advance": False}
        ],
        "offer_notice": None,
        "online_agreement": None,
        "terminations": [],
    },
}
TEXTS = (
    ("student.name", "name", True),
    ("student.id_number", "id_number", True),
    ("student.major", "text", True),
    ("student.phone", "phone", False),
    ("entry.employer_name", "organisation", True),
    ("entry.employer_address", "address", True),
    ("entry.authority_name", "organisation", False),
    ("entry.archive_receiver", "organisation", True),
    ("entry.household_address", "address", False),
    ("entry.student_signed_on", "date", True),
    ("entry.employer_signed_on", "date", True),
)
"""Value, comparator and whether it is required, of the form's text regions; ids are a, b, c ..."""


def region_of(value: str) -> str:
    """The id of the text region where a value stands."""
    return "abcdefghijklmnopq"[[path for path, _, _ in TEXTS].index(value)]


def form(*more: Mapping[str, Any], **changes: Any) -> Template:
    """A form of two pages: a cover with a serial, and a page with texts, seals, signatures and a serial.

    Args:
        more: further regions of the second page.
    """
    box, pattern = [10, 10, 60, 20], "(?P<serial>\\d{10})"
    texts = [
        {
            "id": region_of(value),
            "kind": "text",
            "box": box,
            "value": value,
            "compare": compare,
            "required": must,
        }
        for value, compare, must in TEXTS
    ]
    marks = [
        {"id": "s1", "kind": "signature", "box": box, "owner": "student", "required": True},
        {"id": "s2", "kind": "signature", "box": box, "owner": "employer", "required": False},
        {"id": "m1", "kind": "seal", "box": box, "owner": "employer", "required": True},
        {"id": "m2", "kind": "seal", "box": box, "owner": "authority", "required": True},
        {"id": "m3", "kind": "seal", "box": box, "owner": "college", "required": True},
        {"id": "m4", "kind": "seal", "box": box, "owner": "school", "required": False},
    ]
    content = {
        "format": 1,
        "id": "form-a",
        "title": "就业协议书",
        "issuer": "某大学",
        "season": {
            "from": "2018-09-01",
            "until": "2019-08-31",
            "terminations_before": "2019-01-08",
            "home_region": "37",
        },
        "pages": [
            {"page": 1, "name": "cover", "regions": [_serial("n1", box, pattern)]},
            {"page": 2, "name": "agreement", "regions": [_serial("n2", box, pattern), *texts, *marks, *more]},
        ],
    } | changes
    return Template(Description.model_validate(content), Path("nowhere"), "0" * 64, ((210.0, 297.0),) * 2)


def _serial(name: str, box: list[int], pattern: str) -> dict[str, Any]:
    return {"id": name, "kind": "serial", "box": box, "pattern": pattern, "ink": "red"}


def decoy(refusal: str | None = "electronic-agreement") -> Template:
    return form(id="form-b", accepts=False, refusal=refusal)


def case(changes: Mapping[str, Any] | None = None, **more: Any) -> Case:
    """The case that passes, with some paths changed: `case({"entry.serial": None})`."""
    content = copy.deepcopy(dict(CASE))
    for path, value in {**(changes or {}), **more}.items():
        *parents, key = path.split(".")
        holder = content
        for parent in parents:
            holder = holder[parent]
        holder[key] = value
    return parse_case(content)


QUALITY = RegionQuality(dots_per_mm=8.0, sharpness=0.9, contrast=0.9, glare=0.0, cut_off=0.0, covered=0.0)
QUAD: Quad = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def _seen(template: Template, known: Case) -> dict[str, RegionEvidence]:
    found: dict[str, RegionEvidence] = {}
    for page, region in template.regions():
        seen = RegionEvidence(region.id, page.page - 1, QUAD, 0.2, QUALITY)
        if region.kind == "text":
            written = region.required or (region.value is not None and known.value(region.value) is not None)
            seen = replace(
                seen, ink=InkMeasure(30.0 if written else 0.0, None, blank=0.01 if written else 0.99)
            )
        elif region.kind == "signature":
            there = region.owner == "student"
            seen = replace(seen, signature=SignatureMark(0.99 if there else 0.02))
        elif region.kind == "seal":
            there = region.owner in ("employer", "college")
            seen = replace(seen, seal=SealMark(0.99 if there else 0.01, "red" if there else None))
        elif region.kind == "serial":
            seen = replace(seen, serial=SerialMark(0.02, (), (0.1, 0.1), "red", 0.01))
        found[region.id] = seen
    return found


def _judgements(template: Template, known: Case) -> dict[str, Judgement]:
    found = {}
    for _, region in template.regions():
        path = {"serial": "entry.serial", "text": region.value}.get(region.kind)
        expected = known.value(path) if path else None
        if region.kind == "seal":
            there = region.owner in ("employer", "college")
            agreement, expected = ("agree" if there else "blank"), "某单位"
        elif region.kind in ("text", "serial"):
            agreement = "agree" if expected is not None else "not_evaluated"
        else:
            continue
        why = "exact" if agreement == "agree" else "no-expected-value"
        read = expected or (SERIAL if region.kind == "serial" else None)
        found[region.id] = Judgement(region.id, agreement, expected, read, 0.99, why)  # type: ignore[arg-type]
    return found


def _layout(template: Template, scanned: Iterable[str]) -> Layout:
    fits = tuple(
        PageFit(
            page.page - 1,
            template.id,
            page.name,
            PageMap((210.0, 297.0), np.eye(3)),
            0,
            Residual(0.1, 0.2, 0.3),
            {},
            "accepted",
            (PrintMatch(None, page.regions[0].box, 0.9, True),),
        )
        for page in template.pages
        if page.name in scanned
    )
    missing = tuple(page.name for page in template.pages if page.name not in scanned and page.required)
    return Layout(template.id, "accepted", fits, ("form",) * len(fits), missing)


@dataclass(frozen=True)
class Scene:
    """A scan of a filled-in form under a case; every method gives a spoilt copy.

    `facts()` is what the rules are told of it.
    """

    known: Case
    template: Template | None
    layout: Layout
    seen: Mapping[str, RegionEvidence]
    judged: Mapping[str, Judgement]
    failures: tuple[Failure, ...] = ()
    ledger: LedgerFacts | None = None
    reuse: tuple[ReuseHit, ...] | None = None
    season: Mapping[str, Any] | None = None

    def facts(self) -> RuleFacts:
        season = form().season
        if self.season is not None:
            season = type(season).model_validate({**season.model_dump(by_alias=True), **self.season})
        evidence = Evidence((), self.layout, self.seen, {}, failures=self.failures)
        return RuleFacts(
            case=self.known,
            template=self.template,
            season=season,
            layout=self.layout,
            evidence=evidence,
            judgements=self.judged,
            serial=serial_facts(self.judged, self.known, self.template),
            today=self.known.today or dt.date(2018, 12, 25),
            ledger=self.ledger,
            reuse=self.reuse,
        )

    def judgement(self, region: str, agreement: str, **changes: Any) -> Scene:
        """Another answer for a region."""
        found = replace(self.judged[region], agreement=agreement, why="told", **changes)  # type: ignore[arg-type]
        return replace(self, judged={**self.judged, region: found})

    def evidence(self, region: str, **changes: Any) -> Scene:
        """Other measurements in a region: `evidence("m1", seal=None)`."""
        return replace(self, seen={**self.seen, region: replace(self.seen[region], **changes)})

    def trouble(self, region: str, *troubles: str) -> Scene:
        quality = replace(self.seen[region].quality, troubles=troubles)  # type: ignore[arg-type]
        return self.evidence(region, quality=quality)

    def seal(self, region: str, presence: float, ink: str | None = "red") -> Scene:
        return self.evidence(region, seal=SealMark(presence, ink))  # type: ignore[arg-type]

    def signature(self, region: str, presence: float) -> Scene:
        return self.evidence(region, signature=SignatureMark(presence))

    def standing(self, standing: str, **changes: Any) -> Scene:
        return replace(self, layout=replace(self.layout, standing=standing, **changes))  # type: ignore[arg-type]


def scene(
    changes: Mapping[str, Any] | None = None,
    *,
    template: Template | None = None,
    scanned: Iterable[str] = ("cover", "agreement"),
    **more: Any,
) -> Scene:
    """A scan that passes, under a case with some paths changed; the paper says what the entry says.

    Args:
        scanned: the form's pages that are in the upload.
        more: further fields of the scene, such as `ledger`.
    """
    return scene_of(case(changes), template or form(), scanned=scanned, **more)


def scene_of(known: Case, template: Template, *, scanned: Iterable[str] | None = None, **more: Any) -> Scene:
    """A scan of a form on which stands what a case says.

    Args:
        scanned: the form's pages that are in the upload; by default all of them.
    """
    pages = tuple(page.name for page in template.pages) if scanned is None else tuple(scanned)
    layout = _layout(template, pages)
    on_it = {region.id for page, region in template.regions() if page.name in pages}
    seen = {name: found for name, found in _seen(template, known).items() if name in on_it}
    judged = {
        name: found
        if name in on_it
        else Judgement(name, "not_evaluated", found.expected, None, 0.0, "not-found")
        for name, found in _judgements(template, known).items()
    }
    return Scene(known, template, layout, seen, judged, **more)


def blank_scene(changes: Mapping[str, Any] | None = None) -> Scene:
    """The form as it was issued: a serial, and nothing filled in."""
    found = scene(changes)
    for _, region in form().regions():
        if region.kind == "text":
            found = found.evidence(region.id, ink=InkMeasure(0.0, None, blank=0.99)).judgement(
                region.id, "blank"
            )
        elif region.kind == "seal":
            found = found.seal(region.id, 0.01, None)
        elif region.kind == "signature":
            found = found.signature(region.id, 0.01)
    return found
