"""The pages of students, reviewers and the office: rendered on the server, and whole without a script.

| module | for |
|---|---|
| `wording`, `rendering` | the words of both languages; templates and static files |
| `visitors`, `forms`, `filters` | who sees a page, errors as pages; what forms and addresses hold |
| `login` | in and out, the language |
| `student`, `student_view`, `retaking` | the student's pages |
| `queue_page`, `case_page`, `case_view`, `deciding`, `pictures` | the reviewer's desk |
"""

from __future__ import annotations

from fastapi import FastAPI

from scanservice.service.services import Services
from scanservice.web.pages import (
    case_page,
    deciding,
    login,
    pictures,
    queue_page,
    student,
)
from scanservice.web.pages.known_forms import known_forms
from scanservice.web.pages.rendering import STATIC, CachedFiles

PARTS = (login, student, queue_page, case_page, deciding, pictures)


def mount_pages(app: FastAPI, services: Services) -> None:
    """Adds the pages to the application."""
    known_forms(services)  # takes a moment: not while the first visitor waits
    app.mount("/static", CachedFiles(directory=STATIC), name="static")
    for part in PARTS:
        app.include_router(part.router)
