import pytest
import texts

from cellseg_utils.models import architectures
from cellseg_utils.training import model_texts


def network(name="unet", filters=4, depth=2):
    return architectures.build(name, {"image_size": 32, "filters": filters, "depth": depth})


def test_the_narrowest_place_and_the_largest_layer_are_those_of_the_model():
    model = network()
    assert model_texts.shape(model) == "边长 32 像素的图像，在最下面缩到 8 像素，那里有 16 个通道。"
    count = max(layer.count_params() for layer in model.layers)
    [name] = [layer.name for layer in model.layers if layer.count_params() == count]
    told = model_texts.largest(model)
    assert told.startswith(f"{len(model.layers)} 层里参数最多的是 `{name}`，{count:,} 个")
    assert f"{count / model.count_params():.0%}" in told


def test_a_network_is_told_to_be_larger_smaller_or_alike():
    small, large = network(), network(filters=8)
    assert "，比同样设定的 U-Net" in (told := model_texts.beside(large, small))
    assert f"多 {large.count_params() / small.count_params() - 1:.0%}" in told
    assert f"少 {1 - small.count_params() / large.count_params():.0%}" in model_texts.beside(small, large)
    assert model_texts.beside(small, small).endswith("几乎一样多。")


@pytest.mark.parametrize("name", architectures.TITLES)
def test_every_network_can_be_told_of_in_english(name, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    model = network(name)
    told = [model_texts.shape(model), model_texts.largest(model), model_texts.beside(model, network())]
    for sentence in told:
        assert sentence.endswith(".")
        assert not texts.CHINESE.search(sentence)
