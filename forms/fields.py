"""What the agreements ask for: each field's label, where it lies in the case, and how it is compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from forms.sheet import Sheet
from scanservice.geometry import Box

NATURES = {
    "10": "机关",
    "20": "科研设计单位",
    "21": "高等教育单位",
    "22": "中初教育单位",
    "23": "医疗卫生单位",
    "29": "其他事业单位",
    "31": "国有企业",
    "32": "三资企业",
    "39": "其他企业",
    "40": "部队",
    "55": "农村建制村",
    "56": "城镇社区",
}
"""单位性质 as the employment plan's data standard codes it."""


@dataclass(frozen=True)
class Field:
    """A place to be filled in, with the label before it.

    Attributes:
        printed: the label as printed, where it is broken into lines (`|`); else `label`.
        width, label_width: of its cells in a table row, mm.
    """

    id: str
    label: str
    value: str
    compare: str
    required: bool = True
    choices: dict[str, str] | None = None
    printed: str | None = None
    width: float = 0.0
    label_width: float = 20.0

    @property
    def words(self) -> str:
        return self.printed or self.label


def place(sheet: Sheet, field: Field, box: Box, **keys: Any) -> None:
    """Notes the place where a field is filled in."""
    sheet.region(
        field.id,
        "text",
        box,
        label=field.label,
        value=field.value,
        compare=field.compare,
        required=field.required,
        choices=field.choices,
        **keys,
    )


def at(field_id: str, width: float, label_width: float = 20.0, *, printed: str | None = None) -> Field:
    """A field of the list below in a table row, under its usual label or another."""
    field = replace(FIELDS[field_id], width=width, label_width=label_width)
    return field if printed is None else replace(field, label=printed.replace("|", ""), printed=printed)


FIELDS = {
    field.id: field
    for field in (
        Field("student_name", "姓名", "student.name", "name"),
        Field("student_gender", "性别", "student.gender", "text"),
        Field("student_birth", "出生年月", "student.birth", "date"),
        Field("student_ethnicity", "民族", "student.ethnicity", "text"),
        Field("student_political_status", "政治面貌", "student.political_status", "text"),
        Field("student_degree", "学历", "student.degree", "text"),
        Field("student_education_years", "学制", "student.education_years", "text"),
        Field("student_education_mode", "培养方式", "student.education_mode", "text"),
        Field("student_number", "学号", "student.number", "text"),
        Field("student_college", "院（系）", "student.college", "text"),
        Field("student_major", "专业", "student.major", "text"),
        Field("student_id_number", "身份证号", "student.id_number", "id_number"),
        Field("student_home_address", "家庭地址", "student.home_address", "address"),
        Field("student_phone", "联系电话", "student.phone", "phone"),
        Field("employer_name", "单位名称", "entry.employer_name", "organisation"),
        Field("employer_affiliation", "单位隶属", "entry.employer_affiliation", "text", required=False),
        Field(
            "employer_code",
            "统一社会信用代码",
            "entry.employer_code",
            "credit_code",
            printed="统一社会|信用代码",
        ),
        Field("employer_nature", "单位性质", "entry.employer_nature", "choice", choices=NATURES),
        Field("employer_address", "通讯地址", "entry.employer_address", "address"),
        Field("employer_postcode", "邮政编码", "entry.employer_postcode", "postcode"),
        Field("employer_contact", "联系人", "entry.employer_contact", "name"),
        Field("employer_phone", "联系电话", "entry.employer_phone", "phone"),
        Field(
            "archive_receiver",
            "档案接收单位",
            "entry.archive_receiver",
            "organisation",
            printed="档案接收|单位",
        ),
        Field(
            "archive_address",
            "档案转寄详细地址",
            "entry.archive_address",
            "address",
            printed="档案转寄|详细地址",
        ),
        Field("archive_postcode", "邮政编码", "entry.archive_postcode", "postcode"),
        Field("archive_contact", "档案联系人", "entry.archive_contact", "name", required=False),
        Field("archive_phone", "联系电话", "entry.archive_phone", "phone", required=False),
        Field(
            "household_address",
            "户口迁移地址",
            "entry.household_address",
            "address",
            required=False,
            printed="户口迁移|地址",
        ),
        Field("student_date", "毕业生签名日期", "entry.student_signed_on", "date"),
        Field("employer_date", "用人单位盖章日期", "entry.employer_signed_on", "date"),
    )
}
