"""The variables of a model in training: its own, its optimizer's, its metrics'."""


def build(model, batch):
    """Creates all of them now, as the first step would.

    Args:
        model: compiled.
        batch: one of the training data, features and labels.
    """
    model._symbolic_build(data_batch=tuple(batch) if isinstance(batch, list) else batch)


def describe(model):
    """{group: [name, shape, dtype] of each variable}; what an optimizer holds has layers' names in
    its own, which count up in a process, and stays without."""
    return {
        group: [
            ["" if group == "optimizer" else variable.name, list(variable.shape), variable.dtype]
            for variable in variables
        ]
        for group, variables in _groups(model).items()
    }


def capture(model):
    """{group: values as NumPy arrays}; waits for the device."""
    return {
        group: [variable.numpy() for variable in variables]
        for group, variables in _groups(model).items()
    }


def restore(model, values):
    for group, variables in _groups(model).items():
        for variable, value in zip(variables, values[group], strict=True):
            variable.assign(value)


def _groups(model):
    optimizer = model.optimizer.variables if model.optimizer else []
    groups = {"model": model.variables, "optimizer": optimizer, "metrics": model.metrics_variables}
    seen: set[int] = set()
    return {group: list(_unseen(variables, seen)) for group, variables in groups.items()}


def _unseen(variables, seen):
    for variable in variables:
        if id(variable) not in seen:
            seen.add(id(variable))
            yield variable
