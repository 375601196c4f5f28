"""The names that merged records had: each stands for the thing that the record became part of."""

from collections.abc import Sequence

import pyarrow.compute as pc
import pyarrow.dataset as ds

from bifrost.iris import SAME_AS
from bifrost.project import Project
from linker.assembly.redirects import UNIT


def today(project: Project, iris: Sequence[str]) -> dict[str, str]:
    """Give what these IRIs stand for in the latest graph; those that were never merged are left out."""
    units = [unit.facts for name, unit in project.snapshot().units.items() if name.startswith(UNIT)]
    if not units or not iris:
        return {}
    # Sorted by subject, so that only the groups of rows that can hold a name are read.
    facts = ds.dataset(project.staging.paths(units), format="parquet")
    wanted = (pc.field("predicate") == SAME_AS) & pc.field("subject").isin(list(iris))
    found = facts.to_table(columns=["subject", "object"], filter=wanted)
    return dict(zip(found["subject"].to_pylist(), found["object"].to_pylist(), strict=True))
