"""`python -m simulator` is `gpsim`."""

from simulator.cli import main

main()
