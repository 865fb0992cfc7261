"""What a student sees: which pages are asked, how far the check is, and the result in order of importance.

All of it comes from the student's own case, link and scan; nothing that reviewers alone may see is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scanservice.findings import Language, terms
from scanservice.service import cases, scans
from scanservice.service.database import Record, Tx
from scanservice.service.links import Link
from scanservice.service.services import Services
from scanservice.service.tables import links
from scanservice.service.times import day
from scanservice.verdict import SEVERITY_ORDER
from scanservice.web.pages.case_view import FieldView, FindingView, ScanView, scan_view
from scanservice.web.pages.keeping import Part, divisible
from scanservice.web.pages.known_forms import asked_form, page_label

STAGES = ("received", "form", "reading", "done")
ASKS_AGAIN = ("return", "retake")


@dataclass(frozen=True, slots=True)
class Slot:
    """A page to be photographed.

    Attributes:
        replaces: what it takes the place of in the earlier upload; None for a page beside all others.
    """

    label: str
    required: bool = True
    replaces: Part | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What an upload is to hold.

    Attributes:
        name: the student's; title: the form's.
        kept: labels of the earlier upload's pages that stay as they are; empty for a first upload.
        scan: the earlier upload.
    """

    name: str
    title: str | None
    slots: tuple[Slot, ...]
    kept: tuple[str, ...] = ()
    scan: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A finding, with the field that it is about where it is about one."""

    finding: FindingView
    field: FieldView | None


@dataclass(frozen=True)
class Result:
    """Attributes:
    headline: `approve`, `return`, `retake` by a person's decision, else the verdict.
    asks_again: whether another upload is asked.
    serious, later: what the student must do something about, and what the office looks at.
    """

    row: Record
    name: str
    headline: str
    decision: Mapping[str, Any] | None
    asks_again: bool
    view: ScanView
    serious: tuple[Said, ...]
    later: tuple[Said, ...]
    retaken: tuple[Slot, ...]


def asked(tx: Tx, services: Services, link: Link, language: Language) -> Asked:
    """What a link that has not been used asks for."""
    row = cases.get_case(tx, link.case_id)
    today = cases.facts_of(row).today or day(tx.now, services.settings.time_zone)
    form = asked_form(services, today)
    title = form.description.title if form else None
    earlier = _earlier_scan(tx, link)
    if earlier is not None:
        again = result(tx, services, earlier, language)
        if again is not None and again.retaken:
            replaced = {slot.replaces for slot in again.retaken}
            kept = tuple(
                page.label
                for page, at in zip(again.view.pages, places_of_pages(tx, earlier), strict=True)
                if not replaced & {at, Part(at.file)}
            )
            return Asked(row.student_name, title, again.retaken, kept, earlier)
    pages = form.pages if form else ()
    slots = tuple(Slot(page_label(page.name, page.page, language), page.required) for page in pages)
    return Asked(row.student_name, title, slots)


def _earlier_scan(tx: Tx, link: Link) -> str | None:
    """The scan of the link that this one renews."""
    renewed = links.alias("renewed")
    found = links.select().with_only_columns(renewed.c.scan_id)
    found = found.join(renewed, renewed.c.token_hash == links.c.successor_of)
    return tx.value(found.where(links.c.token_hash == link.token_hash))


def places_of_pages(tx: Tx, scan: str) -> list[Part]:
    """Of each page of the verdict, where it is in the upload."""
    document = scans.verdict_of(tx, scans.get_scan(tx, scan), "zh-CN")
    return [Part(page["scan"], page["page"]) for page in document["pages"]] if document else []


def result(tx: Tx, services: Services, scan: str, language: Language) -> Result | None:
    """The result of a scan; None until there is a verdict."""
    detail = scans.detail(tx, scan, language)
    if detail["verdict"] is None:
        return None
    row = scans.get_scan(tx, scan)
    view = scan_view(services, detail["verdict"], (), language)
    fields = {row.outline.id: row for row in (*view.fields, *view.marks)}
    said = [
        Said(finding, fields.get(finding.region) if finding.region else None)
        for finding in sorted(view.findings, key=lambda one: SEVERITY_ORDER.index(one.severity))
    ]
    decision = detail["decision"]
    headline = decision["decision"] if decision else view.verdict
    return Result(
        row=row,
        name=cases.get_case(tx, row.case_id).student_name,
        headline=headline,
        decision=decision,
        asks_again=headline in ASKS_AGAIN and not row.superseded,
        view=view,
        serious=tuple(one for one in said if one.finding.severity in ASKS_AGAIN),
        later=tuple(one for one in said if one.finding.severity not in ASKS_AGAIN),
        retaken=_retaken(tx, services, row, view, decision, language) if headline == "retake" else (),
    )


def _retaken(
    tx: Tx,
    services: Services,
    row: Record,
    view: ScanView,
    decision: Mapping[str, Any] | None,
    language: Language,
) -> tuple[Slot, ...]:
    """The pages that must be taken again, where the rest can stay: none where it is all of them.

    A page of a PDF is replaced by itself; another file with several pages as a whole.
    """
    if row.pictures_gone_at is not None:
        return ()
    places = places_of_pages(tx, row.scan_id)
    if decision is not None:
        pages = {page for page in decision["pages"] if page < len(places)}
    else:
        pages = {one.page for one in view.findings if one.severity == "retake" and one.page is not None}
    slots = []
    for file in sorted({places[page].file for page in pages}):
        its = [page for page, at in enumerate(places) if at.file == file]
        if pages.issuperset(its) or not divisible(tx, services, row.scan_id, file, len(pages)):
            slots.append(Slot("、".join(view.pages[page].label for page in its), True, Part(file)))
        else:
            slots += [Slot(view.pages[page].label, True, places[page]) for page in its if page in pages]
    whole = {slot.replaces.file for slot in slots if slot.replaces and slot.replaces.page is None}
    if decision is None:
        missing = (one for one in view.findings if one.code == "page-missing" and one.severity == "retake")
        slots += [Slot(_missing(one, language)) for one in missing]
    return tuple(slots) if whole < {at.file for at in places} else ()


def _missing(finding: FindingView, language: Language) -> str:
    page = str(finding.params.get("page", ""))
    return terms(language).get(page, page)
