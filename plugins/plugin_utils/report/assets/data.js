// SPDX-FileCopyrightText: The daemonic.systemd contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The data of the page, unpacked, and what all its parts say in the same words.

const unpacked = ({ count, columns }) => {
  const rows = Array.from({ length: count }, () => ({}));
  for (const [key, column] of Object.entries(columns)) {
    for (let row = 0; row < count; row++) {
      rows[row][key] = "all" in column ? column.all : "each" in column ? column.each[row] : column.values[column.at[row]];
    }
  }
  return rows;
};

const report = JSON.parse(document.getElementById("data").textContent);
const hosts = unpacked(report.hosts);
const units = unpacked(report.units);
const hostOf = new Map(hosts.map((host) => [host.name, host]));
const taken = Date.parse(report.taken);

const HEALTH = ["unreachable", "unanswered", "failed", "attention", "well"];
const WORDS = {
  unreachable: "Unreachable",
  unanswered: "No answer",
  failed: "Failed",
  attention: "Attention",
  well: "Well",
  differs: "Differs",
};

const count = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

// 93784 → "1 d 2 h"; two steps, as a person says it.
const span = (seconds) => {
  const steps = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const first = steps.findIndex(([, size]) => seconds >= size);
  if (first < 0) return "0 s";
  const [name, size] = steps[first];
  const whole = Math.floor(seconds / size);
  const next = steps[first + 1];
  const rest = next ? Math.floor((seconds % size) / next[1]) : 0;
  return rest && whole < 10 ? `${whole} ${name} ${rest} ${next[0]}` : `${whole} ${name}`;
};

const age = (time) => (time ? span(Math.max(0, (taken - Date.parse(time)) / 1000)) : "");

const ahead = (time) => {
  const seconds = (Date.parse(time) - taken) / 1000;
  return seconds >= 0 ? `in ${span(seconds)}` : "due";
};

const readable = (time) => (time ? time.replace("T", " ").replace(/(\.\d+)?Z$/, "") : "");

// The sub-state says more than the state, but of what is inactive it is "dead" also where all is well.
const stateOf = ({ active_state: active, sub_state: sub, load_state: loaded }) =>
  loaded && loaded !== "loaded" ? loaded : !sub || active === "failed" || active === "inactive" ? active || "unknown" : sub;

for (const unit of units) {
  const host = hostOf.get(unit.host);
  unit.groups = host ? host.groups : [];
  unit.rank = HEALTH.indexOf(unit.health);
  unit.text = [unit.host, unit.stack, unit.unit, unit.active_state, unit.sub_state, unit.release, unit.unit_file_state,
    unit.description, unit.health, ...unit.reasons, ...unit.differs.map((what) => `differs ${what}`), ...unit.groups]
    .filter(Boolean).join("\n").toLowerCase();
}
