"""Another university's print of the national form: the same table, other issuer, other numbering."""

from __future__ import annotations

from dataclasses import replace

from forms.national import TITLE, Serial, sheets
from forms.ouc_2019 import CLAUSES
from forms.ouc_2019 import EDITION as NEIGHBOUR
from forms.publish import Form

SCHOOL = "中国石油大学（华东）"

EDITION = replace(
    NEIGHBOUR,
    school=SCHOOL,
    office=f"{SCHOOL}毕业生就业指导中心",
    year="（2019届）",
    edition=f"{SCHOOL}毕业生就业协议书  2019年版",
    serial=Serial(
        r"(?P<serial>1910425\d{5})", "black", (142.0, 22.0), (150.0, 27.6), label="协议书编号：", width=42.0
    ),
    clauses=CLAUSES,
    notes=(
        "注：1. 本协议书须用蓝黑或黑色墨水填写，内容不得涂改。",
        "　　2. 本协议书经三方签字盖章后有效，复印件无效。",
    ),
    cover_notes=("本协议书一式四份，毕业生、用人单位、学校、档案各存一份",),
)


def form() -> Form:
    return Form(
        id="upc-2019",
        title=TITLE,
        issuer=SCHOOL,
        sheets=sheets(EDITION),
        accepts=False,
        refusal="not-school-issued",
        comment="A decoy: drawn by forms/upc_2019.py; change that and run `python -m forms`.",
    )
