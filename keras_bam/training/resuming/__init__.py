from keras_bam.training.resuming.checkpoint_file import DamagedCheckpoint as DamagedCheckpoint
from keras_bam.training.resuming.exact_resume import ExactResume as ExactResume
from keras_bam.training.resuming.lock import FolderLock as FolderLock
from keras_bam.training.resuming.preemption import EXIT_CODE as EXIT_CODE
from keras_bam.training.resuming.preemption import Preempted as Preempted

__all__ = ["EXIT_CODE", "DamagedCheckpoint", "ExactResume", "FolderLock", "Preempted"]
