"""What all commands share: the project's home, and how results and errors are shown."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bifrost.ports import Progress
    from bifrost.project import Project


@dataclass
class Session:
    """One invocation of the command line."""

    home: Path
    verbose: bool = False

    @cached_property
    def project(self) -> "Project":
        """Open the project and send its logs to standard error."""
        from bifrost.logs import configure_logs
        from bifrost.project import open_project

        project = open_project(self.home)
        logging = project.settings.logging
        configure_logs(logging.model_copy(update={"level": "info"}) if self.verbose else logging, project.secrets)
        return project

    def mask(self, text: str) -> str:
        """Hide every secret that this invocation has used."""
        from bifrost.secrets import Secrets

        secrets = self.project.secrets if "project" in self.__dict__ else Secrets(self.home)
        return secrets.mask(text)

    @property
    def person(self) -> str:
        """Name who decides: the user of this machine."""
        import getpass

        return getpass.getuser()

    def progress(self, as_json: bool) -> "Progress":
        """Show bars to a person, nothing to a program."""
        from bifrost.progress import Bars, Silent

        return Bars() if sys.stderr.isatty() and not as_json else Silent()


def print_json(value: Any) -> None:
    """Write one JSON value to standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def print_line(text: str = "") -> None:
    """Write one line to standard output."""
    sys.stdout.write(text + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows as a table that fits a terminal, or as tab-separated lines into a pipe."""
    listed = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in [list(columns), *listed]:
            print_line("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in listed:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def print_counts(title: str, counts: Mapping[str, int]) -> None:
    """Write named counts on one line."""
    print_line(f"{title}: " + (", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())))
