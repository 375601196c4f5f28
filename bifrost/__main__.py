"""Run the command line as `python -m bifrost`."""

from bifrost.cli import main

main()
