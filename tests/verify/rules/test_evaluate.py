"""The machinery: skipped rules, crashed ones, order, and the second line of defence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from scanservice.findings import Finding, catalogue
from scanservice.verdict import SEVERITY_ORDER
from scanservice.verify import RULES_VERSION, RuleFacts, decide, evaluate
from scanservice.verify.positive import gaps
from scanservice.verify.rules import RULES, Rule, Scope
from scanservice.verify.rules_version import rules_version
from tests.verify.builders import SERIAL, Scene, form, scene
from tests.verify.rules.asking import found, verdict

UNMADE = {"check-not-evaluated", "upload-unreadable"}
"""Codes that no rule makes: one that stands for a skipped rule, one of uploads that cannot be opened."""


def rule(check: object, **changes: object) -> Rule:
    plain = Rule("a-rule", frozenset(["form-unclear"]), (), Scope.CASE, lambda facts: True, check)  # type: ignore[arg-type]
    return replace(plain, **changes)  # type: ignore[arg-type]


def crashing(facts: RuleFacts) -> Iterator[Finding]:
    yield Finding("form-unclear", "review")
    raise ZeroDivisionError("张海洋")


def test_a_rule_that_crashes_names_itself_and_its_error_and_nothing_personal() -> None:
    (finding,) = evaluate(scene().facts(), [rule(crashing)])
    assert (finding.code, finding.severity) == ("check-failed", "review")
    assert finding.params == {"check": "a-rule", "reason": "ZeroDivisionError"}


def test_a_crash_of_one_rule_leaves_the_others() -> None:
    spoilt = scene({"workflow.account": "disabled"}).facts()
    codes = [finding.code for finding in evaluate(spoilt, [*RULES, rule(crashing)])]
    assert codes == ["account-disabled", "check-failed"]


def test_a_crash_hides_no_doubt_about_a_place() -> None:
    spoilt = scene().judgement("e", "unsure").facts()
    codes = [finding.code for finding in evaluate(spoilt, [*RULES, rule(crashing)])]
    assert codes == ["field-unclear", "check-failed"]


def test_a_rule_may_make_only_the_codes_that_it_declares() -> None:
    undeclared = rule(lambda facts: [Finding("photocopy", "review")])
    (finding,) = evaluate(scene().facts(), [undeclared])
    assert finding.code == "check-failed"


def test_a_rule_that_is_not_called_for_is_not_missed() -> None:
    needy = rule(crashing, needs=("workflow.offer_notice",), when=lambda facts: False)
    assert evaluate(scene().facts(), [needy]) == ()


def test_a_rule_that_is_called_for_and_lacks_a_fact_is_skipped_and_reported() -> None:
    needy = rule(crashing, needs=("workflow.offer_notice", "season.home_region"))
    (finding,) = evaluate(scene().facts(), [needy])
    assert (finding.code, finding.params) == ("check-not-evaluated", {"check": "workflow.offer_notice"})


def test_a_missing_fact_is_reported_once() -> None:
    assert [f.params for f in found(scene({"workflow.terminations": None}))] == [
        {"check": "workflow.terminations"}
    ]


def test_the_gravest_first_then_the_notices_order_then_the_forms() -> None:
    spoilt = scene({"workflow.account": "disabled", "entry.archive_receiver": "赵敏"})
    spoilt = (
        spoilt.judgement("e", "differ", read="别家")
        .judgement("f", "differ", read="别处")
        .signature("s1", 0.0)
    )
    spoilt = spoilt.judgement("c", "unsure").trouble("d", "blur").judgement("d", "unsure")
    findings = found(spoilt)
    severities = [SEVERITY_ORDER.index(finding.severity) for finding in findings]
    assert severities == sorted(severities)
    importance = list(catalogue())
    keys = [(f.severity, importance.index(f.code)) for f in findings]
    assert keys == sorted(keys, key=lambda key: (SEVERITY_ORDER.index(key[0]), key[1]))
    assert [f.region for f in findings if f.code == "field-differs"] == ["e", "f"]


def test_the_same_facts_give_the_same_findings() -> None:
    spoilt = (
        scene({"workflow.account": "disabled"}).judgement("e", "differ", read="别家").signature("s1", 0.0)
    )
    assert evaluate(spoilt.facts()) == evaluate(spoilt.facts())


def test_no_rule_knows_a_region_by_its_id() -> None:
    renamed = form().description.model_copy()
    pages = tuple(
        page.model_copy(
            update={"regions": tuple(r.model_copy(update={"id": f"x{r.id}"}) for r in page.regions)}
        )
        for page in renamed.pages
    )
    other = replace(form(), description=renamed.model_copy(update={"pages": pages}))
    spoilt = scene({"entry.employer_region": "370202"}, template=other)
    spoilt = spoilt.judgement("xa", "differ", read="李四").seal("xm4", 0.99).signature("xs1", 0.0)
    plain = scene({"entry.employer_region": "370202"})
    plain = plain.judgement("a", "differ", read="李四").seal("m4", 0.99).signature("s1", 0.0)
    assert [f.code for f in found(spoilt)] == [f.code for f in found(plain)]


# ---------------------------------------------------------------- the catalogue and the rules


def test_every_code_of_the_catalogue_is_made_by_a_rule() -> None:
    made = {code for known in RULES for code in known.codes}
    assert set(catalogue()) - made == UNMADE
    assert len({known.name for known in RULES}) == len(RULES)


def test_the_version_is_that_of_the_rules_as_they_are() -> None:
    assert rules_version() == RULES_VERSION
    assert len(RULES_VERSION) == 12


# ---------------------------------------------------------------- the second line of defence


def quiet(spoilt: Scene) -> str:
    """The verdict if every rule had missed it."""
    return decide((), spoilt.facts())


BAD = {
    "text-unsure": scene().judgement("e", "unsure"),
    "text-blank": scene().judgement("e", "blank"),
    "optional-text-differs": scene().judgement("i", "differ"),
    "serial-unsure": scene().judgement("n2", "unsure"),
    "serial-other": scene()
    .judgement("n1", "differ", read="2019100499")
    .judgement("n2", "differ", read="2019100499"),
    "seal-unsure": scene().seal("m1", 0.5),
    "seal-of-another": scene().judgement("m1", "differ"),
    "signature-absent": scene().signature("s1", 0.0),
    "school-seal": scene().seal("m4", 0.99),
    "authority-seal-absent": scene({"entry.authority_name": "某委员会"}),
    "form-unsure": scene().standing("unsure"),
    "page-missing": scene(scanned=("agreement",)),
    "not-registered": scene({"workflow.registered": None}),
    "account": scene({"workflow.account": None}),
    "route": scene({"workflow.route": None}),
    "state": scene({"workflow.state": "terminating"}),
    "terminations": scene({"workflow.terminations": None}),
    "papers": scene({"workflow.papers": None}),
    "unconfirmed": scene({"entry.confirmed_on": None}),
    "roster-fact": scene({"student.major": None}),
    "entry": scene({"entry": None}),
}


@pytest.mark.parametrize("spoilt", BAD.values(), ids=BAD.keys())
def test_without_positive_evidence_nothing_passes_even_if_every_rule_slept(spoilt: Scene) -> None:
    assert quiet(spoilt) == "review"


def test_with_it_silence_is_a_pass() -> None:
    assert gaps(scene().facts()) == ()
    assert quiet(scene()) == "pass"
    papers = [{"serial": SERIAL, "issued_on": "2018-10-12", "status": "held", "sealed_in_advance": True}]
    notice = {"employer_name": "上海蓝海生物科技有限公司", "sealed": True}
    assert (
        quiet(scene({"workflow.papers": papers, "workflow.offer_notice": notice}).seal("m4", 0.99)) == "pass"
    )


def test_a_gap_that_no_rule_names_is_named() -> None:
    facts = scene().judgement("e", "unsure").facts()
    (finding,) = evaluate(facts, [])
    assert (finding.code, finding.params) == ("check-not-evaluated", {"check": "regions.e"})


def test_every_bad_scene_has_a_finding_that_keeps_it_from_passing() -> None:
    for name, spoilt in BAD.items():
        assert verdict(spoilt) != "pass", name
        assert any(finding.severity != "note" for finding in found(spoilt)), name


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        (("note",), "pass"),
        (("review", "note"), "review"),
        (("retake", "review"), "retake"),
        (("return", "retake"), "return"),
    ],
)
def test_the_worst_severity_decides(severities: tuple[str, ...], expected: str) -> None:
    by_severity = {
        "return": Finding("agreement-blank", "return"),
        "retake": Finding("form-unclear", "retake"),
        "review": Finding("photocopy", "review"),
        "note": Finding("page-duplicate", "note", params={"page": 1}),
    }
    assert decide([by_severity[s] for s in severities], scene().facts()) == expected
