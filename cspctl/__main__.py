"""`python -m cspctl`."""

from cspctl.cli.main import main

if __name__ == "__main__":
    main()
