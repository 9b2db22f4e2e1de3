"""Every screen in a real browser: what somebody at the desk does, and what is seen."""

from __future__ import annotations

import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from dragoman.store import open_store
from tests.hostile import CANARY, fill_with_canaries

api = pytest.importorskip("playwright.sync_api", reason="needs playwright, which drives the browser")
uvicorn = pytest.importorskip("uvicorn", reason="needs the extra web")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("needs a chromium on the path", allow_module_level=True)

from dragoman.web import Settings, create_app  # noqa: E402

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 380, "height": 800}


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The app on a free port, in a thread; its address."""
    app = create_app(settings)
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


def unhurried(where: Path, **more: Any) -> Settings:
    """Settings for somebody who clicks faster than a person."""
    return Settings(where=where, rate=1e6, burst=10**6, seconds=10, **more)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The sample, which these tests only look at."""
    with serving(unhurried(tmp_path_factory.mktemp("sample") / "press.db", sample=True)) as url:
        yield url


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The sample once more, to add to and to judge."""
    with serving(unhurried(tmp_path_factory.mktemp("bench") / "press.db", sample=True)) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with api.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@dataclass
class Visit:
    """A page of the browser, and everything that went wrong on it."""

    page: Any
    url: str
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.on("dialog", self._dialog)

    def _console(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.troubles.append(f"{message.text} {message.location['url'].removeprefix(self.url)}")

    def _dialog(self, dialog: Any) -> None:
        self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def to(self, path: str) -> Any:
        self.page.goto(self.url + path)
        return self.page

    def ask(self, path: str) -> Any:
        """What the API says."""
        answer = self.page.request.get(f"{self.url}/api/v1/{path}")
        assert answer.ok, answer.text()
        return answer.json()

    def rows(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask(path)["rows"]
        return found


@contextmanager
def visiting(browser: Any, url: str, **options: Any) -> Iterator[Visit]:
    context = browser.new_context(**{"viewport": WIDE, **options})
    context.set_default_timeout(10_000)
    visit = Visit(context.new_page(), url)
    try:
        yield visit
        assert visit.troubles == []
    finally:
        context.close()


@pytest.fixture
def at(browser: Any, sample: str) -> Iterator[Visit]:
    """A visit to the sample on which nothing may go wrong: no error, no report of the policy, no dialog."""
    with visiting(browser, sample) as visit:
        yield visit


@pytest.fixture
def at_bench(browser: Any, bench: str) -> Iterator[Visit]:
    with visiting(browser, bench) as visit:
        yield visit


def follow(link: Any) -> None:
    """Click on what leads to another page, and wait for it."""
    with link.page.expect_navigation():
        link.click()


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


# --- the desk -----------------------------------------------------------------------------------------------------


def test_the_desk_counts_what_is_there_and_each_count_leads_to_its_list(at: Visit) -> None:
    told = {row["what"]: row["count"] for row in at.rows("news")}
    page = at.to("/")
    figures = page.locator(".figures a")
    shown = {f.split()[-1]: number(f) for f in figures.all_inner_texts()}
    assert shown == {what: told[what] for what in shown}
    assert set(shown) == {"articles", "statements", "events", "changes", "positions"}
    follow(figures.filter(has_text="articles"))
    assert page.locator("tbody tr").count() == shown["articles"]


def test_the_desk_shows_quotes_a_strip_a_pair_and_how_far_to_trust_it(at: Visit) -> None:
    page = at.to("/")
    assert page.locator(".card.statement").count() == 3
    assert page.locator(".strip rect").count() >= 8
    assert page.locator(".lanes circle").count() >= 10
    assert page.get_by_text("Against each other").is_visible()
    assert (
        page.get_by_role("row", name="who did what to whom")
        .inner_text()
        .split()[-1]
        .replace(".", "")
        .isdigit()
    )
    assert page.get_by_role("link", name="Paste a text").get_attribute("href") == "/read"


def test_the_desk_tells_what_came_in_since_the_last_visit(at: Visit) -> None:
    now = datetime.now(UTC)
    page = visited(at, now - timedelta(days=1))
    assert page.get_by_text("Since your last visit").is_visible()
    assert page.locator(".figures li").first.inner_text().split() == ["36", "articles", "of", "36"]
    page = visited(at, now)
    assert page.locator(".figures li").first.inner_text().split() == ["0", "articles", "of", "36"]
    assert page.get_by_text("Nothing new came in").is_visible()
    assert page.locator(".card.statement").count() == 3


def visited(at: Visit, when: datetime) -> Any:
    """The desk, for somebody who was there at some moment."""
    told = when.isoformat(timespec="seconds")
    at.page.context.add_cookies([{"name": "dragoman_visit", "value": f"{told}|{told}", "url": at.url}])
    return at.to("/")


# --- the dossier --------------------------------------------------------------------------------------------------


def test_the_dossier_is_the_latest_word_of_each_party_on_each_issue(at: Visit) -> None:
    page = at.to("/dossier")
    cells = page.locator(".cell")
    assert page.locator("thead th").count() == 9
    told = {row["quote"][:20] for row in at.rows("dossier?limit=8")}
    assert cells.count() == len(at.rows("dossier?limit=8"))
    assert any(quote in page.locator(".matrix").inner_text() for quote in told)
    follow(cells.first.get_by_role("link", name=re.compile("^all said by")))
    page.wait_for_url("**/search?*")
    assert page.locator(".chip.on").count() == 2
    assert page.locator(".card.statement").count() > 1


def test_the_dossier_can_be_seen_as_it_stood_in_a_month(at: Visit) -> None:
    page = at.to("/dossier?until=2031-05")
    days = page.locator(".cell time").all_inner_texts()
    assert days
    assert max(days) <= "2031-05-31"
    assert page.locator("select[name=until]").input_value() == "2031-05"
    now = at.to("/dossier").locator(".cell time").all_inner_texts()
    assert max(now) > "2031-05-31"


# --- search -------------------------------------------------------------------------------------------------------


def test_a_search_is_narrowed_by_facets_and_the_back_button_undoes_the_last(at: Visit) -> None:
    page = at.to("/")
    page.keyboard.press("/")
    page.keyboard.type("radar")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=radar")
    every = page.locator(".card.statement").count()
    assert every > 3
    assert all("radar" in text.lower() for text in page.locator("blockquote").all_inner_texts()[:3])
    facet = page.locator(".facet", has_text="publisher").locator("li").first
    publisher, many = facet.locator("a").inner_text(), number(facet.locator(".count").inner_text())
    follow(facet.locator("a"))
    assert page.locator(".card.statement").count() == many < every
    assert all(publisher in text for text in page.locator(".card .facts").all_inner_texts())
    follow(page.locator(".facet", has_text="act").locator("a").first)
    assert page.locator(".chip.on").count() == 2
    page.go_back()
    assert page.locator(".chip.on").all_inner_texts() == [f"publisher: {publisher} ✕"]
    follow(page.locator(".chip.on"))
    assert page.locator(".card.statement").count() == every


def test_events_and_articles_are_found_by_the_same_box(at: Visit) -> None:
    page = at.to("/search?kind=event&type=ASSAULT")
    told = len(at.rows("events?type=ASSAULT&limit=50"))
    assert page.locator(".card.event").count() == told > 5
    assert set(page.locator(".card.event .verb").all_inner_texts()) == {"attack"}
    follow(page.get_by_role("navigation", name="Kinds").get_by_role("link", name="Articles"))
    assert "kind=article" in page.url
    page = at.to("/search?kind=article&limit=10")
    assert page.locator(".card h3").count() > 3
    follow(page.get_by_role("link", name="Next page"))
    assert page.locator(".card h3").count() > 3


def test_a_search_that_finds_nothing_says_which_filter_to_take_out(at: Visit) -> None:
    page = at.to("/search?q=zebra&party=Korvania")
    assert page.get_by_text("Nothing was found with the words “zebra” and these filters").is_visible()
    follow(page.get_by_role("link", name="without the words"))
    assert page.locator(".card.statement").count() == 50


def test_a_name_nobody_has_leads_to_names_like_it(at: Visit) -> None:
    page = at.to("/search?party=Korvanja")
    follow(page.get_by_role("link", name="korvania", exact=True))
    assert page.locator(".card.statement").count() == 50
    assert "status of 404" in at.troubles.pop()


# --- reading ------------------------------------------------------------------------------------------------------

ARTICLE = "/articles/sennet-17"


def test_a_row_lights_its_words_and_words_light_their_row(at: Visit) -> None:
    page = at.to(ARTICLE)
    row = page.locator("#s2")
    quote = row.locator("blockquote").inner_text()
    row.hover()
    lit = page.locator("#text .mark.content.lit")
    assert " ".join("".join(lit.all_text_contents()).split()) == quote
    page.mouse.move(0, 0)
    assert page.locator(".lit").count() == 0
    page.locator('#text .mark.content[data-rows="s3"]').first.hover()
    assert [row.get_attribute("id") for row in page.locator(".row.lit[id]").all()] == ["s3"]
    page.locator("#e1").focus()
    assert page.locator("#text .mark.event.lit").count() >= 1


def test_layers_go_off_and_on_by_key(at: Visit) -> None:
    page = at.to(ARTICLE)
    colour = "e => getComputedStyle(e).backgroundColor"
    for key, layer in enumerate(("source", "cue", "content", "event", "date", "place"), start=1):
        mark = page.locator(f"#text .mark.{layer}").last
        before = mark.evaluate(colour)
        page.keyboard.press(str(key))
        assert mark.evaluate(colour) == "rgba(0, 0, 0, 0)" != before
        assert not page.locator(f"[data-layer={layer}]").is_checked()
        page.keyboard.press(str(key))
        assert mark.evaluate(colour) == before


def test_an_address_can_point_at_words(at: Visit) -> None:
    text = at.ask("articles/sennet-17")["record"]["text"]
    start = text.index("There is no plan")
    page = at.to(f"{ARTICLE}?at={start}-{start + 16}")
    assert "".join(page.locator(".mark.found").all_text_contents()) == "There is no plan"
    assert page.locator("#found").is_visible()


def test_the_whole_text_stands_on_the_page_with_every_row_of_the_record(at: Visit) -> None:
    record = at.ask("articles/sennet-17")["record"]
    page = at.to(ARTICLE)
    words = page.evaluate(
        "[...document.querySelectorAll('#text [data-start]')].map(e => e.textContent).join('')"
    )
    assert words.split() == record["text"].replace("\n\n", " ").split() or "".join(words.split()) == "".join(
        record["text"].split()
    )
    assert page.locator(".row.statement").count() == len(record["statements"])
    assert page.locator(".row.event").count() == len(record["events"])
    assert page.get_by_text("The same text stands in 1 more").is_visible()


def test_links_within_an_article_are_arcs_over_its_statements(at: Visit) -> None:
    linked = next(row["article"] for row in at.rows("links?limit=200") if not row["across"])
    record = at.ask(f"articles/{linked}")["record"]
    page = at.to(f"/articles/{linked}")
    assert page.locator("path.arc").count() == len(record["links"]) > 0
    assert page.locator(".arcs circle").count() == len(record["statements"])
    first = record["links"][0]
    page.locator(".row.link[tabindex]").first.hover()
    assert {row.get_attribute("id") for row in page.locator(".row.statement.lit").all()} == {
        first["from"],
        first["to"],
    }
    assert page.locator("path.arc.lit").count() >= 1


def test_a_statement_stands_in_its_sentence_and_leads_to_what_it_answers(at: Visit) -> None:
    pair = at.rows("links?limit=1")[0]
    page = at.to(f"/statements/{pair['id']}")
    row = at.ask(f"statements/{pair['id']}")
    told = "".join(page.locator(".context .mark.content").all_text_contents())
    assert "".join(told.split()) == "".join(row["quote"].replace(" … ", "").split())
    assert "".join(page.locator(".context .mark.cue").all_text_contents()) == row["cue"]
    other = page.locator(".row.link a.quote").first.get_attribute("href")
    follow(page.locator(".row.link a.quote").first)
    page.wait_for_url(at.url + other)
    assert pair["id"] in {a.get_attribute("href")[-16:] for a in page.locator(".row.link a.quote").all()}


def test_an_event_shows_its_word_its_code_and_who_else_tells_it(at: Visit) -> None:
    told = max(at.rows("events?limit=200"), key=lambda row: row["reports"])
    page = at.to(f"/events/{told['id']}")
    assert page.locator(".context .mark.event").first.inner_text() == told["quote"]
    assert page.locator("dl code").first.inner_text() == told["type"]
    assert number(page.locator("h2 .count").first.inner_text()) >= 1
    other = page.locator(".plainlist a.quote").first.get_attribute("href")
    follow(page.locator(".plainlist a.quote").first)
    page.wait_for_url(at.url + other)
    assert other != f"/events/{told['id']}"


# --- parties ------------------------------------------------------------------------------------------------------


def test_a_party_is_found_by_part_of_its_name(at: Visit) -> None:
    page = at.to("/parties")
    every = page.locator("tbody tr").count()
    page.get_by_placeholder("part of a name").fill("korv")
    follow(page.get_by_role("button", name="Find"))
    names = page.locator("tbody tr td:first-child").all_inner_texts()
    assert "Korvania" in names
    assert len(names) < every
    assert all("korv" in name.lower() for name in names)
    follow(page.get_by_role("link", name="Korvania", exact=True))
    assert page.locator("h1").inner_text() == "Korvania"
    for heading in ("Where it stands", "With whom it deals", "Who speaks for it", "Said", "Did"):
        assert page.get_by_role("heading", name=heading, exact=True).is_visible()
    assert "Pavel Drumov" in page.locator("main").inner_text()


def test_two_parties_over_time_by_month_and_by_week(at: Visit) -> None:
    party = at.rows("actors?party=Korvania&limit=1")[0]["id"]
    page = at.to(f"/parties/{party}")
    follow(page.get_by_role("link", name="Korvania and Selmora over time"))
    assert page.locator("h1").inner_text() == "Korvania and Selmora"
    assert page.locator(".legend").inner_text().split()[:2] == ["Korvania", "Selmora"]
    months = page.locator(".series rect").count()
    page.locator("select[name=period]").select_option("week")
    follow(page.get_by_role("button", name="Show"))
    assert page.locator(".series rect").count() > months
    page.get_by_text("The same as a table").click()
    assert page.locator("table tbody tr").count() == page.locator(".series rect").count()


# --- issues -------------------------------------------------------------------------------------------------------

ISSUE = "/issues/alliance_enlargement"


def test_an_issue_has_a_lane_for_each_party_and_a_dot_for_each_statement(at: Visit) -> None:
    page = at.to("/issues")
    follow(page.get_by_role("link", name="alliance enlargement"))
    lanes = page.locator(".lanes > a")
    assert "Korvania" in lanes.all_inner_texts()
    assert page.locator(".lanes svg").count() == lanes.count() + 1
    boxes = [c.bounding_box() for c in page.locator(".lanes circle").all()]
    middles = sorted((b["x"] + b["width"] / 2, b["y"] + b["height"] / 2) for b in boxes)
    assert len({(round(x), round(y)) for x, y in middles}) == len(middles) > 20
    follow(page.locator(".lanes svg a").first)
    assert "/statements/" in page.url


def test_a_position_tells_its_statements_oldest_first(at: Visit) -> None:
    page = at.to(ISSUE)
    follow(page.get_by_role("link", name=re.compile("history 1 of")).first)
    days = [t.inner_text() for t in page.locator(".card time").all()]
    told = at.ask(f"positions/{page.url.rsplit('/', 1)[-1]}")
    assert page.locator(".card.statement").count() == len(days) >= 1
    assert [row["day"] for row in told["rows"]] == sorted(row["day"] for row in told["rows"])


def test_threads_tell_who_answers_whom(at: Visit) -> None:
    page = at.to("/threads")
    thread = page.locator(".thread").first
    many = number(thread.locator("h2 .count").inner_text())
    assert thread.locator("li").count() == many > 2
    assert thread.locator(".chip").count() >= 1
    assert re.search(r"(answers|denies|repeats|supports|contradicts) (\d|an earlier)", thread.inner_text())


def test_links_can_be_narrowed_to_a_kind(at: Visit) -> None:
    page = at.to("/links")
    follow(page.locator("a.chip", has_text="contradicts"))
    kinds = {text.split()[-1] for text in page.locator(".twin > .chip").all_inner_texts()}
    assert kinds == {"contradicts"}
    assert page.locator(".twin").count() == sum(
        row["type"] == "contradicts" for row in at.rows("links?limit=200")
    )


def test_changes_stand_beside_what_was_said_before(at: Visit) -> None:
    page = at.to("/changes")
    told = at.rows("changes?limit=50")
    assert page.locator(".change").count() == len(told) >= 3
    assert page.locator(".change .before").count() == len(told)
    assert told[0]["quote"].split()[1] in page.locator(".change").first.inner_text()


def test_what_is_new_between_two_days(at: Visit) -> None:
    page = at.to("/diff?since=2031-05-01&until=2031-05-31")
    assert page.locator("h1").inner_text() == "What is new, 1 May 2031 to 31 May 2031"
    days = page.locator(".change > p:first-child time").all_inner_texts()
    assert days
    assert {day.split(" ", 1)[-1] for day in days} == {"May 2031"}
    assert sum(map(number, page.locator("h2 .count").all_inner_texts())) == page.locator(".change").count()


def test_the_map_counts_what_it_cannot_show_and_a_dot_narrows_the_list(at: Visit) -> None:
    page = at.to("/map")
    assert page.locator("path.land").count() == (find_spec("global_land_mask") is not None)
    dots = [c.get_attribute("aria-label") for c in page.locator(".map a").all()]
    shown = sum(number(label.rsplit(":", 1)[-1]) for label in dots)
    note = page.locator("main .note").inner_text()
    unmapped, total = map(int, re.search(r"(\d+) of (\d+)", note).groups())  # type: ignore[union-attr]
    assert shown + unmapped == total
    follow(page.locator(".map a").last)
    page.wait_for_url("**/map?country=*")
    assert page.locator(".chip.on").inner_text().startswith("country: ")
    assert 0 < page.locator(".card.event").count() <= 20


# --- a text of one's own ------------------------------------------------------------------------------------------

OWN = (
    "Velmark rejects inspections\n\n"
    'Velmark rejected the demand of Ostrania on Monday. "We will never open our reactors to inspectors," '
    "Foreign Minister Ada Brenn told reporters.\n\n"
    "Ostrania accused Velmark of building a bomb in secret.\n"
)


def test_a_pasted_text_stands_beside_its_record_and_is_kept_when_asked(at_bench: Visit) -> None:
    page = at_bench.to("/read")
    page.get_by_label("A report in English").fill(OWN)
    page.get_by_label("published").fill("2031-09-01")
    page.get_by_label("title").fill("Velmark rejects inspections")
    follow(page.get_by_role("button", name="Read it"))
    page.wait_for_selector(".reader", timeout=60_000)
    assert page.get_by_text("not kept").is_visible()
    assert page.locator(".row.statement").count() >= 2
    assert "We will never open our reactors" in page.locator(".rows").inner_text()
    follow(page.get_by_role("button", name="Keep it in the store"))
    page.wait_for_url("**/articles/*")
    assert page.get_by_text("not kept").count() == 0
    assert page.locator("h1").inner_text() == "Velmark rejects inspections"


def test_a_text_that_cannot_be_read_says_why(at_bench: Visit) -> None:
    page = at_bench.to("/read")
    page.get_by_label("A report in English").fill("   ")
    follow(page.get_by_role("button", name="Read it"))
    assert page.get_by_role("alert").inner_text()
    assert at_bench.troubles.pop().startswith(
        "Failed to load resource: the server responded with a status of 422"
    )


def test_files_are_read_and_a_broken_one_can_be_tried_again(at_bench: Visit, tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text(OWN.replace("Monday", "Tuesday"))
    (tmp_path / "broken.txt").write_bytes(b"\x00\x01\x02 not a text")
    before = {row["what"]: row["count"] for row in at_bench.rows("audit")}
    page = at_bench.to("/sources")
    page.locator("input[type=file]").set_input_files([tmp_path / "own.txt", tmp_path / "broken.txt"])
    follow(page.get_by_role("button", name="Read and keep"))
    page.wait_for_selector("text=broken.txt")
    row = page.get_by_role("row", name="broken.txt").first
    assert "quarantined" in row.inner_text() or "skipped" in row.inner_text()
    runs = page.get_by_role("group", name="Runs").locator("tbody tr").count()
    follow(page.get_by_role("button", name="Retry broken.txt").first)
    page.wait_for_load_state()
    assert page.get_by_role("row", name="broken.txt").count() >= 1
    assert page.get_by_role("group", name="Runs").locator("tbody tr").count() == runs + 1
    audit = at_bench.to("/sources?check=yes").get_by_role("group", name="Audit")
    counts = dict(line.rsplit("\t", 2)[:2] for line in audit.locator("tbody").inner_text().splitlines())
    assert int(counts["inputs read"]) == before["inputs read"] + 1
    assert "NO" not in audit.inner_text()


# --- review -------------------------------------------------------------------------------------------------------


def press(page: Any, key: str, then: str) -> None:
    """Press a key and wait for the page on which ``then`` stands."""
    page.keyboard.press(key)
    page.wait_for_selector(then)
    page.wait_for_load_state()


def judged(page: Any) -> int:
    return int(page.locator("main > .facts").first.inner_text().split()[0])


def item(page: Any) -> str:
    text: str = page.locator(".item").inner_text()
    return text


def test_rows_are_judged_with_keys_alone(at_bench: Visit) -> None:
    page = at_bench.to("/review")
    begun, first = judged(page), item(page)
    press(page, "a", "#undo:has-text('accept')")
    assert judged(page) == begun + 1
    second = item(page)
    assert second != first
    press(page, "x", "#undo:has-text('reject')")
    assert judged(page) == begun + 2
    third = item(page)
    page.keyboard.press("Space")
    page.wait_for_url("**after=*")
    assert item(page) != third
    assert judged(page) == begun + 2
    at_bench.to("/review")
    page.keyboard.press("Backspace")
    page.wait_for_function("!document.querySelector('#undo')?.textContent.includes('reject')")
    page = at_bench.to("/review/history")
    verdicts = [row.split("\t")[2] for row in page.locator("tbody tr").all_inner_texts()[:3]]
    assert verdicts == ["withdraw", "reject", "accept"]


def test_a_value_is_corrected_and_told_in_the_history(at_bench: Visit) -> None:
    page = at_bench.to("/review?act=assert")
    page.keyboard.press("c")
    assert page.locator("#set_act").evaluate("e => e === document.activeElement")
    page.locator("#set_act").select_option("threaten")
    page.get_by_label("why").fill("It is a threat")
    title = page.locator(".item .facts a").inner_text()
    press(page, "Control+Enter", "#undo:has-text('correct')")
    follow(page.get_by_role("link", name="history"))
    row = page.locator("tbody tr").first.inner_text()
    assert "correct" in row
    assert "It is a threat" in row
    assert title in row


def test_a_span_is_adjusted_by_dragging_over_the_words(at_bench: Visit) -> None:
    page = at_bench.to("/review?act=demand")
    page.keyboard.press("c")
    where = page.evaluate(
        """() => {
          const mark = [...document.querySelectorAll('#text .mark.content')]
            .find(m => m.textContent.split(' ').length > 3);
          const words = mark.textContent, from = words.indexOf(' ') + 1, to = words.indexOf(' ', from);
          const box = (a, b) => { const r = document.createRange();
            r.setStart(mark.firstChild, a); r.setEnd(mark.firstChild, b);
            const [c] = r.getClientRects(); return [c.left, c.right, (c.top + c.bottom) / 2]; };
          mark.scrollIntoView({ block: 'center', behavior: 'instant' });
          const first = box(from, from + 1), last = box(to - 1, to);
          return { word: words.slice(from, to), start: Number(mark.dataset.start) + [...words.slice(0, from)].length,
                   x1: first[0], y1: first[2], x2: last[1], y2: last[2] };
        }"""
    )
    page.mouse.move(where["x1"] + 0.5, where["y1"])
    page.mouse.down()
    page.mouse.move(where["x2"] - 0.5, where["y2"], steps=4)
    page.mouse.up()
    assert page.evaluate("String(getSelection())") == where["word"]
    field_ = page.locator("#set_content")
    field_.locator("xpath=..").get_by_role("button", name="take the selection").click()
    assert field_.input_value() == f"{where['start']}-{where['start'] + len(where['word'])}"
    article = page.locator("input[name=article]").first.input_value()
    press(page, "Control+Enter", "#undo:has-text('correct')")
    statements = at_bench.ask(f"articles/{article}")["record"]["statements"]
    assert [where["start"], where["start"] + len(where["word"])] in [s["content"][0] for s in statements]


def test_agreement_has_a_row_for_each_field(at_bench: Visit) -> None:
    page = at_bench.to("/review/agreement")
    assert page.locator("tbody tr").count() == len(at_bench.rows("agreement"))
    follow(page.get_by_role("link", name="Judge what another person has judged"))
    assert page.locator("nav.tabs [aria-current]").inner_text() == "second"


# --- keys ---------------------------------------------------------------------------------------------------------


def test_keys_lead_everywhere_and_can_be_switched_off(at: Visit) -> None:
    page = at.to("/keys")
    for key, path in {"o": "/dossier", "p": "/parties", "m": "/map", "r": "/review", "d": "/"}.items():
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(at.url + path)
    page.keyboard.press("?")
    page.wait_for_url("**/keys")
    page.get_by_label("Switch single keys off").check()
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.keyboard.press("/")
    page.wait_for_timeout(100)
    assert page.url.endswith("/keys")
    assert page.evaluate("document.activeElement.id") != "find"
    at.to("/keys")
    page.get_by_label("Switch single keys off").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("gd?")
    assert page.locator("#find").input_value() == "gd?"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement === document.body")


def test_a_list_is_walked_with_j_and_k(at: Visit) -> None:
    page = at.to("/search?q=radar")
    second = page.locator(".card").nth(1)
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert second.evaluate("e => e.classList.contains('chosen')")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.locator(".chosen").count() == 1
    target = second.locator(".verb").get_attribute("href")
    page.keyboard.press("o")
    page.wait_for_url(f"**{target}")


def test_tab_reaches_everything_and_shows_where_it_is(at: Visit) -> None:
    page = at.to("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page = at.to("/")
    page.evaluate(
        """() => { window.reached = []; document.addEventListener('focusin', e => {
          const s = getComputedStyle(e.target);
          window.reached.push([e.target, s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2]); }); }"""
    )
    wanted = page.evaluate(
        """[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary, [tabindex="0"]')]
          .filter(e => e.checkVisibility()).length"""
    )
    assert wanted > 60
    for _ in range(wanted):
        page.keyboard.press("Tab")
    reached, plain = page.evaluate(
        "[new Set(window.reached.map(r => r[0])).size, window.reached.filter(r => !r[1]).map(r => r[0].outerHTML)]"
    )
    assert reached == wanted
    assert plain == []


def test_the_theme_is_remembered(at: Visit) -> None:
    page = at.to("/")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate(ground) != light
    at.to("/issues")
    assert page.evaluate(ground) != light


# --- data and trouble ---------------------------------------------------------------------------------------------


def test_everything_can_be_taken_away(at: Visit) -> None:
    page = at.to("/data")
    for name in ("records", "statements", "events", "positions", "actors", "links", "threads", "articles"):
        link = page.get_by_role("link", name=f"{name} as JSON Lines")
        answer = page.request.get(at.url + link.get_attribute("href"))
        assert answer.ok
        assert answer.text().startswith("{")
    paths = page.locator("tbody code").all_inner_texts()
    assert "/api/v1/statements" in paths
    assert page.get_by_text("Where it is kept").is_visible()


def test_what_is_not_there_says_so_and_leads_back(at: Visit) -> None:
    page = at.to("/articles/nowhere")
    assert page.locator("h1").inner_text() == "Not there"
    assert "nowhere" in page.get_by_role("alert").inner_text()
    follow(page.get_by_role("link", name="Back to the desk"))
    assert page.url == at.url + "/"
    assert "status of 404" in at.troubles.pop()


# --- every screen -------------------------------------------------------------------------------------------------

SCREENS = {
    "desk": "/",
    "dossier": "/dossier",
    "statements": "/search?q=radar",
    "events": "/search?kind=event&limit=10",
    "articles": "/articles",
    "article": ARTICLE,
    "statement": "/statements/{statement}",
    "event": "/events/{event}",
    "parties": "/parties?limit=40",
    "party": "/parties/{party}",
    "dyad": "/dyads?one={party}&other={other}&period=week",
    "issues": "/issues",
    "issue": ISSUE,
    "position": "/positions/{position}",
    "threads": "/threads?limit=3",
    "links": "/links?limit=10",
    "changes": "/changes",
    "diff": "/diff",
    "map": "/map",
    "read": "/read",
    "review": "/review?act=demand",
    "history": "/review/history",
    "agreement": "/review/agreement",
    "sources": "/sources",
    "keys": "/keys",
    "data": "/data",
    "sign in": "/login",
    "nothing": "/search?q=zebra",
}
RULES = {
    "light": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
"""What is looked at in each scheme: only colours change from the one to the other."""


@pytest.fixture(scope="module")
def ids(browser: Any, sample: str) -> dict[str, str]:
    """Rows of the sample to look at."""
    with visiting(browser, sample) as at:
        return {
            "statement": at.rows("links?limit=1")[0]["id"],
            "event": at.rows("events?limit=1")[0]["id"],
            "position": at.rows("positions?limit=1")[0]["id"],
            "party": at.rows("actors?party=Korvania&limit=1")[0]["id"],
            "other": at.rows("actors?party=Selmora&limit=1")[0]["id"],
        }


@pytest.fixture(scope="module", params=RULES)
def inspected(request: pytest.FixtureRequest, browser: Any, sample: str) -> Iterator[tuple[Visit, Any]]:
    """A visit with the policy off, which the script of axe would break, and axe with its rules."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe").Axe()
    with visiting(browser, sample, bypass_csp=True, color_scheme=request.param) as visit:
        yield (
            visit,
            partial(axe.run, options={"runOnly": RULES[request.param], "resultTypes": ["violations"]}),
        )


@pytest.mark.parametrize("screen", SCREENS)
def test_everybody_can_use_it(inspected: tuple[Visit, Any], ids: dict[str, str], screen: str) -> None:
    at, look = inspected
    page = at.to(SCREENS[screen].format(**ids))
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert [_told(violation) for violation in look(page).response["violations"]] == []


def _told(violation: dict[str, Any]) -> str:
    nodes = violation["nodes"]
    return f"{violation['id']} ×{len(nodes)}: {nodes[0]['html'][:160]} {nodes[0]['failureSummary'][:300]}"


@pytest.fixture(scope="module")
def pocket(browser: Any, sample: str) -> Iterator[Visit]:
    with visiting(browser, sample, viewport=NARROW) as visit:
        yield visit


@pytest.mark.parametrize("screen", SCREENS)
def test_it_fits_a_telephone_and_a_sheet_of_paper(pocket: Visit, ids: dict[str, str], screen: str) -> None:
    page = pocket.to(SCREENS[screen].format(**ids))
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    page.emulate_media(media="print")
    assert not page.locator("nav[aria-label=Main]").is_visible()
    assert page.locator("main h1").count() == 1
    assert not page.evaluate("[...document.forms].some(form => form.checkVisibility())")
    page.emulate_media(media="screen")
    assert page.locator("nav[aria-label=Main]").is_visible()
    assert pocket.troubles == []


# --- hostile reports ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    where = tmp_path_factory.mktemp("trap") / "press.db"
    with open_store(where, create=True) as store:
        fill_with_canaries(store)
    with serving(unhurried(where, reviewer=f"me {CANARY}")) as url:
        yield url


INERT = """() => ({
  handlers: [...document.querySelectorAll('*')]
    .filter(e => e.getAttributeNames().some(n => n.startsWith('on'))).map(e => e.outerHTML),
  images: [...document.images].map(i => new URL(i.src).pathname).filter(p => p !== '/static/mark.svg'),
  scripts: [...document.scripts].map(s => s.src && new URL(s.src).pathname).filter(p => !p.startsWith('/static/')),
  links: [...document.querySelectorAll('a, form, link')].map(a => a.getAttribute('href') ?? a.getAttribute('action'))
    .filter(h => h && /^\\s*(javascript|data|vbscript):/i.test(h)),
  ways: [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href')),
  shown: (document.querySelector('main').innerText.match(/<img src=x onerror=alert\\(1\\)>/g) ?? []).length,
})"""


SHOWING = r"/((articles|statements|events|parties)/\w+|(dossier|links|map|review|sources|search)?)"


def test_nothing_in_a_report_runs_on_any_screen(browser: Any, trap: str) -> None:
    with visiting(browser, trap) as at:
        seen = crawl(at)
    for path, found in seen.items():
        shown = found.pop("shown")
        assert found == {"handlers": [], "images": [], "scripts": [], "links": []}, path
        assert shown or not re.fullmatch(SHOWING, path), f"{path} does not show the words as words"
    kinds = {path.split("?")[0].split("/")[1] for path in seen}
    assert kinds >= {
        "",
        "dossier",
        "search",
        "articles",
        "statements",
        "events",
        "parties",
        "links",
        "issues",
    }
    assert kinds >= {"map", "review", "sources", "positions", "threads", "dyads", "changes"}


def crawl(at: Visit) -> dict[str, dict[str, Any]]:
    """What is found on the pages that links lead to, from the desk on: one of each kind, of events and rows too."""
    waiting, found = ["/", "/changes", "/diff", "/login", "/review/history"], {}
    kinds: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        kind = re.sub(r"(?<=[a-z]/)\w{16}|\?(kind=\w+)?.*", r"\1", path)
        if kind in kinds or path.startswith(("/api/", "/openapi", "/feed", "/static")):
            continue
        kinds.add(kind)
        found[path] = at.to(path).evaluate(INERT)
        waiting += [href for href in found[path].pop("ways") if href.startswith("/")]
    return found
