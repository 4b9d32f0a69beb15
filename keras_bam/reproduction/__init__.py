from keras_bam.reproduction.reproducing import reproduce as reproduce
from keras_bam.reproduction.results import Difference as Difference
from keras_bam.reproduction.results import MeasuredRow as MeasuredRow
from keras_bam.reproduction.results import Reproduction as Reproduction
from keras_bam.reproduction.rows import TABLES as TABLES

__all__ = ["TABLES", "Difference", "MeasuredRow", "Reproduction", "reproduce"]
