"""The letters of languages that the networks for recognition were trained on, by Tesseract's names of languages."""

_PLAIN = "".join(map(chr, range(0x21, 0x7F))) + "€£§°±®©"

_BEYOND_PLAIN = {
    "eng": "",
    "dan": "æøåÆØÅ",
    "deu": "äöüßÄÖÜ",
    "fin": "äöåÄÖÅ",
    "fra": "àâæçéèêëîïôœùûüÿÀÂÆÇÉÈÊËÎÏÔŒÙÛÜ«»",
    "ind": "",
    "ita": "àèéìíòóùúÀÈÉÌÒÓÙ",
    "msa": "",
    "nld": "éëïóöüÉËÏ",
    "nor": "æøåÆØÅ",
    "por": "àáâãçéêíóôõúüÀÁÂÃÇÉÊÍÓÔÕÚ",
    "spa": "áéíñóúü¿¡ÁÉÍÑÓÚÜ",
    "swe": "äöåÄÖÅ",
}


def letters_of(languages: str) -> str | None:
    """Give all characters of languages joined with "+", or None when one of them is not known here."""
    names = [name.strip() for name in languages.split("+")]
    if not all(name in _BEYOND_PLAIN for name in names):
        return None
    return _PLAIN + "".join(dict.fromkeys("".join(_BEYOND_PLAIN[name] for name in names)))
