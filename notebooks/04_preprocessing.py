# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 4. 数据的预处理
#
# 同一批训练图像要叠成一个数组，大小必须相同，而数据里的图像大小、颜色、亮度都不一样；缩小图像还能加快训练。本节把每张图读一遍：只留红、绿、蓝三个通道，把各个细胞核的掩膜在**原始尺寸**上合成一张，再把图像与掩膜缩放到同样的边长，同时量出每张图的基本情况，最后划出验证集（validation set）。它读取 `source.json`，写出 `dataset.npz`（数组）、`samples.csv`（每张图一行）和 `preprocessing.json`。

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 本次运行的文件夹；相对路径从项目文件夹算起
image_size: int = 256  # 缩放后的边长（像素），须是 2^depth 的倍数
validation_fraction: float = 0.1  # 验证集占全部带标注图像的比例（0 到 1）
skip_bad: bool = False  # 遇到坏图时跳过它们（报告里会写明），而不是停下

# %% tags=["remove-input"]
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import Markdown, display

from cellseg_utils import audit, dataset, layout, parameters, preprocessing, runs
from cellseg_utils.plots import data_charts, output, panels

skip_bad = parameters.checked("skip_bad", skip_bad, bool)
parameters.within("image_size", image_size, 1)
parameters.within("validation_fraction", validation_fraction, 0, 1, ends=False)
run = runs.open_run(run_dir, "04_preprocessing")
about = run.load("source.json")
source = layout.open_source(Path(about["train"]))

# %% [markdown]
# ## 读一遍全部图像
#
# 一遍之内完成解码、合并掩膜、缩放和测量；结果按数据与代码的指纹缓存，数据和代码都没变时直接取用。

# %%
run.use_data(source.path)
prepared = preprocessing.prepare_once(source, image_size, skip_bad, run.cache("datasets"))
samples = prepared.samples

# %% tags=["hide-input"]
skipped = f"，另有 {len(prepared.problems)} 张坏图被跳过" if prepared.problems else ""
display(
    Markdown(
        f"读入 **{len(samples)}** 张图{skipped}，共 **{samples.nuclei.sum():,}** 个细胞核；图像边长从 {samples[['height', 'width']].min().min()} 到 {samples[['height', 'width']].max().max()} 像素，共 {len(samples.groupby(['height', 'width']))} 种尺寸。掩膜之间重叠的像素有 {samples.overlap_pixels.sum()} 个，归先出现的核所有。"
    )
)

# %% [markdown]
# ## 有哪些图像
#
# 图像的种类没有人工标注，由程序只看像素来判断：背景是暗还是亮，有没有颜色，亮处偏不偏黄。判断只凭外观，可能与真实的成像方式不符。

# %%
kinds = samples.groupby("kind").agg(
    images=("id", "size"),
    nuclei=("nuclei", "sum"),
    median=("nuclei", "median"),
    foreground=("foreground", "mean"),
)
kinds.columns = ["图像（张）", "细胞核（个）", "每张图的核数（中位数）", "前景占比（平均）"]
output.table(
    kinds.rename(index=audit.KINDS).rename_axis("种类"),
    caption="表 4.1：各种图像的张数、细胞核数与前景占比；前景（foreground）就是细胞核的像素。",
    formats={"细胞核（个）": ",", "每张图的核数（中位数）": ".0f", "前景占比（平均）": ".1%"},
)

# %%
picks = audit.examples(samples, per_kind=3)
shown = dataset.read_samples(source, samples.id[picks])
titles = [f"{audit.KINDS[samples.kind[n]]}\n{s.labels.max()} 个核" for n, s in zip(picks, shown)]
output.figure(
    panels.sample_grid([s.image for s in shown], [s.labels for s in shown], titles, columns=3),
    caption="图 4.1：每种图像至多三张（原始尺寸），黄色细线是标注的核轮廓。图像为显示而提亮，训练用的像素不变。",
    alt="按种类排列的显微图像，叠加了细胞核轮廓",
)

# %% [markdown]
# ## 尺寸、亮度、核数

# %%
fig, axes = plt.subplots(2, 1, figsize=(5.6, 7.6))
data_charts.size_distribution(axes[0], samples.height, samples.width)
data_charts.nuclei_per_image(axes[1], samples.nuclei)
output.figure(
    fig,
    caption="图 4.2：上：各种尺寸的图像张数，少见的尺寸合并为“其他”；下：每张图的细胞核个数，虚线是中位数。",
    alt="图像尺寸的条形图与每张图核数的直方图",
)

# %%
titles = samples.kind.map(audit.KINDS)
histograms = {title: prepared.histograms[titles == title].sum(axis=0) for title in titles.unique()}
fig, axes = plt.subplots(2, 1, figsize=(5.6, 7.6))
data_charts.intensity_distribution(axes[0], histograms)
data_charts.foreground_share(axes[1], samples.foreground, titles)
output.figure(
    fig,
    caption="图 4.3：上：各种图像的灰度分布，纵轴是对数刻度；下：每张图里细胞核所占的面积比例，一个点是一张图，方盒是中间一半的图像，橙红线是中位数。",
    alt="灰度分布曲线与按种类排列的前景占比",
)

# %% [markdown]
# ## 缩放掩膜而不让它向外膨胀
#
# 常见的写法是把每个核的掩膜插值缩放，再把所有非零的值都当作核。这样每个核都向外长出一圈，相邻的核因此粘连在一起。这里的做法是：先在原始尺寸上合成一张掩膜，缩放时计算每个新像素被核覆盖的面积比例 $a$，只有 $a \ge 0.5$ 才算核，平均而言面积不变。

# %%
[sample] = dataset.read_samples(source, [samples.id[samples.nuclei.idxmax()]])
size = (image_size, image_size)
masks = {
    "逐核插值再取非零": preprocessing.resize_mask_fattened(sample.labels, size),
    "本报告：覆盖过半": preprocessing.resize_mask(sample.labels, size),
}

# %%
output.figure(
    panels.resize_effect(
        sample.image, sample.labels > 0, preprocessing.resize_image(sample.image, size), masks
    ),
    caption="图 4.4：细胞核最多的一张图，缩放到网络的输入尺寸。上：原图、缩放后、黄框内放大；下：黄框内的原掩膜，以及两种缩放办法得到的掩膜，橙红细线是原掩膜的轮廓。标题里的“前景”是整张图里细胞核像素所占的比例，括号里是它相对原掩膜的变化。",
    alt="原始图像与掩膜，以及两种缩放办法得到的掩膜",
)

# %% tags=["hide-input"]
native = (sample.labels > 0).mean()
changes = "；".join(
    f"“{name}”变成 {mask.mean():.2%}（{mask.mean() / native - 1:+.1%}）" for name, mask in masks.items()
)
display(Markdown(f"这张图里核原来占 {native:.2%} 的面积。缩放之后，{changes}。"))

# %%
scale = image_size**2 / (samples.height * samples.width).to_numpy()
picture, area, resized_area = prepared.nuclei.T
fig, ax = plt.subplots()
data_charts.smallest_nuclei(ax, area * scale[picture], resized_area)
output.figure(
    fig,
    caption="图 4.5：缩放前后每个细胞核的面积，一个点是一个核，两轴都是对数刻度。横轴是按比例应有的面积，虚线表示面积不变；底部若有叉，是缩放后一个像素也不剩的核，网络再也看不到它们。",
    alt="细胞核缩放前后面积的散点图",
)

# %% [markdown]
# ## 划出验证集
#
# 先把图像的次序打乱，再抽出验证集；怎样打乱由随机种子决定。Keras 自带的 `validation_split` 不打乱，总是取排在最后的一段，那样验证集会随文件名的次序而偏。

# %%
validation = preprocessing.split(len(samples), validation_fraction, about["seed"])
samples["validation"] = validation
run.save("dataset.npz", {"images": prepared.images, "masks": prepared.masks, "validation": validation})
run.save("samples.csv", samples)

# %%
facts = {"images": len(samples), "nuclei": int(samples.nuclei.sum()), "problems": prepared.problems}
run.save("preprocessing.json", {**facts, "image_size": image_size, "skip_bad": skip_bad})
counts = pd.crosstab(samples.kind.map(audit.KINDS), np.where(validation, "验证", "训练"))
output.table(
    counts.reset_index(names="种类"), caption="表 4.2：训练集（training set）与验证集里各种图像的张数。"
)

# %% [markdown]
# ## 小结

# %% tags=["hide-input"]
lost = int((prepared.nuclei[:, 2] == 0).sum())
display(
    Markdown(
        f"{len(samples)} 张图都变成了 {image_size}×{image_size}×3 的数组，{int((~validation).sum())} 张用于训练，{int(validation.sum())} 张用于验证。缩放使 {lost} 个核（{lost / len(prepared.nuclei):.2%}）完全消失。图像里平均有 {samples.foreground.mean():.1%} 的像素是核：细胞核只占少数像素，类别并不均衡，只看准确率会过于乐观，所以后面还要看 Dice 系数（见第 5 节）。"
    )
)
