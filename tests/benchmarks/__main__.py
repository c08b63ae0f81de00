"""`make bench`: measure and print; nothing here fails a build."""

from tests.benchmarks import ingest, pages

ingest.run()
pages.run()
