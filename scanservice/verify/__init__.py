"""Evidence and case to findings: readers, agreement, identifiers, rules, the decision."""

from scanservice.verify.decide import decide
from scanservice.verify.evaluate import evaluate
from scanservice.verify.facts import (
    ABSENT_UP_TO,
    PRESENT_FROM,
    LedgerFacts,
    LedgerPaper,
    ReuseHit,
    RuleFacts,
    SerialFacts,
    SerialPlace,
    serial_facts,
)
from scanservice.verify.judge import judge
from scanservice.verify.reader import read, read_seals
from scanservice.verify.recogniser import recogniser_name
from scanservice.verify.rules_version import RULES_VERSION

__all__ = [
    "ABSENT_UP_TO",
    "PRESENT_FROM",
    "RULES_VERSION",
    "LedgerFacts",
    "LedgerPaper",
    "ReuseHit",
    "RuleFacts",
    "SerialFacts",
    "SerialPlace",
    "decide",
    "evaluate",
    "judge",
    "read",
    "read_seals",
    "recogniser_name",
    "serial_facts",
]
