#!/usr/bin/env python3
"""Read the spectra of an ACME spectrometer: a head of `name = value` lines, then pairs of numbers."""

import json
import sys
from pathlib import Path


def say(**line: object) -> None:
    """Write one line of the answer."""
    print(json.dumps(line))


lines = Path(sys.argv[2]).read_text(encoding="utf-8").splitlines()
if not lines or lines[0] != "#ACME-SPECTRUM 1":
    sys.exit("this is no ACME spectrum of version 1")
if lines[-1] != "#END":
    sys.exit("the file is cut off: its last line is not #END")
marker = lines.index("#POINTS") if "#POINTS" in lines else len(lines) - 1

head = dict(line.split(" = ", 1) for line in lines[1:marker] if " = " in line)
say(title=f"Spectrum of {head.get('sample', 'an unknown sample')}")
for name, value in head.items():
    say(block=f"{name}: {value}", kind="label")
say(table="spectrum", kind="form", columns=[[name, "text"] for name in head] or [["name", "text"]])
print(json.dumps(list(head.values()) or [None]))

say(table="points", columns=[["nm", "number"], ["absorbance", "number"]])
for number, line in enumerate(lines[marker + 1 : -1], start=marker + 2):
    try:
        nm, absorbance = map(float, line.split())
    except ValueError:
        say(skipped=f"line {number}", reason="it does not hold two numbers")
    else:
        print(json.dumps([nm, absorbance]))
say(complete=True)
