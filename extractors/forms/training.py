"""Models of an organisation's own forms: trained on forms whose labels and links are known, kept in a folder."""

import hashlib
from pathlib import Path

from bifrost.errors import BifrostError
from bifrost.ports import TextEncoder
from extractors.forms.linking.form_model import FormModel, train
from extractors.forms.linking.truth import known_forms

MODEL_FILE = "forms.joblib"
_FEWEST_FORMS = 10


class FormsModelUnusable(BifrostError):
    """A folder holds no model of forms, one of another version, or too few forms to train one."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"no model of forms from {folder}: {reason}")
        self.folder, self.reason = folder, reason


def train_forms(forms: Path, target: Path, encoder: TextEncoder | None = None) -> Path:
    """Train on the forms in a folder (images, jsons), and write the model to the folder `target`.

    With an encoder the model also goes by what labels mean; it is then needed for reading, too.

    Raises:
        FormsModelUnusable: there are too few forms.
    """
    import joblib

    known = list(known_forms(forms))
    if len(known) < _FEWEST_FORMS:
        raise FormsModelUnusable(forms, f"it holds {len(known)} forms, and at least {_FEWEST_FORMS} are needed")
    target.mkdir(parents=True, exist_ok=True)
    joblib.dump(train(known, encoder), target / MODEL_FILE)
    return target / MODEL_FILE


def forms_model_identity(folder: str | None) -> str | None:
    """Give a digest of the model in a folder, so that one that was trained again reads its pages again."""
    if not folder or not (file := Path(folder) / MODEL_FILE).exists():
        return folder
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "blake2b").hexdigest()


def load_forms_model(folder: Path) -> FormModel:
    """Read a model back. A model is code: give only folders whose content you made yourself.

    Raises:
        FormsModelUnusable: the folder holds no model that fits.
    """
    import joblib

    file = folder / MODEL_FILE
    if not file.exists():
        raise FormsModelUnusable(folder, f"the file {MODEL_FILE} is missing; train it with extractors.forms.training")
    model = joblib.load(file)
    if not isinstance(model, FormModel) or model.version != FormModel.version:
        raise FormsModelUnusable(folder, "it was made by another version; train it again")
    return model
