"""What the records of a table have few kinds of: values of coded fields, and ends of their links."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc
from scipy import sparse

from bifrost.engine import identifier
from bifrost.field_words import table_words
from bifrost.model import LinkType, Table
from linker.assembly.writing import Assembly
from linker.paths.matrices import Matrices

MOST_VALUES, MOST_LINKED = 20, 50
LEAST_REACHED = 0.01


@dataclass(frozen=True)
class Trait:
    """A property of things with few values: a matrix (entities x values, 0 or 1)."""

    name: str
    link: str
    """The id of the link type; empty for a field."""
    held: Any
    presence: bool = False
    """True when the second of two values says that there is something."""


@dataclass(frozen=True)
class TraitReader:
    """Reads the traits of tables' records, all over one connection."""

    assembly: Assembly
    connection: Any
    matrices: Matrices
    link_types: Sequence[LinkType]

    def of(self, table: Table) -> list[Trait]:
        """Give the traits of a table's records; fields that make links count as those links."""
        own = [each for each in self.link_types if _starts(each, table)]
        linking = {name for each in own for name in each.start.fields} | set(table.key)
        self.assembly.records(self.connection, table, "things")
        numbers = self._numbers()
        fields = self._of_fields([name for name in table.fields if name not in linking], numbers)
        arriving = [each for each in self.link_types if _starts(each, table, backward=True)]
        return [*fields, *_of_links(self.matrices, own), *_of_arriving(self.matrices, numbers, arriving)]

    def _numbers(self) -> Any:
        return self.matrices.numbers(
            self.connection.sql("SELECT _iri FROM things ORDER BY _row").to_arrow_table()["_iri"]
        )

    def _of_fields(self, fields: Sequence[str], numbers: Any) -> list[Trait]:
        texts = [f"CAST({identifier(name)} AS VARCHAR)" for name in fields]
        if not texts:
            return []
        counted = ", ".join(f"approx_count_distinct({text})" for text in texts)
        (counts,) = self.connection.execute(f"SELECT {counted} FROM things").fetchall()
        few = [place for place, count in enumerate(counts) if 2 <= count <= MOST_VALUES]
        columns = ", ".join(f"{texts[place]} AS v{place}" for place in few)
        rows = self.connection.sql(f"SELECT {columns or 'NULL'} FROM things ORDER BY _row").to_arrow_table()
        return [Trait(fields[place], "", _held(numbers, rows[f"v{place}"], self.matrices)) for place in few]


def _starts(link_type: LinkType, table: Table, *, backward: bool = False) -> bool:
    end = link_type.end if backward else link_type.start
    return (end.source, end.table) == (table.source, table.name)


def _held(numbers: Any, values: Any, matrices: Matrices) -> Any:
    encoded = pc.fill_null(values.combine_chunks().dictionary_encode().indices, -1)
    codes = encoded.to_numpy(zero_copy_only=False).astype(np.int64)
    known = (numbers >= 0) & (codes >= 0)
    shape = (len(matrices.entities), int(codes.max(initial=0)) + 1)
    return sparse.csr_matrix((np.ones(int(known.sum()), np.int64), (numbers[known], codes[known])), shape=shape)


def _of_links(matrices: Matrices, link_types: Sequence[LinkType]) -> list[Trait]:
    found = []
    for each in link_types:
        matrix = matrices.by_link[each.proposal]
        ends = np.unique(matrix.indices)
        if 2 <= len(ends) <= MOST_LINKED:
            found.append(Trait(each.name, each.proposal, matrix[:, ends]))
    return found


def _of_arriving(matrices: Matrices, numbers: Any, link_types: Sequence[LinkType]) -> list[Trait]:
    """Give for links that lead here whether a thing has any: whether an order was returned."""
    known = np.unique(numbers[numbers >= 0])
    found = []
    for each in link_types:
        reached = np.isin(known, matrices.by_link[each.proposal].indices)
        if LEAST_REACHED <= reached.mean() <= 1 - LEAST_REACHED:
            shape = (len(matrices.entities), 2)
            held = sparse.csr_matrix((np.ones(len(known), np.int64), (known, reached.astype(np.int64))), shape=shape)
            name = f"having {'_'.join(table_words(each.start.table)[-2:])} by {each.name}"
            found.append(Trait(name, each.proposal, held, presence=True))
    return found
