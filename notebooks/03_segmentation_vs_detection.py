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
# **物体检测**（object detection，也称目标检测）的答案是一张清单：每个物体一行，写着类别、置信度和一个边界框（bounding box）——与图像边缘平行的矩形，用四个数表示位置与宽高。**图像分割**的答案是掩膜：逐个像素说明归谁，边界走到哪里就画到哪里。本节用例图说明边界框丢掉了什么。它读取第 1 节的 `example.npz`，不写任何文件。

# %% [markdown] tags=["lang-en"]
# # 3. Image segmentation and object detection
#
# The answer of **object detection** is a list: each object has a row with its class, a confidence and a bounding box, which is a rectangle parallel to the edges of the image, given by four numbers for its position and size. The answer of **image segmentation** is a mask: it says for each pixel what it belongs to, and follows a boundary wherever it goes. This section uses the example image to show what is lost in a bounding box. It reads `example.npz` of section 1 and writes no files.

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 本次运行的文件夹；相对路径从项目文件夹算起

# %% tags=["remove-input"]
from IPython.display import display

from cellseg_utils.audit import boxes
from cellseg_utils.plots import concepts, output
from cellseg_utils.run import parameter_values, runs
from cellseg_utils.run.language import say

globals().update(parameter_values.as_declared(globals()))
run = runs.open_run(run_dir, "03_segmentation_vs_detection")
example = run.load("example.npz")

# %% [markdown]
# ## 边界框相近，形状不同
#
# 下面在较大的那一半核里，挑出边界框大小尽量接近、占框比例相差尽量大的两个。对物体检测来说它们几乎一样，对分割来说不是。

# %% [markdown] tags=["lang-en"]
# ## Similar boxes, different shapes
#
# From the larger half of the nuclei, two are picked whose bounding boxes are as similar in size as possible, while the shares of the box that they fill differ as much as possible. For object detection they are almost the same; for segmentation they are not.

# %%
output.figure(
    concepts.same_box_other_shape(example["image"], example["labels"]),
    caption=say(
        "图 3.1：上：边界框大小相同或相近、形状不同的两个核，蓝框是边界框，黄线是核的轮廓；下：每个核占自己边界框面积的比例（横轴注明是否计入碰到图边的核）。长、短轴与图边平行的椭圆占 π/4 ≈ 79%（虚线）；倾斜、弯曲或凹陷的核占得更少，接近矩形的占得更多。"
    ),
    alt=say("两个边界框大小相近但轮廓不同的细胞核，以及核占边界框面积比例的直方图"),
)

# %% [markdown]
# 为什么形状要紧？在病理诊断里，细胞核的大小、不规则程度和彼此的排列，是判断肿瘤良恶性与分级的重要线索；许多癌症发现得越早，病人的生存率越高。边界框只能说“这里有一个核”；有了掩膜，再把粘连的核分开，才能量出每个核的面积、周长和形状。
#
# 来源：Girshick 等 2014（物体检测 R-CNN），[doi:10.1109/CVPR.2014.81](https://doi.org/10.1109/CVPR.2014.81)；Zink 等 2004（细胞核结构与癌症），[doi:10.1038/nrc1430](https://doi.org/10.1038/nrc1430)。

# %% [markdown] tags=["lang-en"]
# Why does shape matter? In pathology, the size, the irregularity and the arrangement of nuclei are important clues to whether a tumour is benign or malignant, and to its grade; for many cancers, survival is better the earlier they are found. A bounding box can only say "there is a nucleus here". With masks, and with touching nuclei separated, the area, the perimeter and the shape of each nucleus can be measured.
#
# Sources: Girshick et al. 2014 (R-CNN for object detection), [doi:10.1109/CVPR.2014.81](https://doi.org/10.1109/CVPR.2014.81); Zink et al. 2004 (structure of the nucleus and cancer), [doi:10.1038/nrc1430](https://doi.org/10.1038/nrc1430).

# %% [markdown]
# ## 小结

# %% [markdown] tags=["lang-en"]
# ## Summary

# %% tags=["hide-input"]
fill = boxes.box_fill(example["labels"]).fill
measured = ""
if len(fill):
    measured = say(
        "，平均只占自己边界框的 {mean:.0%}，最少的只占 {least:.0%}", mean=fill.mean(), least=fill.min()
    )
summary = say(
    "例图里不碰图边的核有 {n} 个{measured}。边界框里其余的像素不属于这个核，是背景或邻近的核；要量形状，就要分割。",
    n=len(fill),
    measured=measured,
)
display(output.text(summary))
