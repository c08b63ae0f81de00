"""`python -m helpdesk.cli`."""

import sys

from helpdesk.cli import main

if __name__ == "__main__":
    sys.exit(main())
