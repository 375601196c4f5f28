"""Vision models out of local folders: small ones of the real kinds, made here, loaded and asked as any would be."""

import json

import pytest
from PIL import Image, ImageDraw
from pydantic import ValidationError

from bifrost.config import Extraction, VisionTask, load_settings
from bifrost.testing.extracted import file_named
from extractors.images.image import ImageExtractor
from extractors.vision.looking import VisionModels

_WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "photo", "of", "this", "is", "drum", "pallet", "."]


def _tokenizer():
    """Make a tokenizer that knows a dozen words."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(WordLevel({word: at for at, word in enumerate(_WORDS)}, unk_token="[UNK]"))
    inner.pre_tokenizer = Whitespace()
    inner.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    names = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    return PreTrainedTokenizerFast(tokenizer_object=inner, **names)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    """A CLIP model of random weights."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPProcessor

    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("clip")
    text = {"vocab_size": len(_WORDS), "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1,
            "num_attention_heads": 2, "max_position_embeddings": 20, "eos_token_id": 3, "bos_token_id": 2,
            "pad_token_id": 0}  # fmt: skip
    vision = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
              "image_size": 32, "patch_size": 16}  # fmt: skip
    CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=16)).save_pretrained(folder)
    size = {"shortest_edge": 32}
    pictures = CLIPImageProcessor(size=size, crop_size={"height": 32, "width": 32})
    CLIPProcessor(pictures, _tokenizer()).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def detector(tmp_path_factory):
    """A YOLOS model of random weights."""
    import torch
    from transformers import YolosConfig, YolosForObjectDetection, YolosImageProcessor

    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("yolos")
    config = YolosConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, image_size=[32, 32],
        patch_size=16, num_detection_tokens=4, id2label={0: "drum", 1: "pallet"}, label2id={"drum": 0, "pallet": 1},
    )  # fmt: skip
    YolosForObjectDetection(config).save_pretrained(folder)
    YolosImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def captioner(tmp_path_factory):
    """A BLIP model of random weights."""
    import torch
    from transformers import BlipConfig, BlipForConditionalGeneration, BlipImageProcessor, BlipProcessor

    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("blip")
    text = {"vocab_size": len(_WORDS), "hidden_size": 16, "encoder_hidden_size": 16, "intermediate_size": 16,
            "num_hidden_layers": 1, "num_attention_heads": 2, "max_position_embeddings": 64, "bos_token_id": 2,
            "eos_token_id": 3, "sep_token_id": 3, "pad_token_id": 0}  # fmt: skip
    vision = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
              "image_size": 32, "patch_size": 16}  # fmt: skip
    BlipForConditionalGeneration(BlipConfig(text_config=text, vision_config=vision)).save_pretrained(folder)
    BlipProcessor(BlipImageProcessor(size={"height": 32, "width": 32}), _tokenizer()).save_pretrained(folder)
    return folder


@pytest.fixture
def blocks(tmp_path):
    """Give a function that reads a picture with a model and gives what is wrong with the model, and what it said."""

    def read(**task):
        picture = Image.new("RGB", (96, 64), "white")
        ImageDraw.Draw(picture).ellipse((20, 10, 70, 60), fill="red")
        picture.save(tmp_path / "picture.png")
        settings = Extraction(ocr=False, vision=[VisionTask(**task)])
        extract = ImageExtractor(settings, tmp_path).extract(file_named("picture.png"), tmp_path / "picture.png")
        reasons = [reason for _place, reason in extract.rejects if "extraction.vision" in reason]
        return reasons, [block for block in extract.blocks.to_pylist() if block["method"] == "vision"]

    return read


def test_labels_are_scored_against_each_other(blocks, classifier):
    task = {"task": "zero-shot-classification", "model": str(classifier), "labels": ["drum", "pallet"]}
    _reasons, seen = blocks(**task, threshold=0)
    assert {block["text"] for block in seen} == {"drum", "pallet"}
    assert {block["kind"] for block in seen} == {"label"}
    assert sum(block["confidence"] for block in seen) == pytest.approx(1, abs=1e-4)
    likely = max(seen, key=lambda block: block["confidence"])
    assert [block["text"] for block in blocks(**task, threshold=0.5)[1]] == [likely["text"]]


def test_things_are_found_with_their_places(blocks, detector):
    _reasons, seen = blocks(task="detection", model=str(detector), threshold=0)
    assert seen
    for block in seen:
        assert block["text"] in ("drum", "pallet")
        assert 0 < block["confidence"] <= 1
        assert 0 <= block["x0"] <= block["x1"] <= 1
        assert 0 <= block["y0"] <= block["y1"] <= 1
    assert blocks(task="detection", model=str(detector), threshold=1)[1] == []


def test_a_picture_is_described_in_words_with_a_confidence(blocks, captioner):
    _reasons, (seen,) = blocks(task="captioning", model=str(captioner), threshold=0)
    assert set(seen["text"].split()) <= set(_WORDS)
    assert seen["kind"] == "text"
    assert 0 < seen["confidence"] <= 1


def test_a_missing_folder_is_said_for_the_picture(blocks, tmp_path):
    reasons, seen = blocks(task="detection", model=str(tmp_path / "nothing"))
    assert seen == []
    assert "the model for detection in" in reasons[0]
    assert "is not there" in reasons[0]


def test_a_model_of_another_task_is_said(blocks, classifier):
    reasons, seen = blocks(task="detection", model=str(classifier))
    assert seen == []
    assert "cannot be loaded" in reasons[0]


def test_a_folder_without_weights_is_said(blocks, detector, tmp_path):
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "config.json").write_text((detector / "config.json").read_text())
    reasons, _seen = blocks(task="detection", model=str(tmp_path / "half"))
    assert "cannot be loaded" in reasons[0]


def test_code_in_a_folder_is_not_run(blocks, detector, tmp_path):
    folder = tmp_path / "hostile"
    folder.mkdir()
    config = json.loads((detector / "config.json").read_text())
    config |= {
        "model_type": "unheard",
        "auto_map": {"AutoModelForObjectDetection": "code.Model", "AutoConfig": "code.Config"},
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "code.py").write_text(f"open({str(tmp_path / 'mark')!r}, 'w').close()")
    reasons, _seen = blocks(task="detection", model=str(folder))
    assert "cannot be loaded" in reasons[0]
    assert not (tmp_path / "mark").exists()


def test_another_model_or_setting_is_another_version(detector, classifier):
    tasks = [
        [],
        [VisionTask(task="detection", model=str(detector))],
        [VisionTask(task="detection", model=str(detector), threshold=0.7)],
        [VisionTask(task="detection", model=str(classifier))],
    ]
    assert len({VisionModels(each).version for each in tasks}) == 4


@pytest.mark.parametrize(
    "task",
    [
        {"task": "singing", "model": "m"},
        {"task": "zero-shot-classification", "model": "m"},
        {"task": "detection", "model": "m", "labels": ["drum"]},
        {"task": "detection", "model": "m", "threshold": 2},
    ],
)
def test_a_task_that_makes_no_sense_is_refused(task):
    with pytest.raises(ValidationError):
        VisionTask(**task)


def test_a_models_folder_starts_at_the_project(tmp_path):
    (tmp_path / "bifrost.yaml").write_text("extraction: {vision: [{task: detection, model: models/yolos}]}")
    (task,) = load_settings(tmp_path).extraction.vision
    assert task.model == str(tmp_path / "models" / "yolos")


def test_torch_is_not_loaded_where_no_model_is_configured():
    import subprocess
    import sys

    code = (
        "import sys\nfrom pathlib import Path\nfrom bifrost.config import Extraction\n"
        "from extractors.images.image import ImageExtractor\nImageExtractor(Extraction(), Path('.'))\n"
        "print('torch' in sys.modules, 'transformers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
