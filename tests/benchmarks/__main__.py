"""`make bench`: measure and print; nothing here fails a build."""

import sys

from tests.benchmarks import exports, identity, ingest, matching, pages, photos

RUNS = {
    "identity": identity.run,
    "photos": photos.run,
    "ingest": ingest.run,
    "exports": exports.run,
    "matching": matching.run,
    "pages": pages.run,
}

wanted = sys.argv[1:] or list(RUNS)
if unknown := [name for name in wanted if name not in RUNS]:
    print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(RUNS)}", file=sys.stderr)
    sys.exit(2)
for name in wanted:
    RUNS[name]()
