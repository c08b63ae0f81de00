"""The words for why a decision was made, for the people who approve it."""

_TEXTS: dict[str, tuple[str, str]] = {
    "no_claim": (
        "pesan belum memuat data peserta",
        "the message does not state any participant data yet",
    ),
    "about_other": (
        "penulis meminta data orang lain",
        "the writer asks for somebody else's data",
    ),
    "about_self": (
        "penulis menyatakan data tentang dirinya sendiri",
        "the writer states data about themself",
    ),
    "missing_full_name": (
        "nama lengkap belum disebutkan",
        "the full name is not stated",
    ),
    "missing_birth_place": (
        "tempat lahir belum disebutkan",
        "the birth place is not stated",
    ),
    "missing_birth_date": (
        "tanggal lahir belum disebutkan atau tidak mungkin",
        "the birth date is not stated or cannot be",
    ),
    "missing_nik": (
        "NIK belum disebutkan atau tidak lengkap 16 angka",
        "the NIK is not stated or not 16 digits",
    ),
    "no_candidate": (
        "tidak ada data kepesertaan yang sesuai",
        "no record fits",
    ),
    "rival": (
        "lebih dari satu orang mungkin dimaksud",
        "more than one person could be meant",
    ),
    "not_certain": (
        "kecocokan belum cukup pasti",
        "the match is not certain enough",
    ),
    "nik_exact": ("NIK sama persis", "the NIK is the same"),
    "nik_near": ("NIK hampir sama", "the NIK is nearly the same"),
    "nik_differs": ("NIK berbeda", "the NIK differs"),
    "nik_absent": ("NIK tidak dapat dibandingkan", "the NIK cannot be compared"),
    "birth_date_exact": ("tanggal lahir sama persis", "the birth date is the same"),
    "birth_date_near": ("tanggal lahir hampir sama", "the birth date is nearly the same"),
    "birth_date_differs": ("tanggal lahir berbeda", "the birth date differs"),
    "birth_date_absent": (
        "tanggal lahir tidak dapat dibandingkan",
        "the birth date cannot be compared",
    ),
    "name_exact": ("nama cocok", "the name agrees"),
    "name_near": ("nama hampir cocok", "the name nearly agrees"),
    "name_differs": ("nama berbeda", "the name differs"),
    "name_absent": ("nama tidak dapat dibandingkan", "the name cannot be compared"),
    "verified": (
        "nama ibu kandung sesuai data",
        "the mother's name agrees with the records",
    ),
    "unauthenticated": (
        "tidak terbukti siapa pengirim atau penanya ini",
        "nothing proves who writes, calls or has come",
    ),
    "reply_to_differs": (
        "balasan diminta ke alamat lain (Reply-To berbeda)",
        "replies are asked to another address (Reply-To differs)",
    ),
    "defects": (
        "kepala surel rusak atau bermakna ganda",
        "the mail's header is damaged or ambiguous",
    ),
    "several_people": (
        "tiket ini menyangkut lebih dari satu peserta",
        "this ticket is about more than one participant",
    ),
    "asked_for_others": (
        "kontak ini juga menanyakan data orang lain",
        "this contact has asked about other people too",
    ),
    "nik_asked_elsewhere": (
        "NIK yang sama ditanyakan dari kontak lain",
        "another contact asked with the same NIK",
    ),
    "agent_entered": (
        "fakta penentu diisi atau diubah petugas",
        "an agent entered or changed a deciding fact",
    ),
    "agent_chose": (
        "petugas memilih orang lain daripada yang diutamakan pencocokan",
        "an agent chose another person than the matcher held for best",
    ),
    "group": (
        "percakapan ini dibaca beberapa orang",
        "several people read this conversation",
    ),
}

CODES = frozenset(_TEXTS)


def text(code: str, language: str) -> str:
    """Return a reason in words, in Indonesian unless `language` is "en"; an unknown code as is."""
    indonesian, english = _TEXTS.get(code, (code, code))
    return english if language == "en" else indonesian
