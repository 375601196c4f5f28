"""Connect a folder of SPX spectrometer files: the files as they are, and one table of all points measured."""

import json
import sys
from pathlib import Path

verb, *key = sys.argv[1:]
request = json.load(sys.stdin)
folder = Path(request["home"], request["settings"]["folder"])
if not folder.is_dir():  # a folder that is not mounted must not look like an empty one
    print(f"the folder {folder} is not there", file=sys.stderr)
    sys.exit(75)  # the source does not answer: try again later
files = {file.name: file.stat().st_mtime_ns for file in sorted(folder.glob("*.spx"))}
if verb == "check":
    print(f"{len(files)} spectra in {folder}")
elif verb == "list":
    for name, changed in files.items():
        print(json.dumps({"key": name, "kind": "file", "fingerprint": changed}))
    table = {"key": "points", "kind": "table", "primary_key": ["file", "nm"], "fingerprint": sum(files.values())}
    print(json.dumps(table), json.dumps({"complete": True}), sep="\n")
elif key == ["points"]:
    print(json.dumps({"columns": [["file", "text"], ["sample", "text"], ["nm", "number"], ["absorbance", "number"]]}))
    for name in files:  # the first line of a file names the sample, the others are points
        (_, sample), *points = (line.split() for line in (folder / name).read_text().splitlines())
        for nm, absorbance in points:
            print(json.dumps([name, sample, float(nm), float(absorbance)]))
    print(json.dumps({"complete": True}))
else:
    sys.stdout.buffer.write((folder / key[0]).read_bytes())
