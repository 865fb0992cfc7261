"""Checks scans of employment agreements against the school's form and the student's entry."""

__version__ = "0.1.0"
