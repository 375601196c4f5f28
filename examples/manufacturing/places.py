"""Cities, their countries, and how people abroad spell them."""

COUNTRIES = {
    "Hamburg": "Germany",
    "Leipzig": "Germany",
    "München": "Germany",
    "Köln": "Germany",
    "Nürnberg": "Germany",
    "Stuttgart": "Germany",
    "Aarhus": "Denmark",
    "København": "Denmark",
    "Odense": "Denmark",
    "Wien": "Austria",
    "Graz": "Austria",
    "Milano": "Italy",
    "Torino": "Italy",
    "Kraków": "Poland",
    "Warszawa": "Poland",
}
ABROAD = {
    "München": "Munich",
    "Köln": "Cologne",
    "Nürnberg": "Nuremberg",
    "Aarhus": "Århus",
    "København": "Copenhagen",
    "Wien": "Vienna",
    "Milano": "Milan",
    "Torino": "Turin",
    "Kraków": "Krakow",
    "Warszawa": "Warsaw",
}
LEGAL_FORMS = {
    "Germany": ("GmbH", "AG", "KG"),
    "Denmark": ("A/S", "ApS"),
    "Austria": ("GmbH", "AG"),
    "Italy": ("S.p.A.", "S.r.l."),
    "Poland": ("Sp. z o.o.",),
}
