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
# # 5. 模型建造
#
# 分割细胞用的模型是 **U-Net**，弗赖堡大学（Freiburg）计算机系 2015 年为生物医学图像设计的网络。它的长处正合这里的需要：训练图像只有几百张也能学好，而普通的深度网络往往要成千上万张。本节建造它，画出结构，列出每一层，并说明训练时用什么损失与指标。它读取 `preprocessing.json`，写下 `model.json`（模型的名称与参数）。

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 本次运行的文件夹；相对路径从项目文件夹算起
architecture: str = "unet"  # 模型：unet、attention_unet、unet_plus_plus
filters: int = 16  # 第一个模块的卷积核数（个）；每往下一层加倍
depth: int = 4  # 编码器把边长减半几次（次）

# %% tags=["remove-input"]
from IPython.display import Markdown, display

from cellseg_utils import models, runs
from cellseg_utils.plots import architecture as drawing
from cellseg_utils.plots import layer_graph, output

run = runs.open_run(run_dir, "05_model")
image_size = run.load("preprocessing.json")["image_size"]

# %% [markdown]
# ## 结构
#
# U-Net 形如字母 U，分成两半：
#
# - 左边是**编码器**（encoder）。每个模块是两个 3×3 卷积，后接 2×2 最大池化，边长减半，卷积核加倍：看得越来越粗，懂得越来越多。
# - 右边是**解码器**（decoder）。每个模块先用转置卷积（transposed convolution）把边长放大一倍，再与编码器同一级的特征拼接（concatenate），然后是两个 3×3 卷积。
# - 拼接就是**跳跃连接**（skip connection）：粗的那一路知道“是什么”，细的那一路知道“在哪里”，合在一起才能画出准确的边界。
#
# 最后一个 1×1 卷积加 sigmoid，给出每个像素是核的概率。

# %%
arguments = {"image_size": image_size, "filters": filters, "depth": depth}
model = models.build(architecture, arguments)

# %%
output.figure(
    drawing.architecture(model),
    caption="图 5.1：由模型本身画出的结构。每个竖条是一层，左边标着各级的边长，下面标着通道数；灰色的长箭头是跳跃连接。",
    alt="模型的结构图：左边逐级缩小，右边逐级放大，中间由跳跃连接相连",
)

# %%
output.table(
    layer_graph.layer_table(model),
    caption="表 5.1：模型的每一层、输出形状与参数个数。",
    formats={"参数": ","},
)

# %% [markdown]
# ## 损失与指标
#
# 每个像素是一个二分类问题，损失用**二元交叉熵**（binary cross-entropy）：
#
# $$L = -\frac{1}{N}\sum_{i=1}^{N}\left[y_i \log p_i + (1 - y_i)\log(1 - p_i)\right]$$
#
# 其中 $y_i$ 是像素的真值（0 或 1），$p_i$ 是预测的概率。
#
# 指标有两个。**准确率**（accuracy）是判对的像素的比例；背景占多数时，什么也不找也能得高分。**Dice 系数**量两个区域的重合，两倍的交集除以两者面积之和，1 表示完全重合：
#
# $$D = \frac{2\,|Y \cap P| + 1}{|Y| + |P| + 1}$$
#
# 分子分母各加 1，是为了让两张空掩膜得 1 而不是 0/0。训练时用概率代替 0/1 来算，并把一批图像合在一起。
#
# 来源：Ronneberger 等 2015，[doi:10.1007/978-3-319-24574-4_28](https://doi.org/10.1007/978-3-319-24574-4_28)；Milletari 等 2016，[doi:10.1109/3DV.2016.79](https://doi.org/10.1109/3DV.2016.79)。

# %%
title = models.TITLES[architecture]
about = {"architecture": architecture, "title": title, "arguments": arguments}
run.save("model.json", {**about, "image_size": image_size, "parameters": model.count_params()})

# %% [markdown]
# ## 小结

# %% tags=["remove-input"]
convolutions = sum(type(layer).__name__ == "Conv2D" for layer in model.layers)
display(
    Markdown(
        f"{title} 有 {model.count_params():,} 个参数（{model.count_params() / 1e6:.2f} 百万），{convolutions} 个卷积层；U 的两臂与底部共 {2 * depth + 1} 级。输入 {image_size}×{image_size}×3，输出同样大小的概率图。"
    )
)
