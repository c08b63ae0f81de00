"""How often what occurs in a made-up registry."""

KPJ_PREFIX = "99"
FIRST_SERIAL = 9000

# Shares of people.
FEMALE = 0.42
SEVERAL_KPJ = 0.12
HEAPED_DATE = 0.02  # 1 January and 31 December stand for "not known"
TWIN = 0.004  # born with the one before: same date, place and mother, the next NIK
SIBLING = 0.05  # of the one before: same place and mother, some years apart
MOVED_GROUP = 0.13  # not called as is usual where they were born: Chinese .03, Javanese .1

# Shares of rows; at most one of these in a row, they are rare enough to come alone.
NIK_DIGIT_WRONG = 0.012
NIK_ABSENT = 0.005
DATE_SWAPPED = 0.003  # where day and month can be exchanged; the others stay right
OLD_SPELLING = 0.011  # where a word has one; the others stay right
TITLED = 0.008  # HJ. before the name, S.PD behind it
ABBREVIATED = 0.08  # of names with a word that is often cut short: MUHAMMAD to MUH. or M.
