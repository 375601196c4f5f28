"""Makes values of a meaning, and writes them in another way: other codes, other formats, typing errors, other units."""

import string
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from extractors.fields.training.concepts import Concept


def _split(words: str) -> list[str]:
    return words.split()


_SYLLABLES = _split(
    "ba be bi bo bra da de do dra fa fe fo ga ge go gra ha he ho ja jo ka ke ko kra la le lo ma me mo na ne no pa pe po"
    " ra re ro sa se so sta ta te to tra va ve vo wa we za ze lin ber dor mon ster ton ville sen feld wick hurst"
)
_COUNTRIES = (
    ("Germany", "DE"), ("France", "FR"), ("Spain", "ES"), ("Italy", "IT"), ("Poland", "PL"), ("Sweden", "SE"),
    ("Austria", "AT"), ("Norway", "NO"), ("Portugal", "PT"), ("Greece", "GR"), ("Japan", "JP"), ("Brazil", "BR"),
)  # fmt: skip
_CITIES = _split("Hamburg Berlin Lyon Paris Madrid Milan Rome Vienna Porto Oslo Ghent Basel Leeds York Cork Turin Bonn")
_FIRST = _split(
    "Anna Ben Carla David Emma Felix Greta Hans Ida Jonas Karin Leo Maria Nils Olga Paul Rosa Sven Tina Udo"
)
_FIRM_ENDS = ("Ltd", "GmbH", "Inc", "AG", "& Sons", "Group", "Partners", "SA")
_NOUNS = _split(
    "pump valve lamp chair table river winter summer garden engine ladder window mirror bridge stone paper light road"
    " dream dance fire ocean forest hammer cable filter motor sensor shelf bottle carpet ring moon star basket candle"
    " blanket drawer kettle pillow saddle ticket wagon anchor barrel cabin canvas cellar chimney coffee copper cotton"
    " curtain desert engine fabric feather fence harbour helmet island jacket kitchen leather market meadow needle"
    " orchard packet pepper piano pocket rocket salad screen shadow signal silver spring square stable string tunnel"
    " velvet vessel village wheel whistle yard zipper bracket bearing gasket nozzle rotor switch turbine washer"
)
_ADJECTIVES = _split(
    "small large old new green silent broken golden heavy light quick lost deep bright cold warm round flat narrow wide"
    " double single upper lower inner outer left right early late dry wet soft hard smooth rough pale dark sharp blunt"
    " hollow solid loose tight plain mixed raw mild acute simple complex rapid steady coarse fine"
)
_OWN_WORDS = 14
_UPPER = 0.3
_STREETS = ("Street", "Road", "Lane", "Avenue", "Square", "Way")


def phrases(concept: Concept, count: int, chance: Random) -> list[str]:
    """Make phrases of the few words that belong to a meaning."""
    own = Random("|".join(concept.names))  # noqa: S311  # no secrets
    nouns, adjectives = own.sample(_NOUNS, _OWN_WORDS), own.sample(_ADJECTIVES, _OWN_WORDS)
    made = []
    for _ in range(count):
        some = chance.sample(adjectives, chance.randint(0, 2))
        made.append(" ".join([*some, *chance.sample(nouns, chance.randint(1, 2))]))
    return made


def make_values(concept: Concept, rows: int, chance: Random) -> list[Any]:
    """Make one value per row."""
    if concept.choices:
        shares = [chance.random() + 0.05 for _ in concept.choices]
        return [each[0] for each in chance.choices(concept.choices, shares, k=rows)]
    if concept.kind == "thing":
        few = phrases(concept, chance.choice([6, 20, rows]), chance)
        return [chance.choice(few) for _ in range(rows)]
    make = _MAKERS[concept.kind]
    return [make(row, concept.arguments, chance) for row in range(rows)]


def written_otherwise(concept: Concept, values: Sequence[Any], chance: Random) -> list[Any]:
    """Write all values of a field in another way, as another system would."""
    if concept.choices:
        spelling = chance.randrange(1, 4)
        other = {each[0]: each[min(spelling, len(each) - 1)] for each in concept.choices}
        return [other[value] for value in values]
    rewrite = _REWRITERS.get(concept.kind, _sometimes_upper)
    return rewrite(values, chance)


def _flags(values: Sequence[Any], chance: Random) -> list[Any]:
    yes, no = chance.choice([("yes", "no"), ("Y", "N"), (1, 0), ("true", "false"), ("T", "F")])
    return [yes if value == "yes" else no for value in values]


def _country_codes(values: Sequence[Any], chance: Random) -> list[Any]:
    codes = dict(_COUNTRIES)
    return [codes.get(value, value) for value in values]


def _dates(values: Sequence[Any], chance: Random) -> list[Any]:
    form = chance.choice(["%d.%m.%Y", "%Y%m%d", "%m/%d/%Y", "%Y-%m-%d"])
    return [date.fromisoformat(value).strftime(form) for value in values]


def _other_units(values: Sequence[Any], chance: Random) -> list[Any]:
    factor = chance.choice([1, 1, 1, 10, 100, 2.54, 0.01])
    return [round(value * factor, 3) for value in values]


def _codes(values: Sequence[Any], chance: Random) -> list[Any]:
    before, after = chance.choice([("", ""), ("p", ""), ("", " (old)"), ("X", " (II)")])
    plain = [str(value) for value in values]
    if before or after:
        return [before + value + after for value in plain]
    return [value.lstrip(string.ascii_letters + "-") for value in plain]


def _sometimes_upper(values: Sequence[Any], chance: Random) -> list[Any]:
    return [str(value).upper() for value in values] if chance.random() < _UPPER else list(values)


def _phrased_otherwise(values: Sequence[Any], chance: Random) -> list[Any]:
    other: dict[str, str] = {}
    ending = chance.choice(["", "", ", NN", " (all)", " type", " or similar"])
    for value in dict.fromkeys(values):
        words = value.split()
        if len(words) > 1 and chance.random() < 0.5:
            words = words[1:] if chance.random() < 0.5 else words[::-1]
        other[value] = (" ".join(words) + ending).capitalize()
    return [other[value] for value in values]


def with_errors(values: Sequence[Any], share: float, chance: Random) -> list[Any]:
    """Put typing errors in some texts, and move some numbers a little."""
    hit = [value is not None and chance.random() < share for value in values]
    return [_with_error(value, chance) if each else value for value, each in zip(values, hit, strict=True)]


def with_gaps(values: Sequence[Any], share: float, chance: Random) -> list[Any]:
    """Leave some values out."""
    return [None if chance.random() < share else value for value in values]


def one_typing_error(text: str, chance: Random) -> str:
    """Swap, drop, double or change a letter."""
    if len(text) < 2:
        return text
    place = chance.randrange(len(text) - 1)
    head, tail = text[:place], text[place + 2 :]
    one, two = text[place], text[place + 1]
    other = chance.choice(string.ascii_lowercase)
    return head + chance.choice([two + one, two, one + one + two, other + two]) + tail


def _with_error(value: Any, chance: Random) -> Any:
    if isinstance(value, str):
        return one_typing_error(value, chance)
    moved = value * chance.uniform(0.93, 1.07)
    return round(moved) if isinstance(value, int) else round(moved, 3)


def _word(chance: Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=chance.randint(2, 3))).capitalize()


def _city(chance: Random) -> str:
    return chance.choice(_CITIES) if chance.random() < 0.5 else _word(chance)


def _thing(chance: Random) -> str:
    return (
        f"{chance.choice(_ADJECTIVES)} {chance.choice(_NOUNS)} {_word(chance) if chance.random() < 0.4 else ''}".strip()
    )


def _day(low: str, high: str, chance: Random) -> str:
    start = date(int(low), 1, 1)
    return (start + timedelta(chance.randrange((int(high) - int(low)) * 365))).isoformat()


def _number(low: str, high: str, chance: Random) -> float:
    # Most measured quantities gather in the middle of their range.
    return round(chance.triangular(float(low), float(high)), 2)


def _money(low: str, high: str, chance: Random) -> float:
    least, most = float(low), float(high)
    return round(least + (most - least) * chance.random() ** 3, 2)


_Maker = Callable[[int, Sequence[str], Random], Any]
_MAKERS: Mapping[str, _Maker] = {
    "number": lambda row, given, chance: _number(given[0], given[1], chance),
    "whole": lambda row, given, chance: round(_number(given[0], given[1], chance)),
    "money": lambda row, given, chance: _money(given[0], given[1], chance),
    "share": lambda row, given, chance: round(chance.random() ** 2 * 100, 1),
    "date": lambda row, given, chance: _day(given[0], given[1], chance),
    "person": lambda row, given, chance: f"{chance.choice(_FIRST)} {_word(chance)}",
    "first": lambda row, given, chance: chance.choice(_FIRST) if chance.random() < 0.7 else _word(chance),
    "last": lambda row, given, chance: _word(chance),
    "city": lambda row, given, chance: _city(chance),
    "country": lambda row, given, chance: chance.choice(_COUNTRIES)[0],
    "street": lambda row, given, chance: f"{chance.randint(1, 200)} {_word(chance)} {chance.choice(_STREETS)}",
    "phone": lambda row, given, chance: (
        f"+{chance.randint(30, 49)} {chance.randint(100, 999)} {chance.randint(1000, 99999)}"
    ),
    "email": lambda row, given, chance: f"{chance.choice(_FIRST).lower()}.{_word(chance).lower()}@example.org",
    "firm": lambda row, given, chance: f"{_word(chance)} {chance.choice(_FIRM_ENDS)}",
    "text": lambda row, given, chance: ", ".join(_thing(chance) for _ in range(chance.randint(1, 5))),
    "url": lambda row, given, chance: f"https://example.org/{_word(chance).lower()}/{chance.randint(1, 999)}",
    "time": lambda row, given, chance: f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}",
    "id": lambda row, given, chance: f"{given[0]}{1000 + row * 3 + chance.randint(0, 2)}",
    "code": lambda row, given, chance: f"{given[0]}{chance.randint(int(given[1]), int(given[2]))}",
    "serial": lambda row, given, chance: chance.randint(10**8, 10**9),
    "flag": lambda row, given, chance: chance.choice(["yes", "no", "no"]),
    "year": lambda row, given, chance: chance.randint(1970, 2024),
    "postal": lambda row, given, chance: chance.randint(10000, 99999),
}

_REWRITERS: Mapping[str, Callable[[Sequence[Any], Random], list[Any]]] = {
    "flag": _flags,
    "country": _country_codes,
    "date": _dates,
    **dict.fromkeys(("number", "money", "share", "whole"), _other_units),
    **dict.fromkeys(("code", "id"), _codes),
    "thing": _phrased_otherwise,
}
