"""Files that scripts read: what they say is kept, and what is wrong with them is said."""

import json
import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from bifrost.config import Extraction, FileScript, Settings, load_settings
from bifrost.errors import ItemUnreadable
from bifrost.progress import Silent
from bifrost.project import create_project
from bifrost.testing.extracted import file_named
from bifrost.testing.extractor_contract import ExtractorContract
from extractors.files import FileReading
from extractors.reading import Manifest
from extractors.scripts.extractor import ScriptExtractor
from extractors.selection import extractors, select

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "extractors"
GUIDE = (ROOT / "docs" / "write-an-extractor.md").read_text()
SPECTRUM = """#ACME-SPECTRUM 1
sample = B-0012
operator = Peter Holm
#POINTS
400.0 0.123
405.0 0.130
#END
"""
COMPLETE = {"complete": True}


def _script(*command, **more):
    return FileScript(name="lab", command=[*command], accepts={"suffixes": [".spc"]}, **more)


@pytest.fixture
def spoken(tmp_path):
    """Give a function that reads a file with a script that says these lines, or runs this code."""

    def read(*lines, code="", content=SPECTRUM, **more):
        said = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        script = tmp_path / "script.py"
        script.write_text(code or f"print({said!r})")
        file = tmp_path / "staged"
        file.write_text(content)
        settings = Extraction(scripts=[_script(sys.executable, str(script), **more)])
        return ScriptExtractor(settings, tmp_path / "cache").extract(file_named("runs/a.spc"), file)

    return read


class TestScripts(ExtractorContract):
    name = "scripts"

    @pytest.fixture
    def settings(self):
        return Extraction(scripts=[_script(sys.executable, str(EXAMPLES / "spectrum.py"))])

    @pytest.fixture
    def sample(self, tmp_path):
        (tmp_path / "a.spc").write_text(SPECTRUM)
        return tmp_path / "a.spc"


def test_tables_blocks_and_rejects_of_a_script_are_kept(spoken):
    extract = spoken(
        {"title": "Run 7", "pages": 2},
        {"block": "Run 7", "kind": "heading"},
        {"block": "beside", "page": 2, "box": [0, 0.1, 1, 0.2], "confidence": 0.5},
        {"table": "points", "columns": [["nm", "number"], ["at", "date"]]},
        [400, "2026-03-01"],
        [405, "soon"],
        {"table": "head", "kind": "form", "columns": [["Sample", "text"]]},
        ["B-0012"],
        {"skipped": "line 9", "reason": "it is torn"},
        COMPLETE,
    )
    assert (extract.title, extract.pages) == ("Run 7", 2)
    blocks = extract.blocks.to_pylist()
    assert [(block["text"], block["kind"], block["page"], block["method"]) for block in blocks] == [
        ("Run 7", "heading", 1, "script"),
        ("beside", "text", 2, "script"),
    ]
    points, head = extract.tables
    assert [row["nm"] for row in points.rows.to_pylist()] == [400.0, 405.0]
    assert (head.name, head.kind, head.rows["Sample"].to_pylist()) == ("head", "form", ["B-0012"])
    (skipped, value) = extract.rejects
    assert skipped == ("line 9", "it is torn")
    assert value[0] == "table 1, row 2, at"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((), "ends without the line"),
        (({"title": "a"},), "ends without the line"),
        (("{",), "line 1 is no JSON"),
        (({"title": "a"}, "7"), "line 2 is neither an object nor a list"),
        (({"titel": "a"}, COMPLETE), "line 1 has the unknown field 'titel'"),
        (([1], COMPLETE), "line 1 is a row, and no table was begun"),
        (({"table": "t", "columns": [["a", "text"]]}, ["x", "y"], COMPLETE), "line 2 has 2 values for 1 columns"),
        (({"table": "t", "columns": [["a", "texts"]]}, COMPLETE), "line 1 has the unknown type 'texts'"),
        (({"block": "x", "kind": "song"}, COMPLETE), "line 1 has the unknown kind 'song'"),
        (({"block": "x", "box": [0, 0, 2, 1]}, COMPLETE), "line 1 gives no box"),
        (({"block": "x", "page": 0}, COMPLETE), "line 1 gives no number from 1 as 'page'"),
        ((COMPLETE, {"title": "a"}), "line 2 comes after"),
        (({"error": "the lamp was off"},), "the lamp was off"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused_with_its_line(spoken, lines, reason):
    with pytest.raises(ItemUnreadable, match=f"script 'lab': .*{reason}"):
        spoken(*lines)


def test_a_status_other_than_0_is_refused_with_the_last_words(spoken):
    with pytest.raises(ItemUnreadable, match="status 3: the lamp was off"):
        spoken(code="import sys; print('the lamp was off', file=sys.stderr); sys.exit(3)")


def test_a_script_that_takes_too_long_is_ended_and_its_last_line_named(spoken):
    began = time.monotonic()
    with pytest.raises(ItemUnreadable, match=r"longer than 2 s \(timeout_seconds\).*; its last good line was 1"):
        spoken(code='import time; print(\'{"title": "a"}\', flush=True); time.sleep(60)', timeout_seconds=2)
    assert time.monotonic() - began < 30


def test_a_missing_script_is_said(tmp_path):
    (tmp_path / "a.spc").write_text(SPECTRUM)
    extractor = ScriptExtractor(Extraction(scripts=[_script("no-such-program")]), tmp_path)
    with pytest.raises(ItemUnreadable, match="there is no command 'no-such-program'"):
        extractor.extract(file_named("a.spc"), tmp_path / "a.spc")


def test_a_script_gets_a_copy_under_the_name_of_the_file_and_no_secrets(spoken, monkeypatch):
    monkeypatch.setenv("PASSWORD", "secret")
    code = (
        "import json, os, sys, pathlib\n"
        "asked = json.load(sys.stdin)\n"
        "file = pathlib.Path(sys.argv[2])\n"
        "file.chmod(0o644); file.write_text('changed')\n"
        "told = [file.name, sys.argv[1], asked['key'], asked['settings'], 'PASSWORD' in os.environ, os.listdir()]\n"
        "print(json.dumps({'block': json.dumps(told)}))\n"
        "print(json.dumps({'complete': True}))\n"
    )
    extract = spoken(code=code, settings={"unit": "nm"})
    assert json.loads(extract.blocks["text"][0].as_py()) == [
        "a.spc",
        "extract",
        "runs/a.spc",
        {"unit": "nm"},
        False,
        [],
    ]


@pytest.mark.parametrize(
    ("accepts", "name", "head", "taken"),
    [
        ({"suffixes": ["spc"]}, "a.SPC", b"anything", True),
        ({"suffixes": [".spc"]}, "a.txt", b"anything", False),
        ({"magic": "23 41"}, "a.txt", b"#ACME", True),
        ({"magic": "2341", "suffixes": [".spc"]}, "a.spc", b"other", False),
        ({"magic": "2341", "suffixes": [".spc"]}, "a.spc", b"#ACME", True),
    ],
)
def test_a_script_takes_the_files_that_fit_all_that_is_stated(tmp_path, accepts, name, head, taken):
    script = FileScript(name="lab", command=["true"], accepts=accepts)
    assert ScriptExtractor(Extraction(scripts=[script]), tmp_path).accepts(file_named(name), head) is taken


def test_a_script_wins_over_the_extractors_of_bifrost(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("a;b\n1;2\n3;4\n")
    script = FileScript(name="lab", command=["true"], accepts={"suffixes": [".csv"]})
    for settings, expected in ((Extraction(), "delimited"), (Extraction(scripts=[script]), "scripts")):
        assert select(file_named("a.csv"), file, extractors(settings, tmp_path))[0] == expected


def test_a_changed_script_or_setting_is_another_version(tmp_path):
    path = tmp_path / "script.py"
    versions = set()
    for text, unit in (("one", "nm"), ("two", "nm"), ("two", "mm")):
        path.write_text(text)
        script = _script(sys.executable, str(path), settings={"unit": unit})
        versions.add(ScriptExtractor(Extraction(scripts=[script]), tmp_path).version)
    assert len(versions) == 3


@pytest.mark.parametrize(
    ("accepts", "problem"), [({}, "suffixes, magic or both"), ({"magic": "xyz"}, "hex"), ({"sufix": []}, "sufix")]
)
def test_what_a_script_accepts_must_be_stated_well(accepts, problem):
    with pytest.raises(ValidationError, match=problem):
        FileScript(name="lab", command=["true"], accepts=accepts)


def test_the_guide_shows_the_example_and_its_settings_read_a_file(tmp_path, stage_files_in):
    script = (EXAMPLES / "spectrum.py").read_text()
    assert script in GUIDE
    assert len(script.splitlines()) < 40
    settings = next(block for block in GUIDE.split("```yaml\n")[1:]).partition("```")[0]
    assert Settings.model_validate(yaml.safe_load(settings))
    project = create_project(tmp_path / "home", settings.replace("python3", sys.executable))
    (project.home / "extractors").mkdir()
    (project.home / "extractors" / "spectrum.py").write_text(script)
    manifest = stage_files_in(project, {"a.spc": SPECTRUM.replace("405.0 0.130", "405.0 ?").encode()})["a.spc"]
    assert manifest.title == "Spectrum of B-0012"
    assert [(table["name"], table["rows"]) for table in manifest.tables] == [("spectrum", 1), ("points", 1)]
    assert [list(reject) for reject in manifest.rejects] == [["line 6", "it does not hold two numbers"]]
    cut = stage_files_in(project, {"b.spc": SPECTRUM[:60].encode()})["b.spc"]
    assert "the file is cut off" in cut.rejects[0][1]


def test_a_relative_path_starts_at_the_project_wherever_the_run_starts(tmp_path):
    (tmp_path / "bifrost.yaml").write_text(
        "extraction: {scripts: [{name: lab, command: [./read.sh], accepts: {suffixes: [.spc]}}]}"
    )
    (script,) = load_settings(tmp_path).extraction.scripts
    assert script.command == [str(tmp_path / "read.sh")]


def test_a_script_ends_with_its_worker(tmp_path, stage_files_in):
    mark, code = tmp_path / "mark", tmp_path / "slow.py"
    code.write_text(
        f"import os, time, pathlib\npathlib.Path({str(mark)!r}).write_text(str(os.getpid()))\ntime.sleep(90)"
    )
    project = create_project(
        tmp_path / "home",
        json.dumps({"extraction": {
            "embeddings": False, "item_timeout_seconds": 4, "annotators": [],
            "scripts": [{"name": "slow", "command": [sys.executable, str(code)], "accepts": {"suffixes": [".spc"]}}],
        }}),
    )  # fmt: skip
    manifest = stage_files_in(project, {"a.spc": SPECTRUM.encode()})["a.spc"]
    assert "longer than 4 s" in manifest.rejects[0][1]
    deadline = time.monotonic() + 10
    while _runs(mark.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(mark.read_text())


def _runs(pid):
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def stage_files_in():
    """Give a function that stages files in a project, reads them, and gives their manifests."""
    import io

    from bifrost.model import Item, ItemKind, Source, StagedItem

    def read(project, contents):
        if not project.catalog.sources():
            project.catalog.register(Source("lab", "folder", {"path": "."}))
        stored = {name: project.staging.put_stream(io.BytesIO(content)) for name, content in contents.items()}
        items = [
            StagedItem(Item("lab", name, ItemKind.FILE, each.digest, each.size_bytes), each.digest)
            for name, each in stored.items()
        ]
        project.catalog.stage_items(items)
        manifests = FileReading(project).run(items, Silent())
        return {name: Manifest.load(project.staging, manifests[f"lab/{name}"]) for name in contents}

    return read


def test_the_example_plug_in_keeps_the_contract(tmp_path):
    plugin = EXAMPLES / "plugin"
    project = tomllib.loads((plugin / "pyproject.toml").read_text())["project"]
    ((group, entries),) = project["entry-points"].items()
    assert f'[project.entry-points."{group}"]\nchromatogram = "{entries["chromatogram"]}"' in GUIDE
    metadata = tmp_path / "site" / "bifrost_chromatogram-0.1.0.dist-info"
    metadata.mkdir(parents=True)
    (tmp_path / "site" / "bifrost_chromatogram").symlink_to(plugin / "bifrost_chromatogram")
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0.1.0\n")
    lines = [f"{name} = {value}" for name, value in entries.items()]
    (metadata / "entry_points.txt").write_text("\n".join([f"[{group}]", *lines]))
    options = ["-p", "no:cacheprovider", "--import-mode=importlib", "-c", os.devnull, "-q"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(plugin / "tests")],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), str(ROOT)])},
        capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
