"""The words and weights that ship with this room, in data/."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


def text(name: str) -> str:
    """Return a file of data/ as text."""
    return files("helpdesk.identity").joinpath("data", name).read_text(encoding="utf-8")


@cache
def toml(name: str) -> Mapping[str, Any]:
    """Return what a TOML file of data/ holds; each file is parsed once."""
    return tomllib.loads(text(name))
