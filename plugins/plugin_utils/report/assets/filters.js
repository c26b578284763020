// SPDX-FileCopyrightText: The daemonic.systemd contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What narrows the table: the search, the group, the stack, the state, and the strip of hosts.

const optionsOf = (names) => [...names].sort(order).map((name) => make("option", { value: name }, name));

const showFilters = () => {
  byId("group").append(...optionsOf(new Set(hosts.flatMap((host) => host.groups))));
  byId("stack").append(...optionsOf(new Set(units.map((unit) => unit.stack))));
  byId("states").append(...Object.keys(STATES).map((state) =>
    make("label", { class: `choice ${state}` },
      make("input", { type: "radio", name: "state", value: state, checked: state === "all" }),
      make("span", {}, WORDS[state] || "All", " ", make("b", { id: `count-${state}` })))));
  byId("search").addEventListener("input", (event) => {
    view.words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    select();
  });
  byId("group").addEventListener("change", (event) => { view.group = event.target.value; select(); });
  byId("stack").addEventListener("change", (event) => { view.stack = event.target.value; select(); });
  byId("states").addEventListener("change", (event) => { view.state = event.target.value; select(); });
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("clear").addEventListener("click", () => { clear(); byId("search").focus(); });
  byId("previous").addEventListener("click", () => turn(-1));
  byId("next").addEventListener("click", () => turn(1));
  document.addEventListener("keydown", (event) => {
    const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      byId("search").focus();
    }
  });
};

const turn = (pages) => {
  view.page += pages;
  showRows();
  byId("units").scrollIntoView();
};

const clear = () => {
  Object.assign(view, { words: [], group: "", stack: "", state: "all", host: "" });
  byId("search").value = "";
  byId("group").value = "";
  byId("stack").value = "";
  byId("states").querySelector('[value="all"]').checked = true;
  select();
};

const showHost = (name) => {
  clear();
  view.host = name;
  select();
  byId("units").scrollIntoView();
};

// One square for each host. One of them can be reached by Tab, the others by the arrow keys.
const showStrip = () => {
  const strip = byId("strip");
  const squares = [...hosts].sort((a, b) => HEALTH.indexOf(a.health) - HEALTH.indexOf(b.health) || order(a.name, b.name)).map((host, number) =>
    make("button", {
      type: "button", class: `square ${host.health}`, tabindex: number ? "-1" : "0",
      "aria-label": `${host.name}: ${WORDS[host.health].toLowerCase()}`, "data-host": host.name,
    }));
  strip.classList.toggle("many", hosts.length > 150);
  strip.append(...squares);
  const tell = (name) => {
    const host = hostOf.get(name);
    const groups = host.groups.length ? ` · ${host.groups.join(", ")}` : "";
    byId("under").textContent = `${host.name} · ${WORDS[host.health].toLowerCase()}${groups}`;
  };
  const nameOf = (event) => event.target.dataset.host;
  strip.addEventListener("click", (event) => nameOf(event) && showHost(nameOf(event)));
  strip.addEventListener("mouseover", (event) => nameOf(event) && tell(nameOf(event)));
  strip.addEventListener("focusin", (event) => nameOf(event) && tell(nameOf(event)));
  strip.addEventListener("keydown", (event) => {
    const at = squares.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: squares.length - 1 }[event.key];
    if (to === undefined || !squares[to]) return;
    event.preventDefault();
    squares[at].tabIndex = -1;
    squares[to].tabIndex = 0;
    squares[to].focus();
  });
};
