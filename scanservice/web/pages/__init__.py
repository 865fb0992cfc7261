"""The pages of students, reviewers and the office: rendered on the server, and whole without a script.

| module | for |
|---|---|
| `wording`, `rendering`, `static_files` | the words of both languages; templates; scripts and style |
| `visitors`, `forms`, `filters` | who sees a page, errors as pages; what forms and addresses hold |
| `login` | in and out, the language |
| `student`, `student_view`, `linked` | the student's pages |
| `sending`, `retaking`, `keeping` | files that arrive in pieces; pages taken again |
| `queue_page`, `case_page`, `case_view`, `pictures` | the reviewer's desk: what is to be seen |
| `deciding`, `undoing`, `missed`, `correcting` | and to be done |
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
    correcting,
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
    sending,
    static_files,
    student,
)
from scanservice.web.pages.known_forms import known_forms

DESK = (queue_page, case_page, deciding, correcting, batch_page, paper_page, pictures)
OFFICE = (ledger_page, quality_page, season_page, forms_page, accounts_page, hooks_page)
PARTS = (static_files, login, student, sending, *DESK, *OFFICE)


def mount_pages(app: FastAPI, services: Services) -> None:
    """Adds the pages to the application."""
    known_forms(services)  # takes a moment: not while the first visitor waits
    for part in PARTS:
        app.include_router(part.router)
