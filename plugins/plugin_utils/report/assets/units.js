// SPDX-FileCopyrightText: The daemonic.systemd contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The table of units: which rows are shown, in which order, a page of them at a time.

const PAGE = 50;
const order = new Intl.Collator("en", { numeric: true }).compare;
const byText = (key) => (a, b) => order(a[key] || "", b[key] || "");
const byNumber = (key) => (a, b) => (a[key] ?? -1) - (b[key] ?? -1);
const byTime = (a, b) => (a.since || "").localeCompare(b.since || "");

const whatOf = (unit) => [...unit.reasons, ...(unit.differs.length ? [`differs: ${unit.differs.join(", ")}`] : [])].join("; ");

const stateCell = (unit) => {
  const what = whatOf(unit);
  const kind = unit.health === "well" && unit.differs.length ? "differs" : unit.health;
  return [
    badge(kind, WORDS[kind]), " ", stateOf(unit) === kind ? "" : make("span", { class: "sub" }, stateOf(unit)),
    what ? make("span", { class: unit.differs.length && unit.health === "well" ? "what apart" : "what" }, what) : "",
  ];
};

// title, cell, order, class
const COLUMNS = [
  ["State", stateCell, (a, b) => a.rank - b.rank || b.differs.length - a.differs.length, "state"],
  ["Host", (unit) => unit.host, byText("host"), "mono"],
  ["Stack", (unit) => unit.stack, byText("stack"), ""],
  ["Unit", (unit) => unit.unit, byText("unit"), "mono"],
  ["Release", (unit) => short(unit.release), byText("release"), "mono"],
  ["Since", (unit) => moment(unit.since, age(unit.since)), byTime, "number"],
  ["Restarts", (unit) => (unit.restarts === null || unit.restarts === undefined ? "" : unit.restarts), byNumber("restarts"), "number"],
  ["Exposure", (unit) => (typeof unit.exposure === "number" ? unit.exposure.toFixed(1) : ""), byNumber("exposure"), "number"],
  ["Enabled", (unit) => unit.unit_file_state, byText("unit_file_state"), ""],
];

const view = { words: [], group: "", stack: "", state: "all", host: "", column: 0, down: false, page: 0, rows: [] };

const STATES = {
  all: () => true,
  failed: (unit) => unit.health === "failed",
  attention: (unit) => unit.health === "attention",
  differs: (unit) => unit.differs.length > 0,
  well: (unit) => unit.health === "well" && !unit.differs.length,
};

const fitsAllButState = (unit) =>
  (!view.host || unit.host === view.host) &&
  (!view.group || unit.groups.includes(view.group)) &&
  (!view.stack || unit.stack === view.stack) &&
  view.words.every((word) => unit.text.includes(word));

const sortedUnits = () => {
  const compare = COLUMNS[view.column][2];
  const rows = units.map((unit, index) => [unit, index]);
  rows.sort(([a, at], [b, bt]) => (view.down ? -compare(a, b) : compare(a, b)) || at - bt);
  return rows.map(([unit]) => unit);
};

let ordered = [];

const select = () => {
  const fitting = ordered.filter(fitsAllButState);
  view.rows = fitting.filter(STATES[view.state]);
  view.page = 0;
  for (const [state, fits] of Object.entries(STATES)) {
    byId(`count-${state}`).textContent = fitting.filter(fits).length.toLocaleString("en");
  }
  showRows();
};

const rowOf = (unit) =>
  make("tr", { class: `is-${unit.health}`, title: unit.description !== unit.unit ? unit.description : null },
    COLUMNS.map(([title, cell, , kind], number) =>
      number === 3 ? make("th", { scope: "row", class: kind }, cell(unit)) : make("td", { class: kind, "data-title": title }, cell(unit))));

const showRows = () => {
  const total = view.rows.length;
  const last = Math.max(0, Math.ceil(total / PAGE) - 1);
  view.page = Math.min(Math.max(view.page, 0), last);
  const from = view.page * PAGE;
  const shown = view.rows.slice(from, from + PAGE);
  const none = make("tr", {}, make("td", { colspan: COLUMNS.length, class: "none" }, units.length ? "No unit fits." : "No host has a stack."));
  byId("rows").replaceChildren(...(total ? shown.map(rowOf) : [none]));
  byId("found").textContent = total === units.length ? count(total, "unit") : `${total.toLocaleString("en")} of ${count(units.length, "unit")}`;
  if (view.host) byId("found").textContent += ` · host ${view.host}`;
  byId("clear").hidden = !(view.words.length || view.group || view.stack || view.host || view.state !== "all");
  byId("pager").hidden = total <= PAGE;
  byId("pages").textContent = total ? `${(from + 1).toLocaleString("en")}–${(from + shown.length).toLocaleString("en")} of ${total.toLocaleString("en")}` : "";
  byId("previous").disabled = view.page === 0;
  byId("next").disabled = view.page === last;
};

const sortBy = (number) => {
  view.down = view.column === number ? !view.down : false;
  view.column = number;
  ordered = sortedUnits();
  showTitles();
  select();
};

const showTitles = () => {
  if (!byId("titles").children.length) {
    byId("titles").append(...COLUMNS.map(([title, , , kind], number) =>
      make("th", { scope: "col", class: kind }, make("button", { type: "button", onclick: () => sortBy(number) }, title, make("span", { class: "arrow", "aria-hidden": "true" })))));
  }
  [...byId("titles").children].forEach((cell, number) => {
    const is = number === view.column;
    cell.setAttribute("aria-sort", is ? (view.down ? "descending" : "ascending") : "none");
    cell.querySelector(".arrow").textContent = is ? (view.down ? " ↓" : " ↑") : "";
  });
};
