from keras_bam.training.devices.one_device import Devices as Devices
from keras_bam.training.devices.one_device import LeftToTheFirst as LeftToTheFirst
from keras_bam.training.devices.opening import open_devices as open_devices
from keras_bam.training.devices.opening import run_in_processes as run_in_processes

__all__ = ["Devices", "LeftToTheFirst", "open_devices", "run_in_processes"]
