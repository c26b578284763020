// SPDX-FileCopyrightText: The daemonic.systemd contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Elements. Whatever a host has said becomes text here, or an attribute, and never markup.

const byId = (id) => document.getElementById(id);

const filled = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== "") {
      element.append(child instanceof Node ? child : document.createTextNode(String(child)));
    }
  }
  return element;
};

const make = (name, attributes = {}, ...children) => filled(document.createElement(name), attributes, children);

const SVG = "http://www.w3.org/2000/svg";
const draw = (name, attributes = {}, ...children) => filled(document.createElementNS(SVG, name), attributes, children);

const badge = (kind, text) => make("span", { class: `badge ${kind}` }, text);

const moment = (time, text) => (time ? make("time", { datetime: time, title: `${readable(time)} UTC` }, text) : "");

const short = (digest) =>
  (digest && /^[0-9a-f]{16}$/.test(digest) ? make("code", { title: digest }, digest.slice(0, 8)) : digest ? make("code", {}, digest) : "");

// The first ones, and a button that shows the others.
const shortened = (items, most, render) => {
  const parts = items.slice(0, most).map(render);
  if (items.length <= most) return parts;
  const more = make("button", { type: "button", class: "link" }, `and ${(items.length - most).toLocaleString("en")} more`);
  more.addEventListener("click", () => {
    const rest = items.slice(most).map(render).flat();
    more.replaceWith(...rest);
    if (rest[0] instanceof HTMLElement) {
      rest[0].tabIndex = -1;
      rest[0].focus();
    }
  });
  return [...parts, more];
};
