// Which spans are shown, and how they are put into the text.

// The most probable spans that do not overlap: each that overlaps a more probable one is left out.
export function chooseSpans(spans, threshold) {
  const taken = new Uint8Array(spans.reduce((end, span) => Math.max(end, span.end), 0));
  const chosen = [];
  const probable = spans.filter((span) => span.confidence >= threshold);
  for (const span of probable.sort((a, b) => b.confidence - a.confidence)) {
    const place = taken.subarray(span.start, span.end);
    if (!place.includes(1)) {
      place.fill(1);
      chosen.push(span);
    }
  }
  return chosen.sort((a, b) => a.start - b.start);
}

// What a reading has that the first one has not, and what it lacks, in words.
export function differences(ents, first) {
  const isIn = (ent, others) =>
    others.some((own) => own.start === ent.start && own.end === ent.end && own.label === ent.label);
  const touches = (ent, others) =>
    others.some((own) => own.start < ent.end && ent.start < own.end);
  const added = ents.filter((ent) => !isIn(ent, first));
  const gone = first.filter((ent) => !isIn(ent, ents) && !touches(ent, added));
  return [
    ...added.map((ent) => `${ent.text} ${ent.label}`),
    ...gone.map((ent) => `not ${ent.text} ${ent.label}`),
  ].join(", ");
}

export function asNumber(probability) {
  return probability.toFixed(2);
}

export function element(name, className, ...content) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...content); // strings become text, never markup
  return made;
}

export class Marks {
  constructor(labels) {
    this.labels = labels;
  }

  hue(label) {
    return `hue${Math.max(0, this.labels.indexOf(label)) % 8}`;
  }

  // The text with its spans marked, as nodes.
  nodes(text, spans) {
    const nodes = [];
    let end = 0;
    for (const span of spans) {
      nodes.push(text.slice(end, span.start), this.mark(text, span));
      end = span.end;
    }
    return [...nodes, text.slice(end)];
  }

  mark(text, span) {
    const tag = element("span", "tag", ` ${span.label}`);
    if (span.confidence !== null) {
      tag.append(" ", element("b", "", asNumber(span.confidence)));
    }
    return element("mark", this.hue(span.label), text.slice(span.start, span.end), tag);
  }

  // A count for each label, as list items.
  counts(spans) {
    const labels = new Set([...this.labels, ...spans.map((span) => span.label)]);
    return [...labels].map((label) => {
      const count = spans.filter((span) => span.label === label).length;
      return element("li", this.hue(label), `${label} ${count}`);
    });
  }
}
