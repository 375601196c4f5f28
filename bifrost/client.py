"""A small client for a Bifrost server; needs nothing but the standard library."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import Request, urlopen

from bifrost.errors import ConfigInvalid, ServerRefused, ServerUnreachable
from bifrost.model import Proposal, Route
from bifrost.predictions import LinkAsked, PredictedLink


@dataclass(frozen=True, slots=True)
class Hit:
    """A search result."""

    iri: str
    label: str
    types: tuple[str, ...]
    score: float
    snippet: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """A proposal and where it went in the latest link."""

    proposal: Proposal
    route: Route


class Client:
    """Asks one server. Every method raises ServerUnreachable (retry) or ServerRefused (with the server's sentence)."""

    def __init__(self, url: str, *, timeout_seconds: float = 60, headers: Mapping[str, str] | None = None) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise ConfigInvalid("url", ["must start with http:// or https://"])
        self.url = url.rstrip("/")
        self.timeout_seconds = timeout_seconds
        self.headers = dict(headers or {})

    def search(
        self, text: str, *, first: int = 20, types: Sequence[str] = (), sources: Sequence[str] = ()
    ) -> list[Hit]:
        """Find entities by words and by meaning, the best first."""
        parameters = [
            ("text", text),
            ("first", first),
            *(("types", t) for t in types),
            *(("sources", s) for s in sources),
        ]
        found = self._get("/api/v1/search", parameters)
        return [Hit(each["iri"], each["label"], tuple(each["types"]), each["score"], each["snippet"]) for each in found]

    def entity(self, iri: str) -> dict[str, Any]:
        """Give an entity with its facts and links, and for each of them the places where it was seen."""
        found: dict[str, Any] = self._get("/api/v1/entity", [("iri", iri)])
        return found

    def sparql(self, query: str) -> list[dict[str, str | None]]:
        """Give the rows of a SELECT; for ASK one row with `answer`."""
        content = self._send("POST", "/sparql", query.encode(), "application/sparql-query", _JSON_RESULTS)
        answer = json.loads(content)
        if "boolean" in answer:
            return [{"answer": str(answer["boolean"]).lower()}]
        names = answer["head"]["vars"]
        return [
            {name: row[name]["value"] if name in row else None for name in names}
            for row in answer["results"]["bindings"]
        ]

    def triples(self, query: str) -> str:
        """Give what a CONSTRUCT or DESCRIBE finds, as N-Triples."""
        return self._send(
            "POST", "/sparql", query.encode(), "application/sparql-query", "application/n-triples"
        ).decode()

    def graphql(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Give the `data` of a GraphQL answer; errors in it are raised."""
        answer = self._post("/graphql", {"query": query, "variables": dict(variables or {})})
        if answer.get("errors"):
            raise ServerRefused(self.url, 200, "; ".join(error["message"] for error in answer["errors"]))
        data: dict[str, Any] = answer["data"]
        return data

    def proposals(self, *, kind: str | None = None, route: str | None = None, first: int = 50) -> list[Suggested]:
        """List proposals, the most useful question first; route "ask" gives the open ones."""
        parameters = [("kind", kind), ("route", route), ("first", first)]
        found = self._get("/api/v1/proposals", [(name, value) for name, value in parameters if value is not None])
        return [Suggested(Proposal.from_json(each), Route(each["route"])) for each in found]

    def decide(self, proposal_id: str, verdict: str, *, name: str = "", reason: str = "") -> None:
        """Answer a proposal: accept, reject, skip or undo."""
        self._post("/api/v1/decisions", {"id": proposal_id, "verdict": verdict, "name": name, "reason": reason})

    def correct(self, proposal_id: str, change: Mapping[str, Any]) -> dict[str, Any]:
        """Put another proposal in the place of this one; `change` holds start, end, transform, reverse or name."""
        given: dict[str, Any] = self._post(f"/api/v1/proposals/{quote(proposal_id)}/correction", change)
        return given

    def teach(
        self, name: str, pairs: Sequence[tuple[str, str]], *, denied: Sequence[tuple[str, str]] = ()
    ) -> list[Proposal]:
        """Give the rules that link the pairs, the likeliest first; accept one with `decide`."""
        body = {"name": name, "pairs": [list(pair) for pair in pairs], "denied": [list(pair) for pair in denied]}
        return [Proposal.from_json(each) for each in self._post("/api/v1/teach", body)]

    def predicted_tails(
        self, subject: str, link_type: str, *, count: int = 10, explain: bool = False
    ) -> list[PredictedLink]:
        """Give the likeliest objects that the subject is not linked to yet."""
        return self._predicted("tails", {"subject": subject, "link_type": link_type}, count, explain)

    def predicted_heads(
        self,
        link_type: str,
        object: str,  # noqa: A002 - the word of the field
        *,
        count: int = 10,
        explain: bool = False,
    ) -> list[PredictedLink]:
        """Give the likeliest subjects that are not linked to the object yet."""
        return self._predicted("heads", {"link_type": link_type, "object": object}, count, explain)

    def predicted_relations(
        self,
        subject: str,
        object: str,  # noqa: A002 - the word of the field
        *,
        count: int = 10,
        explain: bool = False,
    ) -> list[PredictedLink]:
        """Give the likeliest types of link from the subject to the object, also those that they have."""
        return self._predicted("relations", {"subject": subject, "object": object}, count, explain)

    def score_links(self, links: Sequence[LinkAsked], *, explain: bool = False) -> list[PredictedLink]:
        """Give the probability of each link, in the order in which they were asked about."""
        found = self._post(
            f"/api/v1/predictions/score?explain={str(explain).lower()}", [asdict(each) for each in links]
        )
        return [PredictedLink.from_json(each) for each in found]

    def propose_links(self, links: Sequence[LinkAsked]) -> list[Proposal]:
        """Make links open questions for people, all or none."""
        return [
            Proposal.from_json(each)
            for each in self._post("/api/v1/predictions/proposals", [asdict(each) for each in links])
        ]

    def link_models(self) -> list[dict[str, Any]]:
        """List the versions of the model of links, the latest first."""
        models: list[dict[str, Any]] = self._get("/api/v1/models", [])
        return models

    def use_link_model(self, name: str) -> dict[str, Any]:
        """Put a version of the model of links in force."""
        used: dict[str, Any] = self._post(f"/api/v1/models/{quote(name)}/use", {})
        return used

    def rename_link_type(self, name: str, to: str) -> None:
        """Give a link type another name; its links follow."""
        self._post(f"/api/v1/link-types/{quote(name, safe='')}/rename", {"name": to})

    def delete_link_type(self, name: str) -> None:
        """Delete a link type with all its links, also those that people asserted."""
        self._send("DELETE", f"/api/v1/link-types/{quote(name, safe='')}", None, "", "application/json")

    def restore_link_type(self, name: str) -> None:
        """Take back the deletion of a link type."""
        self._post(f"/api/v1/link-types/{quote(name, safe='')}/restore", {})

    def source_kinds(self) -> list[dict[str, Any]]:
        """List the kinds of sources with the schemas of their settings."""
        kinds: list[dict[str, Any]] = self._get("/api/v1/sources/kinds", [])
        return kinds

    def sources(self) -> list[dict[str, Any]]:
        """List the registered sources with what is staged of each."""
        sources: list[dict[str, Any]] = self._get("/api/v1/sources", [])
        return sources

    def add_source(
        self, name: str, kind: str, config: Mapping[str, Any], common: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Register a source; `common` may hold schedule, paused, description, owner and rate_limit.

        A password in `config` that is no reference is encrypted by the server.
        """
        body = {"name": name, "kind": kind, "config": dict(config), **(common or {})}
        added: dict[str, Any] = self._post("/api/v1/sources", body)
        return added

    def change_source(
        self, name: str, config: Mapping[str, Any] | None = None, common: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Change settings of a source and leave the others as they are; None in `config` takes one away."""
        body = {**({"config": dict(config)} if config else {}), **(common or {})}
        changed: dict[str, Any] = json.loads(self._send_json("PATCH", f"/api/v1/sources/{quote(name)}", body))
        return changed

    def pause_source(self, name: str) -> dict[str, Any]:
        """Keep what is known of a source, and crawl it only when it is named."""
        return self.change_source(name, common={"paused": True})

    def resume_source(self, name: str) -> dict[str, Any]:
        """Crawl a paused source again with every run."""
        return self.change_source(name, common={"paused": False})

    def remove_source(self, name: str, *, dry_run: bool = False) -> dict[str, Any]:
        """Remove a source, or say what would go with it."""
        place = f"/api/v1/sources/{quote(name)}?dry_run={str(dry_run).lower()}"
        removed: dict[str, Any] = json.loads(self._send("DELETE", place, None, "", "application/json"))
        return removed

    def test_source(self, name: str) -> str:
        """Let the server connect to a source, and give what answered."""
        return str(self._post(f"/api/v1/sources/{quote(name)}/test", {})["answer"])

    def crawls(self, source: str, *, first: int = 20) -> list[dict[str, Any]]:
        """List the latest crawls of a source, newest first."""
        crawls: list[dict[str, Any]] = self._get(f"/api/v1/sources/{quote(source)}/crawls", [("first", first)])
        return crawls

    def record(self, source: str, item: str, key: Sequence[str]) -> dict[str, Any]:
        """Read one record at its source, with the fields that are left there."""
        parameters = [("item", item), *(("key", each) for each in key)]
        fields: dict[str, Any] = self._get(f"/api/v1/sources/{quote(source)}/record", parameters)["fields"]
        return fields

    def run(
        self,
        stages: Sequence[str] = (),
        *,
        sources: Sequence[str] = (),
        wait_seconds: float = 0,
        confirm_retraction: bool = False,
        retract_unselected: bool = False,
    ) -> dict[str, Any]:
        """Start stages (by default all), wait for the end as long as asked, and give the state of the runs."""
        allowed = {"confirm_retraction": confirm_retraction, "retract_unselected": retract_unselected}
        body = {"sources": list(sources), **({"stages": list(stages)} if stages else {}), **allowed}
        self._post("/api/v1/runs", body)
        ends = time.monotonic() + wait_seconds
        state: dict[str, Any] = self._get("/api/v1/runs", [])
        while state["running"] and time.monotonic() < ends:
            time.sleep(0.2)
            state = self._get("/api/v1/runs", [])
        return state

    def _get(self, path: str, parameters: Sequence[tuple[str, Any]]) -> Any:
        query = f"?{urlencode(parameters, quote_via=quote)}" if parameters else ""
        return json.loads(self._send("GET", path + query, None, "", "application/json"))

    def _predicted(self, what: str, given: Mapping[str, str], count: int, explain: bool) -> list[PredictedLink]:
        parameters = [*given.items(), ("count", str(count)), ("explain", str(explain).lower())]
        return [PredictedLink.from_json(each) for each in self._get(f"/api/v1/predictions/{what}", parameters)]

    def _post(self, path: str, body: Mapping[str, Any] | Sequence[Any]) -> Any:
        return json.loads(self._send_json("POST", path, body))

    def _send_json(self, method: str, path: str, body: Mapping[str, Any] | Sequence[Any]) -> bytes:
        return self._send(method, path, json.dumps(body).encode(), "application/json", "application/json")

    def _send(self, method: str, path: str, body: bytes | None, content_type: str, accept: str) -> bytes:
        headers = {**self.headers, "Accept": accept, **({"Content-Type": content_type} if body is not None else {})}
        request = Request(self.url + path, data=body, headers=headers, method=method)  # noqa: S310 - checked in __init__
        try:
            with urlopen(request, timeout=self.timeout_seconds) as response:  # noqa: S310 - checked in __init__
                content: bytes = response.read()
                return content
        except HTTPError as error:
            raise ServerRefused(self.url, error.code, _sentence(error.read())) from error
        except (URLError, TimeoutError, ConnectionError) as error:
            raise ServerUnreachable(self.url, str(getattr(error, "reason", error))) from error


_JSON_RESULTS = "application/sparql-results+json"


def _sentence(content: bytes) -> str:
    """Find the message in an error's body, which is JSON or text."""
    text = content.decode(errors="replace").strip()
    try:
        return str(json.loads(text)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return text[:500] or "no reason given"
