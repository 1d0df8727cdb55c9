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
# # 7. 模型结果分析
#
# 训练时看到的得分按批计算：Dice 系数用概率来算，一批图像合在一起。本节把每一张验证图像按**原始尺寸**重新读入、分割，再与真值逐像素、逐核地比较：得分怎样分布，哪种图像难，多大的核容易漏，错在哪里，概率准不准，阈值该取多少。

# %% [markdown] tags=["lang-en"]
# # 7. Analysis of the results
#
# The scores seen during training are computed batch by batch: the Dice coefficient is computed from probabilities, with the images of a batch taken together. This section reads every validation image again at its **original size**, segments it and compares it with the ground truth, pixel by pixel and nucleus by nucleus: how scores are distributed, which kinds of image are difficult, at which sizes nuclei tend to be missed, what goes wrong, whether the probabilities can be trusted, and which threshold to use.

# %% [markdown]
# <details class="code"><summary>读什么，写什么</summary>
#
# 本节读取 `source.json`、`preprocessing.json`、`bundle`、`dataset.npz`、`samples.csv`、`history.csv` 与 `training.json`，写出 `scores.csv`（每张图一行）、`scores.json` 和带得分的模型包 `scored_bundle`。
#
# </details>

# %% [markdown] tags=["lang-en"]
# <details class="code"><summary>What it reads and writes</summary>
#
# This section reads `source.json`, `preprocessing.json`, `bundle`, `dataset.npz`, `samples.csv`, `history.csv` and `training.json`, and writes `scores.csv` (one row per image), `scores.json` and the model bundle with its scores, `scored_bundle`.
#
# </details>

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 本次运行的文件夹；相对路径从项目文件夹算起
threshold: float = 0.5  # 概率高于它的像素算作细胞核（0 到 1）；第 8、9、10 节共用

# %% tags=["remove-input"]
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

from cellseg_utils.audit import image_kinds
from cellseg_utils.data import dataset, layout
from cellseg_utils.evaluation import (
    averages,
    baseline,
    calibration,
    calibration_texts,
    chart_texts,
    doubt_texts,
    error_crops,
    model_card,
    object_errors,
    object_metrics,
    pixel_metrics,
    recall,
    score_texts,
    scoring,
    section_texts,
    threshold_texts,
)
from cellseg_utils.plots import (
    calibration_charts,
    data_charts,
    explorer,
    instance_charts,
    instance_pictures,
    output,
    panels,
    score_charts,
    source_code,
)
from cellseg_utils.prediction import bundle, bundle_files, segmentation
from cellseg_utils.run import parameter_values, runs
from cellseg_utils.run.language import say
from cellseg_utils.training import training_texts

globals().update(parameter_values.as_declared(globals()))
parameter_values.within("threshold", threshold, 0, 1)
run = runs.open_run(run_dir, "07_analysis")
about, split = run.load("source.json"), run.load("preprocessing.json")["split"]
data, samples, seed = run.load("dataset.npz"), run.load("samples.csv"), about["seed"]
model = bundle.load(run.path("bundle")).with_threshold(threshold)
kinds = {kind: image_kinds.named(kind) for kind in image_kinds.KINDS}

# %% [markdown]
# ## 训练得怎么样
#
# 训练曲线见图 6.1。训练损失继续下降、验证损失却转而上升，是过拟合；两条都居高不下，是欠拟合（underfitting）；两条都降到低处而且靠得近，说明学到的规律能泛化（generalization）到没有训练过的图像。验证曲线有时比训练曲线还好，但这不证明泛化得好：训练得分是一轮之内边学边记的平均，验证得分在这一轮结束之后才计算，那时的权重更好；seed 方案若打开了数据增强（`symmetries`），改动的也只有训练图像，它们更难；裁块的方案则对验证的裁块做同样的随机改动。

# %% [markdown] tags=["lang-en"]
# ## How training went
#
# The training curves are shown in Figure 6.1. If the training loss keeps falling while the validation loss begins to rise, the model is overfitting; if both stay high, it is underfitting; if both fall to low values and stay close to each other, what was learnt generalises to images that were not trained on. The validation curve is sometimes even better than the training curve, but that does not prove good generalisation: the training score is an average over an epoch in which the model is still learning, whereas the validation score is computed after the end of that epoch, when the weights are better; where augmentation (`symmetries`) is switched on in the seed recipe, it changes only the training images, which are therefore harder; recipes with crops apply the same random changes to validation crops.

# %% tags=["hide-input"]
history, trained = run.load("history.csv"), run.load("training.json")
limit = trained["settings"]["epochs"]
display(output.text(training_texts.course(history, trained["best_epoch"], limit)))

# %% [markdown]
# 验证集不等于测试集：保留哪一轮的权重、要不要改设定，都是看着验证得分决定的，所以它偏乐观；真正的测试集从头到尾不参与任何选择。还要看验证图像在训练集里有没有近亲：

# %% [markdown] tags=["lang-en"]
# The validation set is not a test set: which epoch's weights are kept, and whether settings are changed, is decided by looking at validation scores, so these are optimistic; a true test set takes no part in any choice from beginning to end. It also matters whether validation images have close relatives in the training set:

# %% tags=["hide-input"]
display(output.text(score_texts.relatives(samples, split)))

# %% [markdown]
# ## 在原始尺寸上分割

# %% [markdown] tags=["lang-en"]
# ## Segmentation at original size

# %% tags=["hide-input"]
display(output.text(score_texts.how_nuclei_are_found(model, "best")))

# %%
source = layout.open_source(Path(about["train"]))
run.use_data(source.path)
validating = samples[samples.validation].reset_index(drop=True)[["id", "kind", "family", "foreground"]]
pictures = dataset.read_samples(source, validating.id)

# %%
segmentations = segmentation.segment_all(model, [picture.image for picture in pictures], "best")
truths, predictions = [p.labels for p in pictures], [s.labels for s in segmentations]
probabilities = [s.probability for s in segmentations]

# %% [markdown]
# ## 逐像素打分
#
# 先只问每个像素是不是核，不管它属于哪个核。交并比（intersection over union，IoU）是真值与预测的交集除以并集；对同一对掩膜，它与 Dice 系数可以互相换算，而且从不高于 Dice；各张图取平均之后，这个等式不再严格成立。准确率（accuracy）是判断正确的像素所占的比例，背景越多越容易高。这里的 Dice 没有第 5 节公式里的“加 1”，两张掩膜都空时直接记为 1：

# %% [markdown] tags=["lang-en"]
# ## Scoring pixel by pixel
#
# The first question is only whether each pixel belongs to a nucleus, no matter which. Intersection over union (IoU) is the intersection of ground truth and prediction divided by their union; for one pair of masks it can be converted to the Dice coefficient and back, and it is never higher than Dice; after averaging over images this equation no longer holds exactly. Accuracy is the share of pixels that are classified correctly, which tends to be higher the more background there is. Dice as used here lacks the "add 1" of the formula in section 5; where both masks are empty it is defined as 1:

# %% [markdown]
# $$\mathrm{IoU} = \frac{|Y \cap P|}{|Y \cup P|} = \frac{D}{2 - D}$$

# %% [markdown]
# 在这份数据上，不少论文先把图像缩放成同样大小的正方形再打分。为了便于对照，Dice 与 IoU 也在缩放之后算一遍；各家的划分不同，仍只能大致比较。其余得分都在原始尺寸上算。
#
# ## 逐核打分
#
# 一张掩膜可以有很高的 Dice，却把相邻的核都粘在一起。要数核、量核，就得逐核比较：预测的核与真值的核，交并比高于阈值 $t$ 才算**找到**（TP）；没有对应真值的预测是误检（FP），没有找到的真值是漏检（FN）。由此得到下面几种得分；核数误差是 0 最好，其余都是 1 最好、0 最差：
#
# - **平均精度**（average precision，AP）：找到的核占“找到、误检、漏检”总数的比例。这是 2018 Data Science Bowl 的叫法，与物体检测里“精确率–召回率曲线下的面积”不是一回事，两者不能相比。AP@.5 只要求大致重合，AP@.75 还要求轮廓准确。
# - **F1**：找到的核数的两倍，除以真实的核数与预测的核数之和。它与 AP 由同样的计数得来，排出的名次也相同，只是数值高一些；许多论文报告的是它。F1@.5 与 AP@.5 用同样的阈值。
# - **Kaggle 得分**：2018 Data Science Bowl 的评分，是阈值取 `0.5`、`0.55`……`0.95` 时十个平均精度的平均，既看找没找到，也看轮廓准不准。来源：Caicedo 等 2019，[doi:10.1038/s41592-019-0612-7](https://doi.org/10.1038/s41592-019-0612-7)。
# - **全景质量**（panoptic quality，PQ）：找到的核的交并比之和，除以“找到的核数，加误检数的一半，加漏检数的一半”。来源：Kirillov 等 2019，[doi:10.1109/CVPR.2019.00963](https://doi.org/10.1109/CVPR.2019.00963)。
# - **聚合交并比**（aggregated Jaccard index，AJI）：每个真实的核配上与它交并比最大的那个预测，全部交集除以全部并集，多出来的与漏掉的都计入并集。来源：Kumar 等 2017，[doi:10.1109/TMI.2017.2677499](https://doi.org/10.1109/TMI.2017.2677499)。
# - **核数误差**：数出来的核比真值多（正）或少（负）百分之几；它不管位置，有的地方多算、有的地方少算，还会互相抵消。

# %% [markdown] tags=["lang-en"]
# On this data set, many papers resize images to squares of equal size before scoring. For comparison, Dice and IoU are also computed after such resizing; because everyone divides the data differently, the comparison remains a rough one. All other scores are computed at original size.
#
# ## Scoring nucleus by nucleus
#
# A mask can have a high Dice and still join all adjacent nuclei. To count and measure nuclei, they have to be compared one by one: a nucleus counts as **found** (TP) only if the IoU of the predicted and the true nucleus exceeds a threshold $t$; a prediction without a corresponding true nucleus is a false positive (FP), and a true nucleus that was not found is missed (FN). From these follow the scores below; for the count error 0 is best, for all others 1 is best and 0 is worst:
#
# - **Average precision** (AP): the nuclei found as a share of all that were found, falsely predicted or missed. This is the usage of the 2018 Data Science Bowl; it is not the "area under the precision–recall curve" of object detection, and the two cannot be compared. AP@.5 only asks for rough overlap; AP@.75 also asks for accurate outlines.
# - **F1**: twice the number of nuclei found, divided by the sum of true and predicted nuclei. It follows from the same counts as AP and ranks alike, only its values are higher; many papers report it. F1@.5 uses the same threshold as AP@.5.
# - **Kaggle score**: the score of the 2018 Data Science Bowl, which is the mean of the ten average precisions at the thresholds `0.5`, `0.55`, …, `0.95`; it reflects both whether nuclei are found and how accurate their outlines are. Source: Caicedo et al. 2019, [doi:10.1038/s41592-019-0612-7](https://doi.org/10.1038/s41592-019-0612-7).
# - **Panoptic quality** (PQ): the sum of the IoU of the nuclei found, divided by the number found plus half the number of false positives plus half the number missed. Source: Kirillov et al. 2019, [doi:10.1109/CVPR.2019.00963](https://doi.org/10.1109/CVPR.2019.00963).
# - **Aggregated Jaccard index** (AJI): every true nucleus is paired with the prediction that has the highest IoU with it; the sum of all intersections is divided by the sum of all unions, to which predictions left over and missed nuclei are added. Source: Kumar et al. 2017, [doi:10.1109/TMI.2017.2677499](https://doi.org/10.1109/TMI.2017.2677499).
# - **Count error**: by how many per cent the count of nuclei is above (positive) or below (negative) the ground truth; it ignores positions, so too many in one place and too few in another cancel out.

# %% [markdown]
# $$\mathrm{AP}(t) = \frac{\mathrm{TP}(t)}{\mathrm{TP}(t) + \mathrm{FP}(t) + \mathrm{FN}(t)}$$
#
# $$\mathrm{PQ} = \frac{\sum_{\mathrm{TP}} \mathrm{IoU}}{\mathrm{TP} + \frac{1}{2}\mathrm{FP} + \frac{1}{2}\mathrm{FN}}$$

# %% tags=["remove-input"]
source_code.shown(pixel_metrics.dice, object_metrics.match_counts, object_metrics.kaggle_score)

# %%
square_truth = data["masks"][data["validation"], ..., 0] > 0
square_masks = scoring.square_masks(model, data["images"][data["validation"]], segmentations)
scored = [scoring.score_pictures(pictures, segmentations), scoring.square_scores(square_truth, square_masks)]
held_out = validating.join(scored)
run.save("scores.csv", held_out)

# %%
means = averages.means(held_out, averages.NAMES, seed)
kind_means = averages.kind_means(held_out, averages.NAMES, seed)
pooled = averages.pooled(held_out)

# %%
simple = [segmentation.Segmentation(baseline.segment(picture.image), None) for picture in pictures]
simple_rows = validating.join(scoring.score_pictures(pictures, simple))
simple_means = averages.means(simple_rows, [*scoring.PIXELS, *averages.NUCLEI], seed)

# %%
counts = sum(calibration.count_pixels(p.labels, s.probability) for p, s in zip(pictures, segmentations))
reliability = calibration.reliability(counts)
calibration_error = calibration.expected_error(reliability)

# %%
facts = {"images": len(held_out), "families": held_out.family.nunique(), "threshold": threshold}
facts |= {"square_size": square_truth.shape[1], "calibration_error": calibration_error}
scores = {**means, **facts, "kinds": kind_means, "pooled": pooled, "simple": simple_means}
run.save("scores.json", scores)

# %%
card, command = model_card.text, os.environ.get(runs.COMMAND)
bundle_files.save_scored(run.target("scored_bundle"), run.path("bundle"), scores, card, command)

# %%
output.table(
    score_texts.score_table(means, pooled, square_truth.shape[1], simple_means),
    caption=say(
        "表 7.1：{n} 张验证图像的得分；没有注明的都在原始尺寸上算。“逐张平均”先给每张图像打分再取平均，每张图像同样重要；括号里是 95% 自助法（bootstrap）区间，同组的图像（见第 4 节）当作一个整体来抽取。“合计”把全部图像当作一张大图，每个像素、每个核同样重要，核多的图像因此更有分量；“只用一个阈值”是最简单的办法，用作标尺：Otsu 阈值把像素分成明暗两类，少的一类是核，相连的算一个（逐张平均）。“—”表示这种得分不算；括号里的“—”表示组数太少，不给区间。",
        n=len(held_out),
    ),
)

# %% tags=["hide-input"]
display(output.text(chart_texts.beside_simple(means, simple_means)))
display(output.text(score_texts.rough_interval(facts["families"])))

# %%
fig, axes = plt.subplots(2, 1, figsize=(5.6, 7.6))
kind_names, start = held_out.kind.map(kinds), score_charts.lowest(held_out.dice, held_out.kaggle)
score_charts.score_distribution(axes[0], held_out.dice, "Dice", start)
score_charts.scores_by_kind(axes[1], held_out.kaggle, kind_names, say("Kaggle 得分"), start)
output.figure(
    fig,
    caption=say(
        "图 7.1：上：验证图像 Dice 系数的分布，虚线是平均，点线是中位数；下：Kaggle 得分按图像种类分开，一个点是一张图，方盒是中间一半的图像（不足 {fewest} 张的种类没有方盒），橙红线是中位数。都在原始尺寸上算。",
        fewest=data_charts.FEWEST_FOR_BOX,
    ),
    alt=say("Dice 的直方图，以及按图像种类分组的 Kaggle 得分散点图"),
)

# %% tags=["remove-input"]
display(output.text(chart_texts.spread(held_out)))

# %%
output.table(
    score_texts.kind_table(kind_means),
    caption=say(
        "表 7.2：各种验证图像的得分（原始尺寸，先给每张图像打分，再取平均）；括号里的“—”表示组数太少，不给区间。"
    ),
)

# %% tags=["remove-input"]
display(output.text(chart_texts.by_kind(kind_means)))

# %% [markdown]
# ## 要求重合多少才算找到
#
# 阈值 $t$ 越高，对轮廓的要求越严，平均精度就越低。曲线左端低，说明核没有找到或粘在一起；左端高而右端很早就落下去，说明核找到了，轮廓却不够准。小的核更吃亏：轮廓差一个像素，交并比就掉得多。

# %% [markdown] tags=["lang-en"]
# ## How much overlap counts as found
#
# The higher the threshold $t$, the stricter the demand on outlines, and the lower the average precision. If the curve is low at its left end, nuclei are not found or run together; if it is high on the left but falls early towards the right, nuclei are found but their outlines are not accurate enough. Small nuclei are at a disadvantage: an outline that is off by one pixel costs them more IoU.

# %%
precisions = averages.precisions(held_out)
fig, ax = plt.subplots()
instance_charts.precision_by_threshold(ax, object_metrics.THRESHOLDS, precisions, kind_names)
output.figure(
    fig,
    caption=say(
        "图 7.2：平均精度随交并比阈值的变化（原始尺寸，各张图像的平均）。粗黑线是全部验证图像，它的平均就是 Kaggle 得分；细线是各种图像。"
    ),
    alt=say("平均精度随交并比阈值升高而下降的曲线，全部图像一条，每种图像一条"),
)

# %% tags=["remove-input"]
display(output.text(chart_texts.falling(object_metrics.THRESHOLDS, precisions)))

# %% [markdown]
# ## 多大的核容易漏

# %% [markdown] tags=["lang-en"]
# ## At which sizes nuclei are missed

# %%
sizes = recall.recall_by_size(recall.nucleus_ious(truths, predictions))
if pooled["nuclei"]:
    fig, ax = plt.subplots()
    instance_charts.recall_by_size(ax, sizes)
    chart = output.figure(
        fig,
        caption=say(
            "图 7.3：按大小分开，真值里的核有多大比例被找到（交并比高于一半）。直径指同样面积的圆的直径，按原始尺寸的像素计；全部验证图像的核合在一起，横轴下方是每一档的核数。"
        ),
        alt=say("按细胞核直径分档的召回率条形图"),
    )
    display(chart, output.text(chart_texts.by_size(sizes)))

# %% [markdown]
# ## 错在哪里
#
# 上面按交并比数漏检与误检，轮廓不够准的核也算在内。这里改问：核与预测是怎样对不上的？错误分四类：**漏检**，没有一个预测能对应到这个核；**粘连**，一个预测盖住了两个或更多核的大半；**分裂**，一个核被拆成几块；**误检**，预测出来的“核”对应不到任何真实的核。轮廓只是不太准的核因此不算错，它们由上面的平均精度来衡量。

# %% [markdown] tags=["lang-en"]
# ## What goes wrong
#
# Missed nuclei and false positives were counted above by IoU, so they include nuclei whose outlines are not accurate enough. Here the question is a different one: in what way do nuclei and predictions fail to correspond? There are four types of error: **missed**, no prediction corresponds to the nucleus; **merged**, one prediction covers most of each of two or more nuclei; **split**, one nucleus is divided into several pieces; **false positive**, a predicted "nucleus" corresponds to no true nucleus. Nuclei whose outlines are merely inaccurate are therefore not errors here; the average precision above accounts for them.

# %%
columns = [*object_errors.NAMES, "nuclei"]
error_counts = held_out.groupby("kind")[columns].sum().rename(index=kinds)
error_counts = error_counts.loc[image_kinds.ordered(kind_names)].query("nuclei > 0")

# %%
if len(error_counts):
    fig, ax = plt.subplots(figsize=(5.6, 1.8 + 0.7 * len(error_counts)))
    instance_charts.error_counts(ax, error_counts, error_counts.nuclei)
    chart = output.figure(
        fig,
        caption=say(
            "图 7.4：每种验证图像里，每 100 个真实的核有多少个出错（原始尺寸，同种图像合计）。漏检、粘连、分裂数的是真实的核，误检数的是多出来的预测；种类名下面是真实的核数。"
        ),
        alt=say("按图像种类堆叠的条形图：漏检、粘连、分裂、误检的数目"),
    )
    display(chart, output.text(chart_texts.errors_by_kind(error_counts)))

# %% tags=["hide-input"]
errors = [object_errors.errors(*pair) for pair in zip(truths, predictions)]
display(output.text(score_texts.error_summary(pooled)))

# %%
crops = [
    crop
    for picture, labels, own in zip(pictures, predictions, errors)
    for crop in error_crops.worst_crops(picture.image, picture.labels, labels, own, count=2)
]

# %%
if crops:
    gallery = output.figure(
        instance_pictures.error_gallery(crops),
        caption=say(
            "图 7.5：各类错误里面积最大的几个核，每张图像每类至多取两个。实线是真值的轮廓，虚线是预测的轮廓，颜色表示错误的种类，绿色细线是没有这四类错误的核（轮廓可能仍不够准）。"
        ),
        alt=say("成排的小图，每排一类错误，叠加真值与预测的轮廓"),
    )
    display(gallery)

# %% [markdown]
# ## 每一张都看看
#
# 全部验证图像，得分最低的在前：原图、真值、预测。橙红是漏检，紫红是粘连，黄是分裂，天蓝是误检，绿是没有这四类错误的核。

# %% [markdown] tags=["lang-en"]
# ## Every single image
#
# All validation images, those with the lowest scores first: original, ground truth, prediction. Orange-red marks missed nuclei, purple merged ones, yellow split ones, sky blue false positives, and green nuclei with none of these four errors.

# %% tags=["hide-input"]
named = held_out.assign(kind=held_out.kind.map(kinds))
explorer.explorer([picture.image for picture in pictures], truths, predictions, errors, named)

# %% [markdown]
# ## 最好、中间、最差

# %% [markdown] tags=["lang-en"]
# ## The best, the median and the worst

# %%
order = held_out.kaggle.argsort(kind="stable").to_numpy()
picks = [order[-1], order[len(order) // 2], order[0]]
places = (say("最好"), say("中间"), say("最差"))
titles = [
    say("{place}：Kaggle 得分 {kaggle:.3f}，Dice {dice:.3f}", place=place, kaggle=own.kaggle, dice=own.dice)
    for place, own in zip(places, held_out.loc[picks].itertuples())
]

# %%
seen, true = [pictures[n].image for n in picks], [truths[n] for n in picks]
likely, found = [probabilities[n] for n in picks], [predictions[n] for n in picks]
output.figure(
    panels.instance_grid(seen, true, likely, found, titles),
    caption=say(
        "图 7.6：Kaggle 得分最好、居中、最差的三张验证图像。从左到右：原图、真值、预测（每个核的轮廓一种颜色，相邻的核颜色不同）、概率（深蓝 0，黄 1）、叠加。叠加图只看像素：绿线圈出判对的区域，橙红是漏判（是核而没有判出来），天蓝是误判（不是核而当成了核）。"
    ),
    alt=say("三行图像，每行是原图、真值、预测、概率与叠加"),
)

# %% tags=["remove-input"]
display(output.text(chart_texts.extremes(held_out.loc[picks[0]], held_out.loc[picks[-1]])))

# %% tags=["cover"]
middle = picks[1]
output.figure(
    panels.truth_and_prediction(pictures[middle].image, truths[middle], predictions[middle]),
    caption=say("得分居中的一张验证图像；相邻的核颜色不同。"),
    alt=say("一张验证图像：原图、真实的核的轮廓、找到的核的轮廓"),
)

# %% [markdown]
# ## 校准：概率准不准
#
# 概率可信，是指模型说“七成是核”的像素里，真有七成是核。把像素按概率分成十档，比较每一档的平均概率与其中真是核的比例：点落在对角线上，概率就可信；落在对角线下方，说明概率给高了（真是核的没有那么多）；落在对角线上方，说明概率给低了。各档两者之差的绝对值，按像素数加权平均，叫预期校准误差（expected calibration error，ECE），越小越好。来源：Naeini 等 2015，[doi:10.1609/aaai.v29i1.9602](https://doi.org/10.1609/aaai.v29i1.9602)。

# %% [markdown] tags=["lang-en"]
# ## Calibration: can the probabilities be trusted?
#
# Probabilities can be trusted if, among the pixels that the model calls "nucleus with a probability of seven in ten", seven in ten do belong to nuclei. Pixels are divided into ten bins by their probability, and the mean probability of each bin is compared with the share of its pixels that do belong to nuclei: points on the diagonal mean that the probabilities can be trusted; points below it mean that they are too high (fewer of the pixels belong to nuclei); points above it mean that they are too low. The absolute difference of the two in each bin, averaged over bins with their numbers of pixels as weights, is the expected calibration error (ECE); the smaller, the better. Source: Naeini et al. 2015, [doi:10.1609/aaai.v29i1.9602](https://doi.org/10.1609/aaai.v29i1.9602).

# %%
output.figure(
    calibration_charts.calibration(reliability, calibration_error),
    caption=say(
        "图 7.7：上：可靠性图，横轴是模型给出的概率，纵轴是这些像素里真是核的比例，虚线表示完全可信；下：各档概率的像素占多少，纵轴是对数刻度。全部验证图像的像素合在一起，原始尺寸。"
    ),
    alt=say("可靠性图，以及各档概率的像素比例的直方图"),
)

# %% tags=["remove-input"]
display(output.text(calibration_texts.pixels(reliability, calibration_error)))

# %% [markdown]
# 会分核的模型还给每个核一个**把握**（certainty）：它真是一个核的概率，由三件事算出，即换一个放大倍数再看时还在不在同一处，多少像素的概率高于 0.8，形状像不像椭圆。预测时没有真值，正是靠它提醒哪些图不可信。这里按把握把找到的核分成十档，比较每一档里真有多少找对了（与一个真值核的交并比高于 0.5）。

# %% [markdown] tags=["lang-en"]
# Models that separate nuclei also give each nucleus a **certainty**: the probability that it really is a nucleus, computed from three things, namely whether it is still found in the same place when the image is viewed at another magnification, how many of its pixels have a probability above 0.8, and how close its shape is to an ellipse. There is no ground truth in prediction, and it is this certainty that warns of images whose results cannot be trusted. Here the nuclei found are divided into ten bins by their certainty, and for each bin the share of correct ones is shown (IoU with a true nucleus above 0.5).

# %%
nuclei_counts = np.zeros((calibration.BINS, 3))
if model.separates:
    nuclei_counts += sum(calibration.count_nuclei(p.labels, s) for p, s in zip(pictures, segmentations))
certainties = calibration.reliability(nuclei_counts)
run.save("certainty.csv", certainties)

# %%
if model.separates:
    fig, ax = plt.subplots()
    calibration_charts.certainty(ax, certainties)
    certainty_figure = output.figure(
        fig,
        caption=say(
            "图 7.8：把握的校准。横轴是模型给每个核的把握，纵轴是这些核里真的找对了的比例，虚线表示完全可信；点旁的数字是核数。全部验证图像合在一起。"
        ),
        alt=say("每档把握里找对的核所占比例的曲线"),
    )
    display(certainty_figure, output.text(calibration_texts.nuclei(certainties)))

# %% tags=["hide-input"]
if model.separates:
    display(output.text(doubt_texts.checked(held_out, [s.doubt for s in segmentations])))

# %% [markdown]
# ## 阈值该取多少
#
# 阈值低，算作核的像素多，误判也多；阈值高则相反。默认取 0.5，意思是“更可能是核，就算核”。即使别的阈值在验证集上略好，本报告也不改用它：再按验证集挑选阈值，得分会更偏乐观。配置 `full` 取 `0.45`，理由在验证集之外：在别的实验室的图像上，取 0.5 时边缘画得偏紧。

# %% [markdown] tags=["lang-en"]
# ## Which threshold to use
#
# With a low threshold more pixels count as nucleus, and more of them wrongly; with a high threshold it is the other way round. The default of 0.5 means "if it is more likely nucleus than not, it is nucleus". Even if another threshold is slightly better on the validation set, this report does not switch to it: if the threshold, too, were chosen by the validation set, scores would become still more optimistic. The profile `full` uses `0.45`, for a reason that lies outside the validation set: on images from other laboratories, outlines at 0.5 are slightly too tight.

# %%
thresholds = np.union1d(np.arange(0.05, 1, 0.05).round(2), [threshold])
sweep = pixel_metrics.threshold_sweep([labels > 0 for labels in truths], probabilities, thresholds)

# %%
fig, ax = plt.subplots()
score_charts.threshold_sweep(ax, sweep.threshold, sweep.dice, sweep.iou, threshold)
output.figure(
    fig,
    caption=say(
        "图 7.{number}：阈值不同时的 Dice 与 IoU（原始尺寸，各张验证图像的平均）；竖线是本报告所用的阈值。这里概率高于阈值的像素一律算作核，既不分开粘连的核，也不填补孔洞、去掉碎屑，所以与表 7.1 可能略有出入。",
        number=9 if model.separates else 8,
    ),
    alt=say("Dice 与 IoU 随阈值变化的两条曲线"),
)

# %% tags=["hide-input"]
display(output.text(threshold_texts.compared(sweep, threshold)))

# %% tags=["hide-input"]
headings = {"threshold": say("阈值"), "dice": "Dice", "iou": "IoU"}
output.table(
    sweep.rename(columns=headings),
    caption=say("表 7.3：各个阈值下的得分，同上图。"),
    formats={headings["threshold"]: ".2f"},
    slider=int((sweep.threshold == threshold).argmax()),
)

# %% [markdown]
# ## 小结

# %% [markdown] tags=["lang-en"]
# ## Summary

# %% tags=["hide-input"]
display(output.text(section_texts.validation(held_out, means, facts["square_size"])))
