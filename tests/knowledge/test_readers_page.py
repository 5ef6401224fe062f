"""A saved page of a government site gives its text, title, number and days; navigation and boxes about the page go."""

from __future__ import annotations

import pytest

from knowledge.documents.readers import read_source
from knowledge.documents.repair import PUBLISHED_ON_PAGE

PAGE = """<html><head><meta charset="{charset}"><meta name="ArticleTitle" content="关于调整救助标准的通知">
<meta name="PubDate" content="2025-06-20 10:00"><title>关于调整救助标准的通知_某区人民政府</title></head><body>
<div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/a">政务公开</a></li></ul></div>
<table><tr><td>索引号：</td><td>AA1</td><td>发文字号：</td><td>某民规〔2025〕3号</td></tr>
<tr><td>发布机构：</td><td>某市民政局</td><td>成文日期：</td><td>2025-06-18</td></tr></table>
<div class="main"><h1>关于调整救助标准的通知</h1><div id="zoom">
<div>各区民政局：<br/>　　为保障困难群众基本生活，现就调整标准通知如下：<br/>　　一、<strong>标准</strong><br/>
　　标准调整为每人每月1600元。</div>
<table border="1"><tr><td rowspan="2">项目</td><td colspan="2">标准</td></tr><tr><td>原</td><td>新</td></tr>
<tr><td>低保</td><td>1510</td><td>1600</td></tr></table>
<ol><li>有效期五年。</li><li>由市民政局解释。</li></ol></div></div>
<div class="footer">主办：某区人民政府 ICP备0000号</div></body></html>"""


@pytest.mark.parametrize(("charset", "encoding"), [("utf-8", "utf-8"), ("gb2312", "gb18030"), ("gbk", "gbk"), ("", "gb18030")])
def test_the_text_is_read_in_the_encodings_of_chinese_sites(charset: str, encoding: str) -> None:
    source = read_source(PAGE.format(charset=charset).encode(encoding), "通知.html")
    assert [block.text for block in source.blocks if block.table is None] == [
        "关于调整救助标准的通知",
        "各区民政局：",
        "为保障困难群众基本生活，现就调整标准通知如下：",
        "一、标准",
        "标准调整为每人每月1600元。",
        "1.有效期五年。",
        "2.由市民政局解释。",
    ]


def test_spans_of_a_table_are_filled() -> None:
    table = next(b.table for b in read_source(PAGE.format(charset="utf-8").encode(), "通知.html").blocks if b.table is not None)
    assert (table.header, table.body) == (("项目", "标准/原", "标准/新"), (("低保", "1510", "1600"),))


def test_what_the_page_says_about_itself_is_kept_as_properties() -> None:
    properties = read_source(PAGE.format(charset="utf-8").encode(), "通知.html").properties
    assert properties == {
        "title": "关于调整救助标准的通知",
        "number": "某民规〔2025〕3号",
        "issuer": "某市民政局",
        "publish_date": "2025-06-18",
        PUBLISHED_ON_PAGE: "2025-06-20",
    }


def test_the_name_of_the_site_is_no_part_of_the_title() -> None:
    text = "一、各街镇要认真落实各项救助政策，做到应保尽保、应救尽救，按时发放。"
    page = f"<html><head><title>关于做好救助的通知_某区人民政府</title></head><body><p>{text}</p></body></html>"
    assert read_source(page.encode(), "通知.html").properties["title"] == "关于做好救助的通知"
