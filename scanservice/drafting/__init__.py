"""Tools for the person who describes a form: draft a template package, check it, look at it."""

from __future__ import annotations

from scanservice.drafting.draft import draft
from scanservice.drafting.lint import lint
from scanservice.drafting.lint_regions import LintMessage
from scanservice.drafting.show import show

__all__ = ["LintMessage", "draft", "lint", "show"]
