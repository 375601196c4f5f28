"""Forms on scanned pages as records: with a model of the organisation's own forms where there is one."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from bifrost.config import Extraction
from bifrost.ports import TextEncoder
from bifrost.text_encoder import load_encoder
from extractors.forms.field_names import field_name
from extractors.forms.linking.form_model import FormModel
from extractors.forms.linking.form_page import FormPage
from extractors.forms.linking.pieces import pieces_of
from extractors.forms.training import load_forms_model
from extractors.pages.content import PageContent, Word

_FEWEST_LINKS = 2
_MANY_VALUES = "; "


class FormReader:
    """Links labels and values on a page by the model in a folder; the model is opened at the first page.

    A page whose links are fewer than two is no form.
    """

    def __init__(self, folder: Path, encoder: TextEncoder | None = None) -> None:
        self._folder, self._encoder = folder, encoder

    @cached_property
    def _model(self) -> FormModel:
        return load_forms_model(self._folder)

    def with_form(self, content: PageContent, words: Sequence[Word]) -> PageContent:
        """Add the record of the form, if labels and values are found.

        Raises:
            FormsModelUnusable: the folder holds no model that fits.
        """
        page = pieces_of(words, (content.width, content.height))
        record = self._record(page)
        return replace(content, forms=(record,)) if len(record) >= _FEWEST_LINKS else content

    def _record(self, page: FormPage) -> dict[str, str]:
        _labels, links = self._model.linked(page, self._encoder)
        record: dict[str, str] = {}
        for label, value in sorted(links, key=lambda link: (page.boxes[link[1]][1], page.boxes[link[1]][0])):
            name = field_name(page.texts[label])
            if name:
                known = record.get(name)
                record[name] = f"{known}{_MANY_VALUES}{page.texts[value]}" if known else page.texts[value]
        return record


def form_reader(settings: Extraction, cache: Path) -> FormReader | None:
    """Give the reader that the settings ask for, if they do."""
    if not settings.forms_model:
        return None
    cache.mkdir(parents=True, exist_ok=True)
    return FormReader(Path(settings.forms_model), load_encoder(cache) if settings.embeddings else None)
