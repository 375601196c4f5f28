"""Which queries may run: reading ones that stay inside the store.

Oxigraph has no switch against federation, and it wants no space after SERVICE, so that `SERVICEex:endpoint` calls out.
The check therefore looks for the word wherever it is not certainly something else; when in doubt it refuses. Behind
it, the process that runs queries has no network (see `no_network`).
"""

import re
from collections.abc import Mapping

from bifrost.errors import QueryInvalid

_TOKEN = re.compile(
    r"""
      (?P<text>\"\"\"(?:\"{0,2}(?:[^"\\]|\\.))*\"\"\" | '''(?:'{0,2}(?:[^'\\]|\\.))*'''
        | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*')
    | (?P<iri><[^<>"{}|^`\s]*>)
    | (?P<comment>\#[^\r\n]*)
    | (?P<variable>[?$]\w+)
    | (?P<blank>_:[\w\-]+)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<name>(?P<prefix>[^\W\d_](?:[\w.\-]*[\w\-])?)?:(?:[\w:\-]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*)
    | (?P<word>\w+)
    """,
    re.VERBOSE | re.DOTALL,
)
_SERVICE, _SILENT = (re.compile(word, re.IGNORECASE) for word in ("service", "servicesilent"))
_WORDS = (_SERVICE, _SILENT)
_LONGEST = 500_000
_UPDATES = frozenset(["insert", "delete", "load", "clear", "drop", "create", "add", "move", "copy", "with"])
_FORMS = frozenset(["select", "ask", "construct", "describe"])
_DECLARATION = re.compile(r"\bprefix\s*([^\s:<]*)\s*:", re.IGNORECASE)


def admit(text: str, prefixes: Mapping[str, str]) -> None:
    """Let a reading query pass; `prefixes` are those that hold without being declared.

    Raises:
        QueryInvalid: it changes something, or calls another server.
    """
    declared = frozenset(_DECLARATION.findall(text)) | prefixes.keys()
    if len(text) > _LONGEST:
        raise QueryInvalid("SPARQL", f"it is longer than {_LONGEST} characters")
    for token in _TOKEN.finditer(text):
        if token.lastgroup in ("text", "comment", "variable", "blank", "language"):
            continue
        if _may_call_out(token, declared):
            raise QueryInvalid("SPARQL", "SERVICE is not allowed: a query sees this graph only")
    _refuse_updates(text)


def _may_call_out(token: "re.Match[str]", declared: frozenset[str]) -> bool:
    found = token.group()
    if token["iri"]:
        # After "(?a <", what looks like an IRI up to the next ">" may be an expression with SERVICE behind its end.
        return ")" in found and _SERVICE.search(found, found.index(")")) is not None
    if token["name"]:
        prefix = token["prefix"] or ""
        return any(prefix[match.end() :] in declared for word in _WORDS for match in word.finditer(prefix))
    return _SERVICE.search(found) is not None


def _refuse_updates(text: str) -> None:
    for token in _TOKEN.finditer(text):
        word = (token["word"] or "").lower()
        if word in _FORMS:
            return
        if word in _UPDATES:
            raise QueryInvalid("SPARQL", "updates are refused: the graph changes through decisions and runs")
