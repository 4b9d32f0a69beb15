from keras_bam.training.detector import detect as detect
from keras_bam.training.detector import detect_in_files as detect_in_files
from keras_bam.training.determinism import deterministic as deterministic
from keras_bam.training.devices import Devices as Devices
from keras_bam.training.devices import open_devices as open_devices
from keras_bam.training.fitting import fit as fit
from keras_bam.training.image_notes import read_notes as read_notes
from keras_bam.training.object_detection import as_trained as as_trained
from keras_bam.training.optimizers import SGD as SGD
from keras_bam.training.recipe import Recipe as Recipe
from keras_bam.training.recipes import recipe as recipe
from keras_bam.training.resuming import EXIT_CODE as EXIT_CODE
from keras_bam.training.resuming import DamagedCheckpoint as DamagedCheckpoint
from keras_bam.training.resuming import ExactResume as ExactResume
from keras_bam.training.resuming import FolderLock as FolderLock
from keras_bam.training.resuming import Preempted as Preempted
from keras_bam.training.run_folder import RunFolder as RunFolder
from keras_bam.training.run_kind import evaluate as evaluate

__all__ = [
    "EXIT_CODE",
    "SGD",
    "DamagedCheckpoint",
    "Devices",
    "ExactResume",
    "FolderLock",
    "Preempted",
    "Recipe",
    "RunFolder",
    "as_trained",
    "detect",
    "detect_in_files",
    "deterministic",
    "evaluate",
    "fit",
    "open_devices",
    "read_notes",
    "recipe",
]
