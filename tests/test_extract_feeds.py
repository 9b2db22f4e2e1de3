"""Feeds of all forms give their items; wrong dates and ids do no harm, and nothing else escapes."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.errors import RefusedInput
from dragoman.extract.feeds import MAX_ITEMS, FeedItem, parse_articles, parse_feed, parse_opml, read_date

STORY = "Ostrania on Monday rejected the offer of Sorvena to hold talks in May, calling it a trap. " * 4
RSS = """<?xml version="1.0"?><rss version="{version}" xmlns:content="http://purl.org/rss/1.0/modules/content/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Harbour Wire</title><link>https://harbour.example/</link>
{items}</channel></rss>"""
ITEM = """<item><title>Talks &amp; tolls</title><link>/talks</link><guid isPermaLink="false">g1</guid><dc:creator>Ana
Roe</dc:creator><pubDate>Tue, 13 May 2031 23:30:00 -0500</pubDate><description>They talk.</description>
<content:encoded><![CDATA[<p>{text}</p>]]></content:encoded></item>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour Wire</title>
<link href="https://harbour.example/"/><entry><id>g1</id><title>Talks &amp; tolls</title>
<link href="https://harbour.example/talks"/><published>2031-05-13T23:30:00-05:00</published><author><name>Ana Roe</name>
</author><summary>They talk.</summary><content type="html">&lt;p&gt;{text}&lt;/p&gt;</content></entry></feed>"""
RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel rdf:about="x"><title>Harbour Wire</title><link>https://harbour.example/</link></channel>
<item rdf:about="g1"><title>Talks &amp; tolls</title><link>https://harbour.example/talks</link>
<dc:creator>Ana Roe</dc:creator><dc:date>2031-05-13T23:30:00-05:00</dc:date><description>They talk.</description>
<content:encoded><![CDATA[<p>{text}</p>]]></content:encoded></item></rdf:RDF>"""
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Harbour Wire",
        "home_page_url": "https://harbour.example/",
        "items": [
            {
                "id": "g1",
                "url": "https://harbour.example/talks",
                "title": "Talks & tolls",
                "summary": "They talk.",
                "content_html": f"<p>{STORY}</p>",
                "date_published": "2031-05-13T23:30:00-05:00",
                "authors": [{"name": "Ana Roe"}],
            }
        ],
    }
)


def rss(*items: str, version: str = "2.0") -> bytes:
    return RSS.format(items="".join(items), version=version).encode()


def item(**fields: str) -> str:
    return "<item>" + "".join(f"<{k}>{v}</{k}>" for k, v in fields.items()) + "</item>"


def only(data: bytes) -> FeedItem:
    (found,) = parse_feed(data, url="https://harbour.example/feed.xml").items
    return found


NEXT_FEED = rss(item(title="Talks", guid="1"))


@pytest.mark.parametrize(
    "data",
    [
        *(rss(ITEM.format(text=STORY), version=v).decode() for v in ("2.0", "0.91", "0.92")),
        ATOM.format(text=STORY),
        RDF.format(text=STORY),
        JSON_FEED,
    ],
    ids="rss2 rss091 rss092 atom rdf json".split(),
)
def test_every_form_gives_the_same_item(data: str) -> None:
    feed = parse_feed(data.encode(), url="https://harbour.example/feed.xml")
    (found,) = feed.items
    assert (feed.title, feed.link, feed.notes) == ("Harbour Wire", "https://harbour.example/", ())
    assert (found.link, found.title) == ("https://harbour.example/talks", "Talks & tolls")
    assert (found.author, found.summary_html) == ("Ana Roe", "They talk.")
    assert STORY.strip() in (found.content_html or "")
    assert found.published == datetime(2031, 5, 14, 4, 30, tzinfo=UTC)
    assert found.published_as
    assert (found.published_as.day, found.published_as.zone) == ("2031-05-13", "stated")


def test_what_the_fast_parser_does_not_take_the_other_does() -> None:
    """A feed with an unknown entity, a bare ampersand and no end."""
    broken = b'<rss version="2.0"><channel><title>Harbour &nbsp; Wire</title><item><title>A & B</title><guid>x</guid>'
    assert only(broken).title == "A & B"


# --- dates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "at", "day", "zone"),
    [
        ("Tue, 13 May 2031 10:00:00 GMT", "2031-05-13T10:00:00+00:00", "2031-05-13", "named"),
        ("Tue, 13 May 2031 10:00:00 EST", "2031-05-13T15:00:00+00:00", "2031-05-13", "named"),
        ("Tue, 13 May 2031 23:30:00 -0500", "2031-05-14T04:30:00+00:00", "2031-05-13", "stated"),
        ("2031-05-13T10:00:00Z", "2031-05-13T10:00:00+00:00", "2031-05-13", "stated"),
        ("2031-05-13 10:00:00.5 +02:00", "2031-05-13T08:00:00.500000+00:00", "2031-05-13", "stated"),
        ("Tue, 13 May 2031 10:00:00 IST", None, "2031-05-13", "unknown"),
        ("Tue, 13 May 2031 10:00:00", None, "2031-05-13", "unknown"),
        ("2031-05-13T10:00:00", None, "2031-05-13", "unknown"),
        ("2031-05-13", None, "2031-05-13", "unknown"),
    ],
)
def test_a_date_keeps_its_zone_and_a_zone_that_means_many_is_unknown(
    raw: str, at: str | None, day: str, zone: str
) -> None:
    found = read_date(raw)
    assert found
    assert (found.at.isoformat() if found.at else None, found.day, found.zone) == (at, day, zone)
    assert found.raw == raw


@pytest.mark.parametrize(
    "raw",
    [
        "Fri, 31 Dec 9999 10:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "2031-02-30",
        "2031-13-01T00:00:00Z",
        "soon",
        "",
        "9" * 500,
    ],
)
def test_a_date_that_is_none_or_out_of_all_likelihood_is_left_out(raw: str) -> None:
    assert read_date(raw) is None
    assert only(rss(item(title="Talks", pubDate=raw))).published is None


# --- ids, links, counts ---------------------------------------------------------------------------------------------


def test_items_that_stand_there_twice_are_taken_once_and_others_of_one_guid_are_told_apart() -> None:
    one = item(title="Talks", guid="g", link="https://harbour.example/1")
    other = item(title="Tolls", guid="g", link="https://harbour.example/2")
    same_page = item(title="Talks, corrected", guid="g", link="https://harbour.example/1")
    feed = parse_feed(rss(one, one, other, same_page))
    assert [i.title for i in feed.items] == ["Talks", "Tolls", "Talks, corrected"]
    assert len({i.guid for i in feed.items}) == 3
    assert feed.items[1].guid == "https://harbour.example/2"
    assert feed.notes == ("1 items stand there twice",)


def test_an_item_without_guid_goes_by_its_link_and_without_both_by_its_words() -> None:
    feed = parse_feed(
        rss(item(title="A", link="https://harbour.example/a"), item(title="B"), item(title="C"))
    )
    guids = [i.guid for i in feed.items]
    assert guids[0] == "https://harbour.example/a"
    assert len(set(guids)) == 3
    assert [i.guid for i in parse_feed(rss(item(title="C"), item(title="B"))).items] == guids[:0:-1]


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "file:///etc/hostname", "gopher://x/", "#top", "a b"]
)
def test_only_web_addresses_are_links(link: str) -> None:
    assert only(rss(item(title="Talks", link=link))).link is None


def test_more_than_a_thousand_items_are_cut_and_that_is_said() -> None:
    feed = parse_feed(rss(*(item(title=f"Talk {n}", guid=str(n)) for n in range(MAX_ITEMS + 7))))
    assert (len(feed.items), feed.items[0].title, feed.left_out) == (MAX_ITEMS, "Talk 0", 7)
    assert feed.notes == ("1,007 items, of which the first 1,000 are read",)


# --- texts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"description": f"&lt;p&gt;{STORY}&lt;/p&gt;&lt;p&gt;More.&lt;/p&gt;"},
            f"Talks\n\n{STORY.strip()}\n\nMore.",
        ),
        ({"description": "They talk."}, None),
        ({"description": STORY + "…"}, None),
        ({"description": STORY + "Read more"}, None),
        ({}, None),
    ],
    ids=["long summary", "teaser", "cut", "read more", "nothing"],
)
def test_an_item_carries_its_text_or_only_links_to_it(fields: dict[str, str], expected: str | None) -> None:
    _, (article,) = parse_articles(rss(item(title="Talks", **fields)))
    assert article.text == expected


# --- what is no feed ------------------------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
BOMB = (
    f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]>'
    + "<rss><channel><title>&l8;</title></channel></rss>"
)
OUTSIDE = (
    '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss><channel><title>&x;</title></channel></rss>'
)


@pytest.mark.parametrize(
    "data",
    [b"", b"Talks fail", b"<html><p>Talks</p></html>", b"{}", b"[]", b"{", b"\xff\xfe", b"<rss", b"\0" * 99],
)
def test_what_is_no_feed_is_refused(data: bytes) -> None:
    with pytest.raises(RefusedInput) as refused:
        parse_feed(data)
    assert refused.value.kind == "broken_feed"


@pytest.mark.parametrize("data", [BOMB, OUTSIDE], ids=["laughs", "outside"])
def test_entities_are_neither_grown_nor_fetched(data: str) -> None:
    with pytest.raises(RefusedInput, match="entities of its own"):
        parse_feed(data.encode())


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=60).map(lambda b: RSS.encode()[:-40] + b)))
def test_nothing_escapes_but_a_refusal(data: bytes) -> None:
    with suppress(RefusedInput):
        assert all(i.guid for i in parse_feed(data).items)


# --- lists of feeds ---------------------------------------------------------------------------------------------------


def test_a_list_of_feeds_gives_each_once() -> None:
    opml = b"""<opml version="2.0"><body><outline text="Ports"><outline text="Harbour Wire" type="rss"
        xmlUrl="https://harbour.example/feed"/><outline title="Littoral" xmlurl="https://littoral.example/rss"/>
        <outline xmlUrl="https://harbour.example/feed"/><outline xmlUrl="file:///etc/hostname"/></outline></body></opml>"""
    found = [(link.url, link.title) for link in parse_opml(opml)]
    assert found == [
        ("https://harbour.example/feed", "Harbour Wire"),
        ("https://littoral.example/rss", "Littoral"),
    ]


@pytest.mark.parametrize("data", [b"", b"<rss/>", b"Talks", BOMB.replace("rss", "opml").encode()])
def test_what_is_no_list_of_feeds_is_refused(data: bytes) -> None:
    with pytest.raises(RefusedInput) as refused:
        parse_opml(data)
    assert refused.value.kind == "broken_feed"
