"""Files for other runtimes, each proven to compute what the model computes."""

from keras_bam.export.evaluation import evaluate_file as evaluate_file
from keras_bam.export.exporting import Exported as Exported
from keras_bam.export.exporting import export_model as export_model
from keras_bam.export.formats import format_of as format_of
from keras_bam.export.formats import is_exported as is_exported
from keras_bam.export.formats import open_file as open_file

__all__ = ["Exported", "evaluate_file", "export_model", "format_of", "is_exported", "open_file"]
