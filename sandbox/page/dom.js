// Small helpers around the DOM. Content always arrives as text nodes, never as HTML.

/** Make an element. Properties named `on…` are listeners and must be functions; null, undefined and false are left out. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProperty(node, name, value);
  node.append(...children.flat(Infinity).filter((child) => child || child === 0 || child === ""));
  return node;
}

function setProperty(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) {
    if (typeof value !== "function") throw new TypeError(`${name} takes a function`);
    node.addEventListener(name.slice(2), value);
  } else if (name === "dataset") {
    Object.assign(node.dataset, value);
  } else {
    node.setAttribute(name, value === true ? "" : value);
  }
}

/** The address if it is http or https, else null: nothing else may become a link or an image. */
export function safeUrl(address) {
  try {
    const url = new URL(String(address));
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/** A link that opens elsewhere, or just its label when the address is not http(s). */
export function link(address, ...label) {
  const href = safeUrl(address);
  if (!href) return h("span", {}, ...label);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...label);
}

const fingerprints = new WeakMap();

/**
 * Make the children of `container` agree with `entries` ({key, fingerprint, build}), keyed, touching only what changed.
 * What a person typed and where their focus was survives a rebuild. Answers how many entries are new.
 */
export function sync(container, entries) {
  const present = new Map([...container.children].map((node) => [node.dataset.key, node]));
  let cursor = container.firstElementChild;
  let added = 0;
  for (const entry of entries) {
    let node = present.get(entry.key);
    present.delete(entry.key);
    if (!node) {
      node = built(entry);
      added += 1;
    } else if (fingerprints.get(node) !== entry.fingerprint) {
      const fresh = built(entry);
      if (cursor === node) cursor = fresh;
      replaceKeepingInput(node, fresh);
      node = fresh;
    }
    if (cursor === node) cursor = cursor.nextElementSibling;
    else container.insertBefore(node, cursor);
  }
  for (const [, node] of present) node.remove();
  return added;
}

function built(entry) {
  const node = entry.build();
  node.dataset.key = entry.key;
  fingerprints.set(node, entry.fingerprint);
  return node;
}

function replaceKeepingInput(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  for (const field of old.querySelectorAll("[data-dirty]")) {
    const twin = byFieldKey(fresh, field.dataset.field);
    if (!twin) continue;
    if ("checked" in twin && (twin.type === "checkbox" || twin.type === "radio")) twin.checked = field.checked;
    else twin.value = field.value;
    twin.dataset.dirty = "";
  }
  old.replaceWith(fresh);
  if (focused) restoreFocus(focused, fresh);
}

function restoreFocus(focused, fresh) {
  // Blocks without an id of their own get a new one with each update; the action's name stays.
  const twin = byFieldKey(fresh, focused.dataset.field) ?? byAction(fresh, focused.dataset.action);
  if (!twin) return;
  twin.focus({ preventScroll: true });
  if (typeof focused.selectionStart === "number" && twin.setSelectionRange) {
    twin.setSelectionRange(focused.selectionStart, focused.selectionEnd);
  }
}

function byFieldKey(root, key) {
  if (!key) return null;
  return [...root.querySelectorAll("[data-field]")].find((node) => node.dataset.field === key) ?? null;
}

const byAction = (root, action) => (action ? root.querySelector(`[data-action="${CSS.escape(action)}"]`) : null);

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  hash: "M8 3 6.5 17M13.5 3 12 17M3.5 7.5h13M3 12.5h13",
  more: "M4 10h.01M10 10h.01M16 10h.01",
  close: "M5 5l10 10M15 5 5 15",
  caret: "M6 8l4 4 4-4",
  send: "M3.5 3.5 17 10 3.5 16.5 5.5 10zM5.5 10H10",
  menu: "M3 5.5h14M3 10h14M3 14.5h14",
  home: "M3.5 9.5 10 4l6.5 5.5V16.5h-4.500v-4.500h-4v4.500h-4.500z",
  reply: "M17 9.500c0 3.300-3.100 6-7 6-1 0-2-.2-2.900-.5L3.500 16.500l.9-3.200C3.500 12.300 3 11 3 9.500c0-3.300 3.100-6 7-6s7 2.700 7 6z",
  warning: "M10 3.500 17.500 16.500h-15zM10 8.500v3.500M10 14.250h.01",
  eye: "M2.500 10S5.200 5 10 5s7.500 5 7.500 5-2.700 5-7.500 5-7.500-5-7.500-5zM10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  down: "M10 4v12M5 11l5 5 5-5",
  apps: "M4 4h4.500v4.500H4zM11.500 4H16v4.500h-4.500zM4 11.500h4.500V16H4zM11.500 11.500H16V16h-4.500z",
  pin: "M7 3.500h6l-.8 5 2.800 3v1.500H5v-1.500l2.800-3zM10 13v4.500",
  back: "M12.500 4.500 7 10l5.500 5.500",
};

/** A line icon; decorative, so hidden from screen readers. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}
