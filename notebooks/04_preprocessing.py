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
# 同一批训练图像要叠成一个数组，大小必须相同，而数据里的图像大小、颜色、亮度都不一样；缩小图像还能加快训练。本节把每张图读一遍：只留红、绿、蓝三个通道，把各个细胞核的掩膜在**原始尺寸**上合成一张，再把图像与掩膜缩放到同样的边长，同时量出每张图的基本情况，查出标注的毛病和同出一张大图的小块，最后划出验证集（validation set）。整张图缩放的 seed 方案用这些数组训练；裁块的方案（如 best）从原始图像重新读取，这里的数组只用来算第 7 节里缩放之后的得分。

# %% [markdown] tags=["lang-en"]
# # 4. Preprocessing
#
# Training images that are stacked into one array must have the same size, but the images in the data differ in size, colour and brightness; smaller images also make training faster. This section reads each image once: it keeps only the red, green and blue channels, merges the masks of the nuclei into one at **original size**, and then resizes image and mask to the same side length. At the same time it measures the basic properties of each image, and looks for faults in the annotation and for tiles of one mosaic; at the end it sets aside the validation set. The recipe seed, which resizes whole images, trains on these arrays; recipes that crop (such as best) read the original images again and use the arrays only for the scores after resizing in section 7.

# %% [markdown]
# <details class="code"><summary>读什么，写什么</summary>
#
# 本节读取 `source.json`，写出 `dataset.npz`（数组）、`samples.csv`（每张图一行）、`audit.csv`（每张图的检查结果）和 `preprocessing.json`。
#
# </details>

# %% [markdown] tags=["lang-en"]
# <details class="code"><summary>What it reads and writes</summary>
#
# This section reads `source.json` and writes `dataset.npz` (the arrays), `samples.csv` (one row for each image), `audit.csv` (what was found in each image) and `preprocessing.json`.
#
# </details>

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 本次运行的文件夹；相对路径从项目文件夹算起
image_size: int = 256  # 缩放后的边长（像素），须是 2^depth 的倍数（裁块的方案从 compact 起为 2^(depth+1)）
validation_fraction: float = 0.1  # 验证集占全部带标注图像的比例（0 到 1）
split: str = "grouped"  # 验证集的划分：grouped（同一张大图的小块不分开）、random（逐张随机）
exclude: str = ""  # 不参与训练与评分的图像：一个文本文件，每行一个 ImageId
skip_bad: bool = False  # 遇到坏图时跳过它们（报告里会写明），而不是停下

# %% tags=["remove-input"]
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display

from cellseg_utils.audit import audit_texts, image_kinds, label_faults, sample_texts, splits
from cellseg_utils.data import dataset, exclusion, layout
from cellseg_utils.plots import audit_pictures, data_charts, output, panels, source_code
from cellseg_utils.preprocessing import preparation, resizing
from cellseg_utils.run import parameter_values, places, runs
from cellseg_utils.run.language import say

globals().update(parameter_values.as_declared(globals()))
parameter_values.within("image_size", image_size, 1)
parameter_values.within("validation_fraction", validation_fraction, 0, 1, ends=False)
run = runs.open_run(run_dir, "04_preprocessing")
about = run.load("source.json")
splits.check_way(split)

# %% tags=["remove-input"]
whole = source = layout.open_source(Path(about["train"]))
if exclude:
    run.use_data(exclusion.find(exclude, places.ROOT))
    source = exclusion.leave_out(whole, exclusion.find(exclude, places.ROOT))

# %% [markdown]
# ## 读一遍全部图像
#
# 一遍之内完成解码、合并掩膜、缩放和测量；结果按数据与代码的指纹缓存，数据和代码都没变时直接取用。

# %% [markdown] tags=["lang-en"]
# ## Reading all images once
#
# Decoding, merging the masks, resizing and measuring are done in one pass. The results are cached under a fingerprint of the data and the code, and reused as long as neither has changed.

# %%
run.use_data(source.path)
prepared = preparation.prepare_once(source, image_size, skip_bad, run.cache("datasets"), run.tell)
samples = prepared.samples
sides = samples[["height", "width"]]
excluded = len(whole.images) - len(source.images)

# %% tags=["hide-input"]
skipped = say("，另有 {n} 张坏图被跳过", n=len(prepared.problems)) if prepared.problems else ""
skipped += say("，按名单（exclude）排除了 {n} 张", n=excluded) if excluded else ""
counts = {"images": len(samples), "nuclei": samples.nuclei.sum(), "sizes": len(sides.drop_duplicates())}
read = say(
    "读入 **{images}** 张图{skipped}，共 **{nuclei:,}** 个细胞核；图像边长从 {shortest} 到 {longest} 像素，共 {sizes} 种尺寸。",
    **counts,
    skipped=skipped,
    shortest=sides.min().min(),
    longest=sides.max().max(),
)
display(output.text(read))

# %% tags=["hide-input"]
odd = samples.remark.dropna()
if len(odd):
    run.tell(audit_texts.odd_labels(odd, most=1))
display(output.text(audit_texts.odd_labels(odd.map(output.code_span))))

# %% [markdown]
# ## 有哪些图像
#
# 图像的种类没有人工标注，由程序只看像素来判断：背景是暗还是亮，有没有颜色，亮处偏不偏黄。判断只凭外观，可能与真实的成像方式不符。

# %% [markdown] tags=["lang-en"]
# ## Which images there are
#
# Nobody annotated the kinds of the images; they are inferred from the pixels alone: whether the background is dark or bright, whether there is colour, and whether the bright parts are yellowish. As only the appearance is judged, a kind may not agree with how an image was really taken.

# %%
kinds = {kind: say(name) for kind, name in image_kinds.KINDS.items()}
measured = {"id": "size", "nuclei": ["sum", "median"], "foreground": "mean"}
by_kind = samples.groupby("kind").agg(measured).loc[image_kinds.ordered(samples.kind)]
by_kind = by_kind.rename(index=kinds).rename_axis(say("种类"))
by_kind.columns = [
    say("图像（张）"),
    say("细胞核（个）"),
    say("每张图的核数（中位数）"),
    say("前景占比（平均）"),
]

# %%
output.table(
    by_kind,
    caption=say("表 4.1：各种图像的张数、细胞核数与前景占比；前景（foreground）就是细胞核的像素。"),
    formats=dict(zip(by_kind.columns[1:], (",", "g", ".1%"))),
)

# %% tags=["remove-input"]
display(output.text(sample_texts.kinds(samples)))

# %%
picks = image_kinds.examples(samples, per_kind=3)
typical = dataset.read_samples(source, samples.id[picks])
titles = [
    say("{kind}\n{n} 个核", kind=kinds[samples.kind[row]], n=s.labels.max()) for row, s in zip(picks, typical)
]

# %%
output.figure(
    panels.sample_grid([s.image for s in typical], [s.labels for s in typical], titles, columns=3),
    caption=say(
        "图 4.1：每种图像至多三张（原始尺寸），黄色细线是标注的核轮廓。图像为显示而提亮，不影响训练。"
    ),
    alt=say("按种类排列的显微图像，叠加了细胞核轮廓"),
)

# %% tags=["remove-input"]
display(output.text(sample_texts.crowding(samples)))

# %% [markdown]
# ## 尺寸、亮度、核数

# %% [markdown] tags=["lang-en"]
# ## Size, brightness, number of nuclei

# %%
fig, axes = plt.subplots(2, 1, figsize=(5.6, 7.6))
data_charts.size_distribution(axes[0], samples.height, samples.width)
data_charts.nuclei_per_image(axes[1], samples.nuclei)
output.figure(
    fig,
    caption=say(
        "图 4.2：上：各种尺寸的图像张数，少见的尺寸合并为“其他”；下：每张图的细胞核个数，虚线是中位数。"
    ),
    alt=say("图像尺寸的条形图与每张图核数的直方图"),
)

# %% tags=["remove-input"]
display(output.text(sample_texts.sizes(samples)))

# %%
kind_names = samples.kind.map(kinds)
ordered = image_kinds.ordered(kind_names)
histograms = {name: prepared.histograms[kind_names == name].sum(axis=0) for name in ordered}

# %%
fig, axes = plt.subplots(2, 1, figsize=(5.6, 7.6))
data_charts.intensity_distribution(axes[0], histograms)
data_charts.foreground_share(axes[1], samples.foreground, kind_names)
output.figure(
    fig,
    caption=say(
        "图 4.3：上：各种图像的灰度分布，纵轴是对数刻度；下：每张图里细胞核所占的面积比例，一个点是一张图，方盒是中间一半的图像（不足 {fewest} 张的种类没有方盒），橙红线是中位数。",
        fewest=data_charts.FEWEST_FOR_BOX,
    ),
    alt=say("灰度分布曲线与按种类排列的前景占比"),
)

# %% tags=["remove-input"]
display(output.text(sample_texts.light(histograms, samples)))

# %% [markdown]
# ## 缩放掩膜而不让它向外膨胀
#
# 常见的写法是把每个核的掩膜插值缩放，再把所有非零的值都当作核。这样每个核都向外长出一圈，相邻的核因此粘连在一起。这里的做法是：先在原始尺寸上合成一张掩膜，缩小时计算每个新像素被核覆盖的面积比例 $a$（放大时用线性插值），$a > 0.5$ 才算核；恰好一半的像棋盘那样隔一个算一个，都算就会长胖。边界因此不会整圈外扩，面积大致不变；很小或很密的核仍会有出入，见下图的数字。

# %% [markdown] tags=["lang-en"]
# ## Resizing masks without making them swell
#
# A common way is to resize the mask of each nucleus by interpolation and to count every non-zero value as nucleus. Each nucleus then grows by a rim, so that neighbouring nuclei merge. Here, the masks are first merged into one at original size; when it is made smaller, the share $a$ of each new pixel that is covered by nuclei is computed (when it is made larger, linear interpolation is used), and the pixel counts as nucleus only if $a > 0.5$. Of the pixels that are covered by exactly one half, every other one counts, as on a chessboard; if all of them did, nuclei would grow. Boundaries are therefore not pushed outward all round, and areas stay about the same; very small or very crowded nuclei still change, as the numbers in the figure below show.

# %%
[crowded] = dataset.read_samples(source, [samples.id[samples.nuclei.idxmax()]])
square = (image_size, image_size)
masks = {
    say("逐核插值再取非零"): resizing.resize_mask_fattened(crowded.labels, square),
    say("本报告：覆盖过半"): resizing.resize_mask(crowded.labels, square),
}

# %%
output.figure(
    panels.resize_effect(
        crowded.image, crowded.labels > 0, resizing.resize_image(crowded.image, square), masks
    ),
    caption=say(
        "图 4.4：细胞核最多的一张图，缩放到边长 {side} 像素。上：原图、缩放后、黄框内放大；下：黄框内的原掩膜，以及两种缩放办法得到的掩膜，橙红细线是原掩膜的轮廓。标题里的“前景”是整张图里细胞核像素所占的比例，括号里是它相对原掩膜的变化。",
        side=image_size,
    ),
    alt=say("原始图像与掩膜，以及两种缩放办法得到的掩膜"),
)

# %% tags=["hide-input"]
native = (crowded.labels > 0).mean()
shares = {name: mask.mean() for name, mask in masks.items()}
changes = say("；").join(
    say("“{name}”变成 {share:.2%}（{change:+.1%}）", name=name, share=share, change=share / native - 1)
    for name, share in shares.items()
)
told = say("这张图里核原来占 {native:.2%} 的面积。缩放之后，{changes}。", native=native, changes=changes)
display(output.text(told))

# %% tags=["remove-input"]
source_code.shown(resizing.resize_mask)

# %%
shrinkage = image_size**2 / (samples.height * samples.width).to_numpy()
picture, area, resized_area = prepared.nuclei.T

# %%
fig, ax = plt.subplots()
data_charts.smallest_nuclei(ax, area * shrinkage[picture], resized_area)
output.figure(
    fig,
    caption=say(
        "图 4.5：缩放前后每个细胞核的面积，一个点是一个核，两轴都是对数刻度。横轴是按比例应有的面积，虚线表示面积不变；底部若有叉，是缩放后一个像素也不剩的核，用缩放的图训练的网络看不到它们。"
    ),
    alt=say("细胞核缩放前后面积的散点图"),
)

# %% tags=["remove-input"]
display(output.text(audit_texts.resized(area * shrinkage[picture], resized_area)))

# %% [markdown]
# ## 标注的毛病
#
# 真实数据的标注由人画成，难免有疏漏（内置的合成图像由程序画出，没有这些毛病）：两张掩膜重叠、核里有孔洞、一个核断成几块、只有几个像素的微小的核、一个像素也没有的空掩膜，以及紧贴图像边缘的细条（核的绝大部分在图外）。这些毛病都能从掩膜上数出来。这里只报告，不修改；重叠的像素归先出现的核所有。有毛病的图像可以写进一个文本文件，用参数 `exclude` 排除。

# %% [markdown] tags=["lang-en"]
# ## Faults in the annotation
#
# Real data are annotated by people, and some slips are inevitable (the built-in synthetic images are drawn by a program and have none): two masks overlap, a nucleus has holes or is in several pieces, a tiny nucleus has only a few pixels, a mask is empty without a single pixel, or a sliver lies along the border of the image (most of the nucleus is outside). All these faults can be counted in the masks. Here they are only reported, not corrected; where masks overlap, pixels belong to the nucleus that comes first. Images with faults can be listed in a text file and left out with the parameter `exclude`.

# %%
run.save("audit.csv", samples[["id", "kind", "family", *label_faults.FAULTS]])
faults = samples[list(label_faults.FAULTS)].agg(["sum", lambda column: (column > 0).sum()]).T
faults.columns = [say("共有（个）"), say("涉及图像（张）")]
fault_names = {fault: say(name) for fault, name in label_faults.FAULTS.items()}

# %%
output.table(
    faults.rename(index=fault_names).rename_axis(say("毛病")),
    caption=say(
        "表 4.2：从掩膜上数出来的标注毛病。微小的核不足 {speck} 个像素；紧贴边缘的细条整个在离图像边缘 {sliver} 个像素之内；断成几块的核里，也包括被别的核盖住一部分、或被图像边缘切断的。",
        speck=label_faults.SPECK,
        sliver=label_faults.SLIVER,
    ),
)

# %% tags=["remove-input"]
display(output.text(audit_texts.faults(samples)))

# %%
worst = label_faults.worst(samples, per_fault=2)
faulty = dataset.read_samples(source, samples.id[[row for _, row in worst]])
faulty_nuclei = [label_faults.find(s.labels)[fault] for s, (fault, _) in zip(faulty, worst)]
fault_titles = [
    say("{fault}：{n} 个", fault=fault_names[fault], n=len(nuclei))
    for nuclei, (fault, _) in zip(faulty_nuclei, worst)
]

# %% tags=["hide-input"]
if worst:
    shown = [s.image for s in faulty], [s.labels for s in faulty]
    zoomed = output.figure(
        audit_pictures.fault_grid(*shown, faulty_nuclei, fault_titles),
        caption=say(
            "图 4.6：孔洞、断开、微小、边缘细条四种毛病里，各取最多的图像，至多两张，放大其中一个有毛病的核。橙红线是有毛病的核，黄线是其他的核；标题里的数目是整张图的。"
        ),
        alt=say("有毛病的标注的局部放大图，叠加了核的轮廓"),
    )
    display(zoomed)

# %% [markdown]
# ## 同一张大图的小块
#
# 有的数据在发布之前把大图切成了小块，每块算作一张图像。它们的编号看不出谁与谁相邻，像素却看得出：切口两侧原本相接，所以一块的最后一行（列）与另一块的第一行（列）相差很小，就像同一张图里相邻的两行那样。程序逐对比较同样大小的图像的四边；四块拼成“田”字而且四条切口都吻合，或者两部分之间的全部切口合起来足够独特，才认作一组。内容相同、只是明暗或大小不同的重复图像也归为一组，其余的图像各自成组。

# %% [markdown] tags=["lang-en"]
# ## Tiles of one mosaic
#
# In some data, large images were cut into tiles before they were published, and each tile counts as an image. Their names do not tell which ones are neighbours, but their pixels do: the two sides of a cut were once adjacent, so the last row (column) of one tile differs as little from the first row (column) of the other as two adjacent rows of one image do. The four edges of all pairs of images of the same size are compared; images count as one family if four of them make up a 2×2 square with four seams that fit, or if all seams between two parts are, taken together, distinctive enough. Duplicates, which have the same content and differ only in brightness or size, are put into one family too; each of the other images is a family of its own.

# %%
family_sizes = samples.family.value_counts()
related = family_sizes[family_sizes > 1]

# %% tags=["hide-input"]
display(output.text(audit_texts.families(family_sizes)))

# %%
mosaics = image_kinds.mosaic_examples(samples, count=10)
tile_ids = [name for tiles in mosaics for name in tiles.id]
tile_images = dataset.map_samples(source, lambda s: s.image, tile_ids, with_masks=False)[0]
image_of = dict(zip(tile_ids, tile_images))

# %%
joined = [
    audit_pictures.assemble([image_of[n] for n in tiles.id], tiles.row, tiles.column) for tiles in mosaics
]
mosaic_titles = [say("{kind}\n{n} 块", kind=kinds[tiles.kind.iloc[0]], n=len(tiles)) for tiles in mosaics]
tile_sizes = [tuple(tiles[["height", "width"]].iloc[0]) for tiles in mosaics]

# %% tags=["hide-input"]
if mosaics:
    figure = output.figure(
        audit_pictures.mosaic_grid(joined, tile_sizes, mosaic_titles),
        caption=say(
            "图 4.{number}：按切口拼回去的大图，至多十组，虚线是切口；空白处的小块不在数据里。核与背景若都跨过切口连续，就说明拼得对。",
            number=6 + bool(worst),
        ),
        alt=say("由小块拼回去的大图，切口用虚线标出"),
    )
    display(figure)

# %% [markdown]
# ## 划出验证集
#
# 验证集要回答的问题是：遇到没见过的图像，模型表现如何？同一张大图的小块来自同一个样品、同一次拍摄，切口上的核甚至一半在这块、一半在那块。若它们有的用于训练、有的用于验证，模型就等于见过了验证图像的另一部分，得分会偏高，却说明不了它在新图像上的表现。所以默认（`split` 为 `grouped`）整组抽取：一组图像要么都训练，要么都验证；各种图像抽取的比例尽量相近；某个种类若只有一两组，仍可能全在一边，见表 4.3。`split` 为 `random` 时逐张随机抽取，许多公开的得分就是这样得来的。
#
# 抽到哪些由随机种子决定。Keras 自带的 `validation_split` 不打乱，总是取排在最后的一段，那样验证集会随文件名的次序而偏。

# %% [markdown] tags=["lang-en"]
# ## Setting aside the validation set
#
# The validation set is to answer this question: how good is the model on images that it has not seen? Tiles of one mosaic come from the same sample and the same exposure; a nucleus on a seam even lies half in one tile and half in the other. If some tiles were used for training and others for validation, the model would have seen another part of the validation images, and its score would be too high and would say nothing about its performance on new images. By default (`split` is `grouped`), families are therefore drawn as a whole: either all images of a family are for training, or all are for validation. The shares drawn from the different kinds of images are as equal as possible; a kind that has only one or two families may still be all on one side, see Table 4.3. If `split` is `random`, images are drawn one by one, which is how many published scores were obtained.
#
# The random seed decides which ones are drawn. `validation_split` of Keras does not shuffle but always takes the last part of the data, so that the validation set would be biased by the order of file names.

# %%
validation = splits.draw(split, samples.family, samples.kind, validation_fraction, about["seed"])
leaked = int(splits.leaked(samples.family, validation).sum())

# %%
run.save("dataset.npz", {"images": prepared.images, "masks": prepared.masks, "validation": validation})
columns = ["id", "height", "width", "kind", "nuclei", "foreground", "overlap_pixels", "lost_nuclei", "family"]
run.save("samples.csv", samples[columns].assign(validation=validation))

# %%
facts = {"images": len(samples), "nuclei": int(samples.nuclei.sum()), "problems": prepared.problems}
facts |= {"image_size": image_size, "skip_bad": skip_bad, "split": split, "excluded": excluded}
run.save("preprocessing.json", {**facts, "families": len(family_sizes), "leaked": leaked})

# %%
part = np.where(validation, say("验证"), say("训练"))
division = pd.crosstab(kind_names, part).loc[ordered].reset_index(names=say("种类"))
output.table(division, caption=say("表 4.3：训练集（training set）与验证集里各种图像的张数。"))

# %% tags=["remove-input"]
display(output.text(sample_texts.division(samples.kind, validation)))

# %%
by_chance = splits.random(len(samples), validation_fraction, about["seed"])
leaked_by_chance = int(splits.leaked(samples.family, by_chance).sum())

# %% tags=["hide-input"]
display(
    output.text(
        audit_texts.leaks(validation.sum(), leaked, by_chance.sum(), leaked_by_chance, split, len(related))
    )
)

# %% [markdown]
# ## 小结

# %% [markdown] tags=["lang-en"]
# ## Summary

# %% tags=["hide-input"]
lost, mean = (prepared.nuclei[:, 2] == 0).sum(), samples.foreground.mean()
few = say("：背景占多数，只看准确率会过于乐观，所以后面还要看 Dice 系数（见第 5 节）")
parts = {"training": (~validation).sum(), "validating": validation.sum(), "way": say(splits.WAYS[split])}
shares = {"lost": lost, "lost_share": lost / len(prepared.nuclei), "nuclear_share": mean}
summary = say(
    "{images} 张图都另存为 {image_size}×{image_size}×3 的数组，{training} 张用于训练，{validating} 张用于验证（{way}）。缩放使 {lost} 个核（{lost_share:.2%}）完全消失。图像里平均有 {nuclear_share:.1%} 的像素是核{unbalanced}。",
    **facts,
    **parts,
    **shares,
    unbalanced=few if mean < 0.5 else "",
)
display(output.text(summary))
