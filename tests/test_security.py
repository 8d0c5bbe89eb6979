"""What strangers wrote is never run, never expanded, never fetched, and never decides where a file is written."""

from __future__ import annotations

import ast
import io
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from unittest import mock

import pytest
from lxml import etree

from cleaners import clean
from cleaners.document import RawRecord
from cleaners.errors import RecordError
from cleaners.fallback import ask
from cleaners.html import walk
from flows.sources import read_file

ROOT = Path(__file__).parents[1]
SOURCES = [path for name in ("cleaners", "flows") for path in sorted((ROOT / name).rglob("*.py"))]
STORY = "The river rose by two metres overnight, the mayor said on Friday, and three schools stay shut until Monday."
SECRET = "hunter2-that-nobody-may-read"

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BILLION = f'<!DOCTYPE d [<!ENTITY l0 "ha">{LAUGHS}]>'
QUADRATIC = f'<!DOCTYPE d [<!ENTITY big "{"ha" * 10_000}">]>'


def documents(secret: str, server: str) -> dict[str, str]:
    """Pages, XHTML, feeds and pictures that ask for files, for addresses, or for all of the memory."""
    entities = (
        f'<!ENTITY x SYSTEM "file://{secret}"><!ENTITY y SYSTEM "{server}/y"><!ENTITY % z SYSTEM "{server}/z"> %z;'
    )
    outside = f"<!DOCTYPE d [{entities}]>"
    page = "<html><head><title>Flood</title>{head}<body><article><p>{text}</p><p>{entity}</p></article></body></html>"
    feed = "<rss><channel><title>{entity}</title><item><description>{text}</description></item></channel></rss>"
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://{secret}" parse="text"/>'
    wanting = (
        f'<base href="{server}/"><link rel=stylesheet href="{server}/s.css"><script src="{server}/s.js"></script>'
        f'<meta http-equiv=refresh content="0;url={server}/r"><iframe src="{server}/f"></iframe>'
        f'<img src="{server}/i.png"><object data="file://{secret}"></object><xml src="{server}/x"></xml>'
    )
    linked = f'<script type="application/ld+json">{{"@context": "{server}/c"}}</script>'
    declared = '<?xml version="1.0"?>'
    sheet = f'<?xml-stylesheet type="text/xsl" href="{server}/sheet.xsl"?>'
    return {
        "billion laughs": BILLION + page.format(head="", text=STORY, entity="&l9;"),
        "quadratic": QUADRATIC + page.format(head="", text=STORY, entity="&big;" * 2_000),
        "outside": outside + page.format(head="", text=STORY, entity="&x;&y;"),
        "XHTML": declared + sheet + outside + page.format(head="", text=STORY, entity="&x;&y;"),
        "XHTML laughs": declared + BILLION + page.format(head="", text=STORY, entity="&l9;"),
        "wanting": page.format(head=wanting, text=STORY, entity=include),
        "doctype": f'<!DOCTYPE html SYSTEM "{server}/d.dtd">' + page.format(head="", text=STORY, entity="&x;"),
        "feed laughs": declared + BILLION + feed.format(text=STORY, entity="&l9;"),
        "feed outside": declared + outside + feed.format(text=STORY, entity="&x;&y;"),
        "atom": declared + outside + f"<feed><title>&x;</title><entry>{STORY}</entry></feed>",
        "picture": declared + outside + f"<svg xmlns='http://www.w3.org/2000/svg'><text>&x; {STORY}</text></svg>",
        "JSON-LD": page.format(head=linked, text=STORY, entity=""),
    }  # fmt: skip


NAMES = list(documents("", ""))


class Asked(HTTPServer):
    """A server that must not be asked."""

    paths: list[str]


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Asked)
        self.server.paths.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(SECRET.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[Asked]:
    with Asked(("127.0.0.1", 0), _Answer) as asked:
        asked.paths = []
        thread = threading.Thread(target=asked.serve_forever)
        thread.start()
        yield asked
        asked.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def hostile(server: Asked, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    secret = tmp_path_factory.mktemp("secret") / "passwd"
    secret.write_text(SECRET)
    return documents(str(secret), f"http://127.0.0.1:{server.server_port}")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("media_type", ["text/html", "text/plain", None])
def test_nothing_is_expanded_or_fetched(
    name: str, media_type: str | None, hostile: dict[str, str], server: Asked
) -> None:
    start = time.process_time()
    try:
        document = clean(hostile[name].encode(), media_type=media_type)  # type: ignore[arg-type]
    except RecordError:
        return
    assert time.process_time() - start < 20
    assert SECRET not in repr(document)
    assert document.page_text.count("ha") < len(hostile[name])
    assert server.paths == []
    if media_type == "text/html" and "feed" not in name and name not in ("atom", "picture"):
        assert "rose by two metres" in document.text


@pytest.mark.parametrize("name", NAMES)
def test_the_parsers_that_are_asked_seldom(name: str, hostile: dict[str, str], server: Asked) -> None:
    """BeautifulSoup's tree, and trafilatura, which has parsers of its own."""
    page = walk(hostile[name])
    ask(hostile[name], page)
    refused = etree.XMLSyntaxError("no", 0, 0, 0)
    with mock.patch("cleaners.html.etree.fromstring", side_effect=refused):
        told = walk(hostile[name])
    texts = [block.text for block in (*page.blocks, *told.blocks)]
    assert texts
    assert not any(SECRET in text for text in texts)
    assert sum(map(len, texts)) < 4 * len(hostile[name]) + 1000
    assert server.paths == []


@pytest.mark.parametrize("name", NAMES)
def test_sources_hand_on_what_they_read(name: str, hostile: dict[str, str], server: Asked) -> None:
    data = hostile[name].encode()
    mail = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=e\r\n\r\n--e\r\n"
    mail += b"Content-Type: text/html\r\n\r\n"
    for suffix in ("html", "xml", "rss", "xhtml", "txt", "svg"):
        (item,) = read_file(io.BytesIO(data), source="a", name=f"a.{suffix}")
        assert not isinstance(item, RawRecord) or item.payload == data
    (item,) = read_file(io.BytesIO(mail + data + b"\r\n--e--\r\n"), source="a", name="a.mhtml")
    assert isinstance(item, RawRecord)
    assert item.payload == data
    assert server.paths == []


# Names whose call runs, unpickles, unpacks or fetches what it is given, or parses XML with expansion of entities.
FORBIDDEN = {
    *("eval", "exec", "compile", "__import__", "input", "breakpoint"),
    *("pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "jsonpickle", "yaml", "ruamel"),
    *(
        "xml",
        "sax",
        "minidom",
        "xmlrpc",
        "XMLParser",
        "XMLPullParser",
        "iterparse",
        "XSLT",
        "XInclude",
        "fromstringlist",
    ),
    *("extract", "extractall", "unpack_archive", "system", "popen", "mktemp", "telnetlib", "ftplib"),
}
ALLOWED = {
    # The regular expression of rules, not code.
    ("compile", "re"),
    # trafilatura's function, which takes a page's text out of it.
    ("extract", "fallback.py"),
    # Calls of a run to its own workers on a cluster, as Dask itself sends them; nothing of a dump is unpickled.
    ("pickle", "cluster.py"),
    ("pickle", "far.py"),
}


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (part for alias in node.names for part in alias.name.split("."))
    elif isinstance(node, ast.ImportFrom):
        yield from (node.module or "").split(".")
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.Call):
        yield node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _owner(node: ast.AST) -> str:
    function = node.func if isinstance(node, ast.Call) else None
    owner = function.value if isinstance(function, ast.Attribute) else None
    return owner.id if isinstance(owner, ast.Name) else ""


def _forbidden(tree: ast.AST, name: str) -> list[str]:
    found: list[str] = []
    for node in ast.walk(tree):
        for used in set(_names(node)) & FORBIDDEN:
            if not {(used, name), (used, _owner(node))} & ALLOWED:
                found.append(f"{name}:{getattr(node, 'lineno', 0)}: {used}")
        for keyword in node.keywords if isinstance(node, ast.Call) else ():
            if isinstance(keyword.value, ast.Constant) and (keyword.arg, keyword.value.value) in SWITCHES:
                found.append(f"{name}:{node.lineno}: {keyword.arg}={keyword.value.value}")
    return found


SWITCHES = {
    *(("shell", True), ("allow_pickle", True), ("no_network", False), ("resolve_entities", True), ("load_dtd", True)),
    *(("dtd_validation", True), ("attribute_defaults", True), ("verify", False)),
}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_code_runs_unpickles_or_expands_input(path: Path) -> None:
    assert _forbidden(ast.parse(path.read_text(encoding="utf-8")), path.name) == []


@pytest.mark.parametrize(
    "code",
    [
        "eval(text)",
        "import pickle",
        "from xml.etree import ElementTree",
        "import yaml",
        "etree.XMLParser()",
        "archive.extractall('.')",
        "subprocess.run(text, shell=True)",
        "numpy.load(path, allow_pickle=True)",
        "etree.HTMLParser(no_network=False)",
        "compile(text, '', 'exec')",
    ],
)
def test_what_is_forbidden_is_seen(code: str) -> None:
    assert _forbidden(ast.parse(code), "a.py")
