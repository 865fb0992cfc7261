"""中国海洋大学, last year's paper agreement: its number elsewhere, and a few other rows."""

from __future__ import annotations

from dataclasses import replace

from forms.fields import at
from forms.national import TITLE, Serial, sheets
from forms.ouc_2019 import CLAUSES, EDITION, EMPLOYER, OFFICE, SCHOOL, STUDENT
from forms.publish import Form

LAST_YEARS_STUDENT = (
    *STUDENT[:2],
    (at("student_education_years", 36), at("student_education_mode", 30), at("student_number", 38, 22)),
    (at("student_major", 60), at("student_phone", 64, 22)),
    (at("student_id_number", 60), at("student_home_address", 64, 22)),
)
LAST_YEARS_EMPLOYER = (
    EMPLOYER[0],
    (at("employer_code", 60, printed="组织机构|代码"), at("employer_nature", 64, 22)),
    *EMPLOYER[2:4],
    (at("archive_receiver", 86), at("archive_postcode", 38, 22)),
    (at("archive_address", 146),),
    EMPLOYER[6],
)

LAST_YEARS = replace(
    EDITION,
    office=OFFICE,
    year="（2018届毕业生）",
    edition="中国海洋大学2018届毕业生用表",
    serial=Serial(r"NO\.(?P<serial>\d{10})", "red", (34.0, 24.0), (34.0, 27.6)),
    edition_at="right",
    student=LAST_YEARS_STUDENT,
    employer=LAST_YEARS_EMPLOYER,
    clauses=(*CLAUSES[:-2], "九、本协议一式三份，毕业生、用人单位、学校各执一份，遗失不补。"),
    cover_notes=("本协议书一式三份，毕业生、用人单位、学校各执一份",),
    notes=(
        "注：1. 本协议书由毕业生、用人单位逐项填写，字迹端正，涂改无效。",
        "　　2. 三方签字盖章后生效，复印件无效。",
    ),
)


def form() -> Form:
    return Form(
        id="ouc-2018",
        title=TITLE,
        issuer=SCHOOL,
        sheets=sheets(LAST_YEARS),
        accepts=False,
        refusal="not-school-issued",
        comment="A decoy: drawn by forms/ouc_2018.py; change that and run `python -m forms`.",
    )
