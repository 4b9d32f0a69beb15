"""How a network takes its image."""


def convolution_norm_relu(graph, x, filters, kernel_size, strides):
    x = graph.convolution(x, "stem_conv", filters, kernel_size, strides)
    x = graph.norm(x, "stem_bn")
    return graph.relu(x, "stem_relu")


def cifar(graph, x):
    return convolution_norm_relu(graph, x, 64, 3, 1)


def small(graph, x):
    return convolution_norm_relu(graph, x, 32, 3, 2)


def imagenet(graph, x):
    x = convolution_norm_relu(graph, x, 64, 7, 2)
    return graph.max_pool(x, "stem_pool", 3, 2)


def preactivation(graph, x):
    """A convolution alone: the first block begins with batch norm and ReLU."""
    return graph.convolution(x, "stem_conv", 16, 3)
