"""Trains the ranking model on made-up tables, tells what each part is worth on domains that it has not seen, keeps it.

`python -m extractors.fields.training --pairs 240 --models FOLDER` writes `extractors/fields/ranker.json`.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bifrost import text_encoder
from extractors.fields.candidates import FEATURES
from extractors.fields.context import pair_graph, standing
from extractors.fields.ranker import Ranker
from extractors.fields.training.concepts import read_concepts
from extractors.fields.training.examples import Example, make_examples, without_meaning
from extractors.fields.training.fitting import fit, stack
from extractors.fields.training.graph import Case, train_network, zero_network
from extractors.fields.training.measuring import mean_measures

_HELD_BACK = ("species", "flight", "survey", "property", "machine", "music")
_KEPT_AT = Path(__file__).parent.parent / "ranker.json"


def train(examples: Sequence[Example], *, meaning: bool, network: bool = True) -> Ranker:
    """Fit the sum over features, then the network over the graph of candidates on top of it."""
    weights, usual, even = fit(stack(examples), meaning=meaning)
    plain = Ranker(FEATURES, weights, usual, even, zero_network())
    if not network:
        return plain
    return Ranker(FEATURES, weights, usual, even, train_network([_case(plain, one) for one in examples]))


def scores_of(ranker: Ranker, one: Example) -> npt.NDArray[np.float64]:
    """Score the candidates of one example."""
    graph, inputs, own, _ = _case(ranker, one)
    scores: npt.NDArray[np.float64] = own + ranker.network(inputs, graph.groups)
    return scores


def _case(ranker: Ranker, one: Example) -> Case:
    own = ranker.scores(one.candidates.values)
    graph = pair_graph(one.fields, one.candidates.rows, one.candidates.columns)
    return graph, standing(graph, own), own, one.right


def _main() -> None:
    given = _arguments()
    os.environ.setdefault("DGLBACKEND", "pytorch")
    with tempfile.TemporaryDirectory() as scratch:
        models = given.models or Path(scratch)
        models.mkdir(parents=True, exist_ok=True)
        encode = text_encoder.load_encoder(models)
        if encode is None:
            raise SystemExit("the text encoder is not installed")
        domains = read_concepts()
        known = {name: each for name, each in domains.items() if name not in _HELD_BACK}
        held = {name: each for name, each in domains.items() if name in _HELD_BACK}
        examples = list(make_examples(known, given.pairs, given.seed, encode))
        unseen = list(make_examples(held, given.pairs // 4, given.seed + 1, encode))
    kept = {}
    for meaning, name in ((True, "with meaning"), (False, "without meaning")):
        shown, tried = ([one if meaning else without_meaning(one) for one in each] for each in (examples, unseen))
        _tell(f"{name}, the sum alone", train(shown, meaning=meaning, network=False), tried)
        _tell(f"{name}, with the network", train(shown, meaning=meaning), tried)
        kept[name] = train([*shown, *tried], meaning=meaning).as_json()
    given.out.write_text(json.dumps(kept) + "\n", "utf-8")


def _tell(name: str, ranker: Ranker, examples: Sequence[Example]) -> None:
    measured = mean_measures(examples, [scores_of(ranker, one) for one in examples])
    print(f"{name}: MRR {measured[0]:.3f}, recall at ground truth {measured[1]:.3f}", flush=True)  # noqa: T201


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m extractors.fields.training", description=__doc__)
    parser.add_argument("--pairs", type=int, default=240, help="pairs of tables to make")
    parser.add_argument("--seed", type=int, default=1, help="where the random numbers start")
    parser.add_argument("--models", type=Path, help="a folder for the encoder and its vectors, kept between runs")
    parser.add_argument("--out", type=Path, default=_KEPT_AT, help="where to write the model")
    return parser.parse_args()


if __name__ == "__main__":
    _main()
