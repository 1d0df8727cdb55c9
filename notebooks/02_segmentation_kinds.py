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
# # 2. 图像分割的种类
#
# 同一张图可以有两种不同的标签。它们回答的问题不一样：一种只问“这个像素是什么”，另一种还要问“它属于哪一个”。本节把两种画在同一张图上，并说明本报告怎样做。它读取第 1 节的 `example.npz`，不写任何文件。

# %% [markdown] tags=["lang-en"]
# # 2. Kinds of image segmentation
#
# The same image can be labelled in two ways, which answer different questions: one only asks what a pixel is, the other also asks which object it belongs to. This section draws both on the same image and says what this report does. It reads `example.npz` of section 1 and writes no files.

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 本次运行的文件夹；相对路径从项目文件夹算起

# %% tags=["remove-input"]
from IPython.display import display

from cellseg_utils.plots import concepts, output
from cellseg_utils.prediction import instances
from cellseg_utils.run import parameter_values, runs
from cellseg_utils.run.language import say

globals().update(parameter_values.as_declared(globals()))
run = runs.open_run(run_dir, "02_segmentation_kinds")
example = run.load("example.npz")

# %% [markdown]
# ## 语义分割与实例分割
#
# - **语义分割**（semantic segmentation）只回答“是什么”：一个像素要么是细胞核，要么是背景，画出来是一张两色的图，核与核之间没有界线。
# - **实例分割**（instance segmentation）还要回答“是哪一个”：每个细胞核有自己的编号，彼此粘连（touching）的核也各归各的。

# %% [markdown] tags=["lang-en"]
# ## Semantic and instance segmentation
#
# - **Semantic segmentation** only answers "what": a pixel is either nucleus or background. The result is an image in two colours, without borders between nuclei.
# - **Instance segmentation** also answers "which one": each nucleus has a number of its own, and touching nuclei stay separate.

# %%
output.figure(
    concepts.four_views(example["image"], example["labels"]),
    caption=say(
        "图 2.1：同一张图的四种画法。语义分割只分出细胞核与背景；实例分割把每个核分开；物体检测（下一节）只给出边界框。"
    ),
    alt=say("四格图：原图、语义分割、实例分割、物体检测的边界框"),
)

# %% [markdown]
# ## 区别在哪里变得要紧
#
# 只要细胞核互不相碰，语义分割之后把连成一片的像素当作一个核，数一数有几片，也能数出核来。一旦两个核粘连，它们在语义掩膜里就连成一块，数出来便少了。下面用例图的真值来算：语义掩膜里有多少个连通域（connected component，这里上下左右相邻才算相连，只有对角相碰的不算，与第 7 节相同），与真正的核数差多少。

# %% [markdown] tags=["lang-en"]
# ## Where the difference matters
#
# As long as nuclei do not touch, semantic segmentation is enough to count them: every connected group of pixels is taken as one nucleus, and the groups are counted. Once two nuclei touch, they form a single group in the semantic mask, and the count is too low. What follows is computed from the ground truth of the example image: how many connected components the semantic mask has (here, as in section 7, pixels are connected if they share an edge, not if they only meet at a corner), and how far this is from the true number of nuclei.

# %%
nuclei = int(example["labels"].max())
pieces = int(instances.pieces(example["labels"] > 0).max())
counted = say(
    "例图有 **{nuclei}** 个细胞核，语义掩膜里的连通域是 **{pieces}** 个，相差 {difference} 个。",
    nuclei=nuclei,
    pieces=pieces,
    difference=abs(nuclei - pieces),
)
display(output.text(counted))

# %% [markdown]
# 本报告有两种训练方案（第 6 节）。两种都先做**语义分割**：模型给出每个像素是核的概率 $p_{ij} \in [0, 1]$，超过阈值（threshold）就算作核。方案 `seed` 到此为止，连在一起的像素算一个核；方案 `best` 再走一步，做**实例分割**：还学每个像素属于哪个核，把粘连的核分开。原竞赛按实例来评分，第 7 节用同样的评分，但验证图像不是竞赛的测试图像，得分不能与排行榜直接相比。
#
# 来源：Long 等 2015（语义分割的全卷积网络），[doi:10.1109/CVPR.2015.7298965](https://doi.org/10.1109/CVPR.2015.7298965)；He 等 2017（实例分割的 Mask R-CNN），[doi:10.1109/ICCV.2017.322](https://doi.org/10.1109/ICCV.2017.322)。

# %% [markdown] tags=["lang-en"]
# This report has two training recipes (section 6). Both start with **semantic segmentation**: the model gives the probability $p_{ij} \in [0, 1]$ that a pixel belongs to a nucleus, and pixels above a threshold count as nucleus. The recipe `seed` stops there: pixels that are connected count as one nucleus. The recipe `best` goes one step further, to **instance segmentation**: it also learns which nucleus each pixel belongs to, and separates touching nuclei. The competition was scored by instances, and section 7 uses the same score; but the validation images are not the test images of the competition, so the scores cannot be compared directly with its leaderboard.
#
# Sources: Long et al. 2015 (fully convolutional networks for semantic segmentation), [doi:10.1109/CVPR.2015.7298965](https://doi.org/10.1109/CVPR.2015.7298965); He et al. 2017 (Mask R-CNN for instance segmentation), [doi:10.1109/ICCV.2017.322](https://doi.org/10.1109/ICCV.2017.322).

# %% [markdown]
# ## 小结

# %% [markdown] tags=["lang-en"]
# ## Summary

# %% tags=["hide-input"]
as_many = say("连通域与核一样多")
differing = say("原有 {nuclei} 个核，数出来的连通域却是 {pieces} 个", nuclei=nuclei, pieces=pieces)
touching = as_many if nuclei == pieces else differing
summary = say(
    "语义分割给出类别，实例分割给出个体。在这张例图上，只看语义掩膜，{touching}。", touching=touching
)
display(output.text(summary))
