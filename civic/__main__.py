"""`python -m civic` is the command line."""

from civic.cli import main

main()
