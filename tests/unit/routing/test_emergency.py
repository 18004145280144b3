"""Whoever is in danger is heard, whoever is not is not put through: sentences no training file holds."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.emergency import Action, judge

NOTICED = {Action.A, Action.B, Action.C, Action.S}


@pytest.mark.parametrize(
    ("said", "service"),
    [
        ("我家客厅着火了火苗都蹿到房顶了", "119"),
        ("我家厨房找火了", "119"),  # as a recogniser writes it
        ("屋里全是煤气味我们头都晕了", "119"),
        ("有人掉到河里了快来救人", "119"),
        ("我老伴突然倒在地上叫不醒了", "120"),
        ("孩子被花生噎住了脸都紫了", "120"),
        ("有人拿刀在砍人", "110"),
        ("楼下有人吵架好像动手了打得满脸是血", "110"),
        ("我五岁的孩子在商场走丢了到处找不到", "110"),
        ("两辆车撞上了有个人躺在地上流血", "122"),
    ],
)
def test_who_names_the_danger_reaches_the_service_that_helps(said, service):
    verdict = judge(said)
    assert verdict.action in {Action.A, Action.B}
    assert verdict.service == service


@pytest.mark.parametrize("said", ["我家着火了", "有人拿刀砍人快来", "我爸没有呼吸了快派救护车"])
def test_the_plainest_cries_are_put_through_without_asking(said):
    assert judge(said).action is Action.A


@pytest.mark.parametrize(
    "said",
    [
        "我不想活了",
        "我现在站在楼顶上往下看",
        "我刚把一整瓶安眠药吃下去了",
        "我朋友说他不想活了怎么办",
        "我女儿留了遗书人不见了",
        "活着没什么意思想一了百了",
    ],
)
def test_who_means_to_die_gets_a_person_and_never_a_transfer(said):
    verdict = judge(said)
    assert verdict.action is Action.C
    assert verdict.service == "12356"


@pytest.mark.parametrize(
    "said",
    [
        "我坐在江边的栏杆上不想回家了活着太累",
        "我室友把门锁了说要割腕自杀",
        "天台上有个男孩要往下跳快来劝劝他",
        "我把安眠药都攒够了今晚就吃下去",
        "我婆婆喝了农药说不想活了",
        "不给我发工资我就从这楼上跳下去",
    ],
)
def test_whoever_means_to_die_or_knows_of_one_is_noticed_however_it_is_told(said):
    assert judge(said).action is Action.C


@pytest.mark.parametrize(
    "said",
    [
        "气死我了你们物业到底管不管",
        "跳楼价处理的衣服质量不好能退吗",
        "想死你了什么时候回来看我",
        "心理热线的电话号码是多少",
        "买的保险自杀赔不赔",
        "我写的小说里主角上吊了出版社不给过",
        "累死了爬了二十层楼",
    ],
)
def test_words_of_dying_without_anyone_in_danger_fetch_nobody(said):
    assert judge(said).action in {Action.N, Action.B}


@pytest.mark.parametrize(
    "said",
    [
        "好的我明白了谢谢你",
        "我先挂了再见",
        "我不想再等了找个人跟我说",
        "我叫王建军住在滨河小区",
        "最后再问一句几点下班",
    ],
)
def test_what_is_said_in_the_middle_of_a_call_is_no_danger(said):
    assert judge(said).action is Action.N


@pytest.mark.parametrize(
    "said",
    [
        "我家着火的保险赔偿怎么办理",
        "万一着火了怎么用灭火器有没有培训",
        "派出所那个有人拿刀砍人的案子判了没有",
        "我想死我女儿了她在外地上学",
        "跳楼价甩卖的喇叭太吵了",
        "煤气泄漏报警器在哪里买",
    ],
)
def test_no_part_of_what_turns_out_harmless_is_put_through(said):
    parts = (said[:end] for end in range(1, len(said)))
    assert [part for part in parts if judge(part, final=False).action is Action.A] == []


@pytest.mark.parametrize(
    "said",
    [
        "我要个外卖你别问了快点送来",
        "我不方便说话他就在旁边你们快派人",
    ],
)
def test_who_cannot_speak_openly_is_offered_a_key(said):
    assert judge(said).action is Action.S


@pytest.mark.parametrize(
    "said",
    [
        "去年我家着过火想问问补房产证怎么办",
        "消防验收要准备什么材料",
        "上个月的车祸赔偿标准是多少",
        "物业费贵得要死",
        "急救证培训在哪报名",
        "煤气费怎么交",
        "献血证丢了怎么补",
        "明天小区消防演习几点开始",
        "电影里那个人跳楼的镜头太吓人了",
    ],
)
def test_talk_about_danger_that_is_over_wanted_on_paper_or_a_figure_of_speech_is_not_put_through(said):
    assert judge(said).action in {Action.N, Action.B}


@pytest.mark.parametrize(
    "said",
    [
        "我想问一下养老金什么时候发",
        "暖气不热能不能派人来看看",
        "楼下烧烤店太吵了影响休息",
        "公交车老是不准点",
        "身份证丢了去哪里补办",
        "我要找人工",
        "给我转人工",
        "喂你好",
        "嗯",
        "谢谢再见",
        "今天天气真不错",
    ],
)
def test_ordinary_callers_hear_no_question_about_danger(said):
    assert judge(said).action is Action.N


def test_nothing_said_is_nothing_special():
    assert judge("").action is judge("   ").action is judge("……？").action is Action.N


def test_words_that_hold_the_floor_change_nothing():
    assert judge("喂你好那个我家着火了").action is judge("我家着火了").action
    assert judge("喂嗯那个就是").action is Action.N


def test_a_fire_is_noticed_while_the_caller_still_speaks_but_a_word_that_may_turn_is_not():
    assert judge("我家着火了火特别大", final=False).action is Action.A
    assert judge("消防", final=False).action is Action.N
    assert judge("我想问一下着火", final=False).action is not Action.A


def test_a_long_story_is_heard_to_its_end_and_from_its_beginning():
    story = "我住在滨河那边的老小区三号楼二单元我跟你说啊我们这个楼住的都是退休的老人平时也没什么事儿" * 2
    assert judge(story).action is Action.N
    assert judge(story + "刚才楼下着火了烟都进屋了").action in NOTICED
    assert judge("我家着火了快来人啊火特别大" + story).action in NOTICED


def test_the_operator_reads_which_cue_and_which_guard_spoke():
    verdict = judge("我家着火了")
    assert "着火" in verdict.because
    assert "把握" in verdict.because


def test_a_judgement_takes_less_than_five_milliseconds_whatever_is_said():
    sentences = ["我家着火了", "我想问一下暖气费怎么交" * 4, "楼上吵架摔东西孩子一直哭" * 12]
    for said in sentences:
        judge(said)
    taken = []
    for number in range(30):
        for said in sentences:
            fresh = f"{chr(0x4E00 + number)}{said}"  # never heard before, so nothing is remembered
            began = time.thread_time()  # the machine's other work does not count
            judge(fresh, final=number % 2 == 0)
            taken.append(1000 * (time.thread_time() - began))
    assert sorted(taken)[len(taken) // 2] < 5


@given(st.text(max_size=400), st.booleans())
def test_whatever_is_said_there_is_one_verdict_and_it_stays_the_same(said, final):
    first = judge(said, final)
    assert first == judge(said, final)
    assert (first.service == "") == (first.action is Action.N)


@given(st.text(alphabet="火煤气刀救命死车楼药血孩子没了在去年怎么办费吗", max_size=60), st.booleans())
def test_alarm_words_in_any_order_never_break_the_judge(said, final):
    verdict = judge(said, final)
    assert verdict.action in set(Action)
    assert verdict.because or verdict.action is Action.N
