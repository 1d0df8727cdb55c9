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
# # 1. 什么是图像分割
#
# 显微镜拍下的数字图像是一张数表：每个像素（pixel）记着一个或三个亮度值。**图像分割**（image segmentation）把它改写成另一张数表：每个像素得到一个标签，标签的含义事先约定，可以是类别，也可以是物体的编号；凡是标签相同的像素，就有共同的性质。有了这样一幅“哪里是什么”的地图，才能给物体定位、计数，量面积，看形状。
#
# 这份报告要做的事是：设计一个分割细胞核（nucleus，下文也简称“核”）的模型，在显微图像上训练它，再用到没有见过的图像上。困难在于带标注的图像很少：常用的公开数据 [2018 Data Science Bowl](https://www.kaggle.com/c/data-science-bowl-2018) 最初发布了 670 张训练图像，社区修正掩膜之后的版本有 664 张，而且它们来自不同的显微镜、不同的染色。
#
# 本节读入数据，选出一张图，看看“每个像素一个标签”究竟是什么意思。

# %% [markdown] tags=["lang-en"]
# # 1. What is image segmentation?
#
# A digital image taken through a microscope is a table of numbers: each pixel holds one or three brightness values. **Image segmentation** turns it into another table: each pixel receives a label whose meaning is agreed beforehand, either a class or the number of an object, so that pixels with the same label have something in common. With such a map of what is where, objects can be located and counted, their areas measured and their shapes examined.
#
# This report designs a model that segments cell nuclei, trains it on microscope images, and applies it to images that it has never seen. The difficulty is that annotated images are scarce: the widely used public dataset of the [2018 Data Science Bowl](https://www.kaggle.com/c/data-science-bowl-2018) was first released with 670 training images, the version whose masks were corrected by the community has 664, and they come from different microscopes and different stains.
#
# This section reads the data, picks one image, and looks at what "one label for each pixel" really means.

# %% [markdown]
# <details class="code"><summary>读什么，写什么</summary>
#
# 本节写出 `source.json`（数据在哪里）和 `example.npz`（前三节共用的那张图）。
#
# </details>

# %% [markdown] tags=["lang-en"]
# <details class="code"><summary>What it reads and writes</summary>
#
# This section writes `source.json` (where the data are) and `example.npz` (the image that the first three sections share).
#
# </details>

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 本次运行的文件夹；相对路径从项目文件夹算起
data: str = "synthetic"  # 数据：synthetic（内置合成图像）、auto（自动寻找），或训练数据的文件夹（含 stage1_train，或自己标注的图像）
synthetic_images: int = 96  # 合成训练图像的张数（仅 data 为 synthetic 时）
synthetic_test_images: int = 8  # 合成测试图像的张数（仅 data 为 synthetic 时）
seed: int = 2018  # 随机种子，整份报告共用（没有单位）

# %% tags=["remove-input"]
import os

from IPython.display import display

from cellseg_utils.data import dataset, download, layout, synthetic
from cellseg_utils.plots import concepts, output
from cellseg_utils.run import parameter_values, places, runs
from cellseg_utils.run.language import say

globals().update(parameter_values.as_declared(globals()))
parameter_values.within("seed", seed, 0, 2**32 - 1)
run = runs.open_run(run_dir, "01_segmentation")

# %% [markdown]
# ## 数据在哪里
#
# 数据按竞赛的布局存放：每张图一个文件夹，里面的 `images` 是图像，`masks` 里一个细胞核一张掩膜（mask）；压缩包直接读取，不必解压。自己标注的图像还可以是 `images/` 与 `labels/` 里同名的文件，或 Cellpose、COCO、QuPath 的布局（见 README）：那里一张图的标签都在一个文件里。

# %% [markdown] tags=["lang-en"]
# ## Where the data are
#
# The data follow the layout of the competition: each image has a folder, in which `images` holds the image and `masks` holds one mask for each nucleus; a zip archive is read directly and need not be unpacked. Your own annotated images may also be files of the same name in `images/` and `labels/`, or follow the layout of Cellpose, COCO or QuPath (see the README); there, all labels of an image are in one file.

# %%
if data == "synthetic":
    counts = (synthetic_images, synthetic_test_images)
    train, test = synthetic.dataset_zips(run.cache("synthetic"), *counts, seed, run.tell)
else:
    train, test = layout.find(data, os.environ.get("CELLSEG_DATA"), places.ROOT)
source = layout.open_source(train)
about = layout.describe(train, test, synthetic=data == "synthetic")
for note in source.notes:
    run.tell(note)

# %%
digest = run.use_data(train)
for place in layout.places_beside(train):
    run.use_data(place)  # 测试图像以后放到这里，本节就会重新运行

# %%
sha256 = digest if train.is_file() else None
run.save("source.json", {**about, "seed": seed, "sha256": sha256, "images": len(source.images)})

# %% tags=["hide-input"]
drawn = say("这些图像由程序画出，只用来演示流程；下文的得分不能代表真实数据上的表现。")
warning = drawn if about["synthetic"] else ""
notes = "".join(f"\n\n{output.code_span(note)}" for note in source.notes)
checked = say("，与登记的 sha256 一致") if download.is_registered(digest) else ""
told = say(
    "本次运行的数据：**{title}**，共 {n} 张带标注的图像，文件指纹（前 12 位）`{digest}`{checked}。",
    title=about["title"],
    n=len(source.images),
    digest=digest[:12],
    checked=checked,
)
display(output.text(f"{told}{warning}{notes}"))

# %% [markdown]
# ## 一张图与它的标签
#
# 从数据里取一张细胞核数目适中的图。放大其中一小块，写出每个像素的灰度和它的标签：标签 0 代表背景，其他数字代表不同的细胞核。

# %% [markdown] tags=["lang-en"]
# ## An image and its labels
#
# An image with a moderate number of nuclei is taken from the data. A small part of it is magnified, and the grey value and the label of each pixel are written out: label 0 is the background, other numbers stand for different nuclei.

# %%
example = dataset.read_example(source, nuclei=20)
run.save("example.npz", {"image": example.image, "labels": example.labels})

# %%
output.figure(
    concepts.pixel_grid(example.image, example.labels),
    caption=say(
        "图 1.1：上：原图与黄框里放大的一小块；下：同一小块的灰度值与标签（底色为显示而提亮，数字是原来的灰度值）。分割就是把左下的灰度变成右下的标签。"
    ),
    alt=say("四格图：原图与黄框、放大的一小块、这一小块每个像素的灰度值、每个像素的标签数字"),
)

# %% [markdown]
# 形式上，分割是一个函数：输入图像 $x$，输出与它同样大小的标签图 $y$，其中 $y_{ij} \in \{0, 1, \dots, K\}$ 是第 $i$ 行第 $j$ 列像素的标签；语义分割时 $K$ 是背景之外的类别数，实例分割时 $K$ 是物体数（上图就是后一种），下一节再说两者的区别。人可以看着图逐个描出细胞核，但一张图上常有几十上百个，成千上万张图就无法逐一手工描画，所以要让模型来学这个函数。
#
# 来源：[Wikipedia, Image segmentation](https://en.wikipedia.org/wiki/Image_segmentation)；数据：Caicedo 等, Nature Methods 2019, [doi:10.1038/s41592-019-0612-7](https://doi.org/10.1038/s41592-019-0612-7)。

# %% [markdown] tags=["lang-en"]
# Formally, segmentation is a function: its input is an image $x$, its output a label image $y$ of the same size, where $y_{ij} \in \{0, 1, \dots, K\}$ is the label of the pixel in row $i$ and column $j$. In semantic segmentation, $K$ is the number of classes besides the background; in instance segmentation, $K$ is the number of objects (the figure above is of this kind). The next section explains the difference. A person can outline the nuclei by eye, one after another, but an image often holds dozens or hundreds of them, and thousands of images cannot be outlined by hand; so a model is to learn this function.
#
# Sources: [Wikipedia, Image segmentation](https://en.wikipedia.org/wiki/Image_segmentation); data: Caicedo et al., Nature Methods 2019, [doi:10.1038/s41592-019-0612-7](https://doi.org/10.1038/s41592-019-0612-7).

# %% [markdown]
# ## 小结

# %% [markdown] tags=["lang-en"]
# ## Summary

# %% tags=["hide-input"]
height, width = example.labels.shape
summary = say(
    "图像分割给每个像素一个标签。例图有 {height}×{width} = {pixels:,} 个像素，其中 {share:.1%} 属于 {nuclei} 个细胞核，其余是背景。下一节看标签的两种给法。",
    height=height,
    width=width,
    pixels=height * width,
    share=(example.labels > 0).mean(),
    nuclei=example.labels.max(),
)
display(output.text(summary))
