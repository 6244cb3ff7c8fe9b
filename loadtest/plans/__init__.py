"""Plans of runs: the shipped ones, how one is read, what the command line changes of it."""
