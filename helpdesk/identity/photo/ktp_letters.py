"""Letters and digits that readers take for each other, told apart by where they stand."""

import re

# What is read for a digit, by the digit that is printed.
_FOR_DIGIT = {
    "0": "OoDQUCcØ", "1": "Il|!]Li[j", "2": "Zz", "3": "Ee", "4": "Ayh", "5": "Ss$", "6": "bGó",
    "7": "?TY/", "8": "B&", "9": "gqP",
}  # fmt: skip
_TO_DIGIT = {letter: digit for digit, letters in _FOR_DIGIT.items() for letter in letters}
_TO_LETTER = str.maketrans("01234568", "OIZEASGB")
# Digits of the printed face that the best readers still take for each other.
_ALIKES = "06 08 03 17 14 27 38 35 39 49 56 58 59 68 69 80 89 36 09 47"
_ALIKE = frozenset(map(frozenset, _ALIKES.split()))
_NOT_NAME = re.compile(r"[^A-Za-zÀ-ÖØ-öø-ÿ '.,\-]+")


def digits(text: str) -> tuple[str, int]:
    """Read a text as digits; returns them, and how many were read as letters.

    What is neither a digit nor taken for one is left out.
    """
    found, mended = [], 0
    for character in text:
        if character in "0123456789":
            found.append(character)
        elif character in _TO_DIGIT:
            found.append(_TO_DIGIT[character])
            mended += 1
    return "".join(found), mended


def letters(text: str) -> tuple[str, int]:
    """Read a text as a name; returns it, and how many letters were read as digits."""
    mended = sum(character.isdigit() for character in text)
    return " ".join(_NOT_NAME.sub(" ", text.translate(_TO_LETTER)).split()), mended


def alike(one: str, other: str) -> bool:
    """Tell whether two digits look alike to a reader."""
    return one == other or frozenset((one, other)) in _ALIKE
