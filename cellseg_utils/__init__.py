"""Helpers of the cell segmentation report: small modules, imported by the notebooks one by one."""

import os

# TensorFlow's start-up messages would stand in the notebooks' outputs; only errors shall.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
