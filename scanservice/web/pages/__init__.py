"""The pages of students, reviewers and the office."""

from __future__ import annotations

from fastapi import FastAPI

from scanservice.service.services import Services


def mount_pages(app: FastAPI, services: Services) -> None:
    """Adds the pages to the application."""
