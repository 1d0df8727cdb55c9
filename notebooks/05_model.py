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
# 本报告用的模型是 **U-Net**，由德国弗赖堡大学（University of Freiburg）计算机系的研究者在 2015 年为生物医学图像设计。选它有三个理由：第一，输出与输入一样大，每个像素都有答案；第二，跳跃连接（skip connection，见下文）保住了细小的边界；第三，带标注的图像少也能训练，因为一张图就含几万个带标签的像素，再用数据增强（data augmentation）变出许多样子——原论文的一个任务只有 30 张训练图像，而图像分类的网络通常要靠成千上万张。本节建造它，画出结构，列出每一层，并说明训练用的损失与指标。

# %% [markdown] tags=["lang-en"]
# # 5. Building the model
#
# The model of this report is a **U-Net**, designed for biomedical images in 2015 by researchers at the Department of Computer Science of the University of Freiburg, Germany. There are three reasons for this choice. First, the output is as large as the input, so there is an answer for each pixel. Second, skip connections (see below) preserve fine boundaries. Third, it can be trained on few annotated images, since one image holds tens of thousands of labelled pixels, and data augmentation turns them into many variants; one task of the original paper had only 30 training images, whereas networks for image classification usually rely on thousands. This section builds the model, draws its architecture, lists each layer, and explains the loss and the metrics used in training.

# %% [markdown]
# <details class="code"><summary>读什么，写什么</summary>
#
# 本节读取 `preprocessing.json`，写出 `model.json`（模型的名称与参数）。
#
# </details>

# %% [markdown] tags=["lang-en"]
# <details class="code"><summary>What it reads and writes</summary>
#
# This section reads `preprocessing.json` and writes `model.json` (the name of the model and its arguments).
#
# </details>

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 本次运行的文件夹；相对路径从项目文件夹算起
recipe: str = "seed"  # 训练方案：seed（整张图缩放，只学前景）、best（统一核的大小后裁块，把粘连的核分开），或两者之间的一级（第 10 节）
architecture: str = "unet"  # 模型：unet、attention_unet、unet_plus_plus
filters: int = 16  # 第一个模块的通道数（个）；每往下一级加倍
depth: int = 4  # 编码器把边长减半的次数（次）

# %% tags=["remove-input"]
from IPython.display import display

from cellseg_utils.models import architectures, blocks, layer_graph, losses
from cellseg_utils.plots import architecture as drawing
from cellseg_utils.plots import output, source_code
from cellseg_utils.run import parameter_values, runs
from cellseg_utils.run.language import say
from cellseg_utils.training import model_texts, recipes

globals().update(parameter_values.as_declared(globals()))
parameter_values.within("filters", filters, 1)
parameter_values.within("depth", depth, 1)
run = runs.open_run(run_dir, "05_model")
image_size = run.load("preprocessing.json")["image_size"]

# %% [markdown]
# ## 结构
#
# U-Net 形如字母 U，由几组模块拼成；编码器减半四次（默认）时共有九个：编码器一侧五个（其中一个是瓶颈层），解码器一侧四个。
#
# - 左边是**编码器**（encoder）。每个模块做两次 3×3 卷积（convolution），再用 2×2 最大池化（max pooling）把边长减半，通道数随之加倍（这里的通道不是荧光通道，而是网络算出的一张张特征图）：分辨率越来越低，特征越来越抽象。
# - 最下面是**瓶颈层**（bottleneck）：同样两次 3×3 卷积，但后面没有池化。
# - 右边是**解码器**（decoder）。每个模块先用转置卷积（transposed convolution）把边长放大一倍，再与编码器同一级的特征拼接（concatenate），然后做两次 3×3 卷积。
# - 从编码器直接通到解码器的这些路叫**跳跃连接**（skip connection）：瓶颈层来的特征说明“是什么”，同一级编码器的特征说明“在哪里”，合起来才能画出准确的边界。
#
# 网络的第一层把 0 到 255 的像素值除以 255；最后一个 1×1 卷积加 sigmoid 函数，给出每个像素是细胞核的概率。与原论文相比主要有三处不同：卷积时在边缘补零（padding），输出与输入一样大，拼接时不必裁剪；第一个模块的通道数由 `filters` 决定，而论文用 64；输出只有一个概率，用 sigmoid 而不用 softmax。
#
# 以上是方案 `seed` 的网络。方案 `best` 用同样的模块，但先用一个每次跨两个像素的卷积把边长减半，最后再放大回来；卷积核（卷积用的一小组权重，与细胞核无关）在使用前标准化：平均值变为 0，方差变为定值；输出不止一个概率，还有到核中心的位移等几张图（见第 6 节）。

# %% [markdown] tags=["lang-en"]
# ## Architecture
#
# A U-Net has the shape of the letter U and is made of blocks. If the encoder halves the resolution four times (the default), there are nine of them: five on the encoder side (one of which is the bottleneck) and four on the decoder side.
#
# - On the left is the **encoder**. Each block applies two 3×3 convolutions and then halves the side length by 2×2 max pooling, while the number of channels doubles (channels here are not those of fluorescence, but feature maps that the network computes): the resolution gets lower and lower, the features more and more abstract.
# - At the bottom is the **bottleneck**: again two 3×3 convolutions, but without pooling after them.
# - On the right is the **decoder**. Each block first doubles the side length by a transposed convolution, then concatenates the result with the features of the encoder at the same level, and applies two 3×3 convolutions.
# - The paths that lead straight from the encoder to the decoder are the **skip connections**: the features that come from the bottleneck say "what", those of the encoder at the same level say "where", and only together can they draw accurate boundaries.
#
# The first layer of the network divides the pixel values, 0 to 255, by 255; at the end, a 1×1 convolution and a sigmoid function give the probability that each pixel belongs to a nucleus. There are three main differences from the original paper: convolutions pad the border with zeros, so that the output is as large as the input and nothing has to be cropped before concatenation; the number of channels of the first block is set by `filters`, whereas the paper uses 64; and there is only one probability as output, computed by a sigmoid instead of a softmax.
#
# This is the network of the recipe `seed`. The recipe `best` uses the same blocks, but first halves the side length by a convolution with a stride of two pixels, and restores it at the end. Kernels (the small sets of weights of a convolution) are standardised before use: their mean becomes 0 and their variance a fixed value. Besides the probability, there are other output maps, such as the displacement to the centre of the nucleus (see section 6).

# %%
arguments = recipes.arguments(recipe, image_size, filters, depth)
model = architectures.build(architecture, {**arguments, "image_size": image_size})

# %%
output.figure(
    drawing.architecture(model),
    caption=say(
        "图 5.1：由模型本身画出的结构。一个竖条是一层，颜色表示层的类型；连在一起的竖条是一个模块，下方的数字是它输出的通道数，左侧是这一级的边长（像素）。橙红箭头降低分辨率，绿色箭头提高分辨率，灰色箭头连接同一分辨率的模块，其中跨过中间的就是跳跃连接。"
    ),
    alt=say("模型的结构图：左边逐级缩小，右边逐级放大，中间由跳跃连接相连"),
)

# %% tags=["remove-input"]
display(output.text(model_texts.shape(model)))

# %% tags=["remove-input"]
source_code.shown(architectures.unet, blocks.Blocks)

# %%
layers = layer_graph.layer_table(model)
output.table(
    layers,
    caption=say(
        "表 5.1：模型的每一层、输出形状与参数个数。层名取自代码：encoder 编码器，bottom 瓶颈层，decoder 解码器，conv 卷积，pool 池化，up 放大，concat 拼接，rescale 除以 255，stem 开头减半的卷积，probability 概率，offset 位移，maps 各张输出图合在一起。可接受任意大小的网络，图与表都按边长 {side} 给出。",
        side=image_size,
    ),
    formats={layers.columns[-1]: ","},
)

# %% tags=["remove-input"]
display(output.text(model_texts.largest(model)))

# %% [markdown]
# ## 损失与指标
#
# 判断一个像素是不是核，是二分类问题，损失用**二元交叉熵**（binary cross-entropy）；会分开粘连核的方案还要加上另外几项（见第 6 节）：
#
# $$L = -\frac{1}{N}\sum_{i=1}^{N}\left[y_i \log p_i + (1 - y_i)\log(1 - p_i)\right]$$
#
# 其中 $N$ 是像素总数，$y_i$ 是第 $i$ 个像素的真值（ground truth，0 或 1），$p_i$ 是预测的概率。预测与真值相差越远，损失越大；它处处可导，适合用来训练。
#
# 指标有两个。**准确率**（accuracy）是判对的像素所占的比例；背景占多数时，一个细胞核也不找也能得高分。**Dice 系数**（Dice coefficient）量预测区域 $P$ 与真值区域 $Y$ 的重合程度，在 0 与 1 之间，越大越好，完全一致时为 1：
#
# $$D = \frac{2\,|Y \cap P| + 1}{|Y| + |P| + 1}$$
#
# 分子、分母各加 1，是为了让两张空掩膜得 1，而不是 0/0。训练时直接用概率来算，并把一批图像合在一起；第 7 节给单张图像打分时，先用阈值把概率变成 0 或 1，也不再加 1。
#
# 来源：Ronneberger 等 2015（U-Net），[doi:10.1007/978-3-319-24574-4_28](https://doi.org/10.1007/978-3-319-24574-4_28)；Dice 1945（Dice 系数），[doi:10.2307/1932409](https://doi.org/10.2307/1932409)；Milletari 等 2016（用概率计算的 Dice；原文的分母取平方和），[doi:10.1109/3DV.2016.79](https://doi.org/10.1109/3DV.2016.79)。

# %% [markdown] tags=["lang-en"]
# ## Loss and metrics
#
# Whether a pixel is nucleus is a binary classification problem, so the loss is the **binary cross-entropy**; recipes that separate touching nuclei add further terms (see section 6):
#
# $$L = -\frac{1}{N}\sum_{i=1}^{N}\left[y_i \log p_i + (1 - y_i)\log(1 - p_i)\right]$$
#
# where $N$ is the number of pixels, $y_i$ is the ground truth of the $i$-th pixel (0 or 1), and $p_i$ is the predicted probability. The further the prediction is from the ground truth, the larger the loss; it is differentiable everywhere, which makes it suitable for training.
#
# There are two metrics. **Accuracy** is the share of pixels that are classified correctly; where most pixels are background, it is high even if not a single nucleus is found. The **Dice coefficient** measures the overlap of the predicted region $P$ and the true region $Y$; it lies between 0 and 1, the higher the better, and is 1 if they are identical:
#
# $$D = \frac{2\,|Y \cap P| + 1}{|Y| + |P| + 1}$$
#
# The 1 is added to numerator and denominator so that two empty masks score 1 instead of 0/0. In training, the coefficient is computed from the probabilities themselves and over a whole batch of images; when section 7 scores single images, a threshold first turns probabilities into 0 or 1, and the 1 is not added.
#
# Sources: Ronneberger et al. 2015 (U-Net), [doi:10.1007/978-3-319-24574-4_28](https://doi.org/10.1007/978-3-319-24574-4_28); Dice 1945 (Dice coefficient), [doi:10.2307/1932409](https://doi.org/10.2307/1932409); Milletari et al. 2016 (Dice computed from probabilities; the paper has sums of squares in the denominator), [doi:10.1109/3DV.2016.79](https://doi.org/10.1109/3DV.2016.79).

# %% tags=["remove-input"]
source_code.shown(losses.dice_coef, losses.accuracy)

# %%
title = architectures.TITLES[architecture]
about = {"architecture": architecture, "title": title, "arguments": arguments, "recipe": recipe}
run.save("model.json", {**about, "image_size": image_size, "parameters": model.count_params()})

# %%
convolutions = sum(type(layer).__name__.endswith("Conv2D") for layer in model.layers)
parameters = model.count_params()
size = {"levels": depth + arguments.get("stride", 1), "convolutions": convolutions, "title": title}
size |= {"parameters": parameters, "millions": parameters / 1e6}

# %% [markdown]
# ## 小结

# %% [markdown] tags=["lang-en"]
# ## Summary

# %% tags=["hide-input"]
fixed = say(" {side}×{side}×3 的图像", side=image_size)
takes = fixed if arguments["image_size"] else say("任意大小的 RGB 图像")
several = recipes.RECIPES[recipe].separates
gives = say("五张图，第一张是细胞核的概率") if several else say("概率图")
deep = architecture == "unet_plus_plus" and depth > 1
others = say("（之后还有只在训练时用的各个输出）") if deep else ""
built = say(
    "{title} 分布在 {levels} 级分辨率上，共有 {convolutions} 个卷积层（不计转置卷积）、{parameters:,} 个参数（{millions:.2f} 百万）。",
    **size,
)
puts_out = say("输入是{takes}，输出是同样大小的{gives}{others}。", takes=takes, gives=gives, others=others)
display(output.text(f"{built}{puts_out}"))
