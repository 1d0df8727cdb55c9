"""HTML that would run, load or lead away if a page showed it as it is; and endless variations of it."""

import random

AWAY = "http://127.0.0.1:9/{n}"  # nobody answers there
RUN = "window.ran=(window.ran||[]).concat({n})"
REFRESH = f'<meta http-equiv="refresh" content="0;url={AWAY}">'
RUNS = f'<img src="{AWAY}" onerror="{RUN}">'
STYLED = "*{{background:url(" + AWAY + ")}}"

PAYLOADS = (
    # comments and sections that browsers and simple parsers end at different places
    f"<!-- a --!>{REFRESH} -->",
    f"<!-->{REFRESH}-->",
    f"<!--->{REFRESH}-->",
    f"<!-- --!>{RUNS}<!-- -->",
    f"<![CDATA[>{REFRESH}]]>",
    f"<svg><![CDATA[</svg>]]>{REFRESH}",
    f"<math><![CDATA[><b>]]>{RUNS}</math>",
    f"<?xml >{REFRESH}?>",
    f"<!doctype a [>{RUNS}]>",
    f"</ a>{REFRESH}</ b>",
    # raw text that is none inside svg or math, and the other way round
    f"<svg><style>{REFRESH}{RUNS}</style></svg>",
    f"<math><style>{REFRESH}{RUNS}</style></math>",
    f"<svg><title>{REFRESH}</title></svg>",
    f"<svg><desc><style><a title='</style>{RUNS}'></style></desc></svg>",
    f"<math><mtext><table><mglyph><style><!--</style>{RUNS}-->",
    f"<form><math><mtext></form><form><mglyph><style></math>{RUNS}",
    f"<svg></p><style><a id='</style>{RUNS}'>",
    f"<math><annotation-xml encoding='text/html'><style><a id='</style>{RUNS}'></annotation-xml></math>",
    f"<svg><foreignObject><iframe><a id='</iframe>{RUNS}'></foreignObject></svg>",
    f"<noscript><p title='</noscript>{RUNS}'></noscript>",
    f"<template><p title='</template>{RUNS}'>{REFRESH}</template>",
    f"<select><template><style><a id='</style>{RUNS}'></template></select>",
    f"<table><tr><td><select><noembed></td>{RUNS}</noembed></select></table>",
    f"<table><style><a id='</style>{RUNS}'></style><tr>{REFRESH}<td>1</table>",
    f"<textarea><a id='</textarea>{RUNS}'></textarea>",
    f"<title><a id='</title>{REFRESH}'></title>",
    f"<xmp><p id='</xmp>{RUNS}'></xmp>",
    f"<noframes><p id='</noframes>{RUNS}'></noframes>",
    f"<plaintext></plaintext>{RUNS}",
    f"{'<div>' * 520}<table><a><table><a><svg><style><a id='</style>{RUNS}'>",
    f"<p title='（1–2）{RUNS}'>（1–2）</p><p title=\"(1–2)<x onclick='{RUN}'>\">（1–2）",
    # elements that run, load or lead away
    f"<script>{RUN}</script>",
    f"<script src='{AWAY}'></script>",
    f"<svg><script xlink:href='{AWAY}' /><script>{RUN}</script></svg>",
    f"<iframe src='{AWAY}' srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<object data='{AWAY}'></object><embed src='{AWAY}'>",
    f"<link rel=stylesheet href='{AWAY}'><link rel=prefetch href='{AWAY}'><link rel=icon href='{AWAY}'>",
    f"<base href='{AWAY}/' target=_top><img src=x><a href=y>y</a>",
    f"<video src='{AWAY}' poster='{AWAY}' autoplay></video><audio src='{AWAY}' autoplay></audio>",
    f"<picture><source srcset='{AWAY}'><img srcset='{AWAY} 2x' src='{AWAY}'></picture>",
    f"<input type=image src='{AWAY}'><input autofocus onfocus='{RUN}'>",
    f"<form action='{AWAY}' id=f><button formaction='{AWAY}'>b</button></form><script>f.submit()</script>",
    f"<form action=javascript:{RUN}><input type=submit autofocus></form>",
    f"<frameset onload='{RUN}'><frame src='{AWAY}'></frameset>",
    f"<body background='{AWAY}' onload='{RUN}'><html manifest='{AWAY}'>",
    f"<table background='{AWAY}'><td background='{AWAY}'>1</td></table>",
    f"<marquee onstart='{RUN}'>m</marquee><details open ontoggle='{RUN}'>d</details>",
    f"<isindex type=image src='{AWAY}' action='{AWAY}'><keygen autofocus onfocus='{RUN}'>",
    f"<portal src='{AWAY}'></portal><applet code='{AWAY}'></applet><bgsound src='{AWAY}'>",
    f"<image src='{AWAY}' onerror='{RUN}'>",
    f"<svg><image href='{AWAY}' /><use href='{AWAY}#a' /><feImage xlink:href='{AWAY}' /></svg>",
    f"<svg><a><animate attributeName=href values='javascript:{RUN}' /><text y=9>t</text></a></svg>",
    f"<svg onload='{RUN}'><set attributeName=onmouseover to='{RUN}' /></svg>",
    f"<math href='javascript:{RUN}'><mi xlink:href='javascript:{RUN}'>x</mi></math>",
    # links that are none
    f"<a href='javascript:{RUN}'>a</a><a href=' &#1;javascript:{RUN}'>b</a>",
    f"<a href='java&#9;script:{RUN}'>a</a><a href='java&Tab;scr&NewLine;ipt&colon;{RUN}'>b</a>",
    f"<a href='JaVaScRiPt&#58;{RUN}'>a</a><a href='&#106;&#x61;vascript:{RUN}'>b</a>",
    f"<a href='data:text/html,<script>{RUN}</script>' target=_self>a</a><a href='vbscript:{RUN}'>b</a>",
    f"<a href='#' ping='{AWAY}' onclick='{RUN}' download='x' target=_top>a</a>",
    f"<a href='\\\\127.0.0.1:9\\x'>a</a><a href='//127.0.0.1:9/x'>b</a><a href='blob:{AWAY}'>c</a>",
    f"[a](javascript:{RUN}) [b](<java\tscript:{RUN}>) <javascript:{RUN}>",
    f"[a](data:text/html,<script>{RUN}</script>)\n\n[b]: javascript:{RUN}\n[b]",
    # styles that load, run or cover the page
    f"<style>{STYLED}</style><style>@import '{AWAY}';</style>",
    f"<style>#T_a {{{{color:red}}}} {STYLED}</style><style>#T_a{{{{background:u\\72l({AWAY})}}}}</style>",
    f"<style>#T_a{{{{}}}}</style>{RUNS}<style>#T_b, * {{{{background:url({AWAY})}}}}</style>",
    f"<p style='background:url({AWAY})'>a</p><p style='background:u\\72l({AWAY})'>b</p>",
    f"<p style='background:u/**/rl({AWAY});background-image:image-set(\"{AWAY}\" 1x)'>a</p>",
    f"<p style='list-style:url({AWAY});cursor:url({AWAY}),auto;content:url({AWAY})'>a</p>",
    f"<p style='width:expression({RUN});behavior:url({AWAY});-moz-binding:url({AWAY})'>a</p>",
    f"<p style='background:&quot;}}}}&lt;/style>;color:red;border-image:url({AWAY}) 1'>a</p>",
    "<p style='position:fixed;top:0;left:0;width:100%;height:100%;z-index:9'>a</p>",
    # names that scripts of the page look for
    "<img name=getElementById><form id=main name=body><input name=querySelector></form><a id=s01 name=s01>",
    f"<p is=x-y slot=z contenteditable autofocus onfocus='{RUN}' accesskey=x tabindex=1>a</p>",
    f"<b onclick={RUN}>a</b><b/onmouseover='{RUN}'>b</b><b\x0confocus='{RUN}' tabindex=1 autofocus>c</b>",
)
TOKENS = (
    *(
        "<!--",
        "-->",
        "--!>",
        "<!-->",
        "<![CDATA[",
        "]]>",
        "<?",
        "<!",
        "</",
        "<",
        ">",
        '"',
        "'",
        "`",
        "=",
        "/",
    ),
    *("\0", "\t", "\n", "\r", "\f", " ", "\ufeff", "\ud800", "&", "&#0;", "&lt;", "&gt;", "&quot;", "&Tab;"),
    *("<svg>", "</svg>", "<math>", "</math>", "<mtext>", "<mi>", "<mglyph>", "<desc>", "<foreignObject>"),
    *("<style>", "</style>", "<title>", "</title>", "<textarea>", "<noscript>", "<template>", "<select>"),
    *(
        "<table>",
        "<tr>",
        "<td>",
        "</table>",
        "<caption>",
        "<p>",
        "</p>",
        "<br>",
        "</br>",
        "<a>",
        "<b>",
        "<form>",
    ),
    *(
        "<div>" * 300,
        "<option>",
        "<xmp>",
        "<iframe>",
        "<script>",
        "</script>",
        "<annotation-xml encoding=text/html>",
    ),
)


def of(payload, number):
    """A payload, or a variation of one, with the number by which it tells that it got through."""
    return payload.replace("{{", "{").replace("}}", "}").replace("{n}", str(number))


def varied(seed, count):
    """Variations of the payloads.

    Parameters
    ----------
    seed, count : int

    Returns
    -------
    payloads : list of str
        For `of`.
    """
    chance = random.Random(seed)
    return [_vary(chance) for _ in range(count)]


def _vary(chance):
    payload = chance.choice(PAYLOADS)
    for _ in range(chance.randint(1, 5)):
        start, end = sorted(chance.randint(0, len(payload)) for _ in range(2))
        payload = payload[:start] + _changed(payload[start:end], chance) + payload[end:]
    return payload[:20_000]


def _changed(middle, chance):
    change = chance.choice((
        lambda: chance.choice(TOKENS) + middle,
        lambda: chance.choice(TOKENS).join((middle, chance.choice(PAYLOADS))),
        lambda: middle * 2,
        lambda: middle if "{n}" in middle else middle.swapcase(),
        lambda: middle.replace(" ", chance.choice("/\f\t\n")),
        lambda: middle.replace("'", chance.choice("\"` ")),
        lambda: middle.replace(">", chance.choice((">>", "/>", " ", "&gt;"))),
        lambda: "" if len(middle) < 9 else middle[::2],
    ))  # fmt: skip
    return change()
