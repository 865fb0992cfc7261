"""What is said of a text region, for readings whose every probability is known."""

from __future__ import annotations

import pytest

from scanservice.evidence import LineReading
from scanservice.verify.judge_text import judge_text, leaves_doubt
from scanservice.verify.recogniser import PLAIN, TUNED
from tests.verify.reading.inked import GONE, case, line, posterior, reading, region, texts

NAME = region("name", "student.name")
EMPLOYER = region("organisation", "entry.employer_name")
COMPANY = "上海蓝海生物科技有限公司"
ID = "370202199503184524"


def test_ink_that_says_what_was_entered_agrees() -> None:
    found = judge_text(NAME, texts(["张海洋"]), case())
    assert (found.agreement, found.why, found.read) == ("agree", "exact", "张海洋")
    assert found.confidence > 0.95


@pytest.mark.parametrize("written", ["张海祥", "李海洋"])
def test_one_other_character_differs(written: str) -> None:
    assert judge_text(NAME, texts([written]), case()).agreement == "differ"


def test_a_character_that_looks_alike_only_leans() -> None:
    found = judge_text(NAME, texts(["张悔洋"]), case())
    assert (found.agreement, found.leans, found.why) == ("unsure", True, "look-alike")


def test_one_character_does_not_hide_in_a_long_text() -> None:
    found = judge_text(EMPLOYER, texts([COMPANY.replace("蓝", "兰")]), case(entry={"employer_name": COMPANY}))
    assert found.agreement == "differ"


@pytest.mark.parametrize("share", [0.45, 0.5, 0.65])
def test_a_character_in_doubt_is_unsure(share: float) -> None:
    doubtful = reading(line("张海洋", {1: {"悔": share}}))
    assert judge_text(NAME, doubtful, case()).agreement == "unsure"
    assert leaves_doubt(NAME, doubtful, case())


def test_a_little_doubt_about_a_look_alike_asks_more_than_about_another() -> None:
    same = {1: {"悔": 0.48}}, {1: {"钢": 0.48}}
    alike, other = (judge_text(NAME, reading(line("张海洋", doubt)), case()) for doubt in same)
    assert (alike.agreement, other.agreement) == ("unsure", "agree")


def test_a_line_that_is_cut_short_is_unsure() -> None:
    cut = reading(line("张海洋", {2: {GONE: 0.97}}))
    assert judge_text(NAME, cut, case()).agreement == "unsure"


def test_a_text_that_lacks_a_character_which_may_stand_there_is_unsure() -> None:
    short = case({"name": "张洋"})
    doubtful = reading(line("张海洋", {1: {GONE: 0.6}}))
    assert judge_text(NAME, doubtful, short).agreement == "unsure"
    assert judge_text(NAME, reading(line("张海洋", {1: {GONE: 0.97}})), short).agreement == "agree"


def test_nobody_is_called_by_one_character() -> None:
    assert judge_text(NAME, texts(["张"]), case({"name": "张"})).agreement == "unsure"


def test_a_number_that_cannot_stand_in_its_field_is_not_agreed_with() -> None:
    postcode = region("postcode", "entry.employer_postcode")
    held = case(entry={"employer_postcode": "41001"})
    assert judge_text(postcode, texts(["41001"]), held).agreement == "unsure"


def test_what_no_list_holds_asks_for_surer_ink() -> None:
    degree = region("text", "student.degree")
    for entered, answer in (("本科", "agree"), ("木科", "unsure")):
        doubtful = reading(line(entered, {1: {"利": 0.2}}))
        assert judge_text(degree, doubtful, case({"degree": entered})).agreement == answer


def test_a_four_read_as_a_one_only_leans_and_a_one_read_as_a_four_differs() -> None:
    phone = region("phone", "student.phone")
    found = judge_text(phone, texts(["13817716188"]), case({"phone": "13847716488"}))
    assert (found.agreement, found.leans, found.why) == ("unsure", True, "faint-strokes")
    found = judge_text(phone, texts(["13847716488"]), case({"phone": "13817716188"}))
    assert found.agreement == "differ"
    found = judge_text(phone, texts(["13817716288"]), case({"phone": "13847716488"}))
    assert found.agreement == "differ"


def test_a_region_that_is_read_as_none_only_leans() -> None:
    address = region("address", "student.home_address")
    held = case({"home_address": "上海市徐汇区望江路18号"})
    blurred = reading(line("上海市徐汇区望江路18号", {3: {"雷": 0.9}}))
    assert judge_text(address, blurred, held).agreement == "unsure"
    found = judge_text(address, texts(["上海市雷汇区望江路18号"]), held)
    assert (found.agreement, found.leans, found.why) == ("unsure", True, "unlikely-reading")


def test_a_number_that_is_read_with_an_ideograph_only_leans() -> None:
    number, held = region("text", "student.number"), case({"number": "21177649981"})
    found = judge_text(number, texts(["2ハ77649981"]), held)
    assert (found.agreement, found.leans, found.why) == ("unsure", True, "more-or-less")
    model = judge_text(number, texts(["B2ハ7"]), case({"number": "B217"}))
    assert (model.agreement, model.leans, model.why) == ("unsure", True, "unlikely-reading")
    assert judge_text(number, texts(["21177649381"]), held).agreement == "differ"


def test_a_region_that_is_read_as_its_neighbour_is_not_it() -> None:
    address = region("address", "student.home_address")
    held = case({"home_address": "青岛市市南区望江路18号"})
    blurred = reading(line("青岛市市南区望江路18号", {4: {"北": 0.9}}))
    assert judge_text(address, blurred, held).agreement == "unsure"
    assert judge_text(address, texts(["青岛市市北区望江路18号"]), held).agreement == "differ"


@pytest.mark.parametrize("strokes", ["2018年)1月4日", "2018年1(月4日"])
def test_strokes_that_lean_are_ones_in_a_date(strokes: str) -> None:
    date = region("date", "entry.employer_signed_on")
    assert (
        judge_text(date, texts([strokes]), case(entry={"employer_signed_on": "2018-11-04"})).agreement
        == "agree"
    )


def test_looks_that_each_deny_another_character_do_not_vouch_for_the_whole() -> None:
    address = region("address", "student.home_address")
    held = case({"home_address": "珠江东路916号软件园1416室"})
    first = posterior("珠江东路916号软件园1116室", {12: {"4": 0.004}}, source="first")
    second = posterior("珠江东路946号软件园1416室", {5: {"1": 0.004}}, source="second")
    both = reading(LineReading((first, second), "", 0.9))
    assert judge_text(address, both, held).agreement != "agree"


@pytest.mark.parametrize(("denies", "answer"), [(0.97, "unsure"), (0.6, "agree")])
def test_the_tuned_reader_is_not_overruled_by_one_that_knows_words(denies: float, answer: str) -> None:
    major = region("text", "student.major")
    tuned = posterior("食品科学", {2: {"料": denies}}, source=f"{TUNED}/ink")
    plain = posterior("食品科学", source=f"{PLAIN}/ink")
    both = reading(LineReading((tuned, plain), "", 0.9))
    assert judge_text(major, both, case({"major": "食品科学"})).agreement == answer


def test_in_dates_the_reader_as_it_came_is_heard() -> None:
    date = region("date", "entry.employer_signed_on")
    plain = posterior("2018/11/04", source=f"{PLAIN}/ink")
    tuned = posterior("2018111104", source=f"{TUNED}/ink")
    both = reading(LineReading((plain, tuned), "", 0.9))
    assert judge_text(date, both, case(entry={"employer_signed_on": "2018-11-04"})).agreement == "agree"


def test_a_row_of_equal_digits_is_not_counted_lightly() -> None:
    phone = region("phone", "student.phone")
    doubtful = reading(line("13877776288", {4: {GONE: 0.48}}))
    assert judge_text(phone, doubtful, case({"phone": "13877776288"})).agreement == "unsure"


def test_an_impossible_reading_is_not_believed() -> None:
    number = region("id_number", "student.id_number")
    held = case({"id_number": "370202199503184520"})
    found = judge_text(number, texts([ID[:6] + "8" + ID[7:]]), held)
    assert (found.agreement, found.why) == ("unsure", "impossible-reading")


def test_looks_that_contradict_one_another_tell_of_no_difference() -> None:
    looks = [posterior(text, source=str(number)) for number, text in enumerate(("李悔洋", "季海样"))]
    both = reading(LineReading(tuple(looks), "李悔洋", 0.99))
    assert judge_text(NAME, both, case()).agreement == "unsure"


def test_one_look_alone_does_not_outvote_the_others() -> None:
    looks = [posterior(text, source=str(number)) for number, text in enumerate(("张海洋", *["张悔洋"] * 3))]
    assert judge_text(NAME, reading(LineReading(tuple(looks), "张悔洋", 0.99)), case()).agreement != "agree"


@pytest.mark.parametrize(("written", "answer"), [("女", "differ"), ("男", "agree")])
def test_a_closed_list_holds_its_entries_against_one_another(written: str, answer: str) -> None:
    gender = region("text", "student.gender")
    assert judge_text(gender, texts([written]), case({"gender": "男"})).agreement == answer


def test_what_a_closed_list_does_not_hold_is_no_rival() -> None:
    degree = region("text", "student.degree")
    doubtful = reading(line("硕士研究生", {0: {"矿": 0.8}, 1: {"土": 0.6}}))
    assert judge_text(degree, doubtful, case({"degree": "硕士研究生"})).agreement == "agree"


def test_no_letter_is_a_rival_in_a_field_of_digits() -> None:
    phone = region("phone", "student.phone")
    doubtful = reading(line("13877716288", {3: {"阳": 0.9}}))
    assert judge_text(phone, doubtful, case({"phone": "13877716288"})).agreement == "agree"


def test_a_faint_reading_is_illegible_rather_than_different() -> None:
    faint = reading(line("李海洋", {i: {c: 0.3} for i, c in enumerate("季悔样")}, sure=0.75))
    found = judge_text(NAME, faint, case())
    assert (found.agreement, found.why) == ("unsure", "illegible")


def test_nothing_read_in_an_uncertain_place_tells_of_a_difference() -> None:
    found = judge_text(NAME, texts(["李建国"]), case(), trusted=False)
    assert (found.agreement, found.why) == ("unsure", "place-uncertain")


def test_lines_follow_one_another() -> None:
    held = case(entry={"employer_name": COMPANY})
    assert judge_text(EMPLOYER, texts([COMPANY[:7], COMPANY[7:]]), held).agreement == "agree"
    assert judge_text(EMPLOYER, texts([COMPANY[7:], COMPANY[:7]]), held).agreement != "agree"


def test_cells_keep_month_and_day_apart() -> None:
    cells = [[0, 0, 9, 8], [10, 0, 19, 8], [20, 0, 29, 8]]
    date = region("date", "entry.student_signed_on", cells=cells)
    held = case(entry={"student_signed_on": "2018-11-02"})
    written = [
        reading(*(line(text) for text in parts), cells=True)
        for parts in (["2018", "11", "2"], ["2018", "1", "12"])
    ]
    assert [judge_text(date, one, held).agreement for one in written] == ["agree", "differ"]


def test_without_an_expected_value_nothing_is_evaluated() -> None:
    found = judge_text(region("name", "entry.employer_contact"), texts(["李建国"]), case())
    assert (found.agreement, found.read) == ("not_evaluated", "李建国")


def test_brackets_and_width_do_not_matter() -> None:
    held = case(entry={"employer_name": "蓝海（上海）科技有限公司"})
    assert judge_text(EMPLOYER, texts(["蓝海(上海)科技有限公司"]), held).agreement == "agree"


def test_a_character_that_no_reader_knows_is_unsure() -> None:
    found = judge_text(NAME, texts(["张洋"]), case({"name": "张\U0003134a洋"}))
    assert found.agreement == "unsure"


def test_an_impossible_reading_that_every_look_shows_leans_to_a_difference() -> None:
    number = region("id_number", "student.id_number")
    found = judge_text(number, texts([ID[:6] + "8" + ID[7:]]), case({"id_number": ID}))
    assert (found.agreement, found.leans) == ("unsure", True)


def test_a_line_cut_short_in_every_look_only_leans() -> None:
    found = judge_text(EMPLOYER, texts([COMPANY[:-1]]), case(entry={"employer_name": COMPANY}))
    assert (found.agreement, found.leans, found.why) == ("unsure", True, "more-or-less")


@pytest.mark.parametrize(
    ("number", "written", "agreement"),
    [
        ("21161648030", "2ll6)648O30", "agree"),
        ("21161648030", "21161648080", "differ"),
        ("21161648030", "2116648030", "unsure"),
        ("A1", "A)", "unsure"),
    ],
)
def test_a_text_of_digits_alone_is_read_as_a_number(number: str, written: str, agreement: str) -> None:
    found = judge_text(region("text", "student.number"), texts([written]), case({"number": number}))
    assert found.agreement == agreement
