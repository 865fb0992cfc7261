"""中国海洋大学, the paper agreement of the graduates of 2019."""

from __future__ import annotations

import datetime as dt

from forms.fields import at
from forms.national import TITLE, Edition, Serial, sheets
from forms.publish import Form

SCHOOL = "中国海洋大学"
OFFICE = "中国海洋大学学生就业创业指导与服务中心"

STUDENT = (
    (at("student_name", 36), at("student_gender", 30), at("student_birth", 38, 22)),
    (at("student_ethnicity", 36), at("student_political_status", 30), at("student_degree", 38, 22)),
    (at("student_number", 36), at("student_education_years", 30), at("student_education_mode", 38, 22)),
    (at("student_major", 60), at("student_id_number", 64, 22)),
    (at("student_home_address", 86), at("student_phone", 38, 22)),
)

EMPLOYER = (
    (at("employer_name", 86), at("employer_affiliation", 38, 22)),
    (at("employer_code", 60), at("employer_nature", 64, 22)),
    (at("employer_address", 86), at("employer_postcode", 38, 22)),
    (at("employer_contact", 60), at("employer_phone", 64, 22)),
    (at("archive_receiver", 146),),
    (at("archive_address", 86), at("archive_postcode", 38, 22)),
    (at("household_address", 146),),
)

CLAUSES = (
    "为明确毕业生、用人单位和学校三方在毕业生就业工作中的权利和义务，维护各方的合法权益，经协商一致，"
    "订立本协议，共同遵守以下条款：",
    "一、毕业生应当向用人单位如实介绍本人的学业、健康等情况，了解用人单位的工作内容和使用意图，"
    "表明自己的就业意见，并在规定的时间内到用人单位报到。因故不能按时报到的，须事先征得用人单位同意。",
    "二、用人单位应当如实向毕业生介绍本单位的情况，明确对毕业生的要求及工作安排，做好各项接收工作。"
    "要求对毕业生进行体检的，应当在签订本协议之前进行，报到后不得再以身体条件为由拒绝接收。",
    "三、学校应当如实向用人单位提供毕业生的在校表现，做好推荐工作；用人单位同意录用后，"
    "由学校审核列入就业方案，负责办理派遣、档案转递等手续。",
    "四、毕业生未取得毕业资格的，本协议自行失效，三方互不承担责任；另有约定的，在备注栏中写明。",
    "五、毕业生与用人单位签字盖章后，本协议即行生效。学校作为就业约定的见证方，"
    "在双方签字盖章之后审核盖章，任何一方不得擅自涂改协议内容。",
    "六、协议生效后，任何一方要求解除协议的，应当征得另外两方同意，并依照约定承担违约责任；"
    "解除协议的书面证明与原协议书一并交回学校。",
    "七、档案接收单位、档案转寄地址和户口迁移地址由用人单位填写，务必准确、详细，"
    "因填写不清造成派遣或者转递延误的，由填写一方负责。",
    "八、毕业生、用人单位和学校另有其他约定的，应当以文字形式写明，作为本协议的附件，与本协议具有同等效力。",
    "九、本协议书统一编号，限毕业生本人使用，遗失须登报声明并向学校申请补发，复印件无效。",
    "十、本协议一式三份，毕业生、用人单位、学校各执一份。",
)

EDITION = Edition(
    school=SCHOOL,
    office=OFFICE,
    year="（2019届毕业生）",
    edition="中国海洋大学2019届毕业生用表",
    serial=Serial(r"NO\.(?P<serial>\d{10})", "red", (140.0, 24.0), (148.0, 27.6)),
    student=STUDENT,
    employer=EMPLOYER,
    clauses=CLAUSES,
    notes=(
        "注：1. 本协议书由毕业生、用人单位用黑色墨水逐项填写，字迹端正，涂改无效。",
        "　　2. 毕业生与用人单位签字盖章后交学校审核，复印件无效。",
    ),
    cover_notes=("本协议书一式三份，毕业生、用人单位、学校各执一份，复印件无效",),
)


def form() -> Form:
    return Form(
        id="ouc-2019",
        title=TITLE,
        issuer=SCHOOL,
        sheets=sheets(EDITION),
        season={
            "from": dt.date(2018, 9, 1),
            "until": dt.date(2019, 8, 31),
            "terminations_before": dt.date(2019, 1, 8),
            "home_region": "37",
        },
        comment="Drawn by forms/ouc_2019.py: change that and run `python -m forms`.",
    )
