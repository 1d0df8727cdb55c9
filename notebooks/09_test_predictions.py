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
# # 9. 在测试图像上的预测
#
# 测试图像没有参与训练，也没有真值；大小、颜色、位深都可以不同。想看自己的图像，把 `test_images` 设为一个文件、一个文件夹或一个通配符即可，这时只读它们；没有设，就读数据自带的测试图像。数据是合成的，或没有自带测试图像时，再加上 [scikit-image](https://scikit-image.org/docs/stable/api/skimage.data.html) 附带的两张真实图像：一张结肠组织的免疫组化切片，一张未染色细胞的定量相位图。它们不归本次训练的模型管，由随软件附带的模型来分割（它在真实数据上训练过，见它的模型卡）；两张都与它的训练图像不同，正好看它什么时候会提醒。本节读入这些图像，逐张找出细胞核，结果与每张图同样大小。`cellseg predict` 用的是同一个函数。

# %% [markdown] tags=["lang-en"]
# # 9. Predictions on test images
#
# Test images took no part in training and have no ground truth; they may differ in size, colour and bit depth. To see your own images, set `test_images` to a file, a folder or a wildcard pattern; then only these are read. If it is not set, the test images that come with the data are read. Where the data are synthetic or have no test images of their own, two real images that ship with [scikit-image](https://scikit-image.org/docs/stable/api/skimage.data.html) are added: an immunohistochemical section of colon tissue and a quantitative phase image of unstained cells. They are not a matter for the model trained in this run but are segmented by the model that ships with the software (it was trained on real data, see its model card); both differ from its training images, so they show when it warns. This section reads these images and finds the nuclei in each of them; results have the same size as the image. `cellseg predict` uses the same function.

# %% [markdown]
# <details class="code"><summary>读什么，写什么</summary>
#
# 本节读取 `source.json`、`preprocessing.json`（坏图是否跳过）、`bundle`、`scores.json`，写出 `test_predictions.csv`、文件夹 `test_masks`（每张图一个 PNG 掩膜，255 是细胞核）和文件夹 `test_nuclei`：`labels/<id>.tif` 是标签图，每个核一个编号，`submission.csv` 是 Kaggle 的提交格式。
#
# </details>

# %% [markdown] tags=["lang-en"]
# <details class="code"><summary>What it reads and writes</summary>
#
# This section reads `source.json`, `preprocessing.json` (whether damaged images are skipped), `bundle` and `scores.json`, and writes `test_predictions.csv`, the folder `test_masks` (one PNG mask per image, in which 255 is nucleus) and the folder `test_nuclei`: `labels/<id>.tif` are label images, in which every nucleus has its number, and `submission.csv` has Kaggle's submission format.
#
# </details>

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 本次运行的文件夹；相对路径从项目文件夹算起
test_images: str = ""  # 自己的图像：文件、文件夹或通配符；留空则用数据自带的测试图像
shown_images: int = 6  # 报告里最多展示几张测试图像（张），至少 1

# %% tags=["remove-input"]
import numpy as np
import pandas as pd
from IPython.display import display

from cellseg_utils.audit import image_kinds
from cellseg_utils.data import image_paths, own_images
from cellseg_utils.evaluation import doubt_texts, section_texts
from cellseg_utils.plots import output, panels, source_code
from cellseg_utils.prediction import bundle, bundle_files, exports, instances, segmentation
from cellseg_utils.run import parameter_values, places, runs
from cellseg_utils.run.language import say

globals().update(parameter_values.as_declared(globals()))
run = runs.open_run(run_dir, "09_test_predictions")
source, threshold = run.load("source.json"), run.load("scores.json")["threshold"]
skip_bad = run.load("preprocessing.json")["skip_bad"]
model = bundle.load(run.path("bundle")).with_threshold(threshold)
shipped = bundle_files.SHIPPED

# %% [markdown]
# ## 读入测试图像

# %% [markdown] tags=["lang-en"]
# ## Reading the test images

# %%
own_pictures, problems, watched = {}, [], []
if test_images:
    own_pictures, problems = own_images.from_pattern(test_images, places.ROOT, skip_bad)
    watched = image_paths.watched(test_images, places.ROOT, run.directory)
elif source["test"]:
    own_pictures, problems = own_images.from_layout(source["test"], skip_bad)
    watched = [source["test"]]

# %%
for path in watched:
    run.use_data(path)

# %%
add_library = not test_images and (source["synthetic"] or not source["test"])
library = own_images.skimage_pictures() if add_library else {}
pictures = {**own_pictures, **library}
names, images = list(pictures), list(pictures.values())

# %% tags=["hide-input"]
sides = [side for image in images for side in image.shape[:2]]
counted = say(
    "共 {n} 张测试图像，边长从 {low} 到 {high} 像素。", n=len(pictures), low=min(sides), high=max(sides)
)
display(output.text(counted))
if problems:
    skipped = "\n".join(f"- {output.code_span(problem)}" for problem in problems)
    head = say("下列 {n} 个坏文件被跳过，不在其中：", n=len(problems))
    display(output.text(f"{head}\n\n{skipped}"))

# %% [markdown]
# ## 预测

# %% [markdown] tags=["lang-en"]
# ## Prediction

# %%
segmentations = segmentation.segment_all(model, list(own_pictures.values()), "best")
if library:
    segmentations += segmentation.segment_all(bundle.load(shipped), list(library.values()), "best")
labels, masks = [s.labels for s in segmentations], [s.labels > 0 for s in segmentations]

# %% tags=["remove-input"]
source_code.shown(segmentation.segment, instances.label)

# %%
exports.write_masks(dict(zip(names, masks)), run.target("test_masks"))
exports.write_results(run.target("test_nuclei"), dict(zip(names, labels)))

# %%
heights, widths = zip(*(image.shape[:2] for image in images))
table = pd.DataFrame({"id": names, "height": heights, "width": widths})
table["kind"] = [image_kinds.image_kind(image) for image in images]
table["nuclei"] = [own.max() for own in labels]
table["foreground"] = [mask.mean() for mask in masks]
table["certainty"] = [
    s.certainty.mean() if s.certainty is not None and len(s.certainty) else np.nan for s in segmentations
]
table["warning"] = [s.doubt for s in segmentations]
run.save("test_predictions.csv", table)

# %% tags=["hide-input"]
display(output.text(doubt_texts.listed(dict(zip(map(output.code_span, names), table.warning)))))

# %%
picks = own_images.spread(len(pictures), shown_images, last=len(library))
trusted = table[(table.warning == "") | (table.nuclei == 0)]
marks = np.where(table.index.isin(trusted.index), "", say("（不可靠）"))
by = [say("，附带的模型") if name in library else "" for name in names]
told = table.assign(name=table.id.str[:28], remark=[f"{mark}{own}" for mark, own in zip(marks, by)])
titles = [
    say("{name}，{height}×{width}，{nuclei} 个核{remark}", **row)
    for row in told.loc[picks, ["name", "height", "width", "nuclei", "remark"]].to_dict("records")
]
probabilities = [segmentations[n].probability for n in picks]

# %%
output.figure(
    panels.instance_grid([images[n] for n in picks], None, probabilities, [labels[n] for n in picks], titles),
    caption=say(
        "图 9.1：测试图像，没有真值。从左到右：原图、概率（深蓝 0，黄 1）、找到的细胞核（轮廓画在原图上，相邻的核颜色不同）。结果与原图同样大小，即标题里的高×宽；图中一律缩放成同样的宽度。"
    ),
    alt=say("每行一张测试图像：原图、概率图、用颜色区分的细胞核轮廓"),
)

# %% tags=["remove-input"]
display(output.text(section_texts.numbers(table.loc[picks])))
if library:
    display(output.text(section_texts.of_the_shipped_model(table[table.id.isin(list(library))])))

# %%
measured = {"id": "size", "nuclei": "sum", "foreground": "mean", "certainty": "mean"}
by_kind = trusted.groupby("kind").agg(measured).loc[image_kinds.ordered(trusted.kind)].reset_index()
by_kind["kind"] = by_kind["kind"].map(image_kinds.named)
headings = [say("种类"), say("图像（张）"), say("细胞核（个）"), say("前景占比（平均）"), say("平均把握")]
by_kind.columns = headings
output.table(
    by_kind,
    caption=say(
        "表 9.1：测试图像的预测。“种类”由程序只凭外观判断（见第 4 节），例如背景暗的相位图也会归入“暗底荧光”。结果不可靠的图不计在内。平均把握是各个核的把握（见第 7 节）先在图内、再在各图之间取平均；不会分核的模型没有这一项。"
    ),
    formats=dict(zip(headings[2:], (",", ".1%", ".2f"))),
)

# %% [markdown]
# ## 小结

# %% [markdown] tags=["lang-en"]
# ## Summary

# %% tags=["hide-input"]
display(output.text(section_texts.tested(table, trusted)))
