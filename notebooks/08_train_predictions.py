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

# %% [markdown] tags=["lang-en"]
# # 8. Predictions on training data
#
# How does the model perform on images that it has learnt from? If it cannot even segment those well, little can be hoped for with unseen ones; if it segments those very well and unseen ones badly, it is overfitting. This section draws a few images of the training set at random (by the seed), segments them at original size, and shows original, ground truth, prediction and probability side by side.

# %% [markdown]
# <details class="code"><summary>读什么，写什么</summary>
#
# 本节读取 `source.json`、`bundle`、`samples.csv`、`scores.json`，写出 `train_predictions.csv`。
#
# </details>

# %% [markdown] tags=["lang-en"]
# <details class="code"><summary>What it reads and writes</summary>
#
# This section reads `source.json`, `bundle`, `samples.csv` and `scores.json`, and writes `train_predictions.csv`.
#
# </details>

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 本次运行的文件夹；相对路径从项目文件夹算起
train_examples: int = 4  # 展示几张训练图像（张）

# %% tags=["remove-input"]
from pathlib import Path

import numpy as np
from IPython.display import display

from cellseg_utils.audit import image_kinds
from cellseg_utils.data import dataset, layout
from cellseg_utils.evaluation import scoring, section_texts
from cellseg_utils.plots import output, panels
from cellseg_utils.prediction import bundle, segmentation
from cellseg_utils.run import parameter_values, runs
from cellseg_utils.run.language import say

globals().update(parameter_values.as_declared(globals()))
parameter_values.within("train_examples", train_examples, 1)
run = runs.open_run(run_dir, "08_train_predictions")
about, samples, scores = run.load("source.json"), run.load("samples.csv"), run.load("scores.json")
model = bundle.load(run.path("bundle")).with_threshold(scores["threshold"])

# %% [markdown]
# ## 随机取几张训练图像

# %% [markdown] tags=["lang-en"]
# ## Some training images, drawn at random

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
told = table[["nuclei", "dice"]].assign(kind=table.kind.map(image_kinds.named), found=table.tp_50)
titles = [
    say("{kind}，{nuclei:.0f} 个核，找到 {found:.0f} 个，Dice {dice:.3f}", **row)
    for row in told.to_dict("records")
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
    caption=say(
        "图 8.1：随机取出的训练图像，画法与图 7.6 相同。从左到右：原图、真值、预测（每个核的轮廓一种颜色）、概率（深蓝 0，黄 1）、叠加（绿线为判对的区域，橙红为漏判，天蓝为误判）。标题里的“找到”指预测与真值的交并比高于一半。"
    ),
    alt=say("每行一张训练图像：原图、真值、预测、概率图、叠加"),
)

# %% [markdown]
# ## 与验证集相比

# %% [markdown] tags=["lang-en"]
# ## Comparison with the validation set

# %% tags=["hide-input"]
display(output.text(section_texts.beside_validation(table, scores)))

# %% [markdown]
# ## 小结

# %% [markdown] tags=["lang-en"]
# ## Summary

# %% tags=["hide-input"]
display(output.text(section_texts.learnt(table)))
