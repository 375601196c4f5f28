"""Writes the example: `python -m examples.manufacturing DIR [--scale N] [--seed N]`."""

import argparse
from pathlib import Path

from examples.manufacturing import generate
from examples.manufacturing.truth import count_by_type, load


def main() -> None:
    """Generate the example and print how many links of each type are true."""
    parser = argparse.ArgumentParser(prog="python -m examples.manufacturing", description=__doc__)
    parser.add_argument("directory", type=Path, help="where the files go")
    parser.add_argument("--scale", type=int, default=40, help="number of material batches (default 40)")
    parser.add_argument("--seed", type=int, default=7, help="another seed gives another company (default 7)")
    arguments = parser.parse_args()
    generate(arguments.directory, scale=arguments.scale, seed=arguments.seed)
    for name, count in count_by_type(load(arguments.directory)).items():
        print(f"{count:>9,}  {name}")


if __name__ == "__main__":
    main()
