"""The page of an audit, in a real browser without a window, from a file."""

import json
import shutil

import pytest

from spacy_bilstm_crf.audit.page import audit_id, write_page

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
expect = playwright.expect

pytestmark = pytest.mark.slow


def finding(number, kind="label", group=None, **values):
    record = {
        "id": f"{number:08x}",
        "kind": kind,
        "group": group or f"group {number}",
        "file": "train.txt",
        "line": number,
        "split": "train",
        "document": "doc",
        "sentence": "\U0001f600 Anna saw Jordan </script><b>there</b>",
        "sentence_start": 100,
        "start": 111,
        "end": 117,
        "gold_label": "LOC",
        "gold_probability": 0.015,
        "suggested_start": 111,
        "suggested_end": 117,
        "suggested_label": "PER",
        "suggested_probability": 0.975,
        "suspicion": 0.985,
        "note": f"note {number}",
    }
    return record | values


NOTHING = {"gold_label": None, "gold_probability": None}
UNKNOWN = {"suggested_label": None, "suggested_start": None, "suggested_end": None}
FINDINGS = [
    finding(1, group="Jordan", suspicion=0.8, document="line 1"),
    finding(2, "border", suggested_start=107, suggested_label="LOC"),
    finding(3, group="Jordan", split="dev"),
    finding(4, "missing", start=102, end=106, suggested_start=102, suggested_end=106, **NOTHING),
    finding(5, "spurious", **UNKNOWN),
    finding(6, "duplicate", line=None, suggested_probability=None, **NOTHING, **UNKNOWN),
]
AUDIT = audit_id(FINDINGS)


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        system = shutil.which("chromium") or shutil.which("chromium-browser")
        try:
            browser = driver.chromium.launch(executable_path=system, args=["--no-sandbox"])
        except playwright.Error as error:
            pytest.skip(f"no browser: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, tmp_path):
    """Writes and opens a page; whatever it complains of, or asks of others, fails the test."""
    contexts, wrong = [], []
    path = tmp_path / "index.html"

    def open_(findings=FINDINGS, context=None, **options):
        write_page(findings, path, title="A & B")
        if context is None:
            context = browser.new_context(**options)
            contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        own = (path.as_uri(), "blob:", "data:")
        page.on("request", lambda r: r.url.startswith(own) or wrong.append(r.url))
        page.goto(path.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert wrong == []


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def current(page):
    return int(page.locator("li[aria-current]").get_attribute("data-id"), 16)


def saved(page, key="d"):
    with page.expect_download() as download:
        page.keyboard.press(key)
    record = json.loads(download.value.path().read_text())
    assert download.value.suggested_filename == "decisions.json"
    assert record["audit"] == AUDIT
    return {int(id, 16): decision for id, decision in record["decisions"].items()}


def load(page, folder, decisions, message, audit=AUDIT):
    path = folder / "decisions.json"
    path.write_text(json.dumps({"audit": audit, "decisions": decisions}))
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Load").click()
    chooser.value.set_files(path)
    expect(page.get_by_role("status")).to_have_text(message)


def test_decisions_by_keyboard(open_page):
    page = open_page()
    assert page.title() == page.locator("h1").inner_text() == "A & B"
    # Those of a group come together.
    visited = [current(page)]
    for _ in range(6):
        press(page, "j")
        visited.append(current(page))
    assert visited == [1, 3, 2, 4, 5, 6, 6]
    press(page, *["ArrowUp"] * 7, "ArrowDown", "ArrowUp")
    assert current(page) == 1
    press(page, "a", "k", "s", "a")
    assert current(page) == 5
    expect(page.locator("#counts")).to_have_text("3 of 6 decided: 2 accepted, 1 kept")
    assert saved(page) == {1: "accept", 3: "keep", 4: "accept"}
    press(page, "k", "u", "u")
    assert current(page) == 4 and saved(page) == {1: "accept", 3: "keep"}
    press(page, *["ArrowUp"] * 5, "s")  # takes a decision back
    assert saved(page) == {3: "keep"}
    press(page, "u", "u", "u", "u", "u", "u")
    expect(page.get_by_role("status")).to_have_text("There is nothing to undo.")
    assert saved(page) == {}


def test_one_decision_for_a_group(open_page):
    page = open_page()
    assert page.locator("li").count() == 2
    press(page, "j", "Shift+A")
    assert current(page) == 2 and saved(page) == {1: "accept", 3: "accept"}
    assert page.get_by_role("button", name="Accept all").count() == 0
    press(page, "u")
    assert current(page) == 3 and saved(page) == {}
    page.get_by_role("button", name="Keep all 2").click()
    assert saved(page) == {1: "keep", 3: "keep"}
    press(page, "ArrowUp", "Shift+S")
    assert current(page) == 2 and saved(page) == {}


def test_decisions_outlive_the_page_and_can_be_loaded(open_page, tmp_path):
    page = open_page()
    press(page, "a")
    page.get_by_role("button", name="Keep k").nth(1).click()
    again = open_page(context=page.context)
    assert current(again) == 2  # the first that is open
    assert saved(again) == {1: "accept", 3: "keep"}
    other = open_page()
    nothing = "decisions.json has no decisions on this audit."
    load(other, tmp_path, {"00000005": "accept"}, nothing, audit="other")
    load(other, tmp_path, {"x": "keep"}, nothing)
    given = {"00000005": "accept", "x": "keep"}
    load(other, tmp_path, given, "1 decision loaded; none of yours changed.")
    assert saved(other) == {5: "accept"}
    expect(other.get_by_role("status")).to_have_text("1 decision saved as decisions.json.")
    # Those of another audit are others.
    page = open_page(FINDINGS[:2], context=page.context)
    expect(page.locator("#counts")).to_have_text("0 of 2 decided: 0 accepted, 0 kept")


def test_what_is_loaded_leaves_other_decisions(open_page, tmp_path):
    page = open_page()
    press(page, "a", "k", "a", "k")
    own = {1: "accept", 3: "keep", 2: "accept", 4: "keep"}
    given = {"00000001": "keep", "00000002": "accept", "00000005": "accept", "00000003": "no"}
    load(page, tmp_path, given, "3 decisions loaded; 1 of yours changed.")
    assert saved(page) == own | {1: "keep", 5: "accept"}
    press(page, "u")
    assert saved(page) == own


def test_two_tabs_keep_the_decisions_of_both(open_page):
    page = open_page()
    other = open_page(context=page.context)
    press(page, "a", "a")
    counts = other.locator("#counts")
    expect(counts).to_have_text("2 of 6 decided: 2 accepted, 0 kept")
    press(other, "j", "j", "k")
    expect(page.locator("#counts")).to_have_text("3 of 6 decided: 2 accepted, 1 kept")
    # Each takes back its own, and nothing that the other has changed since.
    press(other, *["ArrowUp"] * 3, "k")
    assert saved(other) == {1: "keep", 3: "accept", 2: "keep"}
    expect(page.locator("#counts")).to_have_text("3 of 6 decided: 1 accepted, 2 kept")
    press(page, "u")
    expect(counts).to_have_text("2 of 6 decided: 0 accepted, 2 kept")
    press(page, "u")
    expect(page.get_by_role("status")).to_have_text("Another tab has changed this since.")
    assert saved(page) == saved(other) == {1: "keep", 2: "keep"}
    press(other, "u", "u")
    expect(page.locator("#counts")).to_have_text("1 of 6 decided: 1 accepted, 0 kept")
    assert saved(page) == saved(other) == {1: "accept"}
    # What a tab has not been told of yet is not lost, either; nor is what was cleared.
    page.evaluate("localStorage.setItem(storage, JSON.stringify({ '00000005': 'keep' }))")
    press(page, "j", "a")
    assert saved(page)[5] == "keep"
    page.evaluate("localStorage.clear()")
    press(page, "k")
    assert saved(page)[5] == "keep"


@pytest.mark.parametrize(
    "refuse",
    [
        "Storage.prototype.setItem = () => { throw new Error('full') }",
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })",
    ],
)
def test_a_browser_that_keeps_nothing(open_page, refuse):
    context = open_page().context
    context.add_init_script(refuse)
    page = open_page(context=context)
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    alert = page.get_by_role("alert")
    assert alert.count() == 0
    press(page, "a", "a", "u", "j")
    expect(alert).to_contain_text("save them before you leave")
    assert saved(page) == {1: "accept"}
    page.reload()
    assert asked == []
    press(page, "a", "a")
    page.reload()
    assert asked == ["beforeunload"] and saved(page) == {}


def test_a_key_that_is_held_moves_and_does_no_more(open_page):
    page = open_page()
    page.keyboard.down("a")
    page.keyboard.down("a")
    page.keyboard.up("a")
    assert current(page) == 3
    page.keyboard.down("j")
    page.keyboard.down("j")
    page.keyboard.up("j")
    assert current(page) == 4 and saved(page) == {1: "accept"}


def test_capslock_is_no_shift(open_page):
    page = open_page()
    press(page, "A")  # without Shift
    assert current(page) == 3
    press(page, "K", "J", "U")
    assert saved(page, "D") == {1: "accept"}
    press(page, "Shift+k", "Shift+ArrowDown")
    assert saved(page) == {1: "keep", 3: "keep"} and current(page) == 4


def test_what_is_marked(open_page):
    page = open_page()

    def marks():
        own = page.locator("li[aria-current]")
        return [
            (mark.inner_text(), mark.get_attribute("class")) for mark in own.locator("mark").all()
        ], [tag.inner_text() for tag in own.locator(".tag").all()]

    assert page.locator("h2").inner_text() == "Another label: “Jordan” LOC → PER"
    assert marks() == (
        [("Jordan", "gold suggested")],
        ["annotated LOC 0.01", "suggested PER 0.97"],
    )
    assert page.locator("#note").inner_text() == "note 1"
    place = page.locator("li[aria-current] .place").inner_text().split("\n")
    assert " ".join(place) == "train.txt:1 train suspicion 0.80"
    press(page, "j", "j")
    assert marks() == (
        [("saw ", "suggested"), ("Jordan", "gold suggested")],
        ["annotated LOC 0.01", "suggested LOC 0.97"],
    )
    press(page, "j")
    assert marks() == ([("Anna", "suggested")], ["suggested PER 0.97"])
    press(page, "j")
    assert page.locator("h2").inner_text() == "Perhaps no entity: “Jordan” LOC"
    assert marks()[1] == ["annotated LOC 0.01", "suggested no entity 0.97"]
    press(page, "j")
    assert marks() == ([], []) and page.locator("h2").inner_text() == "The same text twice"
    # Text is no markup.
    assert "</script><b>there</b>" in page.locator("li .sentence").first.inner_text()
    assert page.locator("li b b, li .sentence script").count() == 0


def test_filters(open_page):
    page = open_page()
    assert "Another label (2)" in page.locator("#kind").inner_text()
    page.locator("#split").select_option("dev")
    assert current(page) == 3 and page.locator("li").count() == 1
    page.locator("#split").select_option("")
    page.locator("#least").select_option("0.9")
    assert page.locator("li").count() == 1 and current(page) == 3
    page.locator("#least").select_option("0")
    page.locator("#kind").select_option("border")
    page.locator("#kind").press("b")  # in a field, a letter is no decision
    page.locator("#kind").press("a")
    page.locator("#kind").select_option("border")
    assert current(page) == 2 and page.locator("[aria-pressed=true]").count() == 0
    page.locator("h1").click()
    press(page, "a")
    page.locator("#kind").dispatch_event("pointerdown")
    page.locator("#kind").select_option("")
    assert page.evaluate("document.activeElement.dataset.id") == "00000002"
    page.locator("#state").select_option("accept")
    assert current(page) == 2 and page.locator("li").count() == 1
    page.locator("#state").select_option("open")
    page.locator("#kind").select_option("border")
    assert page.locator("h2").inner_text() == "Nothing to look at here."
    press(page, "a", "j", "u")
    assert saved(page) == {}


def test_thousands_of_findings(open_page):
    """No more than a window of a group is rendered, and a key takes no time that one notices."""
    many = [finding(i, group="big" if i % 2 else None) for i in range(8000)]
    page = open_page(many)
    press(page, "j")
    assert page.locator("h2").is_visible() and page.locator("li").count() <= 25
    took = page.evaluate(
        """() => {
            const start = performance.now();
            for (let i = 0; i < 20; i++) {
                document.body.dispatchEvent(
                    new KeyboardEvent("keydown", { key: i % 2 ? "j" : "a", bubbles: true })
                );
            }
            return (performance.now() - start) / 20;
        }"""
    )
    assert took < 50
    press(page, "Shift+A")
    expect(page.locator("#counts")).to_contain_text("of 8000 decided")
    assert page.locator("li").count() <= 25


def test_nothing_was_found(open_page):
    page = open_page([])
    assert page.locator("h2").inner_text() == "Nothing to look at here."
    press(page, "a", "k", "Shift+S", "j", "u", "d")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
def test_anyone_can_read_it(open_page, scheme, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe")
    page = open_page(color_scheme=scheme, viewport={"width": width, "height": 800})
    press(page, "a")
    press(page, "ArrowUp")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    found = axe.Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
