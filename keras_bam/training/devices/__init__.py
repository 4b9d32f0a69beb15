from keras_bam.training.devices.one_device import Devices as Devices
from keras_bam.training.devices.opening import open_devices as open_devices

__all__ = ["Devices", "open_devices"]
