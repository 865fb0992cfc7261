"""Each comparator by examples: what is expected, what stands there, what that means, and why."""

from __future__ import annotations

import pytest

from scanservice.verify.comparators import same
from tests.verify.comparators.regions import region

NAMES = [
    ("张海洋", "张海洋", "agree", "exact"),
    ("张海洋", "张 海洋", "agree", "spaces"),
    ("张海洋", "张\u3000海洋", "agree", "spaces"),
    ("张　海　洋", "张海洋", "agree", "spaces"),
    ("阿不都·热合曼", "阿不都热合曼", "agree", "dots"),
    ("阿不都·热合曼", "阿不都•热合曼", "agree", "dots"),
    ("阿不都．热合曼", "阿不都・热合曼", "agree", "dots"),
    ("Müller Anna", "müller anna", "agree", "letter-case"),
    ("张(吉吉)", "张喆", "agree", "roster-replaced-character"),
    ("张（吉吉）", "张喆", "agree", "roster-replaced-character"),
    ("张吉吉", "张喆", "agree", "roster-replaced-character"),
    ("张(吉吉)", "张吉吉", "agree", "roster-replaced-character"),
    ("张?", "张喆", "agree", "roster-replaced-character"),
    ("张？明", "张喆明", "agree", "roster-replaced-character"),
    ("张*", "张喆", "agree", "roster-replaced-character"),
    ("张zhe", "张喆", "agree", "roster-replaced-character"),
    ("李YAN文", "李䶮文", "agree", "roster-replaced-character"),
    ("李昇", "李升", "agree", "roster-replaced-character"),
    ("陈堃", "陈坤", "agree", "roster-replaced-character"),
    ("张喆", "张?", "agree", "roster-replaced-character"),
    ("张?", "张丽", "unsure", "roster-replaced-character"),
    ("张??", "张喆堃", "unsure", "roster-replaced-character"),
    ("张玥", "张月", "unsure", "roster-replaced-character"),
    ("张(吉吉)", "张丽", "differ", "differs"),
    ("张海洋", "张海泮", "differ", "differs"),
    ("张伟", "张炜", "differ", "differs"),
    ("张海洋", "张洋海", "differ", "differs"),
    ("张海洋", "张海", "differ", "differs"),
    ("王喆", "李喆", "differ", "differs"),
    ("张?", "李喆", "differ", "differs"),
]
ID_NUMBERS = [
    ("37020219950318452X", "37020219950318452x", "agree", "letter-case"),
    ("37020219950318452X", "370202 19950318 452X", "agree", "spaces"),
    ("37020219950318452X", "３７０２０２19950318452Ｘ", "agree", "width"),
    ("37020219950318452X", "370202950318452", "unsure", "old-number"),
    ("37020219950318452X", "370202199503184521", "differ", "differs"),
    ("370202199503184525", "370202199503185425", "differ", "differs"),
]
CREDIT_CODES = [
    ("91310115MA1K3XY773", "91310115ma1k3xy773", "agree", "letter-case"),
    ("91310115MA1K3XY773", "91310115 MA1K3XY77 3", "agree", "spaces"),
    ("91310115MA1K3XY773", "MA1K3XY7-7", "unsure", "organisation-code"),
    ("91310115MA1K3XY773", "9I310115MA1K3XY773", "differ", "differs"),
    ("91310115MA1K3XY773", "91310115MA1K3XY778", "differ", "differs"),
]
ORGANISATIONS = [
    ("上海蓝海（集团）有限公司", "上海蓝海(集团)有限公司", "agree", "width"),
    ("上海蓝海（集团）有限公司", "上海蓝海集团有限公司", "agree", "brackets"),
    ("蓝海（上海）有限公司", "蓝海【上海】有限公司", "agree", "brackets"),
    ("上海市蓝海有限公司", "上海蓝海有限公司", "agree", "region-suffix"),
    ("浙江省蓝海有限公司", "浙江蓝海有限公司", "agree", "region-suffix"),
    ("中国银行上海市分行", "中国银行上海分行", "agree", "region-suffix"),
    ("上海市场监督管理局", "上海市市场监督管理局", "agree", "region-suffix"),
    ("浙江省杭州市第一医院", "杭州市第一医院", "agree", "region-prefix"),
    ("浙江省杭州市第一医院", "杭州第一医院", "agree", "region-prefix"),
    ("上海市浦东新区人才中心", "浦东新区人才中心", "agree", "region-prefix"),
    ("重庆市渝中区人才中心", "渝中区人才中心", "agree", "region-prefix"),
    ("北京市朝阳区人才中心", "朝阳区人才中心", "unsure", "region-left-out"),
    ("南京市鼓楼区人才中心", "鼓楼区人才中心", "unsure", "region-left-out"),
    ("青岛第二中学", "青岛第2中学", "agree", "numerals"),
    ("ABB（中国）有限公司", "abb(中国)有限公司", "agree", "letter-case"),
    ("海尔（集团）公司", "海尔公司", "unsure", "legal-form"),
    ("蓝海有限责任公司", "蓝海有限公司", "unsure", "legal-form"),
    ("蓝海生物股份有限公司", "蓝海生物", "unsure", "legal-form"),
    ("中国建设银行股份有限公司上海分行", "建行上海分行", "unsure", "abbreviation"),
    ("上海蓝海生物科技有限公司", "蓝海生物科技有限公司", "unsure", "region-left-out"),
    ("吉林人民医院", "吉林市人民医院", "unsure", "region-left-out"),
    ("吉林省人民医院", "吉林市人民医院", "differ", "differs"),
    ("浙江省第一医院", "杭州市第一医院", "differ", "differs"),
    ("长沙市第一中学", "长沙县第一中学", "differ", "differs"),
    ("上海蓝海有限公司", "北京蓝海有限公司", "differ", "differs"),
    ("上海蓝海生物科技有限公司", "上海蓝梅生物科技有限公司", "differ", "differs"),
    ("上海蓝海生物科技有限公司", "上海蓝海生物技科有限公司", "differ", "differs"),
    ("上海蓝海生物科技有限公司", "上海蓝海生物技有限公司", "differ", "differs"),
]
ADDRESSES = [
    ("上海市浦东新区碧波路888号", "上海市浦东新区碧波路 888 号", "agree", "spaces"),
    ("碧波路888号", "碧波路888＃", "agree", "number-sign"),
    ("碧波路888号", "碧波路888#", "agree", "number-sign"),
    ("碧波路888号", "碧波路888", "agree", "number-sign"),
    ("碧波路888号3号楼", "碧波路888#3#楼", "agree", "number-sign"),
    ("碧波路888号", "碧波路八百八十八号", "agree", "numerals"),
    ("中山三路12号", "中山3路十二号", "agree", "numerals"),
    ("上海市浦东新区碧波路888号", "碧波路888号", "agree", "region-prefix"),
    ("上海市浦东新区碧波路888号", "浦东新区碧波路888号", "agree", "region-prefix"),
    ("上海市浦东新区碧波路888号", "上海浦东碧波路888号", "agree", "region-prefix"),
    ("山东省青岛市市南区鱼山路5号", "青岛市鱼山路五号", "agree", "region-prefix"),
    ("上海市南京路5号", "南京路5号", "agree", "region-prefix"),
    ("碧波路888号，3楼", "碧波路888号3楼", "agree", "separators"),
    ("浦东新区张江镇碧波路888号", "浦东新区碧波路888号", "unsure", "part-left-out"),
    ("碧波路888号", "碧波路88号", "differ", "differs"),
    ("碧波路888号", "碧玻路888号", "differ", "differs"),
    ("碧波路888号12室", "碧波路888号21室", "differ", "differs"),
    ("上海市中山路5号", "北京市中山路5号", "differ", "differs"),
    ("青岛市市南区鱼山路5号", "青岛市市北区鱼山路5号", "differ", "differs"),
]
PHONES = [
    ("021-58331276", "58331276", "agree", "area-code"),
    ("021-58331276", "02158331276", "agree", "separators"),
    ("021-58331276", "(021) 5833 1276", "agree", "separators"),
    ("021-58331276", "021—58331276", "agree", "separators"),
    ("021-58331276", "+86 21 58331276", "agree", "country-code"),
    ("021-58331276", "021-58331276-801", "agree", "extension"),
    ("021-58331276-801", "021-58331276转801", "agree", "separators"),
    ("0532-66781234", "66781234", "agree", "area-code"),
    ("13853261827", "138 5326 1827", "agree", "separators"),
    ("13853261827", "+86-138-5326-1827", "agree", "country-code"),
    ("13853261827", "8613853261827", "agree", "country-code"),
    ("021-58331276", "021-58331276/13853261827", "unsure", "several-numbers"),
    ("021-58331276", "010-58331276", "differ", "area-code-differs"),
    ("021-58331276-801", "021-58331276-802", "differ", "extension-differs"),
    ("021-58331276", "021-58331267", "differ", "differs"),
    ("13853261827", "13853261821", "differ", "differs"),
]
POSTCODES = [
    ("201203", "２０１２０３", "agree", "width"),
    ("201203", "20 1203", "agree", "spaces"),
    ("201203", "201230", "differ", "differs"),
]
DATES = [
    ("2018-12-08", "2018-12-08", "agree", "exact"),
    ("2018-12-08", "2018.12.8", "agree", "date-form"),
    ("2018-12-08", "2018/12/08", "agree", "date-form"),
    ("2018-12-08", "2018年12月8日", "agree", "date-form"),
    ("2018-12-08", "2018 年 12 月 08 日", "agree", "date-form"),
    ("2018-12-08", "2018 12 8", "agree", "date-form"),
    ("2018-12-08", "20181208", "agree", "date-form"),
    ("2018-12-08", "18.12.8", "agree", "date-form"),
    ("2018-12-08", "二〇一八年十二月八日", "agree", "date-form"),
    ("2018-12-20", "二零一八年十二月二十日", "agree", "date-form"),
    ("2018-12-08", "2018-12-08T09:30:00", "agree", "date-form"),
    ("1995-03", "1995年3月", "agree", "date-form"),
    ("1995-03", "1995.03", "agree", "date-form"),
    ("1995-03", "199503", "agree", "date-form"),
    ("1995-03", "95.3", "agree", "date-form"),
    ("1995-03", "1995年3月18日", "agree", "more-precise"),
    ("2018-12-08", "2018128", "unsure", "ambiguous-date"),
    ("2018-12-08", "12月8日", "unsure", "part-left-out"),
    ("2018-12-08", "2018年12月", "unsure", "part-left-out"),
    ("2018-12-08", "8/12/2018", "unsure", "ambiguous-date"),
    ("2018-12-08", "见附件", "unsure", "not-a-date"),
    ("2018-12-08", "2018-13-08", "unsure", "not-a-date"),
    ("2018-12-08", "2018-12-09", "differ", "differs"),
    ("2018-12-08", "2019-12-08", "differ", "differs"),
    ("2018-12-08", "12月9日", "differ", "differs"),
    ("1995-03", "1995.05", "differ", "differs"),
]
TABLES = {
    "name": NAMES,
    "id_number": ID_NUMBERS,
    "credit_code": CREDIT_CODES,
    "organisation": ORGANISATIONS,
    "address": ADDRESSES,
    "phone": PHONES,
    "postcode": POSTCODES,
    "date": DATES,
}


@pytest.mark.parametrize(
    ("compare", "expected", "other", "agreement", "why"),
    [(compare, *row) for compare, rows in TABLES.items() for row in rows],
)
def test_comparator(compare: str, expected: str, other: str, agreement: str, why: str) -> None:
    found = same(compare, expected, other)  # type: ignore[arg-type]
    assert (found.agreement, found.why) == (agreement, why)


LISTS = [
    ("student.gender", "男", "男性", "agree", "synonym"),
    ("student.gender", "男", "女", "differ", "other-entry"),
    ("student.degree", "硕士研究生", "硕士", "agree", "synonym"),
    ("student.degree", "硕士", "研究生（硕士）", "agree", "synonym"),
    ("student.degree", "硕士研究生", "研究生", "unsure", "wider-word"),
    ("student.degree", "硕士研究生", "博士研究生", "differ", "other-entry"),
    ("student.ethnicity", "汉", "汉族", "agree", "synonym"),
    ("student.ethnicity", "维吾尔族", "维吾尔", "agree", "synonym"),
    ("student.ethnicity", "汉族", "满族", "differ", "other-entry"),
    ("student.ethnicity", "汉族", "汗族", "differ", "differs"),
    ("student.political_status", "中共党员", "党员", "agree", "synonym"),
    ("student.political_status", "中共党员", "预备党员", "differ", "other-entry"),
    ("student.political_status", "共青团员", "团员", "agree", "synonym"),
    ("student.political_status", "群众", "无", "unsure", "wider-word"),
    ("student.education_years", "3", "三", "agree", "numerals"),
    ("student.education_years", "3", "3年", "agree", "numerals"),
    ("student.education_years", "3", "三年制", "agree", "numerals"),
    ("student.education_years", "2.5", "两年半", "agree", "numerals"),
    ("student.education_years", "3", "2", "differ", "differs"),
    ("student.education_mode", "非定向", "非定向就业", "agree", "synonym"),
    ("student.education_mode", "非定向", "定向", "differ", "other-entry"),
    ("student.major", "海洋生物学", "海洋生物学专业", "agree", "suffix"),
    ("student.major", "海洋生物学", "海洋化学", "differ", "differs"),
    ("student.college", "海洋生命学院", "海洋生命", "unsure", "part-left-out"),
    ("student.college", "法学院", "文学院", "differ", "differs"),
    ("student.number", "21160231045", "2116 0231045", "agree", "spaces"),
    ("student.number", "21160231045", "21160231046", "differ", "differs"),
    ("entry.employer_affiliation", "上海市", "上海", "agree", "region-suffix"),
]


@pytest.mark.parametrize(("value", "expected", "other", "agreement", "why"), LISTS)
def test_text_of_a_value(value: str, expected: str, other: str, agreement: str, why: str) -> None:
    found = same("text", expected, other, region=region("text", value))
    assert (found.agreement, found.why) == (agreement, why)


def test_a_list_counts_without_a_value_where_both_texts_are_in_it() -> None:
    assert same("text", "汉", "汉族").agreement == "agree"
    assert same("text", "汉口路", "汉族").agreement == "differ"


CHOICES = {"31": "国有企业", "32": "三资企业", "39": "其他企业"}


@pytest.mark.parametrize(
    ("expected", "other", "agreement", "why"),
    [
        ("39", "其他企业", "agree", "code-for-label"),
        ("39", "其它企业", "agree", "code-for-label"),
        ("其他企业", "其它企业", "agree", "synonym"),
        ("39", "39", "agree", "exact"),
        ("39", "31", "differ", "other-entry"),
        ("39", "国有企业", "differ", "other-entry"),
        ("31", "国有独资企业", "unsure", "part-left-out"),
        ("39", "机关", "differ", "differs"),
    ],
)
def test_choice(expected: str, other: str, agreement: str, why: str) -> None:
    found = same("choice", expected, other, region=region("choice", "entry.employer_nature", choices=CHOICES))
    assert (found.agreement, found.why) == (agreement, why)


def test_only_the_rosters_name_has_replaced_characters() -> None:
    contact = region("name", "entry.employer_contact")
    assert same("name", "李?", "李喆", region=contact).agreement == "unsure"
    assert same("name", "李?", "李喆", region=region("name", "student.name")).agreement == "agree"
