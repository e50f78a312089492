"use strict";
// Shows the findings of an audit, a group at a time, and keeps what is decided on them.
const WINDOW = 12; // findings of a group that are shown on either side of the current one
const KEYS = {
  a: "accept", k: "keep", s: "skip", A: "accept-all", K: "keep-all", S: "skip-all",
  j: "next", ArrowDown: "next", ArrowUp: "previous", u: "undo", d: "save",
};

const find = (id) => document.getElementById(id);
const { audit, sentences, findings } = JSON.parse(find("findings").textContent);
findings.forEach((one) => (one.text = sentences[one.sentence]));
const storage = `audit ${audit}`;
const groups = new Map();
for (const one of findings) {
  groups.set(one.group, groups.get(one.group) ?? []);
  groups.get(one.group).push(one);
}
const grouped = [...groups.values()].flat();

let decisions = kept() ?? {}; // "accept" or "keep" by id
let waiting = {}; // what is decided, or taken back by undefined, and the browser did not keep
let isAtRisk = false; // something is neither kept by the browser nor saved
let past = []; // for each step, where it was taken, and what it changed
let shown = grouped;
let cursor = 0;

function kept() {
  try {
    return JSON.parse(localStorage.getItem(storage));
  } catch {
    return null;
  }
}

function refresh() { // another tab may have decided, too
  const all = Object.entries({ ...(kept() ?? decisions), ...waiting });
  decisions = Object.fromEntries(all.filter(([, decision]) => decision));
}

// Deciding

function group() {
  return shown.filter((one) => one.group === shown[cursor].group);
}

function act(name) {
  const [what, all] = name.split("-");
  if (name === "save") {
    save();
  } else if (name === "undo") {
    undo();
  } else if (shown.length === 0) {
    return;
  } else if (name === "next" || name === "previous") {
    cursor = Math.min(shown.length - 1, Math.max(0, cursor + (name === "next" ? 1 : -1)));
    show("");
  } else {
    const own = all ? group() : [shown[cursor]];
    decide(Object.fromEntries(own.map((one) => [one.id, what === "skip" ? undefined : what])));
    cursor = shown.indexOf(own.at(-1));
    const isOpen = (one, i) => i > cursor && !(one.id in decisions);
    const next = what === "skip" ? cursor + 1 : shown.findIndex(isOpen);
    const isLast = next < 0 || next >= shown.length;
    cursor = isLast ? cursor : next;
    show(isLast ? "Nothing that is not decided comes after this." : "");
  }
}

function decide(changes) {
  refresh();
  const before = Object.fromEntries(Object.keys(changes).map((id) => [id, decisions[id]]));
  past.push({ at: shown[cursor]?.id, before, after: changes });
  set(changes);
  return before;
}

function set(changes) {
  Object.assign(waiting, changes);
  refresh();
  try {
    localStorage.setItem(storage, JSON.stringify(decisions));
    waiting = {};
    isAtRisk = false;
  } catch {
    isAtRisk = true;
  }
  find("unkept").hidden = !isAtRisk;
}

function undo() {
  const step = past.pop();
  if (!step) {
    return say("There is nothing to undo.");
  }
  refresh();
  const isOwn = ([id]) => decisions[id] === step.after[id]; // no other tab has changed it since
  const own = Object.entries(step.before).filter(isOwn);
  set(Object.fromEntries(own));
  cursor = Math.max(0, shown.findIndex((one) => one.id === step.at));
  show(own.length > 0 ? "Undone." : "Another tab has changed this since.");
}

// Files

function counted(number) {
  return number === 1 ? "1 decision" : `${number} decisions`;
}

function save() {
  const decided = findings.map((one) => one.id).filter((id) => id in decisions);
  const ordered = Object.fromEntries(decided.map((id) => [id, decisions[id]]));
  const text = JSON.stringify({ audit, decisions: ordered }, null, 1);
  const link = element("a", "");
  link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: "application/json" }));
  link.download = "decisions.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  isAtRisk = false;
  say(`${counted(decided.length)} saved as decisions.json.`);
}

async function load() {
  const [file] = find("file").files;
  find("file").value = "";
  try {
    const record = JSON.parse(await file.text());
    const isDecided = (id) => ["accept", "keep"].includes(record.decisions[id]);
    const ids = record.audit === audit ? findings.map((one) => one.id).filter(isDecided) : [];
    if (ids.length === 0) {
      return say(`${file.name} has no decisions on this audit.`);
    }
    const before = decide(Object.fromEntries(ids.map((id) => [id, record.decisions[id]])));
    const changed = ids.filter((id) => before[id] && before[id] !== decisions[id]).length;
    show(`${counted(ids.length)} loaded; ${changed || "none"} of yours changed.`);
  } catch (error) {
    say(`${file.name} can’t be read: ${error.message}`);
  }
}

// Showing

function filter(byPointer) {
  const value = (id) => find(id).value;
  const isChosen = (one) =>
    [one.kind, ""].includes(value("kind")) &&
    [one.split, ""].includes(value("split")) &&
    [decisions[one.id] ?? "open", ""].includes(value("state")) &&
    one.suspicion >= value("least");
  const current = shown[cursor]?.id;
  shown = grouped.filter(isChosen);
  cursor = Math.max(0, shown.findIndex((one) => one.id === current));
  show("", byPointer); // who uses keys may not have chosen yet
}

function show(message, focus = true) {
  const states = Object.values(decisions);
  const accepted = states.filter((state) => state === "accept").length;
  find("progress").max = Math.max(1, findings.length);
  find("progress").value = states.length;
  find("counts").textContent =
    `${states.length} of ${findings.length} decided: ${accepted} accepted, ` +
    `${states.length - accepted} kept`;
  say(message);
  const own = shown.length > 0 ? group() : [];
  const at = own.indexOf(shown[cursor]);
  const first = Math.max(0, at - WINDOW);
  const last = Math.min(own.length, at + WINDOW + 1);
  find("group").textContent = own.length > 0 ? heading(own[0]) : "Nothing to look at here.";
  find("note").textContent = own[at]?.note ?? "";
  find("all").hidden = own.length < 2;
  find("all").querySelectorAll("b").forEach((b) => (b.textContent = own.length));
  find("before").textContent = first > 0 ? `${first} more of this group before` : "";
  const left = own.length - last;
  find("after").textContent = left > 0 ? `${left} more of this group after` : "";
  find("list").replaceChildren(...own.slice(first, last).map(item));
  const current = find("list").querySelector("[aria-current]");
  if (focus) {
    current?.focus({ preventScroll: true });
  }
  current?.scrollIntoView({ block: "nearest" });
}

function item(one) {
  const place = one.line === null ? one.file : `${one.file}:${one.line}`;
  const isPlace = one.line !== null && /^(line|doc|text) \d+$/.test(one.document); // it has no name
  const about = [place, one.split, isPlace ? "" : one.document, `suspicion${asNumber(one.suspicion)}`];
  const facts = about.filter(Boolean).map((fact) => element("span", "", fact));
  const buttons = [["accept", "Accept"], ["keep", "Keep"], ["skip", "Skip"]].map(([name, says]) => {
    const button = element("button", "", `${says} `, element("kbd", "", name[0]));
    button.type = "button";
    if (name !== "skip") {
      button.setAttribute("aria-pressed", decisions[one.id] === name);
    }
    button.addEventListener("click", () => {
      cursor = shown.indexOf(one);
      act(name);
    });
    return [button, " "];
  });
  const made = element("li", "", element("p", "place", ...facts), marked(one), ...buttons.flat());
  made.tabIndex = -1;
  made.dataset.id = one.id;
  if (one === shown[cursor]) {
    made.setAttribute("aria-current", "true");
  }
  return made;
}

function say(message) {
  find("status").textContent = message;
}

function fill(id, values, words) {
  const count = (value) => findings.filter((one) => one[id] === value).length;
  const option = (value) => new Option(`${words(value)} (${count(value)})`, value);
  find(id).append(new Option("all", ""), ...values.map(option));
}

document.addEventListener("keydown", (event) => {
  const isTyped = event.target.closest("select, input");
  // CapsLock makes capitals, too, but a group is decided on by Shift alone.
  const letter = event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase();
  const name = KEYS[event.key.length === 1 ? letter : event.key];
  if (name && !isTyped && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    if (!event.repeat || ["next", "previous"].includes(name)) {
      act(name);
    }
  }
});
addEventListener("storage", (event) => {
  if (event.key === storage) {
    refresh();
    show(find("status").textContent, find("list").contains(document.activeElement));
  }
});
addEventListener("beforeunload", (event) => {
  if (isAtRisk) {
    event.preventDefault();
  }
});
document.querySelectorAll("[data-act]").forEach((button) =>
  button.addEventListener("click", () => act(button.dataset.act)));
find("save").addEventListener("click", save);
find("load").addEventListener("click", () => find("file").click());
find("file").addEventListener("change", load);
fill("kind", [...new Set(findings.map((one) => one.kind))], (kind) => KINDS[kind] ?? kind);
fill("split", [...new Set(findings.map((one) => one.split))], (split) => split);
document.querySelectorAll("select").forEach((select) => {
  let byPointer = false;
  select.addEventListener("pointerdown", () => (byPointer = true));
  select.addEventListener("keydown", () => (byPointer = false));
  select.addEventListener("change", () => filter(byPointer));
});
cursor = Math.max(0, shown.findIndex((one) => !(one.id in decisions)));
show("", false);
