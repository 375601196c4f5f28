"""The companies of the story, and how after-sales spells those that purchasing spells otherwise."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from examples.manufacturing.chance import stream
from examples.manufacturing.places import ABROAD, COUNTRIES, LEGAL_FORMS


@dataclass(frozen=True, slots=True)
class Company:
    """A company by the parts of its name."""

    stem: str
    trade: str
    legal_form: str
    city: str

    @property
    def name(self) -> str:
        """Give the registered name."""
        return f"{self.stem} {self.trade} {self.legal_form}"

    @property
    def short_name(self) -> str:
        """Give the name that people say."""
        return f"{self.stem} {self.trade}"

    @property
    def country(self) -> str:
        """Give the country of the seat."""
        return COUNTRIES[self.city]


SIMILAR_COMPANIES = (
    Company("Brandt", "Chemie", "GmbH", "Hamburg"),
    Company("Brand", "Chemie", "GmbH", "Leipzig"),
)
KNOWN_COMPANIES = (
    *SIMILAR_COMPANIES,
    Company("Hofmeister", "Pigmente", "AG", "München"),
    Company("Østergaard", "Kemi", "A/S", "Aarhus"),
    Company("Weissenfels", "Industrie", "GmbH", "Köln"),
    Company("Krüger", "Rohstoffe", "KG", "Nürnberg"),
    Company("Castellano", "Chimica", "S.p.A.", "Milano"),
    Company("Wielgosz", "Polymery", "Sp. z o.o.", "Kraków"),
    Company("Donauland", "Mineralien", "AG", "Wien"),
    Company("Silberstein", "Harze", "GmbH", "Stuttgart"),
    Company("Mortensen", "Plast", "ApS", "Odense"),
    Company("Tannhauser", "Kunststoffe", "GmbH", "Leipzig"),
    Company("Ferraris", "Resine", "S.r.l.", "Torino"),
    Company("Edelmann", "Additive", "GmbH", "Graz"),
)
OTHER_VENDORS = (
    Company("Rheinkurier", "Spedition", "GmbH", "Köln"),
    Company("Packwell", "Verpackung", "KG", "Hamburg"),
    Company("Lynggaard", "Labels", "A/S", "København"),
    Company("Prüfhaus", "Analytik", "GmbH", "München"),
)
_STEMS = (
    "Ahrens", "Baumgart", "Clausnitz", "Dreyer", "Eichhorn", "Falkenberg", "Gerlach", "Hallstein", "Isenburg", "Jansen",
    "Kaltenbach", "Lohmann", "Meiningen", "Norddorf", "Oberland", "Pfister", "Quandt", "Riedinger", "Schaller",
    "Thalheim", "Uhland", "Vossberg", "Wolfram", "Zeller", "Amberg", "Buchholz", "Dornbach", "Elsner", "Friedland",
    "Grunewald", "Hagedorn", "Immenstadt", "Kestner", "Landsberg", "Marbach", "Neuhoff", "Ottersberg", "Petersen",
    "Rosenthal", "Steinbach", "Tiefenbach", "Ulrichs", "Vogelsang", "Waldheim", "Arnsberg", "Bergholt", "Carstens",
    "Diepholz", "Ehrenfels", "Flensborg", "Giersberg", "Hochkirch", "Jessen", "Kronach", "Lautenbach", "Morgenrot",
)  # fmt: skip
_TRADES = ("Chemie", "Pigmente", "Industrie", "Rohstoffe", "Mineralien", "Harze", "Kunststoffe", "Additive")
_ABBREVIATIONS = {
    "Chemie": "Chem.",
    "Pigmente": "Pigm.",
    "Industrie": "Ind.",
    "Rohstoffe": "Rohst.",
    "Mineralien": "Min.",
    "Kunststoffe": "Kunstst.",
    "Chimica": "Chim.",
    "Additive": "Add.",
    "Harze": "Hrz.",
    "Resine": "Res.",
    "Polymery": "Polym.",
    "Kemi": "Kem.",
    "Plast": "Pl.",
}
_OTHER_FORMS = {
    "GmbH": "GmbH & Co. KG",
    "AG": "Aktiengesellschaft",
    "KG": "GmbH & Co. KG",
    "A/S": "AS",
    "ApS": "A/S",
    "S.p.A.": "SpA",
    "S.r.l.": "Srl",
    "Sp. z o.o.": "Spolka z o.o.",
}
_PLAIN_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ø": "O", "ø": "o", "ó": "o", "å": "aa"})


def plain(text: str) -> str:
    """Write a name as a machine without accents does."""
    return text.translate(_PLAIN_LETTERS)


def companies(count: int, *, seed: int) -> tuple[Company, ...]:
    """Give suppliers: the known ones first, then composed ones; no two share stem and trade."""
    chance = stream(seed, "companies")
    names = list(product(_STEMS, _TRADES))
    order: list[int] = chance.permutation(len(names)).tolist()
    chosen = [names[index] for index in order[: max(0, count - len(KNOWN_COMPANIES))]]
    return (*KNOWN_COMPANIES, *(_composed(stem, trade, chance) for stem, trade in chosen))


def _composed(stem: str, trade: str, chance: np.random.Generator) -> Company:
    city = str(chance.choice(list(COUNTRIES)))
    return Company(stem, trade, str(chance.choice(LEGAL_FORMS[COUNTRIES[city]])), city)


def spelled_in_capitals(company: Company) -> str:
    """Spell in capitals, abbreviated, without legal form: `BRANDT CHEM.`."""
    return f"{company.stem} {_ABBREVIATIONS[company.trade]}".upper()


def spelled_short(company: Company) -> str:
    """Spell without legal form."""
    return company.short_name


def spelled_with_typo(company: Company) -> str:
    """Spell with one letter of the stem lost."""
    middle = len(company.stem) // 2
    return f"{company.stem[:middle]}{company.stem[middle + 1 :]} {company.trade} {company.legal_form}"


def spelled_with_other_form(company: Company) -> str:
    """Spell with a wrong or differently written legal form."""
    return f"{company.short_name} {_OTHER_FORMS[company.legal_form]}"


def spelled_abbreviated(company: Company) -> str:
    """Spell with the trade abbreviated."""
    return f"{company.stem} {_ABBREVIATIONS[company.trade]} {company.legal_form}"


def spelled_plain(company: Company) -> str:
    """Spell without accents, in capitals."""
    return plain(company.name).upper()


_SPELLINGS = (
    spelled_in_capitals,
    spelled_short,
    spelled_with_typo,
    spelled_with_other_form,
    spelled_abbreviated,
    spelled_plain,
)


def vendor_name(company: Company, position: int) -> str:
    """Spell a company as after-sales does; positions take the ways of spelling in turn."""
    return _SPELLINGS[position % len(_SPELLINGS)](company)


def vendor_town(company: Company, position: int) -> str:
    """Spell a city as after-sales does: as abroad for two of three positions."""
    return company.city if position % 3 == 0 else ABROAD.get(company.city, company.city)
