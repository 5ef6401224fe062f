"""Danger is found by rules alone, whatever hides it, and ordinary hardship is not mistaken for it."""

from __future__ import annotations

import pytest

from bot.safety import Level, find_danger

SUICIDE = [
    "不想活了",
    "我不想活",
    "低保要什么材料？不 想…活 了！",
    "不*想*活*了",
    "不想再活下去了",
    "活着没意思",
    "活着真没什么意思",
    "想一了百了",
    "安眠药我都准备好了,补助你们自己留着吧",
    "还不如死了算了",
    "我要跳楼",
    "想自杀",
    "活够了",
    "真的撑不下去了",
    "走投无路了",
    "生不如死",
    "遗书都写好了",
    "死了干净",
    "带着孩子一起走",
    "我不想活了😭",
    "不想活瞭",
    "没活路了",
    "我现在就去死",
    "求个解脱",
    "弗想活了",
    "活着太累了，活着还有什么意义",
]
VIOLENCE = [
    "老公又动手了",
    "老公天天打我,我抱着孩子跑出来了",
    "被丈夫家暴",
    "他说要杀了我全家",
    "前夫又打我",
    "儿子打我",
    "我被老公打得浑身是伤",
    "婆婆虐待我",
]
OTHERS = [
    ("孩子被继父打", "child_harm"),
    ("邻居的小孩身上都是伤", "child_harm"),
    ("保姆打老人", "elder_harm"),
    ("媳妇不给我饭吃", "elder_harm"),
    ("我妈昏迷了怎么办", "medical"),
    ("老伯摔倒在地上起不来", "elder_harm"),
    ("救命啊", "medical"),
]
URGENT = [
    ("断顿了", "no_food"),
    ("家里揭不开锅了", "no_food"),
    ("两天没吃饭了", "no_food"),
    ("没钱买奶粉,明天就断奶粉了", "no_food"),
    ("没米下锅", "no_food"),
    ("被房东赶出来了", "no_shelter"),
    ("屋里烧脱了,今朝夜里困啥地方勿晓得", "no_shelter"),
    ("睡在桥洞里", "no_shelter"),
    ("今晚不知道睡哪", "no_shelter"),
    ("家里停电了好几天交不起电费", "utilities"),
    ("煤气被停了", "utilities"),
]
ORDINARY = [
    "穷死了",
    "饿死鬼",
    "我老公死了五年了",
    "我老伴前年自杀走了，丧葬费怎么领",
    "老公打零工",
    "孩子打工赚的钱算不算收入",
    "打电话没人接",
    "医生给我打针",
    "三年前中风了",
    "反家庭暴力法有什么规定",
    "低保怎么申请",
    "热死了",
    "忙死了",
    "想吃低保",
    "没吃过低保",
    "我妈72岁，一个人住",
    "老公打了官司",
    "保命钱什么时候发",
    "停保了怎么办",
    "小区停水通知在哪看",
    "补助什么时候发",
    "儿子不管我",
    "失业了没工作",
    "房子要拆迁",
    "我没地方签字",
]


@pytest.mark.parametrize("words", SUICIDE)
def test_talk_of_suicide_is_a_matter_of_safety(words: str) -> None:
    danger = find_danger(words)
    assert danger is not None
    assert danger.level is Level.SAFETY


@pytest.mark.parametrize("words", VIOLENCE)
def test_violence_at_home_is_a_matter_of_safety(words: str) -> None:
    danger = find_danger(words)
    assert danger is not None
    assert danger.level is Level.SAFETY


@pytest.mark.parametrize(("words", "kind"), OTHERS)
def test_harm_to_others_is_found_with_its_kind(words: str, kind: str) -> None:
    danger = find_danger(words)
    assert danger is not None
    assert danger.kind == kind


@pytest.mark.parametrize(("words", "kind"), URGENT)
def test_lack_of_food_shelter_or_power_is_urgent(words: str, kind: str) -> None:
    danger = find_danger(words)
    assert danger is not None
    assert (danger.kind, danger.level) == (kind, Level.URGENT)


@pytest.mark.parametrize("words", ORDINARY)
def test_ordinary_hardship_is_no_crisis(words: str) -> None:
    assert find_danger(words) is None


def test_safety_comes_before_urgent_need_in_one_message() -> None:
    danger = find_danger("家里断顿了，我不想活了")
    assert danger is not None
    assert danger.kind == "suicide"


def test_danger_is_found_at_the_end_of_a_very_long_message() -> None:
    assert find_danger("低保怎么申请？" * 1500 + "我不想活了") is not None


@pytest.mark.parametrize("gap", [" ", "　", "\u200b", "，", "…", "*", "\u00ad", "🙂"])
def test_gaps_between_characters_do_not_hide_danger(gap: str) -> None:
    assert find_danger(gap.join("我不想活了")) is not None


def test_traditional_and_full_width_characters_do_not_hide_danger() -> None:
    assert find_danger("不想活瞭，沒活路了") is not None


def test_a_spared_phrase_does_not_spare_another_one_beside_it() -> None:
    assert find_danger("我不会自杀的") is None
    assert find_danger("我以前说不会自杀的，现在真的不想活了") is not None
