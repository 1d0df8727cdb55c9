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
# 训练时看到的得分是整批像素合在一起算的。本节对每一张验证图像单独打分，看得分怎样分布、哪种图像难、最好与最差的图像长什么样，以及阈值该取多少。它读取 `bundle`、`dataset.npz`、`samples.csv` 与 `history.csv`，写下 `scores.csv`（每张图一行）和 `scores.json`。

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 本次运行的文件夹；相对路径从项目文件夹算起
threshold: float = 0.5  # 概率高于它的像素算作细胞核（0 到 1）；第 8、9、10 节共用

# %% tags=["remove-input"]
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown, display

from cellseg_utils import audit, bundle, metrics, prediction, runs, schedule
from cellseg_utils.plots import output, panels, score_charts

run = runs.open_run(run_dir, "07_analysis")
seed, data, samples = run.load("source.json")["seed"], run.load("dataset.npz"), run.load("samples.csv")
model = bundle.load(run.path("bundle"))

# %% [markdown]
# ## 训练得怎么样

# %% tags=["remove-input"]
history = run.load("history.csv")
best = history.iloc[schedule.best_epoch(history) - 1]
gap = best["val_dice_coef"] - best["dice_coef"]
side = "略高于训练集" if gap > 0.005 else "略低于训练集" if gap > -0.03 else "明显低于训练集，有过拟合的迹象"
stopped = "提前停止" if len(history) > best["epoch"] else "到达轮数上限时仍在进步"
display(
    Markdown(
        f"第 {best['epoch']:.0f} 轮的验证损失最低（{best['val_loss']:.3f}），共训练 {len(history)} 轮，{stopped}。那一轮验证准确率 {best['val_accuracy']:.3f}，验证 Dice 系数 {best['val_dice_coef']:.3f}，{side}（训练 {best['dice_coef']:.3f}）。验证集参与了挑选权重，所以它的得分不能完全当作测试得分；而且原数据里许多图像是同一张大图切开的小块，随机划分会让相邻的小块分在两边，得分因此偏高。"
    )
)

# %% [markdown]
# ## 每张验证图像的得分
#
# 对每张图，把概率高于阈值的像素算作核，再与真值比较。IoU（交并比）是交集除以并集，比 Dice 更严格：

# %% [markdown]
# $$\mathrm{IoU} = \frac{|Y \cap P|}{|Y \cup P|} = \frac{D}{2 - D}$$

# %%
held_out = samples[samples.validation].reset_index(drop=True)
images, truth = data["images"][data["validation"]], data["masks"][data["validation"], ..., 0] > 0
probability = prediction.square_probabilities(model, images)
predicted = probability > threshold

# %%
held_out["dice"] = metrics.dice(truth, predicted)
held_out["iou"] = metrics.iou(truth, predicted)
held_out["accuracy"] = metrics.pixel_accuracy(truth, predicted)
run.save("scores.csv", held_out[["id", "kind", "nuclei", "foreground", "dice", "iou", "accuracy"]])

# %%
means = held_out[["dice", "iou", "accuracy"]].mean().to_dict()
intervals = {f"{name}_interval": metrics.bootstrap_interval(held_out[name], seed) for name in means}
run.save("scores.json", {**means, **intervals, "images": len(held_out), "threshold": threshold})

# %%
fig, axes = plt.subplots(2, 1, figsize=(5.6, 7.6))
score_charts.score_distribution(axes[0], held_out.dice, "Dice")
score_charts.scores_by_kind(axes[1], held_out.dice, held_out.kind.map(audit.KINDS), "Dice")
output.figure(
    fig,
    caption="图 7.1：上：验证图像 Dice 的分布；下：按图像种类分开，一个点一张图。",
    alt="Dice 的直方图，以及按图像种类分组的 Dice 散点图",
)

# %%
rows = (
    held_out.groupby("kind")[["dice", "iou", "accuracy"]].mean().assign(images=held_out.kind.value_counts())
)
rows = rows.reset_index().assign(kind=lambda frame: frame.kind.map(audit.KINDS))
rows.columns = ["种类", "Dice", "IoU", "准确率", "图像（张）"]
output.table(rows, caption="表 7.1：各种验证图像的平均得分（对图像平均，不是对像素）。")

# %% [markdown]
# ## 最好、中间、最差

# %%
order = held_out.dice.argsort().to_numpy()
picks = [order[-1], order[len(order) // 2], order[0]]
titles = [f"{name}：Dice {held_out.dice[n]:.3f}" for name, n in zip(("最好", "中间", "最差"), picks)]
output.figure(
    panels.prediction_grid(images[picks], truth[picks], probability[picks], predicted[picks], titles),
    caption="图 7.2：得分最好、居中、最差的三张验证图像。叠加图里区分了判对、漏判与误判的像素。",
    alt="三行图像，每行是原图、真值、概率、预测与叠加",
)

# %% [markdown]
# ## 阈值该取多少

# %%
sweep = metrics.threshold_sweep(truth, probability, np.arange(0.05, 1, 0.05).round(2))
fig, ax = plt.subplots()
score_charts.threshold_sweep(ax, sweep.threshold, sweep.dice, sweep.iou, threshold)
output.figure(
    fig,
    caption="图 7.3：阈值从 0.05 到 0.95 时验证集的平均 Dice 与 IoU；竖线是本报告所用的阈值。",
    alt="Dice 与 IoU 随阈值变化的两条曲线",
)

# %% tags=["remove-input"]
top = sweep.loc[sweep.dice.idxmax()]
display(
    Markdown(
        f"验证 Dice 在阈值 {top.threshold:.2f} 处最高（{top.dice:.3f}）；所用的阈值 {threshold:g} 得 {means['dice']:.3f}，相差 {top.dice - means['dice']:.3f}。"
    )
)

# %% [markdown]
# ## 小结

# %% tags=["remove-input"]
low, high = intervals["dice_interval"]
worst = held_out.loc[held_out.dice.idxmin()]
display(
    Markdown(
        f"{len(held_out)} 张验证图像的平均 Dice 为 **{means['dice']:.3f}**（95% 自助法区间 {low:.3f}–{high:.3f}），平均 IoU 为 **{means['iou']:.3f}**，像素准确率 {means['accuracy']:.3f}。最差的一张是{audit.KINDS[worst.kind]}，Dice 只有 {worst.dice:.3f}。"
    )
)
