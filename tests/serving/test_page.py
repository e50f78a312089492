"""The page, in a real browser without a window."""

import shutil
from contextlib import suppress

import pytest

pytest.importorskip("fastapi", reason="needs the extra serve")
pytest.importorskip("uvicorn", reason="needs the extra serve")
pytest.importorskip("prometheus_client", reason="needs the extra serve")
pytest.importorskip("playwright", reason="needs playwright")

from playwright.sync_api import Error, expect, sync_playwright

from ..conftest import TRAIN
from .conftest import served

pytestmark = pytest.mark.slow

ANNA = TRAIN[0][0]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        system = shutil.which("chromium") or shutil.which("chromium-browser")
        try:
            browser = playwright.chromium.launch(executable_path=system, args=["--no-sandbox"])
        except Error as error:
            pytest.skip(f"no browser: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, client):
    """Opens the page; whatever it complains of, or asks of others, fails the test."""
    contexts, wrong = [], []

    def open_(url=None, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.own = str(url or client.base_url)
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda r: r.url.startswith(page.own) or wrong.append(r.url))
        page.goto(page.own)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert wrong == []


def marks(page):
    return [mark.inner_text() for mark in page.locator("mark").all()]


def test_what_is_typed_is_marked(open_page, trained):
    page = open_page()
    page.keyboard.type(ANNA)  # the text has the focus
    expect(page.locator("mark")).to_have_count(2)
    confidences = [f"{ent._.confidence:.2f}" for ent in trained(ANNA).ents]
    assert marks(page) == [f"Anna Smith PER {confidences[0]}", f"Paris LOC {confidences[1]}"]
    first, second = page.locator("mark").all()
    assert first.get_attribute("class") != second.get_attribute("class")
    assert page.locator("#legend").inner_text().split() == ["LOC", "1", "PER", "1"]
    expect(page.get_by_role("status")).to_have_text("2 entities")
    page.locator("#text").fill("")
    expect(page.locator("mark")).to_have_count(0)


def test_a_text_is_no_markup(open_page):
    page = open_page()
    text = "<img src=x onerror=alert(1)> \U0001f600 Nobody saw Jordan"
    page.locator("#text").fill(text)
    expect(page.locator("mark").last).to_contain_text("Jordan")
    assert page.locator("#found img").count() == 0
    shown = page.evaluate(
        """() => [...document.querySelectorAll("#found")].map((found) => {
            found = found.cloneNode(true);
            found.querySelectorAll(".tag").forEach((tag) => tag.remove());
            return found.textContent;
        })[0]"""
    )
    assert shown == text


def test_the_slider_asks_nothing(open_page, trained):
    cfg = trained.get_pipe("ner").cfg
    text = "Smith saw Jordan Paris"
    page = open_page()
    page.locator("#text").fill(text)
    expect(page.locator("mark").first).to_be_visible()
    page.on("request", lambda request: pytest.fail(request.url))
    slider = page.get_by_role("slider", name="Least probability")
    slider.focus()
    shown = {}
    for key, threshold in [("Home", 0.01), ("End", 1.0)]:
        page.keyboard.press(key)
        assert page.get_by_role("radio", name="All that").is_checked()
        assert page.locator("#shown-threshold").inner_text() == f"{threshold:.2f}"
        cfg["threshold"] = threshold
        shown[key] = marks(page)
        expected = [f"{e.text} {e.label_} {e._.confidence:.2f}" for e in trained(text).ents]
        assert shown[key] == expected
    assert len(shown["Home"]) > len(shown["End"])
    page.keyboard.press("ArrowLeft")
    assert page.locator("#shown-threshold").inner_text() == "0.99"


def test_readings(open_page, trained):
    page = open_page()
    text = "Smith saw Jordan Paris"
    page.locator("#text").fill(text)
    readings = trained.get_pipe("ner").n_best(trained.make_doc(text), 5)
    expect(page.locator("#readings input")).to_have_count(5)
    radios = page.locator("#readings label").all()
    for (probability, ents), radio in zip(readings, radios):
        assert radio.inner_text().startswith(f"{probability:.2f}")
        radio.click()
        assert marks(page) == [f"{ent.text} {ent.label_}" for ent in ents]


def test_stale_answers_are_dropped(open_page):
    page = open_page()
    held = []
    page.route("**/ents", lambda route: held.append(route))
    page.locator("#text").fill("Nobody saw Jordan")
    page.wait_for_timeout(400)
    page.locator("#text").fill(ANNA)
    page.wait_for_timeout(400)
    assert len(held) == 2
    held[1].continue_()
    expect(page.locator("mark")).to_have_count(2)
    with suppress(Error):  # the page has given it up
        held[0].continue_()
    page.wait_for_timeout(200)
    assert marks(page)[0].startswith("Anna Smith")


def test_a_text_that_is_too_long(open_page, trained):
    with served(trained, text=30, read_text=5) as other:
        page = open_page(other.base_url)
        page.locator("#text").fill(ANNA)
        expect(page.locator("#readings")).to_have_text(
            "Readings are told of texts of up to 5 characters."
        )
        assert len(marks(page)) == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
def test_anyone_can_read_it(open_page, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe")
    page = open_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    page.locator("#text").fill(ANNA)
    expect(page.locator("#readings input").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    found = axe.Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
