"""Opening exports: zip files, folders and single files, whole, damaged and hostile."""

import contextlib
import io
import os
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from helpdesk.ingest.exports.archive import Caps, OpenExport, open_export
from helpdesk.ingest.exports.names import clean
from helpdesk.ingest.exports.types import ExportError

CAPS = Caps(max_members=1_000, max_bytes=64 << 20, max_ratio=200)
FILES = {
    "data/direct-messages.js": b"window.YTD = " + b"[1, 2, 3] " * 400,
    "data/direct_messages_media/1-a.jpg": os.urandom(3_000),
    "data/empty.js": b"",
    "Foto \N{SNOWMAN}.txt": b"halo",
}
SECRET = "Siti Contoh"


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, **kwargs: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method, **kwargs) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return target.getvalue()


def unpacked(export: OpenExport) -> dict[str, bytes]:
    found = {}
    for name in export.names():
        with export.open(name) as member:
            found[name] = member.read()
        assert export.size(name) == len(found[name])
    return found


def read(path: Path, content: bytes | None = None, caps: Caps = CAPS) -> dict[str, bytes]:
    if content is not None:
        path.write_bytes(content)
    with open_export(path, caps) as export:
        return unpacked(export)


def refused(path: Path, content: bytes | None = None, caps: Caps = CAPS) -> str:
    """Open, read all of it, and return the sentence it is refused with."""
    with pytest.raises(ExportError) as caught:
        read(path, content, caps)
    assert SECRET not in str(caught.value)
    return str(caught.value)


def patched(content: bytes, sign: bytes, offset: int, value: bytes, which: int = 0) -> bytes:
    """Overwrite bytes of the n-th record of a kind."""
    at = -1
    for _ in range(which + 1):
        at = content.index(sign, at + 1)
    return content[: at + offset] + value + content[at + offset + len(value) :]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.zip"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zip_is_read_as_it_was_packed(path: Path, method: int):
    assert read(path, packed(FILES, method)) == FILES


def test_zip64_is_read_as_it_was_packed(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 2)
    content = packed(FILES)

    assert b"PK\6\6" in content
    assert read(path, content) == FILES


def test_zip_that_was_written_as_a_stream_is_read(path: Path):
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.written = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:
            self.written += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)

    assert read(path, pipe.written) == FILES


def test_folder_gives_what_its_zip_gives(tmp_path: Path, path: Path):
    path.write_bytes(packed(FILES))
    zipfile.ZipFile(path).extractall(tmp_path / "folder")

    assert read(tmp_path / "folder") == FILES


def test_single_file_is_its_own_only_member(tmp_path: Path):
    assert read(tmp_path / "_chat.txt", b"halo") == {"_chat.txt": b"halo"}


def test_file_that_lies_under_a_number_keeps_the_name_it_came_with(tmp_path: Path):
    path = tmp_path / "17"
    path.write_bytes(b"halo")

    with open_export(path, CAPS, "WhatsApp Chat - Arisan.txt") as export:
        assert export.name == "WhatsApp Chat - Arisan.txt"
        assert unpacked(export) == {"WhatsApp Chat - Arisan.txt": b"halo"}


def test_members_are_read_side_by_side_and_unknown_ones_are_no_members(path: Path):
    path.write_bytes(packed(FILES))
    with open_export(path, CAPS) as export:
        one, other = export.open("data/direct-messages.js"), export.open("data/direct-messages.js")
        assert one.read(10) == other.read(10)
        assert one.readline() + one.read() == other.read()
        with pytest.raises(KeyError):
            export.open("data/tweets.js")
        with pytest.raises(KeyError):
            export.size("zzz")


def test_check_and_hash_tell_how_far_they_are(tmp_path: Path, path: Path):
    path.write_bytes(packed(FILES))
    zipfile.ZipFile(path).extractall(tmp_path / "folder")
    for where in (path, tmp_path / "folder", path.rename(tmp_path / "x.zip")):
        if not where.exists():
            continue
        checked: list[int] = []
        hashed: list[int] = []
        with open_export(where, CAPS) as export:
            export.check(checked.append)
            assert sum(checked) == export.total_bytes == sum(map(len, FILES.values()))
            assert len(export.sha256(hashed.append)) == 64
            assert sum(hashed) == export.stored_bytes


def test_hash_of_a_zip_is_that_of_its_bytes_and_of_a_folder_that_of_its_contents(tmp_path: Path):
    def digest(where: Path) -> str:
        with open_export(where, CAPS) as export:
            return export.sha256()

    for folder, order in (("one", ["a", "b"]), ("two", ["b", "a"]), ("three", ["a", "b"])):
        (tmp_path / folder).mkdir()
        for name in order:
            (tmp_path / folder / name).write_text(name if folder != "three" else f"{name}!")
    (tmp_path / "x.txt").write_bytes(b"abc")

    assert digest(tmp_path / "x.txt").startswith("ba7816bf8f01cfea")
    assert digest(tmp_path / "one") == digest(tmp_path / "two") != digest(tmp_path / "three")


def test_what_the_desktop_left_and_folders_are_no_members(path: Path):
    files = {"a/": b"", "__MACOSX/a/._b.txt": b"x", "a/.DS_Store": b"x", "./a//b.txt": b"halo"}

    assert read(path, packed(files)) == {"a/b.txt": b"halo"}


def test_backslash_separates_folders(path: Path):
    content = packed({"data/x.js": b"halo"}).replace(b"data/x.js", b"data\\x.js")

    assert read(path, content) == {"data/x.js": b"halo"}


def test_name_in_utf8_without_its_flag_is_read_and_another_is_cp437(path: Path):
    content = packed({"xx.txt": b"1", "yy.txt": b"2"})
    content = content.replace(b"xx.txt", "é.txt".encode()).replace(b"yy", b"\x82y")

    assert read(path, content) == {"é.txt": b"1", "éy.txt": b"2"}


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("/etc/passwd", "outside"),
        ("\\\\server\\x", "outside"),
        ("../x", "outside"),
        ("a/../../x", "outside"),
        ("a\\..\\x", "outside"),
        ("C:\\x", "outside"),
        ("c:x", "outside"),
        ("a/\x1b[2J", "outside"),
        ("a\0b", "outside"),
        ("x\ud800", "outside"),
        ("CON", "devices"),
        ("a/nul.txt", "devices"),
        ("a/Com1 .jpg", "devices"),
        ("aux/x", "devices"),
        ("/".join("a" * 17), "deep"),
        ("a" * 2_000, "deep"),
    ],
)
def test_unsafe_name_is_refused(name: str, word: str):
    with pytest.raises(ExportError, match=word):
        clean(name)


@pytest.mark.parametrize("name", ["console.txt", "con_12/x.json", "a..b/c", "xx:y", "nulla/aux_1"])
def test_name_that_only_looks_unsafe_is_kept(name: str):
    assert clean(name) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [("a.txt", "a.txt"), ("a.txt", "A.TXT"), ("é.txt", "e\u0301.txt"), ("a/b", "a//b")],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_same_name_twice_is_refused(path: Path, one: str, other: str):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(one, b"1")
        archive.writestr(other, b"2")

    assert "the same" in refused(path, target.getvalue())


def test_escape_in_a_zip_is_refused(path: Path):
    assert "outside" in refused(path, packed({f"../{SECRET}.txt": b"x"}))


@pytest.mark.parametrize("mode", [0o120777, 0o010644, 0o060644, 0o020644, 0o140644])
def test_link_or_special_file_in_a_zip_is_refused(path: Path, mode: int):
    info = zipfile.ZipInfo(SECRET)
    info.external_attr = mode << 16
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(info, b"/etc/passwd")

    assert "link" in refused(path, target.getvalue())


@pytest.mark.parametrize("kind", ["file", "folder", "loop", "pipe"])
def test_link_or_special_file_in_a_folder_is_refused(tmp_path: Path, kind: str):
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x").write_text("x")
    place = folder / SECRET
    if kind == "pipe":
        os.mkfifo(place)
    else:
        target = {"file": "../outside/x", "folder": "../outside", "loop": "."}[kind]
        place.symlink_to(target)

    assert "link" in refused(folder)


def test_link_put_in_the_place_of_a_file_later_is_not_followed(tmp_path: Path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x").write_text("secret")
    (tmp_path / "folder" / "a").mkdir(parents=True)
    (tmp_path / "folder" / "a" / "x").write_text("public")
    with open_export(tmp_path / "folder", CAPS) as export:
        (tmp_path / "folder" / "a").rename(tmp_path / "folder" / "b")
        (tmp_path / "folder" / "a").symlink_to("../outside")
        with pytest.raises(ExportError):
            export.open("a/x")


@pytest.mark.parametrize("content", [b"", b"longer than it was"])
def test_file_that_changes_while_the_folder_is_read_is_refused(tmp_path: Path, content: bytes):
    (tmp_path / "x").write_bytes(b"halo")
    with open_export(tmp_path, CAPS) as export:
        (tmp_path / "x").write_bytes(content)
        with pytest.raises(ExportError):
            export.check()


def test_pipe_missing_path_and_nul_are_refused_without_waiting(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")

    assert "link" in refused(tmp_path / "pipe")
    assert "no such" in refused(tmp_path / "none")
    assert "cannot be read" in refused(Path("a\0b"))


def test_backslash_in_a_folder_is_refused(tmp_path: Path):
    (tmp_path / "a\\b").write_text("x")

    assert "outside" in refused(tmp_path)


def test_caps_hold(tmp_path: Path, path: Path):
    many = {f"{number}.txt": b"x" for number in range(5)}
    path.write_bytes(packed(many))
    zipfile.ZipFile(path).extractall(tmp_path / "folder")
    for where in (path, tmp_path / "folder"):
        assert len(read(where, caps=Caps(5, 5, 1))) == 5
        assert "more files" in refused(where, caps=Caps(4, 5, 1))
        assert "larger" in refused(where, caps=Caps(5, 4, 1))


def test_bomb_of_one_member_or_of_many_is_refused(path: Path):
    assert "fill a disk" in refused(path, packed({"x": bytes(8 << 20)}))
    many = {f"{number}": bytes(1 << 20) for number in range(8)}
    assert "fill a disk" in refused(path, packed(many))
    assert len(read(path, packed({"x": bytes(1 << 20)}))["x"]) == 1 << 20


def test_members_that_lie_in_one_another_are_refused(path: Path):
    content = packed({"a": b"1" * 50, "b": b"2" * 50}, zipfile.ZIP_STORED)
    same = patched(content, b"PK\1\2", 42, bytes(4), which=1)
    assert "in one another" in refused(path, same)

    # One local header quotes the next: its extra field reaches past where the other begins.
    longer = patched(content, b"PK\3\4", 28, struct.pack("<H", 60))
    assert "in one another" in refused(path, longer)


def test_member_larger_than_it_says_stops_at_once(path: Path):
    content = packed({"x": os.urandom(500) * 40_000})
    lying = patched(content, b"PK\1\2", 24, struct.pack("<L", 10))
    path.write_bytes(lying)
    with open_export(path, CAPS) as export:
        tracemalloc.start()
        with export.open("x") as member, pytest.raises(ExportError, match="not as large"):
            member.read()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1 << 20


def test_error_of_a_member_comes_again_at_every_reading(path: Path):
    path.write_bytes(patched(packed({"x": b"halo"}), b"PK\1\2", 16, b"\0\0\0\0"))
    with open_export(path, CAPS) as export, export.open("x") as member:
        for _ in range(3):
            with pytest.raises(ExportError, match="damaged"):
                member.read()


@pytest.mark.parametrize(
    ("sign", "offset", "value", "word"),
    [
        (b"PK\1\2", 24, struct.pack("<L", 5_000), "damaged"),  # says more than there is
        (b"PK\1\2", 8, b"\1\0", "password"),
        (b"PK\3\4", 6, b"\1\0", "password"),
        (b"PK\1\2", 10, b"\x0c\0", "packed in a way"),  # bzip2
        (b"PK\1\2", 34, b"\1\0", "cut into several"),
        (b"PK\1\2", 42, b"\xf0\xff\xff\xff", "damaged"),
        (b"PK\1\2", 20, b"\xff\xff\xff\xff", "damaged"),  # zip64 without its field
        (b"PK\3\4", 30, b"y", "damaged"),  # another name than in the directory
        (b"PK\3\4", 8, b"\0\0", "damaged"),
        (b"PK\5\6", 4, b"\1\0", "cut into several"),
        (b"PK\5\6", 10, b"\7\0", "damaged"),
        (b"PK\5\6", 16, b"\0\0\0\0", "damaged"),
    ],
)
def test_lie_in_a_record_is_refused(path: Path, sign: bytes, offset: int, value: bytes, word: str):
    content = packed({"x.txt": b"halo " * 100})

    assert word in refused(path, patched(content, sign, offset, value))


def test_second_directory_in_a_comment_and_bytes_behind_the_end_are_refused(path: Path):
    content = packed({"x": b"halo"})
    end = content[-22:]
    tricky = content[:-2] + struct.pack("<H", 22) + end
    assert "damaged" in refused(path, tricky)
    assert "damaged" in refused(path, content + b"\0")
    assert read(path, content[:-2] + struct.pack("<H", 4) + b"note") == {"x": b"halo"}


def test_every_cut_of_a_zip_is_refused(path: Path):
    content = packed(FILES)
    for end in range(0, len(content), 37):
        assert "damaged" in refused(path, content[:end])


def mutations(content: bytes) -> st.SearchStrategy[bytes]:
    places = st.integers(0, len(content) - 1)
    # Flips in the directory are the interesting ones, and it is a small part of the file.
    late = st.integers(content.index(b"PK\1\2"), len(content) - 1)
    flips = st.lists(st.tuples(places | late, st.integers(0, 255)), min_size=1, max_size=6)

    def flip(changes: list[tuple[int, int]]) -> bytes:
        changed = bytearray(content)
        for place, value in changes:
            changed[place] = value
        return bytes(changed)

    return (
        flips.map(flip)
        | places.map(lambda place: content[:place])
        | st.binary(min_size=1, max_size=80).map(lambda more: content + more)
        | st.tuples(places, st.binary(max_size=8)).map(
            lambda put: content[: put[0]] + put[1] + content[put[0] :]
        )
    )


GOOD = {"a/x.json": b'{"messages": []}' * 30, "a/y.jpg": bytes(range(256)), "z.txt": b""}


@settings(
    max_examples=400, deadline=10_000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=mutations(packed(GOOD)) | mutations(packed(GOOD, zipfile.ZIP_STORED)))
def test_changed_zip_is_refused_or_read_with_the_right_contents(tmp_path: Path, content: bytes):
    try:
        found = read(tmp_path / "x.zip", content)
    except ExportError:
        return
    # A flipped name names another member; nothing but the contents packed ever comes out.
    assert set(found.values()) <= set(GOOD.values())


@settings(
    max_examples=200, deadline=10_000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=400), sign=st.sampled_from([b"", b"PK\3\4", b"PK\5\6"]))
@example(content=b"", sign=b"")
@example(content=b"PK\5\6" * 5_000 + bytes(18), sign=b"")
def test_bytes_of_any_kind_are_no_zip(tmp_path: Path, content: bytes, sign: bytes):
    with contextlib.suppress(ExportError):
        assert read(tmp_path / "x.zip", sign + content) == {}


@settings(max_examples=300)
@given(st.text(max_size=60) | st.text(alphabet="a./\\:C ", max_size=20))
def test_cleaned_name_stays_inside_and_clean(name: str):
    try:
        cleaned = clean(name)
    except ExportError:
        return
    assert clean(cleaned) == cleaned
    assert not cleaned.startswith("/")
    assert os.path.normpath(f"/top/{cleaned}").startswith("/top")


def test_index_of_many_members_is_small(path: Path):
    count = 50_000
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            name = f"your_facebook_activity/messages/inbox/contoh_{number:016}/photos/{number}.jpg"
            archive.writestr(zipfile.ZipInfo(name), b"")
    tracemalloc.start()
    with open_export(path, Caps(count, 1, 1)) as export:
        held, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(export.names()) == count
    print(f"{count} members: {held / count:.0f} bytes each, at most {peak / count:.0f}")
    assert held / count < 220
    assert peak / count < 320
