"""The contract over scripts that give files, rows as lines of JSON, and rows as an Arrow stream."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from bifrost.secrets import Secrets
from bifrost.testing.crawler_contract import CrawlerContract
from crawlers.scripts.script import ScriptConfig, ScriptCrawler

EXAMPLES = Path(__file__).parents[2] / "examples" / "connectors"

ARROW_SCRIPT = """\
cd "$1" || exit 75
case "$2" in
check) echo "a folder of Arrow streams" ;;
list)
    for file in *; do
        printf '{"key": "%s", "kind": "table", "primary_key": ["ID"], "fingerprint": "%s"}\\n' \\
            "$file" "$(cksum < "$file")"
    done
    echo '{"complete": true}' ;;
fetch) exec cat "./$3" ;;
esac
"""


def script_crawler(home: Path, *command: str, **settings: object) -> ScriptCrawler:
    config = ScriptConfig(command=list(command), **settings)  # type: ignore[arg-type]  # settings of many types
    return ScriptCrawler("contract", config, Secrets(home))


def state_of(folder: Path) -> object:
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def write_stream(path: Path, rows: int) -> None:
    """Write what a script with Arrow would: reserved, nested, binary and dictionary columns among them."""
    table = pa.table(
        {
            "ID": pa.array(range(rows), pa.int32()),
            "id": pa.array([f"N° {number}" for number in range(rows)], pa.large_string()),
            "_row": pa.array(["a", "b"] * (rows // 2)).dictionary_encode(),
            "nested": pa.array([[1, None]] * rows),
            "bytes": pa.array([b"\x00\xff"] * rows),
        }
    )
    with pa.OSFile(str(path), "w") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=3)


class _FolderOfFiles(CrawlerContract):
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / "project" / "data"
        folder.mkdir(parents=True)
        return folder

    @pytest.fixture
    def source_state(self, folder: Path) -> Callable[[], object]:
        return lambda: state_of(folder)


class TestSpectrometer(_FolderOfFiles, CrawlerContract):
    kind = "script"
    expected_keys = ("a.spx", "b.spx", "points")

    @pytest.fixture
    def crawler(self, folder: Path) -> ScriptCrawler:
        (folder / "a.spx").write_text("SAMPLE B-0012\n400.0 0.123\n405.0 0.13\n")
        (folder / "b.spx").write_text("SAMPLE B-0013\n400.0 0.201\n")
        return self._connected(folder.parent, "data")

    @pytest.fixture
    def unreachable(self, folder: Path) -> ScriptCrawler:
        return self._connected(folder.parent, "nowhere")

    @pytest.fixture
    def change(self, folder: Path) -> Callable[[], str]:
        def measure_again() -> str:
            (folder / "b.spx").write_text("SAMPLE B-0013\n400.0 0.202\n")
            return "points"

        return measure_again

    def _connected(self, home: Path, folder: str) -> ScriptCrawler:
        shutil.copy(EXAMPLES / "spectrometer.py", home)
        return script_crawler(home, sys.executable, "./spectrometer.py", settings={"folder": folder})


class TestShellFiles(_FolderOfFiles, CrawlerContract):
    kind = "script"
    expected_keys = ('a "quoted" back\\slash.txt', "b é.txt")

    @pytest.fixture
    def crawler(self, folder: Path) -> ScriptCrawler:
        for key in self.expected_keys:
            (folder / key).write_text(f"content of {key}\n" * 500)
        return self._connected(folder.parent, "./data")

    @pytest.fixture
    def unreachable(self, folder: Path) -> ScriptCrawler:
        return self._connected(folder.parent, "./nowhere")

    @pytest.fixture
    def change(self, folder: Path) -> Callable[[], str]:
        def replace_by_one_of_the_same_size() -> str:
            (folder / "b é.txt").write_text("CONTENT of b é.txt\n" * 500)
            return "b é.txt"

        return replace_by_one_of_the_same_size

    def _connected(self, home: Path, folder: str) -> ScriptCrawler:
        shutil.copy(EXAMPLES / "shell_files.sh", home)
        return script_crawler(home, "./shell_files.sh", folder)


class TestArrowStreams(_FolderOfFiles, CrawlerContract):
    kind = "script"
    expected_keys = ("first", "second")

    @pytest.fixture
    def crawler(self, folder: Path) -> ScriptCrawler:
        for rows, key in enumerate(self.expected_keys, start=4):
            write_stream(folder / key, rows * 2)
        return script_crawler(folder.parent, "sh", "-c", ARROW_SCRIPT, "sh", "./data")

    @pytest.fixture
    def unreachable(self, folder: Path) -> ScriptCrawler:
        return script_crawler(folder.parent, "sh", "-c", ARROW_SCRIPT, "sh", "./nowhere")

    @pytest.fixture
    def change(self, folder: Path) -> Callable[[], str]:
        def grow() -> str:
            write_stream(folder / "first", 20)
            return "first"

        return grow
