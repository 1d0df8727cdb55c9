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
# 先看模型在它学过的图像上表现如何。连学过的图像都分割不好，就不必指望没见过的；学过的分割得很好而没见过的很差，则是过拟合。本节从训练集里按种子随机取几张，把原图、真值、概率与预测并排放在一起。它读取 `source.json`、`bundle`、`dataset.npz`、`samples.csv`、`scores.json`，写出 `train_predictions.csv`。

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 本次运行的文件夹；相对路径从项目文件夹算起
train_examples: int = 4  # 展示几张训练图像（张）

# %% tags=["remove-input"]
import numpy as np
from IPython.display import Markdown, display

from cellseg_utils import audit, bundle, metrics, parameters, prediction, runs
from cellseg_utils.plots import output, panels

parameters.within("train_examples", train_examples, 1)
run = runs.open_run(run_dir, "08_train_predictions")
seed, data, samples = run.load("source.json")["seed"], run.load("dataset.npz"), run.load("samples.csv")
model, threshold = bundle.load(run.path("bundle")), run.load("scores.json")["threshold"]

# %% [markdown]
# ## 随机取几张训练图像

# %%
candidates = np.flatnonzero(~data["validation"])
count = min(train_examples, len(candidates))
picks = np.sort(np.random.default_rng(seed).choice(candidates, count, replace=False))
images, truth = data["images"][picks], data["masks"][picks, ..., 0] > 0

# %%
probability = prediction.square_probabilities(model, images)
predicted = probability > threshold
table = samples.loc[picks, ["id", "kind", "nuclei"]].assign(
    dice=metrics.dice(truth, predicted), iou=metrics.iou(truth, predicted)
)
run.save("train_predictions.csv", table)

# %%
titles = [f"{audit.KINDS[row.kind]}，Dice {row.dice:.3f}" for row in table.itertuples()]
output.figure(
    panels.prediction_grid(images, truth, probability, predicted, titles),
    caption="图 8.1：随机取出的训练图像。从左到右：原图、真值、概率（深蓝 0，黄 1）、预测、叠加。叠加图的颜色与图 7.2 相同：绿线为判对的区域，橙红为漏检，天蓝为误检。",
    alt="每行一张训练图像：原图、真值、概率图、预测掩膜、叠加",
)

# %% [markdown]
# ## 与验证集相比

# %% tags=["hide-input"]
validation_dice = run.load("scores.json")["dice"]
difference = table.dice.mean() - validation_dice
close = "高出不少，模型对学过的图像更熟悉" if difference > 0.03 else "相差不大，看不出明显的过拟合"
usual = "反而更低，多半是恰好取到了较难的图像" if difference < -0.03 else close
verdict = "两者都低，模型还没有学会" if max(table.dice.mean(), validation_dice) < 0.5 else usual
display(
    Markdown(
        f"这 {count} 张训练图像的平均 Dice 为 {table.dice.mean():.3f}，验证集的平均为 {validation_dice:.3f}：{verdict}。（只有 {count} 张，仅供参考。）"
    )
)

# %% [markdown]
# ## 小结

# %% tags=["hide-input"]
display(
    Markdown(
        f"在学过的图像上，{count} 张里 Dice 最低 {table.dice.min():.3f}，最高 {table.dice.max():.3f}。下一节换成没有见过的图像。"
    )
)
