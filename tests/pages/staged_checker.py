"""A checker that stages what pages shall show: a file's lines say what it finds on the worked example's form.

`differ REGION`, `unsure REGION`, `absent REGION`, `blurred` (the page must be taken again), `wait SECONDS`; a
file without such lines is in order. The lines of a PDF stand on its pages. The first page is the
form's, further ones are pages of no form. Pictures are the form's own blank.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import pymupdf

from scanservice import __version__
from scanservice.case import Case
from scanservice.findings import catalogue
from scanservice.service.checking import CheckOutcome, Context, Progress, View
from scanservice.settings import Settings
from scanservice.template import Region, Template, load_templates

DOTS = 4
"""Pixels of a staged upload to a millimetre of the form."""
AGREEMENT = {"differ": "differ", "unsure": "unsure"}


def make(settings: Settings) -> StagedChecker:
    assert settings.templates is not None
    return StagedChecker(load_templates(settings.templates)[0])


class StagedChecker:
    def __init__(self, form: Template) -> None:
        self.form = form
        self.page_of_form = form.pages[0]

    def versions(self) -> Mapping[str, Any]:
        return {"rules": "staged", "templates": {self.form.id: self.form.version}}

    def prepare(self) -> None:
        return

    def check(self, files: Sequence[Path], case: Case, context: Context, progress: Progress) -> CheckOutcome:
        progress("form")
        orders, hashes, places = [], [], []
        for number, file in enumerate(files):
            data = file.read_bytes()
            hashes.append(hashlib.sha256(data).hexdigest())
            for page, text in enumerate(_texts(data)):
                for line in text.splitlines():
                    word, _, value = line.partition(" ")
                    if word == "wait":
                        time.sleep(float(value))
                    orders.append((word, value, len(places)))
                places.append((number, page))
        progress("reading")
        evidence = json.dumps({"orders": orders, "hashes": hashes, "places": places}).encode()
        judged = self.rejudge(evidence, case, context)
        return CheckOutcome(judged.document, judged.internal, evidence)

    def rejudge(self, evidence: bytes, case: Case, context: Context) -> CheckOutcome:
        seen = json.loads(evidence)
        ordered = {value: word for word, value, _ in seen["orders"] if word in ("differ", "unsure", "absent")}
        regions = [
            self._result(region, ordered.get(region.id), case)
            for region in self.page_of_form.regions
            if region.kind not in ("print", "free")
        ]
        findings = [found for region in regions if (found := self._finding(region, ordered, case))]
        findings += [
            _finding("resolution-too-low", "retake", {"dpi": 72}, page=number)
            for word, _, number in seen["orders"]
            if word == "blurred"
        ]
        order = ("return", "retake", "review")
        kind = min((found["severity"] for found in findings), key=order.index, default="pass")
        return CheckOutcome(self._document(seen, case, kind, regions, findings), [{} for _ in findings])

    def _result(self, region: Region, order: str | None, case: Case) -> dict[str, Any]:
        box = region.box
        corners = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]
        quad = [[x * DOTS, y * DOTS] for x, y in corners]
        result: dict[str, Any] = {"id": region.id, "kind": region.kind, "page": 0, "quad": quad}
        if region.kind in ("seal", "signature"):
            missing = order == "absent" or not region.required
            return result | {"presence": "absent" if missing else "present"}
        expected = case.value(region.value) if region.value else None
        read = f"{expected[:-1]}口" if expected and order == "differ" else expected
        agreement = AGREEMENT.get(order or "", "agree") if expected else "not_evaluated"
        return result | {"agreement": agreement, "read": read, "expected": expected, "confidence": 0.9}

    def _finding(
        self, result: dict[str, Any], ordered: Mapping[str, str], case: Case
    ) -> dict[str, Any] | None:
        region = self.form.region(result["id"])
        place = {"region": region.id, "page": 0, "quad": result["quad"]}
        said = {"field": region.value, "read": result.get("read"), "expected": result.get("expected")}
        match ordered.get(region.id):
            case "differ":
                return _finding("field-differs", "return", said, **place)
            case "unsure":
                return _finding("field-unclear", "review", said, **place)
            case "absent":
                return _finding("employer-seal-missing", "return", {}, **place)
        return None

    def _document(
        self, seen: dict[str, Any], case: Case, kind: str, regions: list[Any], findings: list[Any]
    ) -> dict[str, Any]:
        wide, high = self.form.page_sizes[0]
        size = {"width": round(wide * DOTS), "height": round(high * DOTS), "rotation": 0}
        quality = {"dpi": 102, "sharpness": 0.8, "glare": 0.0, "cut_off": []}
        alignment = {"residual_mm": {"median": 0.1, "p95": 0.2, "max": 0.3}, "model": "homography"}
        pages = [
            {"scan": file, "page": page, **size, "quality": quality}
            | (
                {"template_page": self.page_of_form.name, "alignment": alignment}
                if number == 0
                else {"template_page": None, "alignment": None}
            )
            for number, (file, page) in enumerate(seen["places"])
        ]
        serial = case.entry.serial if case.entry else None
        return {
            "format": 1, "verdict": kind, "final": False, "case": case.case, "pages": pages,
            "template": {"id": self.form.id, "version": self.form.version},
            "serial": {"read": serial, "expected": serial, "agreement": "agree", "confidence": 0.99},
            "regions": regions, "findings": findings, "input_sha256": seen["hashes"],
            "versions": {"scanservice": __version__, "rules": "staged", "recogniser": "staged"},
            "timings_ms": {"decode": 1, "align": 1, "measure": 1, "read": 1, "total": 4},
        }  # fmt: skip

    def page(
        self,
        files: Sequence[Path],
        evidence: bytes | None,
        document: Mapping[str, Any],
        number: int,
        view: View,
    ) -> bytes:
        if not 0 <= number < sum(len(_texts(file.read_bytes())) for file in files):
            raise IndexError(number)
        return self._picture

    @cached_property
    def _picture(self) -> bytes:
        with pymupdf.open(self.form.blank) as blank:
            return blank[0].get_pixmap(dpi=72, alpha=False).tobytes("png")


def _texts(data: bytes) -> list[str]:
    if not data.startswith(b"%PDF"):
        return [data.decode("utf-8", "replace")]
    with pymupdf.open(stream=data, filetype="pdf") as document:
        return [str(page.get_text()) for page in document]


def _finding(code: str, severity: str, params: dict[str, Any], **place: Any) -> dict[str, Any]:
    kind = catalogue()[code]
    return {
        "code": code, "severity": severity, "region": None, "page": None, "quad": None, "params": params,
        "message": "", "advice": "", "clause": kind.clause,
    } | place  # fmt: skip
