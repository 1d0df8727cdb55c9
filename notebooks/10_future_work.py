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
# 文献里有两个自然的改进方向。第一个针对级联（cascade）的做法：先用一个网络找到目标，再用另一个网络分割，相似的低级特征就要提取两遍，浪费计算；Attention U-Net 把“找目标”变成同一个网络里的注意力门。第二个针对跳跃连接：编码器的浅层特征直接送给解码器，两边抽象的程度相差很大，拼在一起未必好用；U-Net++ 在中间加入卷积来弥合。本节把这两种网络都**建造出来、训练，并与 U-Net 比较**。第 6 节若用 best 方案，还可以看从 seed 到 best 每项改动各值多少，以及得分怎样随训练时间变化。

# %% [markdown] tags=["lang-en"]
# # 10. Future work and improvements
#
# The literature offers two natural directions for improvement. The first concerns cascades, in which one network locates the objects and another one segments them: similar low-level features are extracted twice, which wastes computation; Attention U-Net turns "locating the objects" into attention gates within the same network. The second concerns skip connections: features of shallow encoder layers are handed straight to the decoder, although the two differ greatly in their level of abstraction and need not go well together; U-Net++ bridges the gap with convolutions in between. In this section both networks are **built, trained and compared with U-Net**. If section 6 uses the best recipe, it can also be seen how much each change from seed to best is worth, and how scores develop with training time.

# %% [markdown]
# <details class="code"><summary>读什么，写什么</summary>
#
# 本节读取 `source.json`、`dataset.npz`、`samples.csv`、`model.json`、`training.json` 与 `scores.json`，写出 `comparison.csv`、`ablation.csv`、`curve.csv` 与 `left_out.csv`。
#
# </details>

# %% [markdown] tags=["lang-en"]
# <details class="code"><summary>What it reads and writes</summary>
#
# This section reads `source.json`, `dataset.npz`, `samples.csv`, `model.json`, `training.json` and `scores.json`, and writes `comparison.csv`, `ablation.csv`, `curve.csv` and `left_out.csv`.
#
# </details>

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 本次运行的文件夹；相对路径从项目文件夹算起
comparison_epochs: int = 0  # 三个模型各训练的轮数上限（轮）；0 表示与第 6 节相同
ablation_steps: int = 0  # best 方案：逐级消融的每一级各训练多少批；0 表示不做
left_out_steps: int = 0  # best 方案：每次留出一种图像，各训练多少批；0 表示不做

# %% tags=["remove-input"]
import dataclasses
import itertools
from pathlib import Path

import pandas as pd
from IPython.display import display

from cellseg_utils.data import dataset, layout
from cellseg_utils.evaluation import ablation, compare, compare_texts, left_out, left_out_texts, section_texts
from cellseg_utils.models import architectures
from cellseg_utils.plots import architecture as drawing
from cellseg_utils.plots import comparison, output, source_code
from cellseg_utils.run import parameter_values, runs
from cellseg_utils.run.language import say
from cellseg_utils.training import fit, model_texts

globals().update(parameter_values.as_declared(globals()))
parameter_values.within("comparison_epochs", comparison_epochs, 0)
parameter_values.within("ablation_steps", ablation_steps, 0)
parameter_values.within("left_out_steps", left_out_steps, 0)
run = runs.open_run(run_dir, "10_future_work")
about, data, samples = run.load("source.json"), run.load("dataset.npz"), run.load("samples.csv")
model, arguments = run.load("model.json"), run.load("model.json")["arguments"]
drawn = {**arguments, "image_size": model["image_size"]}
trained, threshold = run.load("training.json"), run.load("scores.json")["threshold"]
used = trained["settings"]

# %% [markdown]
# ## Attention U-Net：让跳跃连接有所取舍
#
# **注意力门**（attention gate）用解码器较粗的信号 $g$ 去衡量编码器特征 $x$ 的每个位置有多要紧，再按这个权重 $\alpha$ 放行：
#
# $$\alpha = \sigma\left(\psi^{T}\,\mathrm{ReLU}(W_x x + W_g g + b_g) + b_\psi\right)$$
#
# $$\hat{x} = \alpha \cdot x$$
#
# 其中 $\sigma$ 是 sigmoid 函数（把任何数变到 0 与 1 之间），ReLU 把负数变成 0，$W_x$、$W_g$、$\psi$ 和 $b_g$、$b_\psi$ 都由训练得到；$\alpha$ 先在较低的分辨率上算出，再放大到 $x$ 的大小。相关的位置被突出，无关的背景被压低。它省下的是另一个负责定位的网络；与单个 U-Net 相比，参数和计算反而略多。来源：Oktay 等 2018，[arXiv:1804.03999](https://arxiv.org/abs/1804.03999)。

# %% [markdown] tags=["lang-en"]
# ## Attention U-Net: selective skip connections
#
# An **attention gate** uses the coarser signal $g$ of the decoder to judge how important each position of the encoder features $x$ is, and lets them pass with this weight $\alpha$:
#
# $$\alpha = \sigma\left(\psi^{T}\,\mathrm{ReLU}(W_x x + W_g g + b_g) + b_\psi\right)$$
#
# $$\hat{x} = \alpha \cdot x$$
#
# Here $\sigma$ is the sigmoid function (which maps any number to a value between 0 and 1), ReLU sets negative numbers to 0, and $W_x$, $W_g$, $\psi$, $b_g$ and $b_\psi$ are learnt in training; $\alpha$ is computed at a lower resolution first and then enlarged to the size of $x$. Relevant positions are emphasised, irrelevant background is suppressed. What is saved is a separate network for localisation; compared with a single U-Net, there are slightly more parameters and computations. Source: Oktay et al. 2018, [arXiv:1804.03999](https://arxiv.org/abs/1804.03999).

# %%
plain = architectures.build("unet", drawn)
attentive = architectures.build("attention_unet", drawn)
output.figure(
    drawing.architecture(attentive),
    caption=say(
        "图 10.1：Attention U-Net 的结构：每条跳跃连接上多了一个注意力门（黄色的竖条：相加、相乘）。画法同图 5.1。"
    ),
    alt=say("Attention U-Net 的结构图"),
)

# %% tags=["remove-input"]
display(output.text(model_texts.beside(attentive, plain)))

# %% tags=["remove-input"]
source_code.shown(architectures.attention_unet)

# %% [markdown]
# ## U-Net++：把跳跃连接变成密集的小网络
#
# U-Net++ 在编码器与解码器之间加入密集连接（dense connection）的卷积模块：每一级的特征先与更深一级放大后的特征逐步融合，再交给解码器，以缩小两边的语义差距（semantic gap），提高分割的准确程度。代价是计算量大得多。训练用了**深监督**（deep supervision）：最上面一排的模块（编码器的那个除外）各有自己的输出，都要学会分割，预测时取它们的平均；论文里的剪枝这里没有采用。来源：Zhou 等 2018，[arXiv:1807.10165](https://arxiv.org/abs/1807.10165)。

# %% [markdown] tags=["lang-en"]
# ## U-Net++: skip connections as small dense networks
#
# U-Net++ adds densely connected convolution blocks between encoder and decoder: the features of each level are first fused, step by step, with the enlarged features of the next deeper level and only then handed to the decoder, which narrows the semantic gap between the two and makes segmentation more accurate. The price is a much larger amount of computation. Training uses **deep supervision**: the blocks of the uppermost row (except the one of the encoder) each have an output of their own, all of which have to learn to segment, and prediction takes their mean; the pruning described in the paper is not used here. Source: Zhou et al. 2018, [arXiv:1807.10165](https://arxiv.org/abs/1807.10165).

# %%
nested = architectures.build("unet_plus_plus", drawn)
output.figure(
    drawing.architecture(nested),
    caption=say(
        "图 10.2：U-Net++ 的结构：两臂之间填满了密集连接的模块；最后并列的是各个输出的平均，以及各个输出。画法同图 5.1。"
    ),
    alt=say("U-Net++ 的结构图"),
)

# %% tags=["remove-input"]
display(output.text(model_texts.beside(nested, plain)))

# %% tags=["remove-input"]
source_code.shown(architectures.unet_plus_plus)

# %% [markdown]
# ## 同样的数据、同样的轮数上限
#
# 三个模型用同样的数据、划分、随机种子、优化器与轮数上限训练。第 6 节里训练过的，设定相同就直接取用。

# %% [markdown] tags=["lang-en"]
# ## The same data, the same limit on epochs
#
# The three models are trained with the same data, split, random seed, optimiser and limit on epochs. What was trained in section 6 with the same settings is reused.

# %%
settings = fit.Settings(**used)
budget = ablation.for_epochs(settings, comparison_epochs) if comparison_epochs else settings

trainer = compare.Trainer(about["train"], samples, data, run.cache("trainings"), run.tell)
contenders = {
    title: trainer.train(architecture, arguments, budget)
    for architecture, title in architectures.TITLES.items()
}

# %%
held_out = samples[samples.validation]
source = layout.open_source(Path(about["train"]))
run.use_data(source.path)
pictures = dataset.read_samples(source, held_out.id)
rule = {"threshold": threshold}

# %%
segmentations, rows = compare.scores(contenders, rule, pictures)
unet, *others = contenders
rivals, families = dict.fromkeys(others, unet), held_out.family.to_numpy()
table = compare.table(contenders, rows, rivals, families, settings.seed)
run.save("comparison.csv", table)

# %%
output.table(
    compare_texts.readable(table),
    caption=say(
        "表 10.1：三个模型在 {n} 张验证图像上的比较（原始尺寸；轮数上限 {epochs}；得分先按图像计算再取平均，算区间时，同组的图像（见第 4 节）一起抽取；“之差”指 Kaggle 得分减去 U-Net 的得分，“—”表示组数太少，不给区间）。各种得分的含义见第 7 节；这里每张图只看一遍（染色图三遍）；第 7 节的模型若是用裁块训练的，则取几种大小与方向的平均，所以得分可能不同。",
        n=len(pictures),
        epochs=budget.epochs,
    ),
)

# %% tags=["remove-input"]
display(output.text(compare_texts.spread(table)))

# %% tags=["hide-input"]
display(output.text(section_texts.cautions(budget.epochs, settings.epochs, trained["init_bundle"])))

# %%
histories = {title: own.training.history for title, own in contenders.items()}
output.figure(
    comparison.comparison_curves(histories),
    caption=say(
        "图 10.3：三个模型在验证集上的损失（上）与 Dice 系数（下），横轴是训练轮数。U-Net++ 的损失是各个输出的平均。"
    ),
    alt=say("三个模型的损失与 Dice 随轮数变化的曲线"),
)

# %% tags=["remove-input"]
if budget.epochs > 1:
    display(output.text(compare_texts.lowest_losses(histories)))

# %% [markdown]
# ## 并排来看

# %% [markdown] tags=["lang-en"]
# ## Side by side

# %%
order = rows[unet]["kaggle"].argsort().to_numpy()
places = [order[len(order) // part] for part in (10, 2)]
hard, typical = (pictures[place] for place in places)
found_in_hard, found_in_typical = (
    {name: own[place].labels for name, own in segmentations.items()} for place in places
)

# %%
output.figure(
    comparison.side_by_side(hard.image, hard.labels, found_in_hard),
    caption=say(
        "图 10.4：一张较难的验证图像（约九成的验证图像得分比它高，按 U-Net 的得分算）。上：原图与真值（橙色）；下：三个模型的预测，绿线为判对的区域，橙红为漏判，天蓝为误判。这里只看像素：几个核粘成一个，也仍是绿线。"
    ),
    alt=say("较难的验证图像：原图、真值与三个模型的预测叠加"),
)

# %% tags=["remove-input"]
display(output.text(compare_texts.found(rows, places[0])))

# %%
output.figure(
    comparison.side_by_side(typical.image, typical.labels, found_in_typical),
    caption=say("图 10.5：一张中等的验证图像（U-Net 的得分居中），画法与图 10.4 相同。"),
    alt=say("中等的验证图像：原图、真值与三个模型的预测叠加"),
)

# %% tags=["remove-input"]
display(output.text(compare_texts.found(rows, places[1])))

# %% [markdown] tags=["only-with-output"]
# ## 从 seed 方案到 best 方案：每项改动值多少
#
# 从 seed 方案到 best 方案有五项改动。这里从 seed 方案出发，每一级多加一项，各级训练的批数大致相同，再与前一级比较，看每项改动各值多少。这类实验叫消融（ablation）；通常是逐项去掉，这里是逐项加上。五项依次是（括号里是参数 `recipe` 的取值）：
#
# - 用染料图代替颜色，统一核的大小，随机裁块、缩放、旋转、翻转，少见的种类多抽（`crops`）；
# - 再随机改变染料、明暗、锐度与噪声，把一部分荧光画成染色切片（`colours`）；
# - 学习分开粘连的核（`separating`）；
# - 换成第 5 节为 best 方案建的网络：先把分辨率减半，卷积核标准化，通道数与深度也随之改变（`compact`）；
# - 改用 AdamW、第 6 节的学习率及其升降，并取权重的滑动平均（`best`）。
#
# 每一级只训练了一次，区间不包含训练本身的随机性。参数 `ablation_steps` 为 0 时不做这个比较。

# %% [markdown] tags=["lang-en", "only-with-output"]
# ## From the seed recipe to the best recipe: how much each change is worth
#
# There are five changes from the seed recipe to the best recipe. Starting from the seed recipe, each rung adds one of them, is trained for about the same number of batches, and is compared with the rung before, which shows how much each change is worth. Experiments of this type are called ablations; usually one part after another is taken away, here one after another is added. The five changes are, in this order (values of the parameter `recipe` in brackets):
#
# - stain maps instead of colours, one size for all nuclei, random crops that are scaled, rotated and flipped, rare kinds drawn more often (`crops`);
# - in addition, random changes of stains, brightness, sharpness and noise, and some fluorescence painted as stained sections (`colours`);
# - learning to separate touching nuclei (`separating`);
# - the network that section 5 builds for the best recipe: it halves the resolution first, standardises its convolution kernels, and has other numbers of channels and levels (`compact`);
# - AdamW, the learning rate of section 6 with its rise and fall, and a moving average of the weights (`best`).
#
# Each rung is trained only once, so the intervals do not include the randomness of training itself. The comparison is left out when the parameter `ablation_steps` is 0.

# %%
ladder = {}
if model["recipe"] == "best" and ablation_steps:
    for recipe, title in ablation.RUNGS.items():
        network, how = ablation.rung(recipe, settings, arguments, model["image_size"])
        epochs = ablation.epochs_for(ablation_steps, how, int((~data["validation"]).sum()))
        ladder[say(title)] = trainer.train("unet", network, ablation.for_epochs(how, epochs))

# %%
_, rung_rows = compare.scores(ladder, rule, pictures)
before = {upper: lower for lower, upper in itertools.pairwise(ladder)}
rungs = compare.table(ladder, rung_rows, before, families, settings.seed)
run.save("ablation.csv", rungs)

# %% tags=["hide-input"]
if ladder:
    rung_table = output.table(
        compare_texts.readable(rungs),
        caption=say(
            "表 10.2：逐级消融，每一级约 {steps} 批，一批 {size} 张图或裁块；验证图像与打分方法同表 10.1，“之差”指 Kaggle 得分减去前一级的得分，“—”表示组数太少，不给区间。",
            steps=ablation_steps,
            size=settings.batch_size,
        ),
    )
    display(rung_table)

# %% tags=["hide-input"]
if ladder:
    rung_figure = output.figure(
        comparison.ladder(rungs),
        caption=say(
            "图 10.6：每一级的平均 Kaggle 得分（圆点）与 95% 区间（线段）。相邻两级的区间重叠不等于没有差别：成对的比较见表 10.2 的“之差”。"
        ),
        alt=say("各级方案的得分与区间，从 seed 方案到 best 方案"),
    )
    display(rung_figure, output.text(compare_texts.steps(rungs)))

# %% [markdown] tags=["only-with-output"]
# ## 得分随训练时间的变化
#
# 训练得更久，得分能高多少？两种方案各在训练途中留下几份权重，事后逐份打分。seed 方案按它自己的设定训练，验证损失连续几轮不再下降就停止。best 方案的学习率按总时间安排，先逐步升高（叫预热，warm-up），再慢慢下降；为几小时安排的训练，头几分钟还在预热，得分说明不了什么，所以这条线的开头另作几次短的训练，其余的来自第 6 节的训练。只有在同一台机器上训练的，时间才可比。

# %% [markdown] tags=["lang-en", "only-with-output"]
# ## Scores over training time
#
# How much does longer training improve the scores? Both recipes keep some weights on the way, which are scored afterwards one by one. The seed recipe is trained with its own settings and stops when the validation loss has not decreased for several epochs. The learning rate of the best recipe is planned for the whole duration: it first rises gradually (warm-up) and then falls slowly. A training planned for hours is still warming up in its first minutes, when its scores say little; the beginning of this curve therefore comes from several separate short trainings, and the rest from the training of section 6. Times can be compared only between trainings on the same computer.

# %%
curves = {}
if ladder and not trained["init_bundle"]:
    network, how = ablation.rung("seed", settings, arguments, model["image_size"])
    seeds = trainer.train("unet", network, dataclasses.replace(how, **ablation.SEED_BUDGET))
    curves[say("seed 方案")] = ablation.curve(ablation.over_time(seeds), rule, pictures)

# %%
if ladder and not trained["init_bundle"]:
    plans = ablation.plans(ablation_steps, settings)
    short = [trainer.train(model["architecture"], arguments, plan) for plan in plans]
    moments = ablation.planned(short, trainer.train(model["architecture"], arguments, settings))
    curves[say("best 方案")] = ablation.curve(moments, rule, pictures)

# %%
run.save("curve.csv", ablation.curve_table(curves))

# %% tags=["hide-input"]
if curves:
    curve_figure = output.figure(
        comparison.over_minutes(curves),
        caption=say(
            "图 10.7：两种方案在验证图像上的平均 Dice（左）与 Kaggle 得分（右），横轴是训练所用的分钟数（对数）。best 方案靠前的几点各是一次单独的短训练，其余的来自第 6 节的训练；每条线的最后一点是留下来使用的权重。打分方法同表 10.1，所以与第 7 节的得分不同。"
        ),
        alt=say("两种方案的 Dice 与 Kaggle 得分随训练分钟数变化的曲线"),
    )
    display(curve_figure, output.text(compare_texts.race(curves)))

# %% [markdown] tags=["only-with-output"]
# ## 没有见过的图像种类
#
# 验证图像与训练图像出自同一批实验室，得分说明不了换一家实验室会怎样。这里用同样的方案再训练几次，每次留出一种图像，一张也不参与训练，再拿这种图像来打分。各次都是短训练，看的是“见过”与“没见过”差多少，而不是各自的最好成绩。参数 `left_out_steps` 为 0 时不做。

# %% [markdown] tags=["lang-en", "only-with-output"]
# ## Unseen kinds of image
#
# Validation images and training images come from the same laboratories, so the scores say nothing about how it would be with another laboratory. Here the same recipe is trained several more times; each time one kind of image is left out, not a single one of its images takes part in training, and the network is then scored on this kind. All of these are short trainings: they show how much it matters whether a kind has been seen, not how good each network could become. This is left out when the parameter `left_out_steps` is 0.

# %%
left = pd.DataFrame(columns=left_out.COLUMNS)
leaves_out = model["recipe"] == "best" and left_out_steps > 0
if leaves_out:
    epochs = ablation.epochs_for(left_out_steps, settings, 0)
    brief = ablation.for_epochs(settings, epochs)
    left = left_out.table(trainer, source, samples, arguments, brief, rule)
run.save("left_out.csv", left)

# %% tags=["hide-input"]
if leaves_out:
    left_table = output.table(
        left_out_texts.readable(left),
        caption=say(
            "表 10.3：每次留出一种图像，训练约 {steps} 批。前几列是没有见过这一种的网络在这一种的图像（至多 {most} 张）上的得分，“提醒”是软件自己说不可信的张数；后几列只用其中的验证图像，比较见过与没见过的 Kaggle 得分，括号里是按组抽取的 95% 区间，“—”表示组数太少。",
            steps=left_out_steps,
            most=left_out.MOST,
        ),
    )
    display(left_table, output.text(left_out_texts.verdict(left)))

# %% [markdown]
# ## 小结

# %% [markdown] tags=["lang-en"]
# ## Summary

# %% tags=["hide-input"]
display(output.text(section_texts.compared(table, model["recipe"])))
