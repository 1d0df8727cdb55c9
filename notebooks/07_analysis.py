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
# 训练时看到的得分按批计算：Dice 系数用概率来算，一批图像合在一起。本节对每一张验证图像单独打分，看得分怎样分布、哪种图像难、最好与最差的图像长什么样，以及阈值该取多少。它读取 `source.json`、`bundle`、`dataset.npz`、`samples.csv`、`history.csv` 与 `training.json`，写出 `scores.csv`（每张图一行）和 `scores.json`。

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 本次运行的文件夹；相对路径从项目文件夹算起
threshold: float = 0.5  # 概率高于它的像素算作细胞核（0 到 1）；第 8、9、10 节共用

# %% tags=["remove-input"]
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown, display

from cellseg_utils import audit, bundle, metrics, parameters, prediction, runs, schedule
from cellseg_utils.plots import output, panels, score_charts

parameters.within("threshold", threshold, 0, 1)
run = runs.open_run(run_dir, "07_analysis")
seed, data, samples = run.load("source.json")["seed"], run.load("dataset.npz"), run.load("samples.csv")
model = bundle.load(run.path("bundle"))

# %% [markdown]
# ## 训练得怎么样
#
# 训练曲线见图 6.1。训练损失继续下降、验证损失却转而上升，是过拟合；两条都居高不下，是欠拟合（underfitting）；两条都降到低处而且靠得近，说明学到的规律能泛化（generalization）到没有训练过的图像。验证曲线有时比训练曲线还好，但这不证明泛化得好：训练得分是一轮之内边学边记的平均，验证得分在这一轮结束之后才计算，那时的权重更好；若用了数据增强，训练图像本身也更难。

# %% tags=["hide-input"]
history, used = run.load("history.csv"), run.load("training.json")["settings"]
best = history.iloc[schedule.best_epoch(history) - 1]
gap = best["val_dice_coef"] - best["dice_coef"]
lower = "略低于训练集" if gap > -0.03 else "明显低于训练集，有过拟合的迹象"
side = "与训练集相近" if abs(gap) <= 0.005 else "高于训练集" if gap > 0 else lower
last = "到达轮数上限时验证损失仍在下降" if len(history) == best["epoch"] else "到达轮数上限"
stopped = "提前停止" if len(history) < used["epochs"] else last
quick = history.epoch[history.val_dice_coef >= 0.95 * best["val_dice_coef"]].iloc[0]
display(
    Markdown(
        f"共训练 {len(history)} 轮，{stopped}。第 {best['epoch']:.0f} 轮的验证损失最低（{best['val_loss']:.3f}），那一轮的验证准确率为 {best['val_accuracy']:.3f}，验证 Dice 系数为 {best['val_dice_coef']:.3f}，{side}（训练 {best['dice_coef']:.3f}）。验证 Dice 在第 {quick} 轮就已达到这一数值的 95%。"
    )
)

# %% [markdown]
# 验证集也不等于测试集：保留哪一轮的权重、要不要改设定，都是看着验证得分决定的，所以它偏乐观；真正的测试集从头到尾不参与任何选择。用原竞赛的数据时还要再打一次折扣：许多图像是同一张大图切开的小块，随机划分会让相邻的小块分在训练集和验证集两边。

# %% [markdown]
# ## 每张验证图像的得分
#
# 对每张图，把概率高于阈值的像素算作细胞核，再与真值比较。交并比（intersection over union，IoU）是交集除以并集；它与 Dice 系数可以互相换算，数值总不高于 Dice。这里的 Dice 没有第 5 节公式里的“加 1”，两张掩膜都空时直接记为 1：

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
    caption="图 7.1：上：验证图像 Dice 系数的分布，虚线是平均，点线是中位数；下：按图像种类分开，一个点是一张图，方盒是中间一半的图像，橙红线是中位数。",
    alt="Dice 的直方图，以及按图像种类分组的 Dice 散点图",
)

# %%
rows = (
    held_out.groupby("kind")[["dice", "iou", "accuracy"]].mean().assign(images=held_out.kind.value_counts())
)
rows = rows.reset_index().assign(kind=lambda frame: frame.kind.map(audit.KINDS))
rows.columns = ["种类", "Dice", "IoU", "准确率", "图像（张）"]
output.table(rows, caption="表 7.1：各种验证图像的平均得分（先给每张图像打分，再取平均）。")

# %% [markdown]
# ## 最好、中间、最差

# %%
order = held_out.dice.argsort().to_numpy()
picks = [order[-1], order[len(order) // 2], order[0]]
titles = [f"{name}：Dice {held_out.dice[n]:.3f}" for name, n in zip(("最好", "中间", "最差"), picks)]
output.figure(
    panels.prediction_grid(images[picks], truth[picks], probability[picks], predicted[picks], titles),
    caption="图 7.2：得分最好、居中、最差的三张验证图像。从左到右：原图、真值、概率（深蓝 0，黄 1）、预测、叠加。叠加图里，绿线圈出判对的区域，橙红是漏检（是核而没有找到），天蓝是误检（不是核而当成了核）。",
    alt="三行图像，每行是原图、真值、概率、预测与叠加",
)

# %% [markdown]
# ## 阈值该取多少
#
# 阈值低，找到的核多，误检也多；阈值高则相反。一半表示“更可能是核就算核”。即使别的阈值在验证集上略好，本报告也不改用它：再按验证集挑选阈值，得分会更偏乐观。

# %%
sweep = metrics.threshold_sweep(truth, probability, np.arange(0.05, 1, 0.05).round(2))
fig, ax = plt.subplots()
score_charts.threshold_sweep(ax, sweep.threshold, sweep.dice, sweep.iou, threshold)
output.figure(
    fig,
    caption="图 7.3：阈值从 0.05 到 0.95 时验证集的平均 Dice 与 IoU；竖线是本报告所用的阈值。",
    alt="Dice 与 IoU 随阈值变化的两条曲线",
)

# %% tags=["hide-input"]
top = sweep.loc[sweep.dice.idxmax()]
display(
    Markdown(
        f"验证 Dice 在阈值 {top.threshold:.2f} 处最高（{top.dice:.3f}）；所用的阈值 {threshold:g} 得 {means['dice']:.3f}，相差 {top.dice - means['dice']:.3f}。"
    )
)

# %% [markdown]
# ## 小结

# %% tags=["hide-input"]
low, high = intervals["dice_interval"]
worst = held_out.loc[held_out.dice.idxmin()]
display(
    Markdown(
        f"{len(held_out)} 张验证图像的平均 Dice 为 **{means['dice']:.3f}**（95% 自助法（bootstrap）区间 {low:.3f}–{high:.3f}），平均 IoU 为 **{means['iou']:.3f}**，准确率 {means['accuracy']:.3f}。最差的一张是{audit.KINDS[worst.kind]}，Dice 只有 {worst.dice:.3f}。"
    )
)
