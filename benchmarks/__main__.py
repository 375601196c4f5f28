"""Run the benchmarks named on the command line, or all."""

import sys

from benchmarks import crawling, dag_parsing, extraction, loading, real_input, resolution, reviewing, teaching

BENCHMARKS = {
    "crawl": crawling.main,
    "loading": loading.main,
    "extract": extraction.main,
    "real-input": real_input.main,
    "resolution": resolution.main,
    "review": reviewing.main,
    "airflow": dag_parsing.main,
    "teaching": teaching.main,
}


def main() -> int:
    """Run benchmarks by name."""
    unknown = [name for name in sys.argv[1:] if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}")
        return 2
    for name in sys.argv[1:] or BENCHMARKS:
        print(f"== {name}")
        BENCHMARKS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
