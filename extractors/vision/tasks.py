"""The three tasks of vision models, through transformers; nothing is fetched from a network, no foreign code is run."""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import (
    AutoImageProcessor,
    AutoModelForImageTextToText,
    AutoModelForObjectDetection,
    AutoModelForZeroShotImageClassification,
    AutoProcessor,
    pipeline,
)

from bifrost.config import VisionTask
from extractors.vision.looking import Looking, Seen

_LONGEST_CAPTION_TOKENS = 40
_OFFLINE = {"local_files_only": True, "trust_remote_code": False}


def zero_shot_classification(task: VisionTask) -> Looking:
    """Load a model that compares pictures with the configured labels (CLIP, SigLIP and their like)."""
    model = AutoModelForZeroShotImageClassification.from_pretrained(task.model, **_OFFLINE)
    processor = AutoProcessor.from_pretrained(task.model, **_OFFLINE)
    classify = pipeline(
        "zero-shot-image-classification",
        model=model,
        tokenizer=processor.tokenizer,
        image_processor=processor.image_processor,
        device="cpu",
    )

    def look(picture: Any) -> Sequence[Seen]:
        return [
            Seen(found["label"], _share(found["score"])) for found in classify(picture, candidate_labels=task.labels)
        ]

    return look


def detection(task: VisionTask) -> Looking:
    """Load a model that finds things and where they are (DETR, YOLOS and their like)."""
    model = AutoModelForObjectDetection.from_pretrained(task.model, **_OFFLINE)
    processor = AutoImageProcessor.from_pretrained(task.model, **_OFFLINE)
    detect = pipeline("object-detection", model=model, image_processor=processor, device="cpu")

    def look(picture: Any) -> Sequence[Seen]:
        return [
            Seen(found["label"], _share(found["score"]), _box(found["box"]))
            for found in detect(picture, threshold=task.threshold)
        ]

    return look


def captioning(task: VisionTask) -> Looking:
    """Load a model that describes a picture in words (BLIP and its like)."""
    model = AutoModelForImageTextToText.from_pretrained(task.model, **_OFFLINE).eval()
    processor = AutoProcessor.from_pretrained(task.model, **_OFFLINE)

    def look(picture: Any) -> Sequence[Seen]:
        inputs = processor(images=picture, return_tensors="pt")
        with torch.inference_mode():
            written = model.generate(
                **inputs,
                max_new_tokens=_LONGEST_CAPTION_TOKENS,
                do_sample=False,
                output_scores=True,
                return_dict_in_generate=True,
            )
        (text,) = processor.batch_decode(written.sequences, skip_special_tokens=True)
        return [Seen(text.strip(), _sureness(model, written), kind="text")] if text.strip() else []

    return look


def _sureness(model: Any, written: Any) -> float:
    """Give the geometric mean of the probabilities of the tokens."""
    scores = model.compute_transition_scores(written.sequences, written.scores, normalize_logits=True)
    known = scores[torch.isfinite(scores)]
    return _share(float(known.mean().exp())) if len(known) else 0.0


def _box(found: dict[str, int]) -> tuple[float, float, float, float]:
    return found["xmin"], found["ymin"], found["xmax"], found["ymax"]


def _share(score: float) -> float:
    return min(max(float(score), 0.0), 1.0)
