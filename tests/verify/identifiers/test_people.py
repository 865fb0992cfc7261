"""Whether a receiver of archives reads like a person."""

import pytest

from scanservice.verify.names_of_people import looks_like_a_person


@pytest.mark.parametrize(
    "text", ["王芳", "李建国", "欧阳修文", "张海洋（本人）", "本人", "自己保管", "家中", "赵先生", "陈 明"]
)
def test_people(text: str) -> None:
    assert looks_like_a_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "上海市浦东新区人才交流服务中心",
        "青岛市人社局",
        "本单位人事处",
        "中国银行",
        "高新区人才市场",
        "文登区档案馆",
        "王府井集团",
        "单县人社局",
    ],
)
def test_institutions(text: str) -> None:
    assert not looks_like_a_person(text)
