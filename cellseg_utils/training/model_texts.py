"""What a reader is told about a network: narrowest place, largest layer, size beside another's."""

from cellseg_utils.models import layer_graph
from cellseg_utils.run import language
from cellseg_utils.run.language import say


def shape(model):
    """From which resolution to which a network goes, and with how many channels.

    Parameters
    ----------
    model : keras.Model
        Functional model whose layers all have outputs `(N, H, W, C)` of known size.

    Returns
    -------
    sentence : str
    """
    outputs = [layer.output.shape for layer in model.layers]
    narrowest = min(outputs, key=lambda own: own[1])
    return say(
        "边长 {side} 像素的图像，在最下面缩到 {low} 像素，那里有 {channels} 个通道。",
        side=outputs[0][1],
        low=narrowest[1],
        channels=max(own[3] for own in outputs if own[1] == narrowest[1]),
    )


def largest(model):
    """Which layers have the most parameters.

    Parameters
    ----------
    model : keras.Model
        Functional model.

    Returns
    -------
    sentence : str
    """
    table = layer_graph.layer_table(model)
    counts = table.iloc[:, -1]
    names = table.iloc[:, 0][counts == counts.max()]
    facts = {"n": len(table), "names": language.listing(f"`{name}`" for name in names)}
    facts |= {"count": counts.max(), "share": len(names) * counts.max() / counts.sum()}
    if len(names) > 1:
        return say("{n} 层里参数最多的是 {names}，各 {count:,} 个，合占全部的 {share:.0%}。", **facts)
    return say("{n} 层里参数最多的是 {names}，{count:,} 个，占全部的 {share:.0%}。", **facts)


def beside(model, other):
    """How many parameters a network has beside another.

    Parameters
    ----------
    model, other : keras.Model

    Returns
    -------
    sentence : str
    """
    own, usual = model.count_params(), other.count_params()
    told = {"n": own, "other": usual, "change": abs(own / usual - 1)}
    if f"{told['change']:.0%}" == "0%":
        return say("这样搭出的网络有 {n:,} 个参数，与同样设定的 U-Net（{other:,} 个）几乎一样多。", **told)
    if own > usual:
        return say(
            "这样搭出的网络有 {n:,} 个参数，比同样设定的 U-Net（{other:,} 个）多 {change:.0%}。", **told
        )
    return say("这样搭出的网络有 {n:,} 个参数，比同样设定的 U-Net（{other:,} 个）少 {change:.0%}。", **told)
