"""The pages of students, reviewers and the office: rendered on the server, and whole without a script.

| module | for |
|---|---|
| `wording`, `rendering` | the words of both languages; templates and static files |
| `visitors`, `forms`, `filters` | who sees a page, errors as pages; what forms and addresses hold |
| `login` | in and out, the language |
| `student`, `student_view`, `retaking` | the student's pages |
| `queue_page`, `case_page`, `case_view`, `deciding`, `undoing`, `pictures` | the reviewer's desk |
| `batch_page`, `paper_page` | clean cases, many at once; a case on paper |
| `ledger_page`, `accounts_page`, `hooks_page` | what the office keeps |
| `quality_page`, `season_page`, `plots`, `forms_page`, `known_forms` | what the office looks at |
"""

from __future__ import annotations

from fastapi import FastAPI

from scanservice.service.services import Services
from scanservice.web.pages import (
    accounts_page,
    batch_page,
    case_page,
    deciding,
    forms_page,
    hooks_page,
    ledger_page,
    login,
    paper_page,
    pictures,
    quality_page,
    queue_page,
    season_page,
    student,
)
from scanservice.web.pages.known_forms import known_forms
from scanservice.web.pages.rendering import STATIC, CachedFiles

DESK = (queue_page, case_page, deciding, batch_page, paper_page, pictures)
OFFICE = (ledger_page, quality_page, season_page, forms_page, accounts_page, hooks_page)
PARTS = (login, student, *DESK, *OFFICE)


def mount_pages(app: FastAPI, services: Services) -> None:
    """Adds the pages to the application."""
    known_forms(services)  # takes a moment: not while the first visitor waits
    app.mount("/static", CachedFiles(directory=STATIC), name="static")
    for part in PARTS:
        app.include_router(part.router)
