"""Who is asking: the one place where a request, or the command line, gets a person's name."""

import getpass
from collections.abc import Mapping

from bifrost.project import Project

_LONGEST_NAME = 200


def person(project: Project, headers: Mapping[str, str] | None = None) -> str:
    """Name the person for the decision log.

    A header counts only when `serving.user_header` names it, which says that a proxy in front sets it.
    """
    header = project.settings.serving.user_header
    if header and headers is not None:
        name = headers.get(header.lower(), "").strip()
        if name:
            return name[:_LONGEST_NAME]
        return "unknown"
    return _system_user()


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user often has no name
        return "unknown"
