// SPDX-FileCopyrightText: The daemonic.systemd contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The top of the page, and the order in which its parts are made.

const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};

const remembered = (theme) => {
  try {
    if (theme) localStorage.setItem("daemonic-theme", theme);
    return localStorage.getItem("daemonic-theme");
  } catch {
    return null; // a page from a file may keep nothing in some browsers
  }
};

const showTheme = () => {
  byId("theme").textContent = isDark() ? "Light" : "Dark";
  byId("theme").setAttribute("aria-pressed", String(isDark()));
  byId("theme").setAttribute("aria-label", `Switch to ${isDark() ? "light" : "dark"} colours`);
};

const UNDER = "A square is a host. Point at one, or choose it to see its units.";

const showTop = () => {
  const theme = remembered();
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  showTheme();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showTheme);
  byId("theme").addEventListener("click", () => {
    document.documentElement.dataset.theme = remembered(isDark() ? "light" : "dark") || (isDark() ? "light" : "dark");
    showTheme();
  });
  const minutes = (Date.now() - taken) / 1000;
  byId("taken").append("Fleet report · ", moment(report.taken, `${readable(report.taken)} UTC`), minutes > 60 ? ` · ${span(minutes)} ago` : "");
  document.title = `${report.headline} · Fleet report`;
  const worst = report.findings.length ? report.findings[0][0] : "well";
  const told = report.findings.filter(([health]) => health === worst).map(([, words]) => words);
  const others = report.findings.filter(([health]) => health !== worst).map(([, words]) => words);
  byId("headline").textContent = told.join(", ") || report.headline;
  byId("headline").classList.add(worst);
  byId("others").textContent = others.length ? `Also: ${others.join(", ")}` : "";
  byId("under").textContent = hosts.length ? UNDER : "";
  const { hosts: all, units: every } = report.summary;
  byId("scale").textContent = `${all.well.toLocaleString("en")} of ${count(all.total, "host")} well · ${every.well.toLocaleString("en")} of ${count(every.total, "unit")} well`;
};

const showJump = () => {
  const there = [...document.querySelectorAll("main > section")].filter((section) => !section.hidden);
  byId("jump").append(...there.map((section) => make("a", { href: `#${section.id}` }, section.querySelector("h2").textContent)));
};

showTop();
showTrouble();
showDrift();
showFilters();
showTitles();
ordered = sortedUnits();
select();
showStrip();
showOpenings();
showStacks();
showJump();
document.documentElement.dataset.ready = "yes";
