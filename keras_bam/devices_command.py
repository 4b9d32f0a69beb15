"""The command `devices`: what a run can be given."""

import os

import keras

from keras_bam.training.devices.listing import listed


def run(options):
    """`keras-bam devices`."""
    devices = listed()
    print(f"backend    {keras.backend.backend()}, Keras {keras.__version__}")
    print(f"devices    {len(devices)}")
    for device in devices:
        memory = device["memory"]
        shown = "memory not known" if memory is None else f"{memory / 2**30:.1f} GiB"
        print(f"  {device['name']:<10} {device['kind']}, {shown}")
    process, processes = os.environ.get("RANK", "0"), os.environ.get("WORLD_SIZE", "1")
    print(f"processes  {processes}, this one is {process}")


def add_parser(commands):
    """Adds `devices` to the commands of `keras-bam`; returns its parser."""
    parser = commands.add_parser("devices", help="backend, devices, memory and processes")
    parser.set_defaults(command=run)
    return parser
