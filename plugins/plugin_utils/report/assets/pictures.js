// SPDX-FileCopyrightText: The daemonic.systemd contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Sockets and timers, and the pictures of stacks. Where boxes and arrows are was computed when the report was made.

const listOf = (title, heads, rows) =>
  make("div", {}, make("h3", {}, title),
    make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title },
      make("table", {}, make("thead", {}, make("tr", {}, heads.map((head) => make("th", { scope: "col" }, head)))),
        make("tbody", {}, shortenedRows(rows, heads.length)))));

const shortenedRows = (rows, across) => {
  const shown = rows.slice(0, 50).map((render) => render());
  if (rows.length <= 50) return shown;
  const more = make("tr", {}, make("td", { colspan: across }, make("button", { type: "button", class: "link" }, `and ${count(rows.length - 50, "row")} more`)));
  more.addEventListener("click", () => more.replaceWith(...rows.slice(50).map((render) => render())));
  return [...shown, more];
};

const cell = (kind, ...children) => make("td", { class: kind }, ...children);

// What is the same on several hosts stands in one row.
const onHosts = (same) => (same.length === 1 ? hostName(same[0].host) : make("span", { title: same.slice(0, 40).map((unit) => unit.host).join(", ") }, count(same.length, "host")));

const showOpenings = () => {
  const sockets = grouped(units.filter((unit) => unit.listen && unit.listen.length), (unit) => `${unit.unit}\n${JSON.stringify(unit.listen)}\n${stateOf(unit)}`);
  const timers = grouped(units.filter((unit) => unit.schedule), (unit) => `${unit.unit}\n${unit.schedule}\n${unit.next_elapse}\n${unit.last_trigger}\n${stateOf(unit)}`);
  byId("openings").hidden = !sockets.length && !timers.length;
  const socketRows = sockets.map((same) => () => make("tr", {},
    make("th", { scope: "row", class: "mono" }, same[0].unit),
    cell("mono", same[0].listen.map(({ address, type }) => make("div", {}, address, " ", make("span", { class: "sub" }, type.toLowerCase())))),
    cell("", badge(same[0].health, stateOf(same[0]))), cell("", onHosts(same))));
  const timerRows = timers.map((same) => () => make("tr", {},
    make("th", { scope: "row", class: "mono" }, same[0].unit),
    cell("time", same[0].next_elapse ? moment(same[0].next_elapse, ahead(same[0].next_elapse)) : "never"),
    cell("time", same[0].last_trigger ? moment(same[0].last_trigger, `${age(same[0].last_trigger)} ago`) : "not yet"),
    cell("mono sub", same[0].schedule.map((line) => make("div", {}, line))), cell("", onHosts(same))));
  if (sockets.length) byId("openings-body").append(listOf("Sockets", ["Unit", "Listens on", "State", "Hosts"], socketRows));
  if (timers.length) byId("openings-body").append(listOf("Timers", ["Unit", "Next", "Last", "Schedule", "Hosts"], timerRows));
};

const KINDS = { triggers: "triggers", requires: "requires", wants: "wants, or has as a part", after: "is started after", conflicts: "conflicts with" };

const heads = (prefix) => draw("defs", {}, Object.keys(KINDS).map((kind) =>
  draw("marker", { id: `${prefix}-${kind}`, viewBox: "0 0 8 8", refX: "7", refY: "4", markerWidth: "8", markerHeight: "8", markerUnits: "userSpaceOnUse", orient: "auto-start-reverse", class: `head ${kind}` },
    draw("path", { d: "M0,0.5 L7.5,4 L0,7.5 z" }))));

// Points of a path → smooth curves that leave and arrive level.
const curve = (points) => points.reduce((path, [x, y], number) => {
  if (!number) return `M${x},${y}`;
  const [px, py] = points[number - 1];
  const middle = (px + x) / 2;
  return `${path} C${middle},${py} ${middle},${y} ${x},${y}`;
}, "");

// character: how wide one is.
const fitting = (text, width, character) => {
  const most = Math.floor((width - 26) / character);
  return text.length <= most ? text : `${text.slice(0, Math.ceil(most / 2) - 1)}…${text.slice(-Math.floor(most / 2))}`;
};

const boxOf = ({ unit, x, y, width, height }, same) => {
  const rows = same.get(unit) || [];
  const bad = rows.filter((row) => row.health === "failed").length;
  const odd = rows.filter((row) => row.health === "attention").length;
  const worst = bad ? "failed" : odd ? "attention" : "well";
  const states = grouped([...rows].sort((a, b) => a.rank - b.rank), stateOf).map((each) => (rows.length === 1 ? stateOf(each[0]) : `${each.length} ${stateOf(each[0])}`));
  return draw("g", { class: `box ${worst}`, transform: `translate(${x},${y})` },
    draw("title", {}, `${unit}\n${states.join(", ")}`),
    draw("rect", { width, height, rx: 7 }),
    draw("rect", { class: "mark", width: 4, height: height - 14, x: 7, y: 7, rx: 2 }),
    draw("text", { x: 19, y: 20, class: "unit" }, fitting(unit, width, 7.25)),
    draw("text", { x: 19, y: 36, class: "states" }, fitting(states.join(", "), width, 6.1)));
};

let drawn = 0;

const pictureOf = ({ stack, hosts: names, width, height, boxes, arrows }) => {
  const prefix = `head${drawn++}`;
  const there = new Set(names);
  const same = new Map();
  for (const unit of units) {
    if (unit.stack !== stack || !there.has(unit.host)) continue;
    if (!same.has(unit.unit)) same.set(unit.unit, []);
    same.get(unit.unit).push(unit);
  }
  const words = arrows.flatMap((arrow) => arrow.relations);
  const image = draw("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": `Units of ${stack}: ${words.join(", ") || "no relations"}` },
    heads(prefix),
    arrows.map((arrow) => draw("path", { class: `arrow ${arrow.kind}`, d: curve(arrow.points), "marker-end": `url(#${prefix}-${arrow.kind})` }, draw("title", {}, arrow.relations.join("\n")))),
    boxes.map((box) => boxOf(box, same)));
  return make("figure", { class: "card picture" },
    make("figcaption", {}, make("h3", {}, stack), make("p", { class: "about" }, `${count(boxes.length, "unit")} · `,
      names.length > 4 ? count(names.length, "host") : names.join(", "))),
    make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Picture of ${stack}` }, image));
};

const showStacks = () => {
  byId("stacks").hidden = !report.pictures.length;
  const kinds = new Set(report.pictures.flatMap((picture) => picture.arrows.map((arrow) => arrow.kind)));
  byId("legend").append(make("ul", { class: "legend" }, Object.entries(KINDS).filter(([kind]) => kinds.has(kind)).map(([kind, words]) =>
    make("li", {}, draw("svg", { width: 44, height: 12, "aria-hidden": "true" }, heads(`legend-${kind}`),
      draw("path", { class: `arrow ${kind}`, d: "M2,6 L40,6", "marker-end": `url(#legend-${kind}-${kind})` })), words))));
  byId("stacks-body").append(...shortened(report.pictures, 12, pictureOf));
};
