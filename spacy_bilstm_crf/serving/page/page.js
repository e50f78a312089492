// Asks for the entities of the text as it is typed, and shows what is chosen of the answer.
import { Marks, asNumber, chooseSpans, differences, element } from "./spans.js";

const PAUSE = 150; // milliseconds without typing, after which it asks
const LEAST = 0.01; // the least probable spans that the service tells
const READINGS = 5;

const find = (id) => document.getElementById(id);
const box = find("text");
const choice = find("choice");
const slider = find("threshold");

let model;
let marks;
let text = ""; // what the answer is about
let answer = { ents: [] };
let timer;
let asking = new AbortController();

async function start() {
  model = await (await fetch("model")).json();
  marks = new Marks(model.labels);
  find("model").textContent = `${model.lang}_${model.name} ${model.version}`;
  find("above").hidden = !model.spans;
  box.addEventListener("input", () => askAfter(PAUSE));
  choice.addEventListener("change", show);
  slider.addEventListener("input", () => {
    choice.elements.show.value = "above";
    show();
  });
  askAfter(0); // a browser may have kept the text
}

function askAfter(milliseconds) {
  clearTimeout(timer);
  asking.abort(); // the answer would be stale
  timer = setTimeout(ask, milliseconds);
}

async function ask() {
  const own = (asking = new AbortController());
  const asked = box.value;
  if (asked === "") {
    take("", { ents: [] });
    return;
  }
  const readable = [...asked].length <= model.longest_read_text;
  const request = {
    text: asked,
    offsets: "utf-16",
    ...(model.spans && { spans: true, threshold: LEAST }),
    n_best: model.n_best && readable ? READINGS : 0,
  };
  try {
    const response = await fetch("ents", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
      signal: own.signal,
    });
    const told = await response.json();
    if (own.signal.aborted) {
      return;
    }
    if (response.ok) {
      take(asked, told);
    } else {
      take(asked, { ents: [] }); // what was found in another text would mislead
      refuse(response, told.detail);
    }
  } catch {
    if (!own.signal.aborted) {
      take(asked, { ents: [] });
      say("The service does not answer. Trying again.");
      askAfter(3000);
    }
  }
}

function take(asked, told) {
  [text, answer] = [asked, told];
  showReadings();
  showCategories();
  show();
}

function refuse(response, detail) {
  say(typeof detail === "string" ? detail : "The text has characters that are none.");
  const seconds = Number(response.headers.get("Retry-After"));
  if (seconds > 0) {
    askAfter(1000 * seconds);
  }
}

function shownSpans() {
  const wanted = choice.elements.show.value;
  if (wanted === "ents") {
    return answer.ents;
  }
  if (wanted === "above") {
    return chooseSpans(answer.spans ?? [], Number(slider.value));
  }
  return answer.n_best[Number(wanted)].ents;
}

function show() {
  const spans = shownSpans();
  slider.setAttribute("aria-valuetext", asNumber(Number(slider.value)));
  find("shown-threshold").textContent = asNumber(Number(slider.value));
  find("found").replaceChildren(...marks.nodes(text, spans));
  find("legend").replaceChildren(...marks.counts(spans));
  say(text === "" ? "" : `${spans.length} ${spans.length === 1 ? "entity" : "entities"}`);
}

function showReadings() {
  const readings = answer.n_best ?? [];
  const wanted = choice.elements.show.value;
  const rows = readings.map(({ probability, ents }, i) => {
    const radio = element("input", "");
    radio.type = "radio";
    radio.name = "show";
    radio.value = i;
    const value = element("b", "", asNumber(probability));
    const says = i === 0 ? "the most probable" : differences(ents, readings[0].ents);
    return element("label", "row", radio, value, element("span", "", says));
  });
  if (rows.length > 0) {
    rows.unshift(element("p", "", "Or a reading of the whole text, and how it differs:"));
  } else if (model.n_best && text !== "") {
    const longest = model.longest_read_text.toLocaleString();
    rows.push(element("p", "", `Readings are told of texts of up to ${longest} characters.`));
  }
  find("readings").replaceChildren(...rows);
  choice.elements.show.value = wanted;
  if (choice.elements.show.value !== wanted) {
    choice.elements.show.value = "ents"; // there are fewer readings now
  }
}

function showCategories() {
  const ordered = Object.entries(answer.cats ?? {}).sort((a, b) => b[1] - a[1]);
  const items = ordered.map(([label, probability]) => {
    const meter = element("meter", "");
    meter.value = probability;
    meter.setAttribute("aria-label", label);
    return element("li", "", element("span", "", label), asNumber(probability), meter);
  });
  find("cats").hidden = items.length === 0;
  find("cats").querySelector("ul").replaceChildren(...items);
}

function say(message) {
  find("status").textContent = message;
}

start();
