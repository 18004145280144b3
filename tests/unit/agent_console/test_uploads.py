"""Photographs on the pages of a case: chosen, refused in words, seen only by who may see the case."""

import io
from pathlib import Path

import pytest
from console import Console, Person, opened
from photos import PDF, photo
from PIL import Image

from agent_console.permissions import Role
from routing import attachments
from routing.looks import looks_at

LAMP = {"matter": "0203", "place": "泰安名苑", "text": "路灯不亮"}
UNIT = "urban_mgmt.hbw"


@pytest.fixture
async def console(redis_url: str, tmp_path: Path):
    limits = {"hotline_file_bytes": 1 << 20, "hotline_files_per_form": 3}
    async with opened(f"sqlite:///{tmp_path}/h.db", redis_url, tmp_path, **limits) as console:
        yield console


async def signed(console: Console) -> tuple[str, Person, Person]:
    """A case that its unit has signed: its number, the operator, somebody of the unit."""
    operator = await console.person("anna", Role.OPERATOR, number="1001")
    number = (await operator.send("/cases", LAMP)).url.path.rpartition("/")[2]
    unit = await console.person("carl", Role.UNIT, unit=UNIT)
    assert (await unit.send(f"/cases/{number}", {"action": "sign", "version": "1"})).status == 200
    return number, operator, unit


def reply(version: int = 2, **more: str) -> dict[str, str]:
    return {"action": "reply", "version": str(version), "reply": "换了灯泡", "contacted": "已电话联系", **more}


async def test_a_unit_answers_with_photographs_that_tell_no_place_and_every_look_is_kept(console: Console):
    number, operator, unit = await signed(console)
    answer = await unit.send(f"/cases/{number}", reply(), ("file", photo()), ("file", PDF))
    assert "已反馈待审核" in await answer.text()
    first, second = console.down(attachments.of_case, number)
    shown = await operator.get(f"/cases/{number}/files/{first.id}")
    assert (shown.status, shown.content_type) == (200, "image/jpeg")
    assert shown.headers["Content-Disposition"] == f'inline; filename="{number}-{first.id}.jpeg"'
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert dict(Image.open(io.BytesIO(await shown.read())).getexif()) == {}
    document = await unit.get(f"/cases/{number}/files/{second.id}")
    assert document.headers["Content-Disposition"].startswith("attachment;")
    looks = [(look.actor, look.purpose) for look in console.down(looks_at, number) if "附件" in look.purpose]
    assert looks == [("anna", f"查看附件{first.id}"), ("carl", f"查看附件{second.id}")]


async def test_strangers_get_no_file(console: Console):
    number, _, unit = await signed(console)
    await unit.send(f"/cases/{number}", reply(), ("file", photo()))
    (file,) = console.down(attachments.of_case, number)
    path = f"/cases/{number}/files/{file.id}"
    other = await console.person("eve", Role.UNIT, unit="urban_mgmt.wd")
    editor = await console.person("fay", Role.EDITOR)
    assert (await other.get(path)).status == 404
    assert (await editor.get(path)).status == 403
    await unit.send("/sign-out", {})
    assert (await unit.get(path, allow_redirects=False)).status == 303
    assert not any("附件" in look.purpose for look in console.down(looks_at, number))


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([photo(), photo(800, 600)[:-500]], "第 2 个文件没有保存: 图片不完整"),
        ([b"MZ" + bytes(100)], "没有保存: 只能上传"),
        ([bytes(1 << 21)], "没有保存: 文件超过 1 MB"),
        ([photo()] * 4, "一次至多 3 个文件"),
    ],
    ids=["half", "a program", "too many bytes", "too many files"],
)
async def test_who_chose_a_bad_file_is_told_and_has_lost_no_word(console: Console, files: list[bytes], says: str):
    number, _, unit = await signed(console)
    given = reply(reply="换了灯泡，线路也查了", contacted="今天上午")
    refused = await unit.send(f"/cases/{number}", given, *(("file", data) for data in files))
    page = await refused.text()
    assert refused.status == 400
    assert says in page
    assert "换了灯泡，线路也查了</textarea>" in page
    assert 'value="今天上午"' in page
    assert console.down(attachments.of_case, number) == []
    assert not (console.settings.files).exists()


async def test_a_flood_of_bytes_is_cut_off(console: Console):
    number, _, unit = await signed(console)
    refused = await unit.send(f"/cases/{number}", reply(), *(("file", bytes(1 << 20)) for _ in range(14)))
    assert refused.status == 413
    assert console.down(attachments.of_case, number) == []


async def test_who_works_on_no_case_brings_no_files(console: Console):
    editor = await console.person("fay", Role.EDITOR)
    refused = await editor.send("/cases/03260303000018", {"action": "note"}, ("file", bytes(100_000)))
    assert refused.status == 413


async def test_a_form_without_its_token_changes_nothing_even_with_files(console: Console):
    number, _, unit = await signed(console)
    refused = await unit.send(f"/cases/{number}", reply(csrf="wrong"), ("file", photo()))
    assert refused.status == 403
    assert console.down(attachments.of_case, number) == []
