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
# # 3. 图像分割与物体检测的区别
#
# **物体检测**（object detection）为每个物体给出一个边界框（bounding box），也就是四个坐标：物体大致在哪里、有多宽、多高。**图像分割**给出的是逐像素的掩膜：物体的边界究竟走在哪里。本节用例图说明方框丢掉了什么。它读取第 1 节的 `example.npz`，不写任何文件。

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 本次运行的文件夹；相对路径从项目文件夹算起

# %% tags=["remove-input"]
from IPython.display import Markdown, display

from cellseg_utils import runs
from cellseg_utils.plots import concepts, output, regions

run = runs.open_run(run_dir, "03_segmentation_vs_detection")
example = run.load("example.npz")

# %% [markdown]
# ## 方框相近，形状不同
#
# 下面从例图里找出方框大小最接近、轮廓差别最大的两个核。对检测来说它们几乎一样，对分割来说不是。

# %%
output.figure(
    concepts.same_box_other_shape(example["image"], example["labels"]),
    caption="图 3.1：上：方框大小相同或相近、形状不同的两个核；下：每个核占自己方框的比例。椭圆占方框的 π/4 ≈ 79%，越不规则或越倾斜，占得越少。",
    alt="两个方框大小相近但轮廓不同的细胞核，以及核面积占方框面积比例的直方图",
)

# %% [markdown]
# 为什么形状要紧？在病理诊断里，细胞核的大小、不规则程度和彼此的排列，是判断肿瘤良恶与分级的重要线索；早一步看出异常，就早一步治疗。方框只能说“这里有一个核”，分割才能量出它的面积、周长和形状。
#
# 来源：Girshick 等 2014（物体检测 R-CNN），[doi:10.1109/CVPR.2014.81](https://doi.org/10.1109/CVPR.2014.81)；Zink 等 2004（细胞核形态与癌症），[doi:10.1038/nrc1430](https://doi.org/10.1038/nrc1430)。

# %% [markdown]
# ## 小结

# %% tags=["remove-input"]
fill = regions.box_fill(example["labels"]).fill
display(
    Markdown(
        f"例图里不碰图边的 {len(fill)} 个核，平均只占自己方框的 {fill.mean():.0%}，最少的只占 {fill.min():.0%}：方框里其余的像素不是核。要量形状，就要分割。"
    )
)
