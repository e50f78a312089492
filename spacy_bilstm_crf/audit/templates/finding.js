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
  const cut = (start, end) => [...one.text].slice(start - one.sentence_start, end - one.sentence_start).join("");
  const named = (start, end, label) => `“${cut(start, end)}” ${label}`;
  const gold = one.gold_label === null ? "" : named(one.start, one.end, one.gold_label);
  const [start, end] = suggestion(one);
  const isSame = gold && start === one.start && end === one.end;
  const other = one.suggested_label === null || isSame ? one.suggested_label : named(start, end, one.suggested_label);
  const what = KINDS[one.kind] ?? one.kind;
  return `${what}: ${[gold, other].filter(Boolean).join(" → ")}`.replace(/: $/, "");
}

function suggestion(one) {
  return [one.suggested_start ?? one.start, one.suggested_end ?? one.end];
}

// The sentence with what is annotated and what is suggested marked in it. Offsets are code points.
function marked(one) {
  const text = [...one.text];
  const within = (place) => Math.min(text.length, Math.max(0, place - one.sentence_start));
  const spans = [];
  if (one.gold_label !== null) {
    spans.push({ name: "gold", start: within(one.start), end: within(one.end), label: one.gold_label, p: one.gold_probability });
  }
  if (one.suggested_label !== null || one.gold_label !== null) {
    const [start, end] = suggestion(one).map(within);
    spans.push({ name: "suggested", start, end, label: one.suggested_label ?? "no entity", p: one.suggested_probability });
  }
  const places = spans.flatMap((span) => [span.start, span.end]);
  const first = Math.max(0, Math.min(text.length, ...places) - CONTEXT);
  const last = Math.min(text.length, Math.max(0, ...places) + CONTEXT);
  const cuts = [...new Set([first, ...places, last])].sort((a, b) => a - b);
  const nodes = [first > 0 ? "… " : ""];
  cuts.slice(1).forEach((end, i) => {
    const start = cuts[i];
    const part = text.slice(start, end).join("");
    const covering = spans.filter((span) => span.start <= start && end <= span.end);
    nodes.push(covering.length > 0 ? element("mark", covering.map((span) => span.name).join(" "), part) : part);
    for (const span of spans.filter((span) => span.end === end)) {
      const says = span.name === "gold" ? "annotated" : "suggested";
      nodes.push(element("span", `tag ${span.name}`, `${says} ${span.label}`, element("b", "", asNumber(span.p))));
    }
  });
  const paragraph = element("p", "sentence", ...nodes, last < text.length ? " …" : "");
  paragraph.dir = "auto";
  return paragraph;
}
