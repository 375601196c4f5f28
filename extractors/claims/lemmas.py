"""Base forms of English verbs by rule: near enough that `supplied` and `supplies` are one relation."""

import re


def words_of(text: str) -> frozenset[str]:
    """Give the words of a list that is written as a text."""
    return frozenset(text.split())


_FORMS = (
    "send: sent; buy: bought; sell: sold; make: made; build: built; take: took taken; give: gave given; "
    "find: found; hold: held; lead: led; pay: paid; become: became; write: wrote written; bring: brought; "
    "keep: kept; leave: left; lose: lost; meet: met; run: ran run; say: said; see: saw seen; show: showed shown; "
    "win: won; draw: drew drawn; drive: drove driven; choose: chose chosen; break: broke broken; grow: grew grown; "
    "know: knew known; put: put; set: set; cut: cut; get: got; come: came; go: went gone; begin: began begun; "
    "lend: lent; spend: spent; have: has had; do: done did does; bind: bound; feed: fed; hit: hit; lie: lay; "
    "lay: laid; read: read; rise: rose; shoot: shot; teach: taught; tell: told; think: thought; "
    "understand: understood; withdraw: withdrew withdrawn"
)
_IRREGULAR = {
    form: base for base, forms in (entry.split(": ") for entry in _FORMS.split("; ")) for form in forms.split()
}
PARTICIPLES = words_of(
    "sent bought sold made built taken given found held led paid written brought kept left lost met run seen shown "
    "drawn driven chosen broken known put set cut lent spent bound fed laid read told withdrawn"
)
PAST = frozenset(word for word, base in _IRREGULAR.items() if word != base) - {"gone", "done"}
_SILENT_E = re.compile(
    r"(?:[cvzue]|[^s]s|[dnr]g|[^aeiou][aio]g|[^aeo]at|cre?at|[aiu]r(?<!air)(?<!eer)|[^aeiou][iu]d|[^aeo]ad|[aiou]k|"
    r"[^aeio]in|[^aeo]ut|[lpc]et|[^aeiou]ot|[^aeioul]l|[^aeiou]or)$"
)
_DOUBLED = re.compile(r"([bdgklmnprt])\1$")
_STEMS_IN_LL_SS = re.compile(r"(?:ll|ss|zz|ff)$")
_NO_E = re.compile(r"(?:entr|enter|er|or|it|is[ht]|en|on|om|ss|sh|ch|x|w|y|lm|rm)$")


def base_form(word: str) -> str:
    """Give the base form of a verb in lower case."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith(("ies", "ied")) and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("ed") and len(word) > 3:
        return _restored(word[:-2])
    if word.endswith(("ches", "shes", "sses", "xes", "zzes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def _restored(stem: str) -> str:
    if len(stem) > 3 and _DOUBLED.search(stem) and not _STEMS_IN_LL_SS.search(stem):
        return stem[:-1]
    if stem.endswith(("oll", "ell")) and len(stem) > 5:  # controlled, cancelled; but called, installed
        return stem[:-1]
    if _NO_E.search(stem) and not re.search(r"(?:^|[^aeiou])or$|^[^aeiou]*it$", stem):
        return stem
    return stem + "e" if _SILENT_E.search(stem) else stem
