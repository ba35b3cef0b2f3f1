// Names and faces.

import { h } from "./dom.js";

const SLACKBOT = "USLACKBOT";
const COLOURS = ["#7c3085", "#1d7a8c", "#b0562a", "#2f6f3e", "#35539b", "#a03a5c", "#6b6a1c", "#5b4a9e"];

export const nameOf = (user, id) => user?.real_name || user?.name || id || "unknown";

function colourOf(id) {
  let sum = 0;
  for (const char of String(id)) sum = (sum * 31 + char.codePointAt(0)) % 9973;
  return COLOURS[sum % COLOURS.length];
}

/** A square face: initials on a colour that stays the person's own; a flame for a bot. */
export function avatar(user, id, size = "") {
  const name = nameOf(user, id);
  const node = h("span", { class: `avatar ${size} ${id === SLACKBOT ? "slackbot" : user?.is_bot ? "bot" : ""}`.trim(), "aria-hidden": "true" });
  if (id === SLACKBOT) node.append("♥");
  else if (user?.is_bot) node.append(flame());
  else {
    node.style.background = colourOf(id);
    node.append(name.charAt(0).toUpperCase());
  }
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** A beacon fire: what Bongsu is named after. */
export function flame() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 36 36");
  const shapes = [
    ["M18 5c1.500 5 7.500 7.500 7.500 14.200A7.500 7.500 0 0 1 18 26.500a7.500 7.500 0 0 1-7.500-7.300c0-3.400 1.600-5.200 2.900-7.200.5 1.900 1.300 2.900 2.300 3.400C15.400 11.500 16 8 18 5z", "#ffb224"],
    ["M18 15.500c.7 2.600 3.400 3.500 3.400 6.500a3.400 3.400 0 1 1-6.800 0c0-2.600 2.600-3.600 3.400-6.500z", "#fff3c4"],
    ["M10 28h16l1.500 4h-19z", "#e8d5c4"],
  ];
  for (const [d, fill] of shapes) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    path.setAttribute("fill", fill);
    svg.append(path);
  }
  return svg;
}
