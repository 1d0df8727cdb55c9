import json
import string
from pathlib import Path

import pytest
import texts

from cellseg_utils.run import language, parameters, places

ROOMS = [*texts.rooms(), "", "notebooks"]
AS_IT_IS = ("language.py",)  # speaks both at once


def names_in(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.fixture
def in_english(monkeypatch):
    monkeypatch.setenv(language.VARIABLE, "en")


@pytest.fixture(scope="module")
def table():
    return {path.stem: json.loads(path.read_text("utf-8")) for path in language.TABLE.glob("*.json")}


@pytest.mark.parametrize("room", ROOMS)
def test_every_chinese_text_is_said_through_the_table(room):
    outside = [
        line
        for path in [
            *texts.files_of(room),
            *(texts.templates_of(room) if room not in ("", "notebooks") else []),
        ]
        if path.name not in AS_IT_IS
        for line in texts.said(path)[1]
    ]
    assert not outside, "\n".join(outside)


@pytest.mark.parametrize("room", ROOMS)
def test_every_text_has_an_english_one_in_the_table_of_its_room(room, table):
    own = table.get(room or "cli", {})
    paths = [*texts.files_of(room), *(texts.templates_of(room) if room not in ("", "notebooks") else [])]
    lacking = {text for path in paths for text in texts.said(path)[0]} - set(own)
    assert not lacking, "\n".join(sorted(lacking))


def test_no_text_of_the_table_is_unused_or_chinese_or_has_other_values(table):
    used = set()
    for room in ROOMS:
        for path in [
            *texts.files_of(room),
            *(texts.templates_of(room) if room not in ("", "notebooks") else []),
        ]:
            used |= texts.said(path)[0]
    for room, entries in table.items():
        for chinese, english in entries.items():
            assert chinese in used or room == "parameters", f"{room}: {chinese}"
            assert not texts.CHINESE.search(english), english
            assert names_in(chinese) == names_in(english), (chinese, english)


def test_every_parameter_has_an_english_comment(table):
    declared = parameters.declared(sorted(places.NOTEBOOKS.glob("[0-9]*.ipynb")))
    assert set(table["parameters"]) == {parameter.comment for parameter in declared}


def test_a_text_is_the_same_in_english_wherever_it_is_said(table):
    together = {}
    for room, entries in table.items():
        for chinese, english in entries.items():
            assert together.setdefault(chinese, english) == english, (room, chinese)


def test_a_text_stays_chinese_unless_english_is_asked_for(monkeypatch):
    monkeypatch.setenv(language.VARIABLE, "zh")
    assert language.say("找到 {n} 个核", n=3) == "找到 3 个核"


def test_a_text_without_values_may_hold_braces():
    assert language.say("{") == "{"


def test_english_chooses_between_one_and_many(in_english, monkeypatch):
    monkeypatch.setattr(language, "english", lambda: {"{n} 个核": "{n:,} {n:nucleus|nuclei}"})
    assert language.say("{n} 个核", n=1) == "1 nucleus"
    assert language.say("{n} 个核", n=0) == "0 nuclei"
    assert language.say("{n} 个核", n=1200) == "1,200 nuclei"


def test_a_text_that_the_table_lacks_stays_chinese(in_english):
    assert language.say("表里没有的话") == "表里没有的话"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "zh"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW.UTF-8"}, "zh"),
    ],
)
def test_the_systems_settings_decide(settings, expected):
    assert language.of_system(settings) == expected


def test_another_language_is_refused_in_both():
    with pytest.raises(language.LanguageError, match="只有 zh 与 en / there are only zh and en"):
        language.choose("fr")


def test_several_things_are_joined_as_the_language_does(in_english):
    assert language.listing(["a", "b"]) == "a, b"


@pytest.mark.parametrize(("spoken", "expected"), [("zh", "甲。乙。"), ("en", "甲。 乙。")])
def test_sentences_have_a_space_between_them_in_english_only(spoken, expected):
    with language.speaking(spoken):
        assert language.sentences(["甲。", "", "乙。"]) == expected
        assert language.sentences([]) == ""


@pytest.mark.parametrize("before", [None, "zh", "en"])
def test_a_language_is_spoken_for_a_while_only_even_after_an_error(before, monkeypatch):
    monkeypatch.delenv(language.VARIABLE)
    if before:
        monkeypatch.setenv(language.VARIABLE, before)
    spoken = []

    def fail():
        with language.speaking("en"):
            spoken.append(language.current())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert spoken == ["en"]
    assert language.os.environ.get(language.VARIABLE) == before
    with pytest.raises(language.LanguageError), language.speaking("fr"):
        pass
    assert language.os.environ.get(language.VARIABLE) == before


def test_a_report_is_chinese_unless_another_language_was_asked_for(monkeypatch):
    monkeypatch.delenv(language.VARIABLE)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    assert (language.asked(), language.current()) == ("zh", "en")
    monkeypatch.setenv(language.VARIABLE, "en")
    assert language.asked() == "en"


def test_clauses_are_joined_as_the_language_does(monkeypatch):
    assert language.clauses(["甲", "乙"]) == "甲，乙"
    monkeypatch.setenv(language.VARIABLE, "en")
    assert language.clauses(["a", "b"]) == "a, b"


@pytest.mark.parametrize("name", ["a\nb\x1b[2J\x0b.png", Path("a\nb\x1b[2J\x0b.png")])
def test_names_are_said_as_a_terminal_can_show_them(name):
    assert language.say("{name}：没有", name=name) == "a\ufffdb\ufffd[2J\ufffd.png：没有"
    assert "\n" not in language.say("{name!s:>40}", name=name)


def test_an_error_of_several_lines_is_said_in_several_without_what_a_terminal_obeys():
    assert language.say("错误：{error}", error=ValueError("one\ntwo\x1b[31m")) == "错误：one\ntwo\ufffd[31m"
