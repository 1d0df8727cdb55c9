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
# # 6. 模型训练
#
# 本节用第 4 节的数据训练第 5 节的模型。优化器（optimizer）是 Adam；best 方案用它的改进 AdamW，每一步还把权重略微缩小，以减轻过拟合。每一轮（epoch）之后在验证集上打分：seed 方案用整张验证图像，裁块的方案用从验证图像里裁出的一组固定的裁块，各轮相同，也经过与训练时同样的随机改动。验证损失连续若干轮不再下降，就提前停止（early stopping）；留下的是验证损失最低那一轮的权重。
#
# 为什么要提前停止？模型练得太久，会记住训练图像里的偶然细节，也就是过拟合（overfitting）；而真正要分割的图像往往来自另外的显微镜、另外的样品，越是记住细节，换了图像就越容易出错。能容忍几轮没有进步，叫耐心（patience）：验证损失每轮都会起伏，耐心太小，一次起伏就会让训练过早结束；耐心太大，只是多花时间，因为留下的总是最好那一轮的权重。

# %% [markdown] tags=["lang-en"]
# # 6. Training the model
#
# This section trains the model of section 5 on the data of section 4. The optimiser is Adam; the best recipe uses its refinement AdamW, which also shrinks the weights slightly at every step to reduce overfitting. After every epoch the model is scored on the validation set: the seed recipe uses whole validation images; recipes with crops use a fixed set of crops from the validation images, the same in every epoch, which have undergone the same random changes as training crops. When the validation loss has not decreased for several epochs, training ends (early stopping); the weights of the epoch with the lowest validation loss are kept.
#
# Why stop early? A model that is trained for too long memorises accidental details of the training images: it overfits. The images that are to be segmented in the end, however, often come from other microscopes and other specimens, and the more details a model has memorised, the more easily it fails on them. The number of epochs without progress that is tolerated is called patience. The validation loss fluctuates from epoch to epoch: if patience is too small, a single fluctuation ends training too early; if it is too large, it merely costs time, because the weights that are kept are always those of the best epoch.

# %% [markdown]
# <details class="code"><summary>读什么，写什么</summary>
#
# 本节读取 `source.json`、`dataset.npz` 与 `model.json`，写出 `history.csv`、`training.json` 和模型包 `bundle`。
#
# </details>

# %% [markdown] tags=["lang-en"]
# <details class="code"><summary>What it reads and writes</summary>
#
# This section reads `source.json`, `dataset.npz` and `model.json`, and writes `history.csv`, `training.json` and the model bundle `bundle`.
#
# </details>

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 本次运行的文件夹；相对路径从项目文件夹算起
epochs: int = 30  # 训练轮数的上限（轮）
batch_size: int = 16  # 一批的图像数（张）
learning_rate: float = 0.001  # 学习率（没有单位）；best 方案里是升到的最高值
patience: int = 5  # 验证损失连续多少轮不下降就停止（轮）
precision: str = "auto"  # 计算精度：auto（处理器支持就用 mixed_bfloat16）、float32、mixed_bfloat16
symmetries: bool = False  # 数据增强：训练时随机翻转、旋转图像（裁块的方案总是这样做）
crop_side: int = 192  # 裁块的方案（如 best）：裁块的边长（像素），须是 2^(depth+1) 的倍数
steps: int = 150  # 裁块的方案（如 best）：一轮有多少批
init_bundle: str = ""  # 从哪个模型包的权重接着训练（微调）：shipped（软件自带的）或模型包的文件夹，网络须相同；空着就从头训练

# %% tags=["remove-input"]
import os
from dataclasses import asdict
from pathlib import Path

from IPython.display import display

from cellseg_utils.evaluation import model_card, section_texts
from cellseg_utils.models import architectures, losses
from cellseg_utils.models import precision as model_precision
from cellseg_utils.plots import output, score_charts, source_code
from cellseg_utils.prediction import bundle_files, instances, views
from cellseg_utils.preprocessing import stains, targets
from cellseg_utils.run import fingerprint, parameter_values, runs
from cellseg_utils.run.language import say
from cellseg_utils.training import fit, recipes, training_data, training_texts

globals().update(parameter_values.as_declared(globals()))
run = runs.open_run(run_dir, "06_training")
source, model, data = run.load("source.json"), run.load("model.json"), run.load("dataset.npz")

# %% [markdown]
# ## 两种方案
#
# 参数 `recipe`（第 5 节）决定怎样训练：
#
# - **seed**（基线方案，名称与随机种子无关）：每张图整张缩放成同样大小的正方形，一轮把训练图像全部用一遍；损失是二元交叉熵。网络只学每个像素是不是细胞核，粘连的核连成一片。
# - **best**：
#   - 输入：网络看的不是颜色，而是三张染料图：核的染料、衬染的染料、全部染料。明场的染色图按光密度拆成苏木精与伊红；荧光图取 DNA 的通道；灰度的亮底图先反相。于是各家实验室的粉色、紫色与荧光在网络眼里相似，总是核亮。再缩放，使核的典型直径在每张图里都一样；然后随机裁块，随机缩放、旋转、翻转，改变染料的配比、明暗、锐度与噪声。一部分荧光块画成染色切片的样子（核照旧，底上铺随机的纹理），或叠上另一块，或让各个核明暗不一。少见的图像种类被抽中的机会高于它所占的比例。
#   - 输出：网络给出五张图，即像素是核的概率、两个核相邻处的概率、到核边缘的相对距离，以及从像素到核中心的纵、横位移（offset）。
#   - 怎样分核：每个核像素按位移给自己的核中心投一票，票集中的地方就是一个核，粘连的核因此分开。这里只用概率图和两张位移图；另外两张只在训练时起作用，督促网络看清核的交界与形状。
#   - 损失：几项的加权和，即前两张图的交叉熵（相邻处权重更大）、1 减 Dice 系数，以及距离与位移的误差。
#   - 训练的技巧：学习率先升，再按余弦曲线下降；卷积核在使用之前先标准化，作用与归一化层相近而省时间；保留的是训练途中各批权重的滑动平均。
#
# 从 seed 到 best 之间还有四级，每一级只多一项改动；第 10 节用它们说明每项改动各值多少。
#
# 来源：Ruifrok 与 Johnston 2001（按光密度拆开染料），PMID 11531144；Neven 等 2019（投票找中心），[arXiv:1906.11109](https://arxiv.org/abs/1906.11109)；Stringer 等 2021（统一核的大小），[doi:10.1038/s41592-020-01018-x](https://doi.org/10.1038/s41592-020-01018-x)；Qiao 等 2019（卷积核标准化），[arXiv:1903.10520](https://arxiv.org/abs/1903.10520)；Loshchilov 与 Hutter 2017（余弦学习率），[arXiv:1608.03983](https://arxiv.org/abs/1608.03983)；Loshchilov 与 Hutter 2019（AdamW），[arXiv:1711.05101](https://arxiv.org/abs/1711.05101)；Polyak 与 Juditsky 1992（权重平均），[doi:10.1137/0330046](https://doi.org/10.1137/0330046)。

# %% [markdown] tags=["lang-en"]
# ## Two recipes
#
# The parameter `recipe` (section 5) decides how the model is trained:
#
# - **seed** (the baseline; the name has nothing to do with the random seed): every image is resized as a whole to a square of the same size, and an epoch uses all training images once; the loss is binary cross-entropy. The network learns only whether each pixel belongs to a nucleus, so that touching nuclei run together.
# - **best**:
#   - Input: the network sees not colours but three stain maps: the nuclear stain, the counterstain, and all stain together. Stained brightfield images are separated by optical density into haematoxylin and eosin; of fluorescence images the DNA channel is taken; greyscale images on a bright ground are inverted first. The pinks and purples of different laboratories, and fluorescence, thus look alike to the network: nuclei are always bright. Images are then scaled so that the typical diameter of nuclei is the same in all of them; random crops are taken, scaled, rotated and flipped at random, and varied in their mixture of stains, brightness, sharpness and noise. Some of the fluorescence crops are painted as stained sections (the nuclei stay as they are, the ground gets a random texture), or overlaid with another crop, or given nuclei of unequal brightness. Rare kinds of image are drawn more often than their share.
#   - Output: the network gives five maps: the probability that a pixel belongs to a nucleus, the probability that two nuclei adjoin there, the relative distance to the edge of the nucleus, and the vertical and horizontal offset from the pixel to the centre of its nucleus.
#   - How nuclei are separated: every nuclear pixel votes for the centre of its nucleus, at the place that its offset points to; where votes gather there is a nucleus, and so touching nuclei come apart. Only the probability map and the two offset maps are used here; the other two serve in training alone, where they make the network attend to the borders between nuclei and to their shapes.
#   - Loss: a weighted sum of several terms, namely the cross-entropy of the first two maps (with more weight where nuclei adjoin), 1 minus the Dice coefficient, and the errors of distance and offset.
#   - Training: the learning rate first rises, then falls along a cosine; convolution kernels are standardised before they are used, which acts much like normalisation layers and takes less time; what is kept is a moving average of the weights over the batches of training.
#
# Between seed and best lie four more recipes, each with just one change more than the one before; section 10 uses them to show how much each change is worth.
#
# Sources: Ruifrok and Johnston 2001 (separating stains by optical density), PMID 11531144; Neven et al. 2019 (voting for centres), [arXiv:1906.11109](https://arxiv.org/abs/1906.11109); Stringer et al. 2021 (one size for all nuclei), [doi:10.1038/s41592-020-01018-x](https://doi.org/10.1038/s41592-020-01018-x); Qiao et al. 2019 (standardised convolution kernels), [arXiv:1903.10520](https://arxiv.org/abs/1903.10520); Loshchilov and Hutter 2017 (cosine learning rate), [arXiv:1608.03983](https://arxiv.org/abs/1608.03983); Loshchilov and Hutter 2019 (AdamW), [arXiv:1711.05101](https://arxiv.org/abs/1711.05101); Polyak and Juditsky 1992 (averaging of weights), [doi:10.1137/0330046](https://doi.org/10.1137/0330046).

# %% tags=["remove-input"]
source_code.shown(stains.planes, targets.target_maps, losses.separating)

# %% [markdown]
# ## 训练的设定

# %% [markdown] tags=["lang-en"]
# ## Settings of the training

# %%
policy = model_precision.resolve(precision)
seed = source["seed"]
common = (epochs, batch_size, learning_rate, patience, policy, symmetries, seed)
settings = fit.Settings(*common, model["recipe"], crop_side, steps)
if recipes.RECIPES[settings.recipe].crops:
    parameter_values.multiple("crop_side", crop_side, architectures.side_multiple(model["arguments"]))

# %% tags=["hide-input"]
shown = training_texts.settings_table(settings, data["validation"])
output.table(shown, caption=say("表 6.1：本次训练的设定。"))

# %% tags=["remove-input"]
display(output.text(training_texts.batches(settings, data["validation"])))

# %% [markdown]
# 计算精度 `float32` 用 32 位浮点数计算；`mixed_bfloat16` 大部分计算改用 16 位，在支持它的处理器上快得多，权重仍以 32 位保存。来源：Kingma 与 Ba 2015（Adam），[arXiv:1412.6980](https://arxiv.org/abs/1412.6980)；Prechelt 1998（提前停止），[doi:10.1007/3-540-49430-8_3](https://doi.org/10.1007/3-540-49430-8_3)。

# %% [markdown] tags=["lang-en"]
# The precision `float32` computes with 32-bit floating-point numbers; `mixed_bfloat16` does most of the computation in 16 bits, which is much faster on processors that support it, while the weights are still kept in 32 bits. Sources: Kingma and Ba 2015 (Adam), [arXiv:1412.6980](https://arxiv.org/abs/1412.6980); Prechelt 1998 (early stopping), [doi:10.1007/3-540-49430-8_3](https://doi.org/10.1007/3-540-49430-8_3).

# %% [markdown]
# ## 训练
#
# 每一轮结束都存下权重与历史；中途被打断，再次运行会从最后完成的一轮接着训练。设定、数据、代码都相同的训练如果已经完成，就直接取用。

# %% [markdown] tags=["lang-en"]
# ## Training
#
# Weights and history are saved at the end of every epoch; a training that was interrupted continues, when run again, after the last epoch that was finished. If a training with the same settings, data and code has been completed before, it is simply reused.

# %%
architecture, arguments = model["architecture"], model["arguments"]
trains_on = training_data.read(model["recipe"], source["train"], run.load("samples.csv"), data)
first = bundle_files.starting_weights(init_bundle, architecture, arguments) if init_bundle else None
if first:
    run.use_data(first)
trained = fit.train(architecture, arguments, trains_on, settings, run.cache("trainings"), run.tell, first)
history = trained.history
run.save("history.csv", history)

# %%
output.figure(
    score_charts.curves(history, trained.best_epoch),
    caption=say(
        "图 6.1：每一轮的损失、准确率与 Dice 系数，蓝色是训练集，橙红是验证集；灰色竖线是验证损失最低的一轮，它的权重被保留。"
    ),
    alt=say("三张曲线图：损失、准确率、Dice 系数，每张有训练集与验证集两条线，并标出最佳的一轮"),
)

# %% tags=["remove-input"]
display(output.text(training_texts.descent(history, trained.best_epoch)))

# %% [markdown]
# ## 存成模型包
#
# 模型包（bundle）是一个文件夹：`bundle.json` 说明网络怎样搭、训练得分是多少，`model.weights.h5` 只有权重，打开前先核对 sha256。预测只需要它。

# %% [markdown] tags=["lang-en"]
# ## Saving a model bundle
#
# A model bundle is a folder: `bundle.json` says how the network is built and how it scored in training; `model.weights.h5` holds nothing but weights, and its sha256 is checked before it is opened. Prediction needs nothing else.

# %%
per_epoch, unit = training_texts.an_epoch(settings, data["validation"])
facts = fit.facts(trained, settings, images=per_epoch)
best = history.iloc[trained.best_epoch - 1].to_dict()
earlier = {"earlier_epochs": trained.earlier_epochs, "init_bundle": init_bundle}
run.save("training.json", {**facts, "unit": unit, **earlier})

# %%
about = {"title": model["title"], "architecture": architecture, "arguments": arguments}
chinese, in_english = source["titles"]["zh"], source["titles"]["en"]
about |= {"data": chinese, "training_data_sha256": source["sha256"], "english": {chinese: in_english}}
about |= {"training": facts, "scores": best}
if first:
    about |= {"start": {"bundle": Path(init_bundle).name, "weights_sha256": fingerprint.of_file(first)}}
about |= {"input": views.fed_with(arguments), "instances": asdict(instances.Rule())}
command = os.environ.get(runs.COMMAND)
bundle_files.save(run.target("bundle"), trained.weights, about, model_card.text, command)

# %% [markdown]
# ## 小结

# %% [markdown] tags=["lang-en"]
# ## Summary

# %% tags=["hide-input"]
display(output.text(section_texts.training(history, facts, unit, trained.reused)))
