import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.words import names, places


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("SITI NURHALIZAH", "Siti Nurhalizah"),
        ("drs. h. ahmad fauzi, m.m.", "Ahmad Fauzi"),
        ("Bpk. Sutrisno", "Sutrisno"),
        ("M. RIZKI A", "M. Rizki A"),
        ("Edy Suprapto, S.T.", "Edy Suprapto"),
        ("ABDUL KARIM BIN SALEH", "Abdul Karim bin Saleh"),
        ("nur'aini", "Nur'aini"),
        ("McDonald Siahaan", "McDonald Siahaan"),
        ("Hj. Nurjannah", "Nurjannah"),
        ("Bpk. H. Drs. Ahmad Yani, S.E., M.M.", "Ahmad Yani"),
        ("Drs.H.Budi", "Budi"),
        ("Almh. Ny. Sukaesih", "Sukaesih"),
        ("Budi Santoso (alm)", "Budi Santoso"),
        ("Sumarni, Almh", "Sumarni"),
        ("Sdri Siti Aminah", "Siti Aminah"),
        ("si Ayu", "Ayu"),
        ("Jessica Tanuwidjaja (Jessie)", "Jessica Tanuwidjaja"),
        ("Rr. Ajeng Kusumawardhani, S.E.", "Rr. Ajeng Kusumawardhani"),
        ("Sri Wahyuni S.Pd", "Sri Wahyuni"),
        ("I Gede Agus", "I Gede Agus"),
        ("Hj", "Hj"),
    ],
)
def test_a_name_is_shown_as_on_a_card(written, shown):
    assert names.display(written) == shown


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("titin supriatin lahir di sumedang", "titin supriatin"),
        ("suparman mau tanya", "suparman"),
        ("pak gerson manafe. supaya tidak", "pak gerson manafe"),
        ("h. muh. yunus dg. ngalle, s.sos sudah", "h. muh. yunus dg. ngalle, s.sos"),
        ("cinta kasih simbolon br kerja 1 th", "cinta kasih simbolon"),
        ("budi santoso karyawan pt maju", "budi santoso"),
        ("syamsul b. | 7271", "syamsul b."),
        ("la ode muh. rusman", "la ode muh. rusman"),
        ("a.a. gde oka lahir", "a.a. gde oka"),
        ("bulan purnamasari 3201", "bulan purnamasari"),
        ("moh. holis bin durahman tgl lahir", "moh. holis bin durahman"),
        ("lina wati meninggal bulan lalu", "lina wati"),
        ("sabar. nama saya", "sabar"),
        ("harto selamat, kemiri", "harto selamat"),
        ("selamat riyadi, kemiri", "selamat riyadi"),
        ("harto selamat pagi kak", "harto"),
        ("harto mas tolong", "harto"),
        ("ida ayu mas sukma", "ida ayu mas sukma"),
        ("kartu saya hilang", ""),
        ("pak", ""),
    ],
)
def test_a_name_ends_where_its_words_are_talk(text, name):
    assert text[: names.measure(text, 0, len(text))] == name


def test_small_letters_end_a_name_written_with_capitals():
    text = "Dewi Lestari melati putih"
    assert names.measure(text.lower(), 0, len(text), written=text) == len("Dewi Lestari")


@pytest.mark.parametrize(
    "name",
    ["Tjokorda Agung Mas Sukawati", "Tan Gan Lie", "Surya Pagi Nirmala", "Rudi Baru Ginting"],
)
def test_between_capitals_words_of_talk_are_parts_of_a_name(name):
    assert names.measure(name.lower(), 0, len(name), written=name) == len(name)


@pytest.mark.parametrize("written", ["Budi Santoso Mas", "Budi Santoso mas", "Budi Santoso pagi"])
def test_a_name_does_not_end_with_how_somebody_is_addressed(written):
    end = names.measure(written.lower(), 0, len(written), written=written)
    assert written[:end] == "Budi Santoso"


@pytest.mark.parametrize("text", ["skh", "brb", "s.kep"])
def test_abbreviations_are_no_names(text):
    assert names.best(text, 0, len(text)) is None


def test_the_unknown_last_word_of_a_cell_is_taken_with_the_name():
    text = "la ode harimu"
    found = names.best(text, 0, len(text))
    assert found is not None and text[found.start : found.end] == text


@pytest.mark.parametrize("name", ["budi santoso", "wulaningsih", "yohanes kogoya", "tan mei lan"])
def test_a_name_is_likelier_a_name_than_not(name):
    assert names.odds(name) > 0 and names.plausible(name)


@pytest.mark.parametrize("text", ["mohon bantuannya", "kartu hilang", "terima kasih pak", "s.kep"])
def test_talk_is_likelier_talk(text):
    assert names.odds(text) < 0 and not names.plausible(text)


def test_the_likeliest_words_of_talk_are_a_name():
    low = "kak mau tanya kpj saya hilang suroto wijaya makasih"
    found = names.best(low, 0, len(low))
    assert found is not None and low[found.start : found.end] == "suroto wijaya"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Moh. Rizky", "MUHAMMAD RIZKI"),
        ("Djoko Soesilo", "Joko Susilo"),
        ("Drs. Achmad Bin Yusup", "ahmad yusuf"),
    ],
)
def test_spellings_of_one_name_have_one_canonical_form(one, two):
    assert names.canonical(one) == names.canonical(two)


def test_different_names_stay_different():
    assert names.canonical("Dwi Lestari") != names.canonical("Dewi Lestari")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Kab. GARUT", "Garut"), ("jkt", "Jakarta"), ("Kota Kupang", "Kupang"),
        ("KOTABUMI", "Kotabumi"), ("Lombok Tengah", "Lombok Tengah"), ("Kotamadya Solo", "Solo"),
        ("sby", "Surabaya"), ("", ""),
    ],
)  # fmt: skip
def test_a_place_is_shown_as_on_a_form(written, shown):
    assert places.display(written) == shown


@pytest.mark.parametrize(
    ("one", "two"),
    [("Ujung Pandang", "Makassar"), ("Kab. Bandung", "bandung"), ("Jogja", "Yogyakarta")],
)
def test_one_place_under_two_names_has_one_key(one, two):
    assert places.normalise(one) == places.normalise(two)


def test_the_longest_known_place_is_found():
    assert places.find(["jakarta", "barat", "3", "mei"]) == 2


@given(st.text(max_size=60))
def test_any_text_can_be_shown_and_compared(text):
    names.canonical(text)
    places.normalise(text)
    assert names.display(names.display(text)) is not None
