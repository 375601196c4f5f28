"""Writes the supplier reviews: decks with text, a table, and speaker notes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pptx import Presentation
from pptx.presentation import Presentation as Deck
from pptx.util import Cm, Pt

from examples.manufacturing.archives import WRITTEN_AT, fix_times
from examples.manufacturing.chance import stream
from examples.manufacturing.passages import Naming, Passage, Thing, batch, material_of, supplier_of, tell
from examples.manufacturing.world import World

_QUARTERS = ("2025 Q1", "2025 Q2", "2025 Q3", "2025 Q4")
_BATCHES_PER_DECK = 5
_OBSERVATIONS = (
    "{supplier} delivered {batch} on time; all drums were intact.",
    "{batch} of {supplier} was put on hold because two drum seals were open.",
    "The certificate for {batch} from {supplier} came a week late.",
)
_ACTIONS = ("Ask for sealed drums", "Audit the drying step", "None", "Agree on a new limit", "Take a second sample")
_REMARK = "Ask {supplier} where {batch} was stored; the {material} may have drawn moisture on the way."
_TITLE_LAYOUT, _TEXT_LAYOUT, _TITLE_ONLY_LAYOUT = 0, 1, 5


@dataclass(frozen=True, slots=True)
class Review:
    """What one deck says."""

    quarter: str
    observations: tuple[Passage, ...]
    open_points: tuple[tuple[Thing, Thing, str], ...]
    speaker_notes: Passage

    def things(self) -> tuple[Thing, ...]:
        """Give everything that the deck names."""
        told = (thing for passage in self.observations for thing in passage.things)
        listed = (thing for row in self.open_points for thing in row[:2] if isinstance(thing, Thing))
        return (*told, *listed, *self.speaker_notes.things)


def write_slides(folder: Path, world: World) -> list[Naming]:
    """Write four decks, whatever the scale."""
    (folder / "slides").mkdir(parents=True)
    chance = stream(world.seed, "slides")
    namings = []
    for quarter in _QUARTERS:
        chosen = chance.choice(len(world.supplying.batch_supplier), _BATCHES_PER_DECK, replace=False)
        review = _plan_review(world, quarter, [int(index) for index in chosen])
        item = f"slides/supplier-review-{quarter.lower().replace(' ', '-')}.pptx"
        _write_deck(folder / item, review)
        namings.append(Naming("documents", item, review.things()))
    return namings


def _plan_review(world: World, quarter: str, chosen: Sequence[int]) -> Review:
    told, listed = chosen[: len(_OBSERVATIONS)], chosen[1:]
    noted = chosen[-1]
    return Review(
        quarter,
        observations=tuple(
            tell(template, supplier=supplier_of(world, index), batch=batch(world, index))
            for template, index in zip(_OBSERVATIONS, told, strict=True)
        ),
        open_points=tuple(
            (supplier_of(world, index, short=True), batch(world, index), _ACTIONS[index % len(_ACTIONS)])
            for index in listed
        ),
        speaker_notes=tell(
            _REMARK,
            supplier=supplier_of(world, noted),
            batch=batch(world, noted, on_the_floor=True),
            material=material_of(world, noted),
        ),
    )


def _write_deck(path: Path, review: Review) -> None:
    deck = Presentation()
    _stamp(deck, review)
    _add_title(deck, review)
    _add_observations(deck, review)
    _add_open_points(deck, review.open_points)
    deck.save(str(path))
    fix_times(path)


def _stamp(deck: Deck, review: Review) -> None:
    properties = deck.core_properties
    properties.title = f"Supplier review {review.quarter}"
    properties.author = properties.last_modified_by = "Purchasing"
    properties.created = properties.modified = WRITTEN_AT
    properties.revision = 1


def _add_title(deck: Deck, review: Review) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_LAYOUT])
    slide.shapes.title.text = f"Supplier review {review.quarter}"
    slide.placeholders[1].text = "Purchasing and quality"


def _add_observations(deck: Deck, review: Review) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[_TEXT_LAYOUT])
    slide.shapes.title.text = "What we saw"
    slide.placeholders[1].text_frame.text = "\n".join(passage.text for passage in review.observations)
    slide.notes_slide.notes_text_frame.text = review.speaker_notes.text


def _add_open_points(deck: Deck, points: Iterable[tuple[Thing, Thing, str]]) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY_LAYOUT])
    slide.shapes.title.text = "Open points"
    rows = [("Supplier", "Batch", "Action")]
    rows += [(supplier.written, delivered.written, action) for supplier, delivered, action in points]
    table = slide.shapes.add_table(len(rows), 3, Cm(2), Cm(5), Cm(21), Cm(1.2 * len(rows))).table
    for row_index, row in enumerate(rows):
        for column_index, text in enumerate(row):
            cell = table.cell(row_index, column_index)
            cell.text = text
            cell.text_frame.paragraphs[0].runs[0].font.size = Pt(16)
