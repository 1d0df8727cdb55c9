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
# # 10. 模型的未来以及改进
#
# U-Net 已经不错，但仍有可改进之处：跳跃连接把编码器的低级特征原样搬到解码器，许多特征与目标无关，被反复提取、反复计算。文献里有两个自然的方向，这里把它们**建造出来、训练、比较**，而不只是提一提。本节读取前面的数据与设定，写下 `comparison.csv`。

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 本次运行的文件夹；相对路径从项目文件夹算起
comparison_epochs: int = 0  # 三个模型各训练的轮数上限（轮）；0 表示与第 6 节相同

# %% tags=["remove-input"]
from IPython.display import Markdown, display

from cellseg_utils import compare, metrics, models, runs, training
from cellseg_utils.plots import architecture as drawing
from cellseg_utils.plots import comparison, output

run = runs.open_run(run_dir, "10_future_work")
data, model = run.load("dataset.npz"), run.load("model.json")
used, threshold = run.load("training.json")["settings"], run.load("scores.json")["threshold"]

# %% [markdown]
# ## Attention U-Net：让跳跃连接有所取舍
#
# **注意力门**（attention gate）用解码器较粗的信号 $g$ 去衡量编码器特征 $x$ 的每个位置有多要紧，再按这个权重 $\alpha$ 放行：
#
# $$\alpha = \sigma\left(\psi^{T}\,\mathrm{ReLU}(W_x x + W_g g + b)\right), \qquad \hat{x} = \alpha \cdot x$$
#
# 无关的背景因此被压低，参数只多出一点。来源：Oktay 等 2018，[arXiv:1804.03999](https://arxiv.org/abs/1804.03999)。

# %%
output.figure(
    drawing.architecture(models.build("attention_unet", model["arguments"])),
    caption="图 10.1：Attention U-Net 的结构：每条跳跃连接上多了一个注意力门。",
    alt="Attention U-Net 的结构图",
)

# %% [markdown]
# ## U-Net++：把跳跃连接变成密集的小网络
#
# U-Net++ 在编码器与解码器之间加入密集连接的卷积模块：每一级的特征先与下一级的信息逐步融合，再交给解码器，缩小两边“语义的距离”。代价是多得多的计算。来源：Zhou 等 2018，[arXiv:1807.10165](https://arxiv.org/abs/1807.10165)。

# %%
output.figure(
    drawing.architecture(models.build("unet_plus_plus", model["arguments"])),
    caption="图 10.2：U-Net++ 的结构：两臂之间填满了密集连接的模块。",
    alt="U-Net++ 的结构图",
)

# %% [markdown]
# ## 同样的数据、同样的预算
#
# 三个模型用同样的数据、划分、种子、优化器与轮数上限训练。第 6 节里训练过的，设定相同就直接取用。

# %%
budget = {**used, "epochs": comparison_epochs or used["epochs"]}
settings = training.Settings(**budget)
arrays = (data["images"], data["masks"], data["validation"])
trained = {
    name: training.train(name, model["arguments"], *arrays, settings, run.cache("trainings"))
    for name in models.ARCHITECTURES
}

# %%
images, truth = data["images"][data["validation"]], data["masks"][data["validation"], ..., 0] > 0
probabilities = compare.predict(trained, model["arguments"], images)
masks = {name: probability > threshold for name, probability in probabilities.items()}
table = compare.table(trained, model["arguments"], masks, truth, used["seed"])
run.save("comparison.csv", table)

# %%
output.table(
    compare.readable(table),
    caption=f"表 10.1：三个模型在 {len(images)} 张验证图像上的比较（轮数上限 {settings.epochs}；得分是对图像的平均，“差”是与 U-Net 的 Dice 之差）。",
)

# %%
output.figure(
    comparison.comparison_curves(
        {models.TITLES[name]: training.history for name, training in trained.items()}
    ),
    caption="图 10.3：三个模型的训练曲线。",
    alt="三个模型的损失与 Dice 随轮数变化的曲线",
)

# %% [markdown]
# ## 并排来看

# %%
order = metrics.dice(truth, masks["unet"]).argsort()
hard, typical = order[len(order) // 10], order[len(order) // 2]
named = {models.TITLES[name]: mask for name, mask in masks.items()}

# %%
output.figure(
    comparison.side_by_side(images[hard], truth[hard], {name: mask[hard] for name, mask in named.items()}),
    caption="图 10.4：一张较难的验证图像（U-Net 的得分排在最低的十分之一），三个模型的预测。颜色区分判对、漏判与误判的像素。",
    alt="较难的验证图像：原图、真值与三个模型的预测叠加",
)

# %%
output.figure(
    comparison.side_by_side(
        images[typical], truth[typical], {name: mask[typical] for name, mask in named.items()}
    ),
    caption="图 10.5：一张中等的验证图像（U-Net 的得分居中），三个模型的预测。",
    alt="中等的验证图像：原图、真值与三个模型的预测叠加",
)

# %% [markdown]
# ## 小结

# %% tags=["remove-input"]
sentences = "；".join(compare.verdict(row) for row in table.iloc[1:].itertuples())
slowest = table.loc[table.seconds_per_epoch.idxmax()]
display(
    Markdown(
        f"在同样的预算下，{sentences}。{slowest.model} 每轮最慢，是 U-Net 的 {slowest.seconds_per_epoch / table.seconds_per_epoch[0]:.1f} 倍。要走得更远，下一步是把挨着的核分开、在原始分辨率上训练，并用不泄漏的划分来打分。"
    )
)
