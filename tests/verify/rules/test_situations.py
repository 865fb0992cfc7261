"""What happens at once in real cases, and what the student is told then: the cause, not its consequences."""

from __future__ import annotations

from dataclasses import replace

from tests.verify.builders import SERIAL, blank_scene, decoy, form, scene
from tests.verify.rules.asking import codes, found, verdict

OLD = "2019100111"
HOME = {
    "entry.employer_region": "370202",
    "entry.employer_address": "青岛市市南区香港中路5号",
    "entry.employer_name": "青岛蓝海生物科技有限公司",
    "entry.employer_postcode": "266071",
    "entry.employer_phone": "0532-66781234",
}


def paper(
    serial: str = SERIAL, status: str = "held", issued: str = "2018-10-12", sealed: bool = False
) -> dict[str, object]:
    return {"serial": serial, "issued_on": issued, "status": status, "sealed_in_advance": sealed}


def ended(**changes: object) -> dict[str, object]:
    return {
        "serial": OLD,
        "employer_name": "北京某公司",
        "route": "out_of_province",
        "state": "approved",
        "applied_on": "2018-10-08",
        "papers_returned": True,
        **changes,
    }


def test_ended_agreement_and_new_paper() -> None:
    papers = [paper(OLD, "returned", "2018-09-20"), paper()]
    good = {"workflow.papers": papers, "workflow.terminations": [ended()]}
    assert verdict(scene(good)) == "pass"
    kept = {"workflow.papers": [paper(OLD, "held", "2018-09-20"), paper()]}
    assert codes(scene({**kept, "workflow.terminations": [ended(papers_returned=False)]})) == [
        "previous-paper-not-returned"
    ]


def test_the_old_paper_uploaded_after_the_end() -> None:
    facts = {
        "workflow.papers": [paper(OLD, "held", "2018-09-20"), paper()],
        "workflow.terminations": [ended()],
    }
    old = scene(facts).judgement("n1", "differ", read=OLD).judgement("n2", "differ", read=OLD)
    assert codes(old) == ["serial-void"]


def test_paper_holder_with_an_employer_of_the_province() -> None:
    """Transitional: the account is off because a paper was issued before online signing began."""
    assert codes(scene({**HOME, "workflow.account": "disabled"})) == ["in-province-employer"]


def test_paper_holder_who_signed_online_with_another_employer() -> None:
    online = {"employer_name": "青岛别家有限公司", "state": "accepted"}
    both = scene({**HOME, "workflow.account": "disabled", "workflow.online_agreement": online})
    assert codes(both) == ["in-province-employer", "employer-changed-counts-as-termination"]


def test_paper_holder_who_signed_online_with_the_same_employer() -> None:
    online = {"employer_name": HOME["entry.employer_name"], "state": "accepted"}
    done = scene({**HOME, "workflow.account": "disabled", "workflow.online_agreement": online})
    assert codes(done) == ["in-province-route"]


def test_paper_holder_who_wants_an_employer_of_the_province_uploads_the_blank_form() -> None:
    assert codes(blank_scene({"workflow.account": "disabled", "entry": None})) == [
        "agreement-blank",
        "entry-missing",
    ]


def test_lost_and_reissued_paper() -> None:
    papers = [paper(OLD, "lost", "2018-09-20"), paper()]
    assert verdict(scene({"workflow.papers": papers})) == "pass"


def test_sealed_in_advance_for_another_employer() -> None:
    notice = {"employer_name": "北京某公司", "sealed": True, "received_on": "2018-10-10"}
    facts = {"workflow.papers": [paper(sealed=True)], "workflow.offer_notice": notice}
    assert codes(scene(facts).seal("m4", 0.99)) == ["offer-notice-employer-differs"]


def test_archive_receiver_that_is_the_student_on_paper_and_in_the_entry() -> None:
    assert codes(scene({"entry.archive_receiver": "张海洋"})) == ["archive-receiver-implausible"]


def test_entry_region_at_home_and_address_elsewhere() -> None:
    assert codes(scene({"entry.employer_region": "370202"})) == [
        "in-province-employer",
        "region-address-disagree",
    ]


def test_the_electronic_agreement_of_a_student_with_a_second_termination() -> None:
    twice = {
        "workflow.terminations": [ended(), ended()],
        "workflow.papers": [paper(OLD, "returned"), paper()],
    }
    other = scene(twice, template=decoy()).standing("refused")
    for region in "abc":
        other = other.judgement(region, "differ", read="别的")
    assert codes(other) == ["electronic-agreement", "termination-already-used"]


def test_a_whole_page_out_of_focus_is_one_request_for_another_picture() -> None:
    blurred = scene()
    for _, region in form().regions():
        if region.id != "n1":
            blurred = blurred.trouble(region.id, "blur")
    for region in (*"abcdefhijk", "n2"):
        blurred = blurred.judgement(region, "unsure")
    blurred = blurred.seal("m1", 0.3).seal("m3", 0.3).signature("s1", 0.2)
    assert codes(blurred) == ["region-unjudgeable"]
    assert verdict(blurred) == "retake"


def test_a_missing_page_in_a_case_that_is_not_confirmed() -> None:
    assert codes(scene({"workflow.state": "entry_draft"}, scanned=("cover",))) == [
        "entry-not-confirmed",
        "page-missing",
    ]


def test_a_paper_of_another_student_filled_in_for_this_one() -> None:
    other = scene({"workflow.papers": [paper(OLD)]})
    assert codes(other) == ["serial-not-issued"]


def test_everything_unknown_says_what_is_missing_and_never_passes() -> None:
    keys = ("registered", "account", "route", "papers", "terminations")
    nothing = scene({f"workflow.{key}": None for key in keys})
    assert {f.params["check"] for f in found(nothing)} == {f"workflow.{key}" for key in keys}
    assert verdict(nothing) == "review"


def test_no_evidence_at_all_never_passes() -> None:
    empty = replace(scene(), seen={}, judged={})
    assert verdict(empty) == "review"
