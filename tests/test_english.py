import english
import pytest


@pytest.mark.parametrize(
    "text",
    [
        "One sentence.Another one.",
        "two  spaces",
        "an end ",
        "a bracket(here)",
        "a bracket (here)too",
        "a comma ,here",
        "0.5;the",
        "a,1",
        "twice..",
        "1 nuclei",
        "{name} stays",
        "a word：here",
    ],
)
def test_a_fault_is_found(text):
    assert english.faults(text)


@pytest.mark.parametrize(
    "text", ["Dice 0.853 (0.812–0.893), 1,200 nuclei; of 21 images, 1.5 epochs.", "`a.json`: 1 image"]
)
def test_a_sound_sentence_has_no_fault(text):
    assert not english.faults(text)
