"""Birth places: the official regions, what people call them, and how to show one."""

import csv
import io
import re
from functools import cache, lru_cache

from helpdesk.identity import shipped
from helpdesk.identity.reading import fold

_MAX_CHARS = 120  # no place is longer
VERSION = 1  # of `normalise`; keys built with another version must be rebuilt

# Spelled out for display: only what nobody would put on a form as it is.
_ABBREVIATIONS = {
    "jkt": "Jakarta", "jak": "Jakarta", "dki": "Jakarta", "dki jakarta": "Jakarta",
    "jaksel": "Jakarta Selatan", "jakbar": "Jakarta Barat", "jaktim": "Jakarta Timur",
    "jakut": "Jakarta Utara", "jakpus": "Jakarta Pusat", "bdg": "Bandung", "bgr": "Bogor",
    "bks": "Bekasi", "bekesi": "Bekasi", "dpk": "Depok", "tng": "Tangerang", "tgr": "Tangerang",
    "tangsel": "Tangerang Selatan", "sby": "Surabaya", "sda": "Sidoarjo", "mlg": "Malang",
    "smg": "Semarang", "yk": "Yogyakarta", "jogja": "Yogyakarta", "yogya": "Yogyakarta",
    "jogjakarta": "Yogyakarta", "jogyakarta": "Yogyakarta", "djogja": "Yogyakarta",
    "diy": "Yogyakarta", "tsm": "Tasikmalaya", "tasik": "Tasikmalaya", "mdn": "Medan",
    "plg": "Palembang", "plb": "Palembang", "lmg": "Lamongan", "ska": "Surakarta",
    "mks": "Makassar", "mksr": "Makassar", "dps": "Denpasar", "bpp": "Balikpapan",
    "bjm": "Banjarmasin", "ptk": "Pontianak", "pdg": "Padang", "pku": "Pekanbaru",
    "btm": "Batam", "crb": "Cirebon", "cjr": "Cianjur", "smd": "Sumedang", "krw": "Karawang",
    "kdr": "Kediri", "mdo": "Manado", "pwt": "Purwokerto", "pwk": "Purwakarta",
    "pekanbaru": "Pekanbaru", "siantar": "Pematangsiantar",
}  # fmt: skip
# The same place under another name: for comparing, never for display.
_SAME = {
    "solo": "surakarta", "sala": "surakarta", "ujung pandang": "makassar",
    "ujungpandang": "makassar", "batavia": "jakarta", "djakarta": "jakarta",
    "bandoeng": "bandung", "soerabaja": "surabaya", "surabaja": "surabaya",
    "djember": "jember", "tjirebon": "cirebon", "tandjungkarang": "bandar lampung",
    "tanjung karang": "bandar lampung", "tanjungkarang": "bandar lampung",
    "telanaipura": "jambi", "singaraja": "buleleng", "mataram lombok": "mataram",
}  # fmt: skip
_PREFIX = re.compile(
    r"(?:kab(?:upaten)?|kotamadya|kodya|kodia|kota|kec(?:amatan)?|desa|kel(?:urahan)?|"
    r"prov(?:insi)?|daerah istimewa|adm(?:inistrasi)?|kep(?:ulauan)?)\b\.? *"
)
_NOT_WORD = re.compile(r"[^a-z0-9']+")
_KEEP_KOTA = re.compile(r"kota(?:bumi|baru|mobagu|pinang| agung| baru| pinang| mobagu| bumi)")


def display(raw: str) -> str:
    """Return a place as a form would show it: `Kab. GARUT` is Garut, `jkt` is Jakarta."""
    low = strip(fold(raw))
    at = fold(raw).rfind(low)  # marks around it go, as do kinds of region
    return _spelt_out(low) or _named(raw[at : at + len(low)])


def _spelt_out(low: str) -> str:
    """Return the name of a place known by a short form that no key knows, or ""."""
    towns = shipped.toml("towns.toml")
    if name := towns["short"].get(low):
        return str(name)
    half, _, rest = low.partition(" ") if " " in low else low.partition(".")
    if not rest or half.rstrip(".") not in towns["halves"]:
        return ""
    wholes = (
        f"{first} {title(rest.strip())}" for first in towns["halves"][half.rstrip(".")].split(";")
    )
    return next((whole for whole in wholes if known(whole)), "")


def _named(raw: str) -> str:
    """Return a place as the keys of the registry have it; `VERSION` stands for these rules."""
    low = strip(fold(raw))
    name = _ABBREVIATIONS.get(low)
    if name:
        return name
    text = raw.strip()[len(fold(raw).strip()) - len(low) :].strip(" .,:-") if low else ""
    return text if _mixed(text) else title(text)


def normalise(raw: str) -> str:
    """Return a comparison key: lower case, one name per place, no kind of region, no spaces."""
    low = fold(_named(raw))
    low = _SAME.get(low, low)
    return _NOT_WORD.sub("", low)


def known(raw: str) -> bool:
    """Tell whether `raw` names an official region, a well-known town or an abbreviation of one."""
    return len(raw) <= _MAX_CHARS and _rank(raw) is not None


def major(raw: str) -> bool:
    """Tell whether `raw` names a province, a regency, a city or a well-known town."""
    return len(raw) <= _MAX_CHARS and bool(_rank(raw))


def find(words: list[str]) -> int:
    """Return how many of the first `words` (folded) name a place: the longest of up to four."""
    for count in range(min(4, len(words)), 0, -1):
        if known(" ".join(words[:count])):
            return count
    return 0


def region_of(digits: str) -> str | None:
    """Return the region a NIK was first registered in, or None when no table ever had its code.

    The regency or city; its province where only the province's code is known is no answer.
    """
    return _codes().get(digits[:4])


def strip(low: str) -> str:
    """Return a folded place without what kind of region it is: `kab. garut` is garut."""
    low = low.strip(" .,:;-_*()\n")
    while not _KEEP_KOTA.match(low) and (match := _PREFIX.match(low)) and match.end() < len(low):
        low = low[match.end() :]
    return low


def title(text: str) -> str:
    """Return `text` with a capital at the start of each word."""
    return " ".join(word[:1].upper() + word[1:].lower() for word in text.split())


def _mixed(text: str) -> bool:
    return not text.islower() and not text.isupper()


@cache
def _rows() -> tuple[tuple[str, str, str], ...]:
    text = shipped.text("regions.csv")
    return tuple(
        (row["code"], row["level"], row["name"]) for row in csv.DictReader(io.StringIO(text))
    )


@cache
def _codes() -> dict[str, str]:
    # Later rows of one code are later names; the current name is the one to show.
    return {
        code: title(name) if name.isupper() else name
        for code, level, name in _rows()
        if level == "regency"
    }


@lru_cache(maxsize=5_000)  # greetings and thanks are asked about in every message
def _rank(raw: str) -> bool | None:
    """Return whether a place is more than a district; None when it is no place."""
    low = strip(fold(raw))
    if low in _ABBREVIATIONS or low in _SAME or low in shipped.toml("towns.toml")["short"]:
        return True
    rank = _names().get(_NOT_WORD.sub("", low))
    return rank if rank is not None or not _spelt_out(low) else True


@cache
def _names() -> dict[str, bool]:
    """Key -> whether it is more than a district."""
    names = {_NOT_WORD.sub("", strip(fold(name))): False for _, level, name in _rows()}
    for _, level, name in _rows():
        if level != "district":
            names[_NOT_WORD.sub("", strip(fold(name)))] = True
    names.update(
        {
            _NOT_WORD.sub("", fold(town)): True
            for town in shipped.toml("towns.toml")["names"].split(";")
        }
    )
    names.pop("", None)
    return names
