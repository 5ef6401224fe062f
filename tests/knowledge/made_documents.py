"""One notice of our own in every format, and small broken files, made in memory."""

from __future__ import annotations

import html
import io
import random
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from PIL import Image, ImageDraw, ImageFont

Row = Sequence[str]
Part = str | Sequence[Row]
"""A paragraph, or the rows of a table."""

STANDARDS: tuple[Row, ...] = (
    ("家庭类型", "补助标准", "备注"),
    ("单人家庭", "660", "可以浮动"),
    ("两人家庭", "1100", "一次发放"),
    ("三人家庭", "1500", "每年两次"),
)
OFFICES: tuple[Row, ...] = (
    ("街镇", "地址", "电话"),
    *((f"第{n}街道", f"某路{n}00号", f"6200{n:04}") for n in range(1, 13)),
)
NOTICE: tuple[Part, ...] = (
    "某区民政局关于调整困难家庭补助标准的通知",
    "某民发〔2025〕8号",
    "各街道办事处、镇人民政府：",
    "为保障困难群众基本生活，根据有关规定，现就调整补助标准有关事项通知如下：",
    "一、补助对象",
    "本区户籍且实际居住的困难家庭，可以申请补助。",
    "二、申请材料",
    "1.身份证",
    "2.户口簿",
    "三、办理程序",
    "（一）申请。向户籍所在地街镇提出申请，提交下列材料：",
    "1.申请书；",
    "2.授权书。",
    "（二）审核。街镇自受理之日起20个工作日内完成审核。",
    "四、执行日期",
    "本通知自2025年7月1日起施行，有效期5年。",
    "附件：1.补助标准表",
    "2.受理点一览表",
    "某区民政局",
    "2025年6月18日",
    "附件1",
    "补助标准表",
    "单位：元/月",
    STANDARDS,
    "注：补助按月发放。",
    "附件2",
    "受理点一览表",
    OFFICES,
    "以上受理点工作日开放。",
)

FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
)
SOFFICE = shutil.which("soffice")
needs_office = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (libreoffice-writer-nogui) is not installed")


def text_of(parts: Sequence[Part] = NOTICE) -> bytes:
    lines = (part if isinstance(part, str) else "\n".join("\t".join(row) for row in part) for part in parts)
    return "\n".join(lines).encode()


def docx_of(parts: Sequence[Part] = NOTICE) -> bytes:
    document = Document()
    style = document.styles["Normal"]
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "Noto Serif CJK SC")
    for part in parts:
        if isinstance(part, str):
            document.add_paragraph(part)
            continue
        table = document.add_table(rows=len(part), cols=len(part[0]))
        table.style = "Table Grid"
        for cells, row in zip(table.rows, part, strict=True):
            for cell, words in zip(cells.cells, row, strict=True):
                cell.text = words
    return saved(document)


def saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]  # python-docx and openpyxl share the method, not a type
    return out.getvalue()


def page_of(parts: Sequence[Part] = NOTICE) -> bytes:
    """A saved page of a government site: navigation above, related pages and footer below."""
    title, *rest = parts
    body = "".join(_html(part) for part in rest)
    return (
        f"<html><head><meta charset='utf-8'><title>{title}_某区人民政府</title></head><body>"
        "<div class='nav'><ul><li><a href='/'>首页</a></li><li><a href='/zwgk'>政务公开</a></li></ul></div>"
        "<div class='position'>当前位置：<a href='/'>首页</a> &gt; 政策文件</div>"
        f"<div class='main'><h1>{title}</h1><div class='info'>发布日期：2025-06-20 字体：大 中 小</div>"
        f"<div id='zoom'>{body}</div></div>"
        "<div class='relate'><h3>相关阅读</h3><ul><li><a href='1.html'>某区召开会议</a></li></ul></div>"
        "<div class='footer'>主办单位：某区人民政府</div></body></html>"
    ).encode()


def _html(part: Part) -> str:
    if isinstance(part, str):
        return f"<p>　　{html.escape(part)}</p>"
    rows = "".join("<tr>" + "".join(f"<td>{html.escape(words)}</td>" for words in row) + "</tr>" for row in part)
    return f"<table border='1'>{rows}</table>"


def converted(content: bytes, ending: str, folder: Path) -> bytes:
    """The DOCX as LibreOffice saves it under another ending."""
    given = folder / "given.docx"
    given.write_bytes(content)
    profile = (folder / "profile").as_uri()
    command = [
        str(SOFFICE),
        f"-env:UserInstallation={profile}",
        "--headless",
        "--convert-to",
        ending,
        "--outdir",
        str(folder),
        str(given),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return (folder / f"given.{ending}").read_bytes()


# -- pictures ------------------------------------------------------------------------------------------------


def font(size: int) -> ImageFont.FreeTypeFont:
    path = next((path for path in FONTS if Path(path).exists()), None)
    if path is None:
        pytest.skip("no Chinese font (fonts-noto-cjk) is installed")
    return ImageFont.truetype(path, size)


def drawn_page(parts: Sequence[Part], *, noise: int = 18, turn: float = 0.4) -> Image.Image:
    """An A4 page at 200 dots an inch as a scanner gives it: a little turned, with grain."""
    page = Image.new("RGB", (1654, 2339), (250, 250, 248))
    draw, letters, left, width, top = ImageDraw.Draw(page), font(44), 190, 29, 200
    for part in parts:
        if not isinstance(part, str):
            top = _draw_table(draw, part, left, top) + 30
            continue
        for start in range(0, len(part), width):
            draw.text((left, top), part[start : start + width], fill=(25, 25, 25), font=letters)
            top += 62
        top += 34
    turned = page.rotate(turn, resample=Image.Resampling.BICUBIC, fillcolor=(250, 250, 248))
    grain = Image.effect_noise(turned.size, noise).convert("RGB")
    return Image.blend(turned, grain, 0.12)


def _draw_table(draw: ImageDraw.ImageDraw, rows: Sequence[Row], left: int, top: int) -> int:
    letters, wide, high = font(40), 400, 76
    for index, row in enumerate(rows):
        for column, words in enumerate(row):
            box = (left + column * wide, top + index * high, left + (column + 1) * wide, top + (index + 1) * high)
            draw.rectangle(box, outline=(30, 30, 30), width=3)
            draw.text((box[0] + 16, box[1] + 12), words, fill=(25, 25, 25), font=letters)
    return top + len(rows) * high


def picture_bytes(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def scan_of(pages: Sequence[Image.Image]) -> bytes:
    """A PDF that holds nothing but pictures of its pages."""
    return picture_bytes(pages[0], "PDF", save_all=True, append_images=list(pages[1:]), resolution=200)


def a_cat() -> Image.Image:
    picture = Image.new("RGB", (1200, 1000), (200, 180, 160))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((300, 300, 900, 900), fill=(90, 70, 50))
    for ear in (((330, 420), (400, 150), (560, 330)), ((870, 420), (800, 150), (640, 330))):
        draw.polygon(ear, fill=(90, 70, 50))
    for eye in (470, 680):
        draw.ellipse((eye, 500, eye + 60, 560), fill=(60, 200, 80))
    return picture


# -- harm ----------------------------------------------------------------------------------------------------


def repacked(package: bytes, change: Callable[[str, bytes], bytes], extra: Sequence[tuple[str, bytes]] = ()) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for part in given.infolist():
            made.writestr(part.filename, change(part.filename, given.read(part)))
        for name, content in extra:
            made.writestr(name, content)
    return out.getvalue()


def bomb() -> bytes:
    return repacked(docx_of(NOTICE[:5]), lambda _, part: part, [("word/media/x.bin", bytes(60_000_000))])


def with_entities() -> bytes:
    def declare(name: str, part: bytes) -> bytes:
        if name != "word/document.xml":
            return part
        return part.replace(b"<w:document", b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><w:document", 1)

    return repacked(docx_of(NOTICE[:5]), declare)


def rubble(size: int = 4_000) -> bytes:
    return random.Random(3).randbytes(size)


def numbered(paragraph: object, list_id: int, depth: int = 0) -> None:
    """Gives a paragraph of python-docx an automatic number."""
    properties = paragraph._p.get_or_add_pPr()  # type: ignore[attr-defined]  # the only way in: python-docx has no call for it
    number = OxmlElement("w:numPr")
    for tag, value in (("w:ilvl", depth), ("w:numId", list_id)):
        element = OxmlElement(tag)
        element.set(qn("w:val"), str(value))
        number.append(element)
    properties.append(number)
