"""Which pages are taken for the index of a folder, and what is read from them."""

import pytest

from crawlers.files.web.index import NoIndex, read_index

URL = "https://data.example.org/pub/2026/"

APACHE = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
<html>
 <head>
  <title>Index of /pub/2026</title>
 </head>
 <body>
<h1>Index of /pub/2026</h1>
  <table>
   <tr><th valign="top"><img src="/icons/blank.gif" alt="[ICO]"></th><th><a href="?C=N;O=D">Name</a></th>
   <th><a href="?C=M;O=A">Last modified</a></th><th><a href="?C=S;O=A">Size</a></th></tr>
   <tr><td><img src="/icons/back.gif" alt="[PARENTDIR]"></td><td><a href="/pub/">Parent Directory</a></td></tr>
   <tr><td><img src="/icons/folder.gif" alt="[DIR]"></td><td><a href="sub/">sub/</a></td><td>2026-01-01</td></tr>
   <tr><td><img src="/icons/unknown.gif"></td><td><a href="a.csv">a.csv</a></td><td>2026-01-01</td></tr>
   <tr><td><img src="/icons/unknown.gif"></td><td><a href="d%20%c3%a9.txt">d é.txt</a></td><td>2026-01-01</td></tr>
</table>
<address>Apache/2.4.62 (Debian) Server at data.example.org Port 443</address>
</body></html>
"""
NGINX = """<html>\r
<head><title>Index of /pub/2026/</title></head>\r
<body>\r
<h1>Index of /pub/2026/</h1><hr><pre><a href="../">../</a>\r
<a href="sub/">sub/</a>                              01-Jan-2026 10:00       -\r
<a href="a.csv">a.csv</a>                            01-Jan-2026 10:00       5\r
<a href="d%20%C3%A9.txt">d é.txt</a>                 01-Jan-2026 10:00       5\r
</pre><hr></body>\r
</html>\r
"""
IIS = """<html><head><title>data.example.org - /pub/2026/</title></head><body><H1>data.example.org - /pub/2026/</H1><hr>

<pre><A HREF="/pub/">[To Parent Directory]</A><br><br> 1/1/2026 10:00 AM   &lt;dir&gt; <A HREF="/pub/2026/sub/">sub</A>
<br> 1/1/2026 10:00 AM            5 <A HREF="/pub/2026/a.csv">a.csv</A>
<br> 1/1/2026 10:00 AM            5 <A HREF="/pub/2026/d%20%C3%A9.txt">d é.txt</A><br></pre><hr></body></html>"""
PYTHON = """<!DOCTYPE HTML>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Directory listing for /pub/2026/</title>
</head>
<body>
<h1>Directory listing for /pub/2026/</h1>
<hr>
<ul>
<li><a href="a.csv">a.csv</a></li>
<li><a href="d%20%C3%A9.txt">d é.txt</a></li>
<li><a href="sub/">sub/</a></li>
</ul>
<hr>
</body>
</html>
"""
LIGHTTPD = """<!DOCTYPE html><html><head><title>Index of /pub/2026/</title></head><body>
<h2>Index of /pub/2026/</h2><div class="list"><table><tbody>
<tr class="d"><td class="n"><a href="../">..</a>/</td></tr><tr class="d"><td><a href="sub/">sub</a>/</td></tr>
<tr><td class="n"><a href="a.csv">a.csv</a></td></tr><tr><td class="n"><a href="d%20%C3%A9.txt">d é.txt</a></td></tr>
</tbody></table></div><div class="foot">lighttpd</div></body></html>
<!-- end -->
"""
TOMCAT = """<!doctype html><html lang="en"><head><title>Directory Listing For [/pub/2026/]</title></head><body>
<h1>Directory Listing For [/pub/2026/] - <a href="/pub/"><b>Up To [/pub]</b></a></h1><hr class="line"><table>
<tr><td><a href="/pub/2026/sub/"><tt>sub/</tt></a></td></tr>
<tr><td><a href="/pub/2026/a.csv"><tt>a.csv</tt></a></td></tr>
<tr><td><a href="/pub/2026/d%20%C3%A9.txt"><tt>d é.txt</tt></a></td></tr></table>
<h3>Apache Tomcat/10.1</h3></body></html>"""
NGINX_JSON = """[
{ "name":"sub", "type":"directory", "mtime":"Thu, 01 Jan 2026 10:00:00 GMT" },
{ "name":"a.csv", "type":"file", "mtime":"Thu, 01 Jan 2026 10:00:00 GMT", "size":5 },
{ "name":"d é.txt", "type":"file", "mtime":"Thu, 01 Jan 2026 10:00:00 GMT", "size":5 }
]"""
CADDY_JSON = """[{"name":"sub/","size":4096,"url":"./sub/","mode":2147484141,"is_dir":true,"is_symlink":false},
{"name":"a.csv","size":5,"url":"./a.csv","is_dir":false}, {"name":"d é.txt","size":5,"is_dir":false}]"""


@pytest.mark.parametrize("text", [APACHE, NGINX, IIS, PYTHON, LIGHTTPD, TOMCAT])
def test_the_indexes_of_common_servers_are_read(text: str) -> None:
    index = read_index(URL, "text/html", text)
    assert index.folders == (URL + "sub/",)
    assert sorted(url.lower() for url in index.files) == [URL + "a.csv", URL + "d%20%c3%a9.txt"]
    assert index.elsewhere == ()


@pytest.mark.parametrize("text", [NGINX_JSON, CADDY_JSON])
def test_indexes_as_json_are_read(text: str) -> None:
    index = read_index(URL, "application/json", text)
    assert index.folders == (URL + "sub/",)
    assert index.files == (URL + "a.csv", URL + "d%20%C3%A9.txt")


def _titled(title: str, heading: str | None = None, links: str = '<a href="a.csv">a.csv</a>') -> str:
    return f"<html><title>{title}</title><h1>{title if heading is None else heading}</h1>{links}</body></html>"


OTHERS = {
    "a login page": '<html><title>Sign in</title><h1>Sign in</h1><form><input type="password"></form></body></html>',
    "a maintenance page": _titled("We will be back soon", links=""),
    "a missing page with status 200": _titled("404 Not Found", links='<a href="/">home</a>'),
    "a page about the folder": _titled("All about /pub/2026/"),
    "the index of another folder": _titled("Index of /pub/2025/"),
    "the index of the root": _titled("Index of /"),
    "an index in the title only": _titled("Index of /pub/2026/", heading="Please log in"),
    "a cut index": NGINX[: NGINX.index("</pre>")],
    "an index that was cut before its end": NGINX.removesuffix("</html>\r\n"),
    "nothing": "",
    "an index of links that lead away": _titled("Index of /pub/2026/", links='<a href="/PUB/2026/a.csv">a.csv</a>'),
    "an index with links relative to another page": NGINX.replace("<head>", '<head><base href="/other/">'),
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_a_page_that_may_be_another_is_never_taken_for_an_index(text: str) -> None:
    with pytest.raises(NoIndex):
        read_index(URL, "text/html", text)


@pytest.mark.parametrize(
    "text",
    [
        '{"error": "not found"}',
        '["a.csv"]',
        '[{"name": "a.csv"}]',
        '[{"name": "../a.csv", "type": "file"}]',
        '[{"name": "a.csv", "type": "file"}',
        '[{"name": 5, "type": "file"}]',
        "null",
        "",
    ],
)
def test_json_that_may_be_something_else_is_never_taken_for_an_index(text: str) -> None:
    with pytest.raises(NoIndex):
        read_index(URL, "application/json", text)


def test_a_page_of_another_type_is_no_index() -> None:
    for media_type in ("text/plain", "application/octet-stream", ""):
        with pytest.raises(NoIndex):
            read_index(URL, media_type, NGINX)


def test_an_empty_folder_has_an_index_too() -> None:
    up = '<a href="../">../</a><a href="/pub/">up</a><a href="?C=N">Name</a><a href="/">top</a>'
    assert read_index(URL, "text/html", _titled("Index of /pub/2026/", links=up)).names == frozenset()


def test_only_direct_entries_are_taken_and_never_what_lies_above() -> None:
    links = "".join(
        f'<a href="{target}">x</a>'
        for target in (
            "ok.csv",
            "./also.csv#part",
            "sub/deep.csv",
            "../up.csv",
            "..%2fup.csv",
            "%2e%2e/up.csv",
            "a%5cb.csv",
            "page?id=1",
            "/etc/passwd",
            "http://data.example.org/pub/2026/plain.csv",
            "https://user:pass@data.example.org/pub/2026/named.csv",
            "https://data.example.org:444/pub/2026/port.csv",
            "https://cdn.example.net/far.csv",
            "mailto:someone@example.org",
            "javascript:alert(1)",
            "https://[broken/",
        )
    )
    index = read_index(URL, "text/html", _titled("Index of /pub/2026/", links=links))
    assert index.files == (URL + "ok.csv", URL + "also.csv")
    assert index.folders == ()
    assert "https://cdn.example.net/far.csv" in index.elsewhere


def test_the_path_that_a_proxy_hides_can_be_given() -> None:
    page = _titled("Index of /export/2026/")
    with pytest.raises(NoIndex, match="/export/2026/"):
        read_index(URL, "text/html", page)
    assert read_index(URL, "text/html", page, "/export/2026").files == (URL + "a.csv",)
