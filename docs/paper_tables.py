"""Writes docs/paper-tables.md: the paper's tables, counted.

KERAS_BACKEND=torch python docs/paper_tables.py
"""

from pathlib import Path

from keras_bam import paper_report
from keras_bam.files import write_text

PAGE = """# What we found about the paper's tables

Every row of Tables 1, 2, 3 and 5 of arXiv:1807.06514, built and counted. This page is written by
`docs/paper_tables.py`; `keras-bam count --paper` prints the same table. Counts are exact and the
same on every backend.

{summary}

**What is counted.** Parameters: trainable ones, without moving statistics. Multiply-adds of one
image: convolutions, dense layers, and one for each output element of a layer with a bias; no batch
norm, activation, pooling or addition. The paper's multiply-adds are rounded to three decimals and
then half up to two; with this rule all printed ones come out but two.

**Stride.** The printed multiply-adds need the stride in the first 1x1 convolution of a bottleneck
block. The released code, and torchvision, have it in the 3x3 (`stride_in_1x1=False`), which costs
6 % more for ResNet50 on ImageNet. Parameters are the same.

**PreResNet "110"** is a network of 18 bottleneck blocks a stage, 164 layers. Neither 18 basic
blocks a stage nor 12 bottleneck blocks have the printed parameters.

**Three layouts of batch norm.** No single one gives all printed counts. `form="paper"` has it at
the end of each branch, over C values in the channel branch and over one in the spatial branch
(equations 3 and 4); `form="official"`, the released code, after each hidden layer and not at the
end. A third, batch norm over C at the end of both branches after expansion to C x H x W, and after
the hidden layers, is what several CIFAR rows need; DenseNet, MobileNet and ResNeXt29-8x64d with
BAM-C exclude it. It is counted here and not offered: the equations do not have it, and it would
normalise the spatial map C times.

**r = 4 and r = 8** in Table 1a fit only with batch norm after the hidden layers
(`normalization="both"`, or the third layout), **r = 32** only the third. The 23.56M of Table 1c
is the count with r = 4, though Tables 2, 3 and 5 print 23.42M for the same network and error.

**DenseNet** has BAM before and after both transitions ("back and forth of the transition"), the
only network with places behind a downsampling. Counts alone do not decide it.

**SqueezeNet** has the printed multiply-adds with a padded first convolution and global pooling
before the classifier; the published version 1.1 has neither (`padded_stem=False`,
`pool_first=False`).

"Paper form" and "official form" are what `BAM(form=...)` has; "printed is" names the layouts that
round to the printed parameters.

{table}
"""

page = PAGE.format(summary=paper_report.summary(), table=paper_report.as_markdown())
write_text(Path(__file__).with_name("paper-tables.md"), page)
