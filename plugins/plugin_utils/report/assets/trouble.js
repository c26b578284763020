// SPDX-FileCopyrightText: The daemonic.systemd contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a person who is called at night must see first: what has failed and why, then what differs.

const MOST_NAMES = 12;
const MOST_JOURNALS = 3;

const hostName = (name) => make("button", { type: "button", class: "name", onclick: () => showHost(name) }, name);

const grouped = (rows, key) => {
  const found = new Map();
  for (const row of rows) {
    const name = key(row);
    if (!found.has(name)) found.set(name, []);
    found.get(name).push(row);
  }
  return [...found.values()].sort((a, b) => b.length - a.length);
};

const journalLines = (unit) => {
  if (!unit.journal.length) return make("p", { class: "none" }, "The journal has no line of it.");
  const lines = unit.journal.map((line) =>
    make("li", { class: line.priority !== null && line.priority <= 3 ? "bad" : null },
      moment(line.time, line.time.slice(11, 19)), " ",
      make("span", {}, line.message, line.cut ? make("em", {}, " (cut)") : "")));
  return make("ol", { class: "journal", tabindex: "0", "aria-label": `Last journal lines of ${unit.unit} on ${unit.host}` }, lines);
};

const failure = (unit, isOpen) =>
  make("details", { class: "failure", open: isOpen },
    make("summary", {}, make("strong", {}, unit.host), " ", make("span", {}, unit.reasons.join("; ")),
      unit.since ? make("span", { class: "since" }, moment(unit.since, `${age(unit.since)} ago`)) : ""),
    journalLines(unit));

const failedUnits = () => {
  let open = MOST_JOURNALS;
  return grouped(units.filter((unit) => unit.health === "failed"), (unit) => `${unit.stack}\n${unit.unit}`).map((same) => {
    const [{ unit, stack, description }] = same;
    const cards = shortened(same, 10, (each) => failure(each, open-- > 0));
    return make("article", { class: "card failed" },
      make("h3", {}, make("span", { class: "mono" }, unit), badge("failed", same.length === 1 ? "failed" : `failed on ${count(same.length, "host")}`)),
      make("p", { class: "about" }, `stack ${stack}`, description && description !== unit ? ` · ${description}` : ""),
      cards);
  });
};

const silentHosts = () =>
  ["unreachable", "unanswered"].flatMap((health) =>
    grouped(hosts.filter((host) => host.health === health), (host) => host.message.replaceAll(host.name, "")).map((same) =>
      make("article", { class: `card ${health}` },
        make("h3", {}, count(same.length, "host"), badge(health, WORDS[health].toLowerCase())),
        make("p", { class: "names" }, shortened(same, MOST_NAMES, (host) => [hostName(host.name), " "])),
        make("p", { class: "about" }, same[0].message))));

const attention = () =>
  grouped(units.filter((unit) => unit.health === "attention"), (unit) => `${unit.stack}\n${unit.unit}\n${unit.reasons.join("\n")}`)
    .map((same) => ({ what: [make("span", { class: "mono" }, same[0].unit), " ", same[0].reasons.join("; ")], names: same.map((each) => each.host) }));

const strangers = () =>
  grouped(hosts.flatMap((host) => host.other_failed_units.map((unit) => ({ host: host.name, unit }))), (each) => each.unit)
    .map((same) => ({ what: [make("span", { class: "mono" }, same[0].unit), " failed, and is of no stack"], names: same.map((each) => each.host) }));

const changed = () => {
  const stacks = hosts.flatMap((host) => host.stacks.map((stack) => ({ host: host.name, ...stack })));
  const paths = stacks.flatMap(({ host, stack, modified }) => modified.map((path) => ({ host, stack, path })));
  const files = grouped(paths, (each) => `${each.stack}\n${each.path}`)
    .map((same) => ({ what: [make("span", { class: "mono" }, same[0].path), ` is not as the stack ${same[0].stack} has left it`], names: same.map((each) => each.host) }));
  const open = grouped(stacks.filter((stack) => !stack.complete), (each) => each.stack)
    .map((same) => ({ what: ["the last deployment of ", make("span", { class: "mono" }, same[0].stack), " has not come to its end"], names: same.map((each) => each.host) }));
  return [...open, ...files];
};

const noteOf = ({ what, names }) =>
  make("li", {}, make("p", {}, what), make("p", { class: "names" }, shortened(names, MOST_NAMES, (name) => [hostName(name), " "])));

const showTrouble = () => {
  const cards = [...silentHosts(), ...failedUnits()];
  const notes = [...attention(), ...strangers(), ...changed()];
  byId("trouble").hidden = !cards.length && !notes.length;
  byId("trouble-body").append(...shortened(cards, 30, (card) => card));
  if (notes.length) byId("trouble-body").append(make("ul", { class: "notes card" }, shortened(notes, 30, noteOf)));
};

const COMPARED = {
  release: ["runs release", short],
  content: ["has the unit files", short],
  enabled: ["is", (value) => value || "in no state"],
  state: ["is", (value) => value || "in no state"],
  presence: ["is", (value) => value],
};

const differenceOf = ({ stack, unit, what, among, majority, others }) => {
  const [verb, shown] = COMPARED[what];
  const told = (value) => shown(value) || make("em", {}, "none");
  const where = among ? ` of those with ${among}` : "";
  const intro = majority
    ? [`${verb} `, told(majority.value), ` on ${count(majority.hosts, "host")}${where}; these differ:`]
    : [`has no majority${where}:`];
  return make("article", { class: "card differs" },
    make("h3", {}, make("span", { class: "mono" }, unit), badge("differs", what)),
    make("p", { class: "about" }, `stack ${stack}`),
    make("p", {}, intro),
    make("ul", { class: "values" }, shortened(others, 8, ({ value, hosts: names }) =>
      make("li", {}, make("span", { class: "value" }, told(value)), " ",
        make("span", { class: "names" }, shortened(names, MOST_NAMES, (name) => [hostName(name), " "]))))));
};

const showDrift = () => {
  byId("drift").hidden = !report.drift.length;
  byId("drift-body").append(...shortened(report.drift, 30, differenceOf));
};
