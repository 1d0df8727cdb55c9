import pytest

from cellseg_utils.report.rendering import formula


def test_fraction_is_drawn_in_the_asked_way():
    element = formula.mathml(r"\frac{a}{b}", "block")
    assert 'display="block"' in element
    assert "<mfrac>" in element


def test_chinese_words_stay_in_a_formula():
    assert "<mtext>交并比</mtext>" in formula.mathml(r"\text{交并比} = 1")


def test_bars_of_a_set_size_stand_close_to_it():
    assert formula.mathml("|A|").count('lspace="0"') == 2


@pytest.mark.parametrize(
    "bad", [r"\unknown{x}", r"\frac{1}", "x^", r"\left( a \right", "a & b", r"\text{a<b}"]
)
def test_formula_without_mathml_is_shown_in_the_message(bad):
    with pytest.raises(formula.FormulaError) as error:
        formula.mathml(f"\n{bad}\n")
    assert f"${bad}$" in str(error.value)
    assert "\n" not in str(error.value)
