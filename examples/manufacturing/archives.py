"""Office files are zip archives that carry the time of writing; here they all carry the same."""

import re
import zipfile
from datetime import datetime
from pathlib import Path

WRITTEN_AT = datetime(2025, 12, 1, 8, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
_STAMP = WRITTEN_AT.strftime(r"\g<1>%Y-%m-%dT%H:%M:%SZ\g<2>").encode()


def fix_times(path: Path) -> None:
    """Rewrite an office file so that the same content gives the same bytes."""
    with zipfile.ZipFile(path) as archive:
        parts = [(name, _MODIFIED.sub(_STAMP, archive.read(name))) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(zipfile.ZipInfo(name, WRITTEN_AT.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
