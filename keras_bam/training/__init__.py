from keras_bam.training.classifier import evaluate as evaluate
from keras_bam.training.fitting import fit as fit
from keras_bam.training.optimizers import SGD as SGD
from keras_bam.training.recipe import Recipe as Recipe
from keras_bam.training.recipes import recipe as recipe
from keras_bam.training.run_folder import RunFolder as RunFolder

__all__ = ["SGD", "Recipe", "RunFolder", "evaluate", "fit", "recipe"]
