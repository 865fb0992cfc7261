"""Whether a text looks like a person rather than an institution."""

from __future__ import annotations

import re

from scanservice.verify.comparators.base import half_width, without_spaces

_SINGLE = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟"
    "谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢"
    "安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝"
    "路游辛靳管柴蒙鲍华喻祁房蒲滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿"
    "桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_DOUBLE = (
    "欧阳|上官|司马|诸葛|夏侯|皇甫|尉迟|公孙|慕容|令狐|司徒|东方|独孤|南宫|西门|端木|百里|呼延|宇文|长孙"
)
_INSTITUTION = re.compile(
    r"局|院|所|校|学|中心|公司|厂|部|处|市场|委|会|站|办|集团|库|馆|厅|科|社|银行|政府|机关|单位|军|队|店|行|台|室|档案|人才"
)
_SELF = re.compile(r"本人|自己|自带|自取|家长|父亲|母亲|父母|个人|家里|家庭|家中")
_TITLE = re.compile(r"(?:\((?:本人|收|先生|女士)\)|先生|女士|老师|收|同学)$")
_NAME = re.compile(rf"(?:(?:{_DOUBLE})[\u4e00-\u9fff]{{1,2}}|[{_SINGLE}][\u4e00-\u9fff]{{1,2}})")
"""The 300 most frequent surnames cover about 96 % of people; a rarer one is left to the reviewer's eye."""


def looks_like_a_person(text: str) -> bool:
    """Whether a text is a Chinese personal name, or says that the student keeps it, and names no institution.

    An empty text does, too: nothing but the person was named before.
    """
    plain = without_spaces(half_width(text))
    bare = _TITLE.sub("", plain)
    if bare != plain and bare in _SINGLE:
        return True
    if not bare or (_SELF.search(plain) and not _INSTITUTION.search(_SELF.sub("", plain))):
        return True
    return bool(_NAME.fullmatch(bare)) and not _INSTITUTION.search(bare[1:])
