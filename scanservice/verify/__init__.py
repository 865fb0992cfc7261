"""Evidence and case to findings: readers, agreement, identifiers, rules, the decision."""
