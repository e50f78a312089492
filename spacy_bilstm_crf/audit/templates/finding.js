"use strict";
// How a finding is shown: in words, and marked in its sentence.
const CONTEXT = 400; // characters of a long sentence on either side of what is marked
const KINDS = {
  label: "Another label", border: "Other borders", missing: "Not annotated",
  spurious: "Perhaps no entity", duplicate: "The same text twice", "label-name": "A label’s name",
  edges: "Blanks or marks at a border", inconsistent: "Annotated in two ways",
};

function element(name, className, ...content) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...content); // strings become text, never markup
  return made;
}

function asNumber(probability) {
  return probability === null ? "" : ` ${probability.toFixed(2)}`;
}

function heading(one) {
  const [start, end] = suggestion(one);
  const isSame = one.gold_label !== null && start === one.start && end === one.end;
  const named = (from, to, label) => {
    const words = [...one.text].slice(from - one.sentence_start, to - one.sentence_start);
    return `“${words.join("")}” ${label}`;
  };
  const gold = one.gold_label && named(one.start, one.end, one.gold_label);
  const other = one.suggested_label && (isSame ? "" : named(start, end, one.suggested_label));
  const what = [gold, other || one.suggested_label].filter(Boolean).join(" → ");
  const kind = KINDS[one.kind] ?? one.kind;
  return what ? `${kind}: ${what}` : kind;
}

function suggestion(one) {
  return [one.suggested_start ?? one.start, one.suggested_end ?? one.end];
}

// What is annotated and what is suggested, in code points of the sentence.
function spansOf(one) {
  const length = [...one.text].length;
  const within = (place) => Math.min(length, Math.max(0, place - one.sentence_start));
  const make = (name, [start, end], says, probability) =>
    ({ name, start: within(start), end: within(end), says, probability });
  const spans = [];
  if (one.gold_label !== null) {
    const says = `annotated ${one.gold_label}`;
    spans.push(make("gold", [one.start, one.end], says, one.gold_probability));
  }
  if (one.suggested_label !== null || one.gold_label !== null) {
    const says = `suggested ${one.suggested_label ?? "no entity"}`;
    spans.push(make("suggested", suggestion(one), says, one.suggested_probability));
  }
  return spans;
}

// The sentence with these marked in it.
function marked(one) {
  const text = [...one.text];
  const spans = spansOf(one);
  const places = spans.flatMap((span) => [span.start, span.end]);
  const first = Math.max(0, Math.min(text.length, ...places) - CONTEXT);
  const last = Math.min(text.length, Math.max(0, ...places) + CONTEXT);
  const cuts = [...new Set([first, ...places, last])].sort((a, b) => a - b);
  const nodes = [first > 0 ? "… " : ""];
  cuts.slice(1).forEach((end, i) => {
    const start = cuts[i];
    const part = text.slice(start, end).join("");
    const names = spans.filter((span) => span.start <= start && end <= span.end);
    const className = names.map((span) => span.name).join(" ");
    nodes.push(className ? element("mark", className, part) : part);
    for (const span of spans.filter((span) => span.end === end)) {
      const probability = element("b", "", asNumber(span.probability));
      nodes.push(element("span", `tag ${span.name}`, span.says, probability));
    }
  });
  const paragraph = element("p", "sentence", ...nodes, last < text.length ? " …" : "");
  paragraph.dir = "auto";
  return paragraph;
}
