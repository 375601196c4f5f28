"""Pages that list a folder: what web servers make of a folder of files, and how it is told from other pages.

A page is taken for an index only if it says so itself: it is whole, and its title and heading name the very folder that
was asked for. A login page, a page for maintenance or a page that stands in for a missing one does not.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import quote, unquote, urlsplit

import httpx

_TITLE = re.compile(
    r"(?:index of|directory listing for|directory listing|directory|listing of|contents of)(?::\s*|\s+)"
    r"\[?(?P<path>[^\[\]]*)\]?",
    re.IGNORECASE,
)
"""Apache, nginx, lighttpd, Python, Tomcat, Jetty and those that look like them."""
_TITLE_OF_IIS = re.compile(r"[^\s/]+ - (?P<path>/.*)")
_END = re.compile(r"</html>\s*(?:<!--.*?-->\s*)*\Z", re.IGNORECASE | re.DOTALL)
_HEADINGS = ("h1", "h2", "h3")


class NoIndex(ValueError):
    """A page that does not prove to be the index of the folder that was asked for."""


@dataclass(frozen=True, slots=True)
class Index:
    """What a folder holds, as absolute URLs; those of folders end with a slash."""

    folders: tuple[str, ...]
    files: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()
    """What the page links to on other hosts."""

    @property
    def names(self) -> frozenset[str]:
        """Give the names of all entries; those of folders end with a slash."""
        files = (url.rpartition("/")[2] for url in self.files)
        return frozenset((*files, *(url.rsplit("/", 2)[1] + "/" for url in self.folders)))


def read_index(url: str, media_type: str, text: str, shown_path: str | None = None) -> Index:
    """Read the index page of the folder at `url`, or the index as JSON that nginx and Caddy give.

    `shown_path` is the path that the page names, where a proxy stands between; by default it is the URL's own.

    Raises:
        NoIndex: it may be some other page.
    """
    if media_type == "application/json":
        return _index_of(url, _named_in_json(text))
    if media_type not in ("text/html", "application/xhtml+xml"):
        raise NoIndex(f"it is of type {media_type or 'unknown'}, and no page that lists a folder")
    page = _Page()
    page.feed(text)
    page.close()
    _check_whole(text)
    _check_names(page, unquote(urlsplit(url).path) if shown_path is None else shown_path)
    if page.has_base:
        raise NoIndex("its links are relative to another page")
    return _linked(url, page.links)


class _Page(HTMLParser):
    """Collects the title, the headings and the links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.headings: list[str] = []
        self.links: list[str] = []
        self.has_base = False
        self._inside = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "title" or tag in _HEADINGS:
            self._inside = tag
            self.headings += [""] * (tag in _HEADINGS)
        self.has_base |= tag == "base"
        target = dict(attributes).get("href")
        if tag == "a" and target:
            self.links.append(target.strip())

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data
        elif self._inside:
            self.headings[-1] += data


def _check_whole(text: str) -> None:
    if not _END.search(text):
        raise NoIndex("it does not end as a page does: it was cut, or is no page")


def _check_names(page: _Page, path: str) -> None:
    title = _plain(page.title)
    found = _TITLE.fullmatch(title) or _TITLE_OF_IIS.fullmatch(title)
    if found is None or not any(_plain(heading).startswith(title) for heading in page.headings):
        raise NoIndex(f"a page titled {title[:80]!r} is not taken for the index of a folder")
    named = found["path"].strip("/")
    if path.strip("/") not in (named, unquote(named)):
        raise NoIndex(f"it lists {found['path'][:200]!r}, and not the folder that was asked for")


def _linked(url: str, links: Iterable[str]) -> Index:
    """Give what a page links to directly below it, and on other hosts."""
    folder = httpx.URL(url)
    named: list[tuple[str, bool]] = []
    elsewhere: list[str] = []
    strange = 0
    for link in links:
        target = _joined(folder, link)
        name = _name_below(folder, target) if target else ""
        if name:
            named.append((name.rstrip("/"), name.endswith("/")))
        elif target and target.netloc != folder.netloc and not target.userinfo:
            elsewhere.append(str(target.copy_with(fragment=None)))
        elif target is None or not _leads_up(folder, target):
            strange += 1
    if strange and not named:
        raise NoIndex("none of its links leads to something in the folder")
    return _index_of(url, named, elsewhere)


def _joined(folder: httpx.URL, link: str) -> httpx.URL | None:
    try:
        return folder.join(link)
    except httpx.InvalidURL:
        return None


def _name_below(folder: httpx.URL, target: httpx.URL) -> str:
    """Give the name of a direct entry of the folder as its URL has it; empty for anything else."""
    path, start = target.raw_path.decode(), folder.raw_path.decode()
    is_here = (target.scheme, target.netloc, target.userinfo) == (folder.scheme, folder.netloc, b"")
    name = path.removeprefix(start)
    meant = unquote(name.removesuffix("/"))
    is_plain = "?" not in name and not re.search(r"[/\\]", meant) and meant not in ("", ".", "..")
    return name if is_here and path.startswith(start) and is_plain else ""


def _leads_up(folder: httpx.URL, target: httpx.URL) -> bool:
    """Tell whether a link leads to the folder itself (to sort it) or to one above it."""
    return target.netloc == folder.netloc and folder.path.startswith(target.path.rstrip("/") + "/")


def _named_in_json(text: str) -> list[tuple[str, bool]]:
    try:
        entries = json.loads(text)
        named = [(entry["name"].rstrip("/"), _is_folder(entry)) for entry in entries]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoIndex("it is JSON, and no list of files") from error
    if not isinstance(entries, list):
        raise NoIndex("it is JSON, and no list of files")
    if any(not name or "/" in name or name in (".", "..") for name, _ in named):
        raise NoIndex("it names what cannot lie in a folder")
    return [(quote(name), is_folder) for name, is_folder in named]


def _is_folder(entry: dict[str, object]) -> bool:
    if "is_dir" in entry:
        return entry["is_dir"] is True
    if entry.get("type") not in ("file", "directory", "other"):
        raise KeyError("type")
    return entry["type"] == "directory"


def _index_of(url: str, named: Iterable[tuple[str, bool]], elsewhere: Iterable[str] = ()) -> Index:
    unique = dict.fromkeys(named)
    return Index(
        folders=tuple(f"{url}{name}/" for name, is_folder in unique if is_folder),
        files=tuple(f"{url}{name}" for name, is_folder in unique if not is_folder),
        elsewhere=tuple(dict.fromkeys(elsewhere)),
    )


def _plain(text: str) -> str:
    return " ".join(text.split())
