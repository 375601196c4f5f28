"""Networks for recognition whose weights come with an installed package (PP-OCR, Apache-2.0), run in ONNX Runtime."""

import importlib.resources
import importlib.util
from pathlib import Path
from typing import Any

PACKAGE = "rapidocr"


def networks_installed() -> bool:
    """Tell whether the weights and what runs them are installed."""
    return all(importlib.util.find_spec(module) for module in (PACKAGE, "onnxruntime"))


def open_network(name: str) -> Any:
    """Open a network on one thread: worker processes are the parallelism."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # pictures have many sizes, and the arena keeps the largest of each
    options.log_severity_level = 3
    path = Path(str(importlib.resources.files(PACKAGE))) / "models" / name
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
