"""Real espeak-ng speaks, real Vosk listens."""

import asyncio
import shutil
from pathlib import Path

import numpy as np
import pytest

from ivr.line import Heard
from ivr.settings import SHIPPED_MODEL
from ivr.speech.readings import READINGS
from ivr.speech.recogniser import BadModel, Ears, check_model
from ivr.speech.sounding import Sounding
from ivr.speech.voice import RATE, Espeak, Voice, telephone_sound, write_wav
from ivr.speech.wording import Wording
from kb.answer import Unknown


@pytest.fixture(scope="module")
def ears():
    made = Ears(SHIPPED_MODEL, 1)
    yield made
    made.close()


@pytest.fixture
def voice(tmp_path: Path) -> Voice:
    return Voice(tmp_path / "voice", Espeak("m3"))


def test_what_the_voice_says_the_ears_understand(voice, ears):
    assert ears.whole(voice.sound("居住证怎么办理")).words == "居住证怎么办理"


async def test_a_word_the_first_reading_misheard_is_understood_from_the_second(tmp_path, ears, lookup, hold, facts):
    anika = Voice(tmp_path, Espeak("anika", 180))  # a voice the model has never heard
    told = ears.whole(anika.sound("店不开了那个执照怎么销掉"))
    assert "执照" not in told.words
    assert "执照" in told.alternatives[1]
    assert isinstance(lookup(told.words), Unknown)
    await hold(Heard(told.words, told.alternatives, told.confidences))
    (decided,) = (data for kind, data in facts if kind == "decided")
    assert "k0126" in {choice["article"] for choice in decided["candidates"]}
    (kept,) = (data for kind, data in facts if kind == "heard")
    assert kept["alternatives"] == list(told.alternatives)
    assert kept["confidences"] == list(told.confidences)


def test_a_caller_who_pauses_is_heard_as_whole_sentences(voice, ears):
    pause = np.zeros(2 * RATE, np.int16)
    told = ears.whole(np.concatenate([voice.sound("我家暖气不热"), pause, voice.sound("已经三天了")]))
    assert told.words == "".join(told.spoken) == told.alternatives[0] == "我家暖气不热已经三天了"
    assert len(told.alternatives) == len(told.confidences) <= READINGS
    assert list(told.confidences) == sorted(told.confidences, reverse=True)
    assert 0 < sum(told.confidences) <= 1
    assert all(len(other) > 6 for other in told.alternatives)


async def test_the_last_word_is_there_at_the_first_look(voice, ears):
    recogniser = ears.listen()
    sound = voice.sound("灵活就业人员怎么交养老保险")
    for start in range(0, len(sound), 800):
        await recogniser.hear(sound[start : start + 800])
    assert (await recogniser.look()).endswith("养老保险")
    assert (await recogniser.finish()).words.endswith("养老保险")


async def test_two_callers_do_not_hear_each_other(voice, ears):
    async def listen(text: str) -> str:
        recogniser = ears.listen()
        sound = voice.sound(text)
        for start in range(0, len(sound), 800):
            await recogniser.hear(sound[start : start + 800])
        return (await recogniser.finish()).words

    said = ("居住证怎么办理", "医保卡丢了怎么补办")
    assert tuple(await asyncio.gather(*map(listen, said))) == said


async def test_a_caller_who_hangs_up_in_the_middle_of_a_word_leaves_nothing_to_the_next(voice):
    ears, first, second = Ears(SHIPPED_MODEL, 2), voice.sound("我家厨房着火了快来人"), voice.sound("居住证怎么办理")
    expected = Ears(SHIPPED_MODEL, 1).whole(second)
    gone = ears.listen()
    left = [asyncio.create_task(gone.hear(first[start : start + 800])) for start in range(0, len(first) * 2 // 3, 800)]
    await asyncio.sleep(0)  # all of it waits for the ears
    gone.rest()
    gone.rest()  # whatever is said twice
    await asyncio.gather(*left)
    await asyncio.to_thread(gone._rest)  # has been done, or is now
    following, another = ears.listen(), ears.listen()
    assert following._kaldi is gone._kaldi
    assert another._kaldi is not gone._kaldi
    assert await gone.hear(first) == ""
    for start in range(0, len(second), 800):
        await following.hear(second[start : start + 800])
    assert (await following.look()) == expected.words
    assert (await following.finish()) == expected
    ears.close()


def test_a_recogniser_that_failed_is_given_to_no_other_caller():
    ears = Ears(SHIPPED_MODEL, 1)
    failed = ears.listen()
    with pytest.raises(AttributeError):
        failed._hear(None)
    failed._rest()
    assert ears.listen()._kaldi is not failed._kaldi
    ears.close()


@pytest.mark.parametrize("kind", ["silence", "noise", "tone"])
def test_what_is_no_speech_has_no_words(ears, kind):
    t = np.arange(3 * RATE) / RATE
    sound = {
        "silence": np.zeros(len(t)),
        "noise": np.random.RandomState(1).normal(0, 800, len(t)),
        "tone": 8000 * np.sin(2 * np.pi * 1100 * t),
    }[kind]
    assert ears.whole(sound.astype(np.int16)).words == ""


def test_a_sentence_is_rendered_once(voice, tmp_path):
    first = voice.sound("您好。")
    assert len(list((tmp_path / "voice").iterdir())) == 1
    again = Voice(tmp_path / "voice", Espeak("m3")).sound("您好。")
    assert np.array_equal(first, again)


def test_a_citys_recording_takes_the_place_of_the_voice(tmp_path):
    tone = (8000 * np.sin(np.arange(RATE) / 3)).astype(np.int16)
    write_wav(tmp_path / "farewell.wav", tone)
    sentence = Wording()["farewell"]
    voice = Voice(tmp_path / "voice", recordings=tmp_path, keys={sentence: "farewell"})
    assert abs(len(voice.sound(sentence)) - len(tone)) < 600


def test_prompts_are_as_loud_as_a_telephone_expects(voice):
    sound = voice.sound("请问有什么可以帮您？")
    assert 15000 < np.abs(sound).max() < 20000


def test_speech_is_told_from_silence_noise_and_its_own_echo(voice):
    def sounding_share(samples: np.ndarray, robot: bool = False) -> float:
        detect = Sounding()
        frames = [samples[i : i + 160] for i in range(0, len(samples) - 160, 160)]
        return float(np.mean([detect(f, robot) for f in frames]))

    speech = voice.sound("我们小区的暖气不热已经三天了")
    assert sounding_share(speech) > 0.6
    assert sounding_share(np.zeros(16000, np.int16)) == 0
    assert sounding_share(np.random.RandomState(2).normal(0, 60, 16000).astype(np.int16)) < 0.05
    assert sounding_share((speech * 0.008).astype(np.int16), robot=True) < 0.05


def test_a_missing_model_is_named_before_the_first_call(tmp_path):
    with pytest.raises(BadModel, match="no speech model at"):
        check_model(tmp_path / "nothing")
    with pytest.raises(BadModel, match=r"conf/mfcc\.conf is missing"):
        check_model(tmp_path)


def test_a_damaged_model_is_named_too(tmp_path):
    for part in ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/words.txt"):
        (tmp_path / part).parent.mkdir(exist_ok=True)
        (tmp_path / part).write_text("--sample-frequency=16000\n" if "mfcc" in part else "x")
    with pytest.raises(BadModel, match=r"neither graph/HCLG\.fst"):
        check_model(tmp_path)
    (tmp_path / "graph/HCLG.fst").write_text("x")
    assert check_model(tmp_path) == 16000
    (tmp_path / "am/final.mdl").write_text("")
    with pytest.raises(BadModel, match=r"final\.mdl is missing or empty"):
        check_model(tmp_path)


async def test_a_model_for_16_khz_understands_the_telephone_too(tmp_path, voice):
    """Ours, told to expect twice the samples of the same sounds, hears what the resampler makes of 8 kHz."""
    shutil.copytree(SHIPPED_MODEL, tmp_path / "wide")
    conf = tmp_path / "wide/conf/mfcc.conf"
    told = conf.read_text().replace("--sample-frequency=8000", "--sample-frequency=16000")
    conf.write_text(told.replace("--high-freq=-200", "--high-freq=3800"))
    wide = Ears(tmp_path / "wide", 1)
    assert wide.rate == 16000
    said = ("居住证怎么办理", "灵活就业人员怎么交养老保险", "我们小区的暖气不热")
    assert tuple(wide.whole(voice.sound(text)).words for text in said) == said
    recogniser = wide.listen()  # several turns of one call, in small pieces, as a caller is heard
    for text in said:
        sound = voice.sound(text)
        for start in range(0, len(sound), 800):
            await recogniser.hear(sound[start : start + 800])
        assert (await recogniser.look()) == text
        assert (await recogniser.finish()).words == text
    wide.close()


def test_an_edge_of_silence_is_cut_but_no_consonant():
    sound = np.concatenate([np.zeros(8000), np.ones(800) * 0.5, np.zeros(8000)]).astype(np.float32)
    assert len(telephone_sound(sound, RATE)) == pytest.approx(800 + 2 * 0.03 * RATE, abs=2)


def test_a_city_may_change_sentences_but_not_invent_them(tmp_path):
    own = tmp_path / "wording.toml"
    own.write_text('farewell = "慢走。"\n', encoding="utf-8")
    assert Wording(own)["farewell"] == "慢走。"
    own.write_text('goodby = "慢走。"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="no such sentence: goodby"):
        Wording(own)
