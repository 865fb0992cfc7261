import pytest

from tests.verify.builders import Scene, blank_scene, decoy, scene
from tests.verify.rules.asking import codes, found, only, unknown, verdict

QINGDAO = {
    "entry.employer_region": "370202",
    "entry.employer_address": "青岛市市南区香港中路5号",
    "entry.employer_name": "青岛蓝海生物科技有限公司",
    "entry.employer_postcode": "266071",
    "entry.employer_phone": "0532-66781234",
}
ACCEPTED = {"employer_name": QINGDAO["entry.employer_name"], "state": "accepted"}


def test_a_student_of_the_other_route() -> None:
    assert codes(scene({"workflow.route": "in_province"})) == ["in-province-route"]
    assert unknown(scene({"workflow.route": None})) == ["workflow.route"]


def test_whoever_accepted_online_with_the_same_employer_is_on_the_other_route() -> None:
    assert codes(scene({**QINGDAO, "workflow.online_agreement": ACCEPTED})) == ["in-province-route"]


def test_an_invitation_is_no_agreement() -> None:
    invited = {**ACCEPTED, "state": "invited", "employer_name": "青岛别家有限公司"}
    assert found(scene({"workflow.online_agreement": invited})) == ()


def test_an_online_agreement_of_unknown_state_does_not_pass() -> None:
    assert unknown(scene({"workflow.online_agreement": {**ACCEPTED, "state": None}})) == [
        "workflow.online_agreement.state"
    ]


@pytest.mark.parametrize("state", ["accepted", "printed", "filed"])
def test_another_employer_online_counts_as_a_termination(state: str) -> None:
    other = {"employer_name": "青岛别家有限公司", "state": state}
    assert codes(scene({**QINGDAO, "workflow.online_agreement": other})) == [
        "in-province-employer",
        "employer-changed-counts-as-termination",
    ]


def test_exactly_the_same_employer_is_a_matter_for_a_person_where_names_differ_in_form() -> None:
    alike = {"employer_name": "青岛蓝海生物科技股份有限公司", "state": "accepted"}
    finding = found(scene({**QINGDAO, "workflow.online_agreement": alike}))[-1]
    assert (finding.code, finding.severity) == ("employer-changed-counts-as-termination", "review")
    nameless = {"employer_name": None, "state": "accepted"}
    assert unknown(scene({"workflow.online_agreement": nameless})) == [
        "workflow.online_agreement.employer_name"
    ]


# ---------------------------------------------------------------- account


def test_an_account_that_is_off_without_a_reason() -> None:
    assert codes(scene({"workflow.account": "disabled"})) == ["account-disabled"]
    assert unknown(scene({"workflow.account": None})) == ["workflow.account"]


@pytest.mark.parametrize(
    "explained",
    [
        scene({"workflow.account": "disabled", **QINGDAO}),
        scene({"workflow.account": "disabled", "workflow.route": "in_province"}),
        scene({"workflow.account": "disabled", "workflow.state": "terminating"}),
        scene({"workflow.account": "disabled", "workflow.state": "filed"}),
        blank_scene({"workflow.account": "disabled"}),
    ],
    ids=["paper-holder", "in-province", "terminating", "filed", "blank-paper"],
)
def test_an_account_that_the_notice_explains(explained: Scene) -> None:
    assert "account-disabled" not in codes(explained)
    assert verdict(explained) == "return"


# ---------------------------------------------------------------- where the employer is


@pytest.mark.parametrize("key", ["entry.employer_region", "entry.employer_address", "entry.employer_name"])
def test_region_address_or_name_in_the_home_province(key: str) -> None:
    finding = next(f for f in found(scene({key: QINGDAO[key]})) if f.code == "in-province-employer")
    assert finding.severity == "return"


def test_a_region_code_that_no_table_lists_still_says_its_province() -> None:
    assert codes(scene({"entry.employer_region": "379999"})) == [
        "in-province-employer",
        "entry-code-invalid",
        "region-address-disagree",
    ]


def test_a_branch_is_where_its_own_name_says() -> None:
    away = {"entry.employer_name": "青岛银行股份有限公司上海分行"}
    home = {"entry.employer_name": "中国农业银行股份有限公司青岛市分行"}
    assert found(scene(away)) == ()
    assert codes(scene(home)) == ["in-province-employer"]
    for name in ("蓝海（青岛）科技有限公司", "蓝海(山东)科技有限公司"):
        assert codes(scene({"entry.employer_name": name})) == ["in-province-employer"]
    assert found(scene({"entry.employer_name": "青岛蓝海（上海）科技有限公司"})) == ()


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("国网山东省电力公司", True),
        ("中国移动通信集团山东有限公司", True),
        ("中交一公局青岛市政工程有限公司", True),
        ("国网浙江省电力公司", False),
        ("国泰安信息技术有限公司", False),
        ("华东营造集团有限公司", False),
        ("招商银行上海济南路支行", False),
    ],
)
def test_a_region_inside_a_name(name: str, inside: bool) -> None:
    assert ("in-province-employer" in codes(scene({"entry.employer_name": name}))) == inside


@pytest.mark.parametrize(
    ("home", "expected"), [("31", ["in-province-employer"]), ("3102", []), ("310000", None)]
)
def test_the_season_says_which_province_is_home(home: str, expected: list[str] | None) -> None:
    expected = ["in-province-employer"] if expected is None else expected
    assert codes(scene(season={"home_region": home})) == expected


def test_a_season_without_a_home_province_asks_nothing() -> None:
    assert found(scene(QINGDAO, season={"home_region": None})) == ()


def test_an_employer_that_may_be_anywhere_does_not_pass() -> None:
    nowhere = {
        "entry.employer_region": None,
        "entry.employer_address": "碧波路888号",
        "entry.employer_name": "蓝海公司",
    }
    assert unknown(scene(nowhere)) == ["entry.employer_region"]


def test_the_address_tells_where_the_region_is_not_entered() -> None:
    assert found(scene({"entry.employer_region": None})) == ()


def test_region_and_address_disagree() -> None:
    finding = only(scene({"entry.employer_region": "110105"}))
    assert (finding.code, finding.severity) == ("region-address-disagree", "review")
    assert finding.params == {"region": "110105", "address": "上海市浦东新区碧波路888号"}


def test_an_address_without_a_region_disagrees_with_none() -> None:
    assert found(scene({"entry.employer_address": "碧波路888号"})) == ()


def test_a_wrong_form_and_the_workflow_are_both_told_and_no_field() -> None:
    other = scene({**QINGDAO}, template=decoy()).standing("refused").judgement("a", "differ", read="李四")
    assert codes(other) == ["in-province-employer", "electronic-agreement"]
