"""The token classifier as a network for ONNX Runtime, written from its weights, in whole or in 8-bit numbers.

Writing it here, with the fused operators of ONNX Runtime, needs neither torch nor a file beside the weights.
"""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper, numpy_helper

Weights = Mapping[str, npt.NDArray[Any]]
Precision = Literal["float", "int8"]

_HEADS = 12
_EPSILON = 1e-12
_MOST = 63
"""Weights take 7 bits: sums of products of 8 bits overflow on processors without VNNI."""
_STEP_SHARES = (1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7)
_FUSED = "com.microsoft"
_ENCODER = "encoder"


def write_network(weights: Weights, precision: Precision) -> bytes:
    """Give the network as an ONNX model.

    It takes `vectors` of word pieces (windows, pieces, 384), their `shapes` and `mask` (windows, pieces), and gives
    `scores` of all tags (windows, pieces, tags).
    """
    return _Writer(weights, precision).model()


class _Writer:
    def __init__(self, weights: Weights, precision: Precision) -> None:
        self._weights = {name: np.asarray(value, np.float32) for name, value in weights.items()}
        self._precision = precision
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def model(self) -> bytes:
        layers = 1 + max(int(name.split(".")[3]) for name in self._weights if ".layer." in name)
        hidden = self._embedded()
        for layer in range(layers):
            hidden = self._layer(hidden, f"{_ENCODER}.encoder.layer.{layer}")
        scores = self._node("MatMul", hidden, self._constant("heads", self._weights["heads.weight"].T))
        self._node("Add", scores, self._constant("heads.bias", self._weights["heads.bias"]), output="scores")
        tags, width = self._weights["heads.weight"].shape
        inputs = [
            helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["windows", "pieces", width]),
            helper.make_tensor_value_info("shapes", TensorProto.INT64, ["windows", "pieces"]),
            helper.make_tensor_value_info("mask", TensorProto.INT32, ["windows", "pieces"]),
        ]
        outputs = [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["windows", "pieces", tags])]
        graph = helper.make_graph(self._nodes, "names", inputs, outputs, self._constants)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid(_FUSED, 1)]
        written: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()
        return written

    def _embedded(self) -> str:
        """Add what the shape, the place and the kind of text say to the vectors of pieces."""
        prefix = f"{_ENCODER}.embeddings"
        shapes = self._node("Gather", self._constant("shapes.table", self._weights["shapes.weight"]), "shapes")
        size = self._node("Shape", "shapes")
        length = self._node("Gather", size, self._constant("second", np.array([1], np.int64)))
        places = self._node(
            "Slice",
            self._constant("places", self._weights[f"{prefix}.position_embeddings.weight"]),
            self._constant("start", np.array([0], np.int64)),
            length,
        )
        kind = self._constant("kind", self._weights[f"{prefix}.token_type_embeddings.weight"][0])
        vectors = self._node("Add", self._node("Add", "vectors", shapes), self._node("Add", places, kind))
        return self._node(
            "LayerNormalization", vectors, *self._scale_and_shift(f"{prefix}.LayerNorm"), axis=-1, epsilon=_EPSILON
        )

    def _layer(self, hidden: str, prefix: str) -> str:
        attended = self._attention(hidden, f"{prefix}.attention.self")
        hidden = self._added(attended, hidden, f"{prefix}.attention.output")
        inner = self._product(hidden, f"{prefix}.intermediate.dense.weight")
        bias = self._named(f"{prefix}.intermediate.dense.bias")
        inner = self._node("BiasGelu", inner, bias, domain=_FUSED)
        return self._added(inner, hidden, f"{prefix}.output")

    def _attention(self, hidden: str, prefix: str) -> str:
        parts = ("query", "key", "value")
        weight = np.concatenate([self._weights[f"{prefix}.{part}.weight"].T for part in parts], axis=1)
        bias = self._constant(
            f"{prefix}.bias", np.concatenate([self._weights[f"{prefix}.{part}.bias"] for part in parts])
        )
        if self._precision == "float":
            matrix = self._constant(prefix, weight)
            return self._node("Attention", hidden, matrix, bias, "mask", domain=_FUSED, num_heads=_HEADS)
        small, scale, zero = self._rounded(prefix, weight)
        rounded, step, shift = (f"{prefix}.{part}" for part in ("rounded", "step", "shift"))
        self._nodes.append(helper.make_node("DynamicQuantizeLinear", [hidden], [rounded, step, shift]))
        inputs = (rounded, small, bias, step, scale, "mask", shift, zero)
        return self._node("QAttention", *inputs, domain=_FUSED, num_heads=_HEADS)

    def _added(self, inner: str, hidden: str, prefix: str) -> str:
        """Multiply, add the bias and what went in, and bring to one scale."""
        product = self._product(inner, f"{prefix}.dense.weight")
        scale, shift = self._scale_and_shift(f"{prefix}.LayerNorm")
        bias = self._named(f"{prefix}.dense.bias")
        return self._node(
            "SkipLayerNormalization", product, hidden, scale, shift, bias, domain=_FUSED, epsilon=_EPSILON
        )

    def _product(self, left: str, name: str) -> str:
        matrix = self._weights[name].T
        if self._precision == "float":
            return self._node("MatMul", left, self._constant(name, matrix))
        return self._node("DynamicQuantizeMatMul", left, *self._rounded(name, matrix), domain=_FUSED)

    def _rounded(self, name: str, matrix: npt.NDArray[Any]) -> tuple[str, str, str]:
        """Round a matrix, each column in steps of its own."""
        scale = _best_steps(matrix)
        zero = np.zeros(scale.shape, np.int8)
        return (
            self._constant(name, _in_steps(matrix, scale).astype(np.int8)),
            self._constant(f"{name}.scale", scale),
            self._constant(f"{name}.zero", zero),
        )

    def _scale_and_shift(self, prefix: str) -> tuple[str, str]:
        return self._named(f"{prefix}.weight"), self._named(f"{prefix}.bias")

    def _named(self, name: str) -> str:
        return self._constant(name, self._weights[name])

    def _constant(self, name: str, value: npt.NDArray[Any]) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _node(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        output = output or f"{operator}.{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output


def _best_steps(matrix: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Choose the step of each column with the least squared error: smaller steps cut the few largest weights off."""
    widest = np.maximum(np.abs(matrix).max(axis=0) / _MOST, 1e-9)
    steps = np.stack([widest * share for share in _STEP_SHARES]).astype(np.float32)
    errors = [np.square(_in_steps(matrix, step) * step - matrix).sum(axis=0) for step in steps]
    best: npt.NDArray[np.float32] = steps[np.argmin(errors, axis=0), np.arange(steps.shape[1])]
    return best


def _in_steps(matrix: npt.NDArray[Any], step: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
    return np.clip(np.rint(matrix / step), -_MOST, _MOST)
