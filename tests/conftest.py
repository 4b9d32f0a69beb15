"""Its place puts this folder on the import path: tests import `reference`, `draws`, `gradients`."""
