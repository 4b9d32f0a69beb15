from keras_bam.training.fitting import evaluate as evaluate
from keras_bam.training.fitting import fit as fit
from keras_bam.training.optimizers import SGD as SGD
from keras_bam.training.run_folder import RunFolder as RunFolder
from keras_bam.training.settings import Settings as Settings

__all__ = ["SGD", "RunFolder", "Settings", "evaluate", "fit"]
