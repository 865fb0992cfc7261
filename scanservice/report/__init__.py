"""What people see of a verdict: the scan with its findings drawn on it, crops, a page to read."""

from scanservice.report.draw import draw_findings, straighten
from scanservice.report.page import write_report
from scanservice.report.text import summary

__all__ = ["draw_findings", "straighten", "summary", "write_report"]
