"""Evidence and case to findings: readers, agreement, identifiers, rules, the decision."""

from scanservice.verify.judge import judge
from scanservice.verify.reader import read, read_seals
from scanservice.verify.recogniser import recogniser_name

__all__ = ["judge", "read", "read_seals", "recogniser_name"]
