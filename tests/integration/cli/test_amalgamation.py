"""`helpdesk registry amalgamation`: who has several KPJ, as a file."""

import csv

import pytest

pytestmark = pytest.mark.usefixtures("ready")

HEADER = "kpj,nik,full_name,birth_place,birth_date,mother_name,employer,segment,status"
TABLE = f"""{HEADER}
99000000017,3174021203809001,BUDI SANTOSO,JAKARTA,1980-03-12,,PT CONTOH,PU,aktif
99000000025,3578085505859001,ANI LESTARI,SURABAYA,1985-05-15,,,BPU,aktif
99000000033,3174021203809001,BUDI SANTOSO,JAKARTA,1980-03-12,,,BPU,nonaktif
"""


def test_the_list_is_written_and_summed_up(run, tmp_path):
    (tmp_path / "registry.csv").write_text(TABLE)
    assert run("registry", "import", tmp_path / "registry.csv").code == 0
    done = run("registry", "amalgamation", "--out", tmp_path / "several.csv")
    assert done.out == f"1 participants with 2 KPJ in {tmp_path / 'several.csv'}\n"
    with (tmp_path / "several.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [line["kpj"] for line in csv.DictReader(file)] == ["99000000017", "99000000033"]
    assert run("audit", "verify").out == "the trail is whole\n"


def test_without_a_registry_there_is_nothing_to_list(refuse, tmp_path):
    said = refuse("registry", "amalgamation", "--out", tmp_path / "several.csv")
    assert said == "there is no registry yet; import one first"
