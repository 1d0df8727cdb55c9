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
# # 8. 在训练数据上的预测
#
# 先看模型在它学过的图像上表现如何。连学过的图像都分割不好，就不必指望没见过的；学过的分割得很好而没见过的很差，则是过拟合。本节从训练集里按种子随机取几张，按原始尺寸分割，把原图、真值、预测与概率并排放在一起。

# %% [markdown]
# <details class="code"><summary>读什么，写什么</summary>
#
# 本节读取 `source.json`、`bundle`、`samples.csv`、`scores.json`，写出 `train_predictions.csv`。
#
# </details>

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 本次运行的文件夹；相对路径从项目文件夹算起
train_examples: int = 4  # 展示几张训练图像（张）

# %% tags=["remove-input"]
from pathlib import Path

import numpy as np
from IPython.display import Markdown, display

from cellseg_utils.audit import image_kinds
from cellseg_utils.data import dataset, layout
from cellseg_utils.evaluation import scoring
from cellseg_utils.plots import output, panels
from cellseg_utils.prediction import bundle, segmentation
from cellseg_utils.run import parameter_values, runs

parameter_values.within("train_examples", train_examples, 1)
run = runs.open_run(run_dir, "08_train_predictions")
about, samples, scores = run.load("source.json"), run.load("samples.csv"), run.load("scores.json")
model = bundle.load(run.path("bundle")).with_threshold(scores["threshold"])

# %% [markdown]
# ## 随机取几张训练图像

# %%
candidates = np.flatnonzero(~samples.validation)
count = min(train_examples, len(candidates))
picks = np.sort(np.random.default_rng(about["seed"]).choice(candidates, count, replace=False))
chosen = samples.loc[picks, ["id", "kind"]].reset_index(drop=True)

# %%
source = layout.open_source(Path(about["train"]))
run.use_data(source.path)
pictures = dataset.read_samples(source, chosen.id)
segmentations = segmentation.segment_all(model, [picture.image for picture in pictures], "best")

# %%
table = chosen.join(scoring.score_pictures(pictures, segmentations))
run.save("train_predictions.csv", table)

# %%
titles = [
    f"{image_kinds.KINDS[row.kind]}，{row.nuclei:.0f} 个核，找到 {row.tp_50:.0f} 个，Dice {row.dice:.3f}"
    for row in table.itertuples()
]

# %%
output.figure(
    panels.instance_grid(
        [picture.image for picture in pictures],
        [picture.labels for picture in pictures],
        [s.probability for s in segmentations],
        [s.labels for s in segmentations],
        titles,
    ),
    caption="图 8.1：随机取出的训练图像，画法与图 7.6 相同。从左到右：原图、真值、预测（每个核的轮廓一种颜色）、概率（深蓝 0，黄 1）、叠加（绿线为判对的区域，橙红为漏判，天蓝为误判）。标题里的“找到”指预测与真值的交并比高于一半。",
    alt="每行一张训练图像：原图、真值、预测、概率图、叠加",
)

# %% [markdown]
# ## 与验证集相比

# %% tags=["hide-input"]
difference = table.dice.mean() - scores["dice"]
close = "单看 Dice 高出不少，可能有过拟合" if difference > 0.03 else "单看 Dice 相差不大"
usual = "反而更低，多半是恰好取到了较难的图像" if difference < -0.03 else close
verdict = "两者都低，模型还没有学会" if max(table.dice.mean(), scores["dice"]) < 0.5 else usual
display(
    Markdown(
        f"这 {count} 张训练图像的平均 Dice 为 {table.dice.mean():.3f}，验证集的平均为 {scores['dice']:.3f}：{verdict}。Kaggle 得分分别为 {table.kaggle.mean():.3f} 与 {scores['kaggle']:.3f}。这些得分都在原始尺寸上算，先给每张图像打分再取平均。只有 {count} 张图，不足以判断有没有过拟合。"
    )
)

# %% [markdown]
# ## 小结

# %% tags=["hide-input"]
display(
    Markdown(
        f"在学过的图像上，{count} 张里 Dice 最低 {table.dice.min():.3f}，最高 {table.dice.max():.3f}；{table.nuclei.sum():.0f} 个真实的核里找到了 {table.tp_50.sum():.0f} 个。下一节换成没有见过的图像。"
    )
)
