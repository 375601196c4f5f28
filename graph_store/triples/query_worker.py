"""The process that runs queries: killable, read-only, with bounded memory and without network.

It imports nothing but the store's library, so that it is ready in a few milliseconds. Requests and answers
are frames on standard input and output: two lengths, a JSON header, and bytes.
"""

import json
import resource
import signal
import struct
import sys
from io import BytesIO
from typing import Any, Protocol

from graph_store.triples.no_network import refuse_sockets

FRAME = struct.Struct(">IQ")
_MEMORY_BYTES = 4 << 30
_LARGEST_ANSWER_BYTES = 512 << 20


class AnswerTooLarge(Exception):
    """The answer is larger than what a worker may hold."""


class _Answer(BytesIO):
    def write(self, content: Any) -> int:
        if self.tell() > _LARGEST_ANSWER_BYTES:
            raise AnswerTooLarge
        return super().write(content)


class Stream(Protocol):
    """What frames are read from."""

    def read(self, size: int, /) -> bytes:
        """Read `size` bytes, fewer only at the end."""
        ...


def read_frame(stream: Stream) -> tuple[dict[str, Any], bytes] | None:
    """Read a header and its bytes; None at the end of the stream."""
    head = stream.read(FRAME.size)
    if len(head) < FRAME.size:
        return None
    header, content = FRAME.unpack(head)
    return json.loads(stream.read(header)), stream.read(content)


def frame(header: dict[str, Any], content: bytes = b"") -> bytes:
    """Give the bytes of a header and what follows it."""
    text = json.dumps(header).encode()
    return FRAME.pack(len(text), len(content)) + text + content


class Worker:
    """Answers one query after the other, and opens the store anew when it is told another folder."""

    def __init__(self) -> None:
        self.folder = ""
        self.store: Any = None

    def answer(self, asked: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Run a query; what is wrong with it comes back in the header."""
        try:
            self._open(asked["folder"])
            return self._run(asked)
        except (SyntaxError, ValueError) as error:
            return {"kind": "invalid", "reason": str(error)}, b""
        except AnswerTooLarge:
            return {"kind": "invalid", "reason": "the answer is larger than 512 MB: add a LIMIT"}, b""
        except (OSError, RuntimeError) as error:
            self.folder, self.store = "", None
            return {"kind": "failed", "reason": str(error)}, b""

    def _open(self, folder: str) -> None:
        from pyoxigraph import Store

        if folder != self.folder:
            self.store, self.folder = Store.read_only(folder), folder

    def _run(self, asked: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat

        graphs = asked["graphs"]
        allowed = None if graphs is None else [NamedNode(graph) for graph in graphs]
        result = self.store.query(
            asked["query"],
            base_iri=asked["base"],
            prefixes=asked["prefixes"],
            default_graph=allowed,
            named_graphs=allowed,
        )
        content = _Answer()
        if isinstance(result, QuerySolutions):
            variables = [variable.value for variable in result.variables]
            result.serialize(content, QueryResultsFormat.JSON)
            return {"kind": "solutions", "variables": variables}, content.getvalue()
        if isinstance(result, QueryBoolean):
            return {"kind": "boolean", "variables": [], "value": bool(result)}, b""
        result.serialize(content, RdfFormat.N_TRIPLES)
        return {"kind": "triples", "variables": []}, content.getvalue()


def main() -> None:
    """Answer until standard input ends."""
    refuse_sockets()
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))
    worker, requests, answers = Worker(), sys.stdin.buffer, sys.stdout.buffer
    while received := read_frame(requests):
        asked, _ = received
        # Should the asking process be gone, nobody else stops a long query.
        signal.setitimer(signal.ITIMER_REAL, asked["timeout_seconds"] + 5)
        answers.write(frame(*worker.answer(asked)))
        answers.flush()
        signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    main()
