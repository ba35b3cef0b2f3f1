// What floats above the page: menus, confirm dialogs, and the focus rules of every dialog.

import { h } from "./dom.js";
import { textObject } from "./mrkdwn.js";

let openMenu = null;

/** Where a floating thing must be attached: everything outside the top modal dialog is inert. */
const topLayer = () => [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;

/** A menu below its button. `items`: {label: Node|string, description?, onpick, danger?, current?}. */
export function showMenu(anchor, items, { label = "More actions" } = {}) {
  const again = openMenu?.anchor === anchor;
  closeMenu();
  if (again) return;
  const menu = h("div", { class: "menu", role: "menu", "aria-label": label }, items.map(menuItem));
  topLayer().append(menu);
  place(menu, anchor);
  anchor.setAttribute("aria-expanded", "true");
  openMenu = { menu, anchor };
  menu.addEventListener("keydown", onMenuKey);
  menu.querySelector("[role^=menuitem]")?.focus();
}

export function closeMenu({ refocus = false } = {}) {
  if (!openMenu) return;
  const { menu, anchor } = openMenu;
  openMenu = null;
  menu.remove();
  anchor.setAttribute("aria-expanded", "false");
  if (refocus && anchor.isConnected) anchor.focus();
}

function menuItem(item) {
  const pick = () => {
    closeMenu({ refocus: true });
    item.onpick();
  };
  return h(
    "button",
    {
      type: "button",
      class: "menu-item",
      role: item.current === undefined ? "menuitem" : "menuitemradio",
      "aria-checked": item.current === undefined ? null : String(item.current),
      onclick: pick,
    },
    h("span", { class: "menu-label" }, item.label),
    item.description && h("span", { class: "menu-description" }, item.description),
  );
}

function place(menu, anchor) {
  const at = anchor.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, window.innerWidth - width - 8));
  const below = at.bottom + 4;
  const top = below + height < window.innerHeight - 8 ? below : Math.max(8, at.top - height - 4);
  menu.style.left = `${left}px`;
  menu.style.top = `${top}px`;
}

function onMenuKey(event) {
  const items = [...openMenu.menu.querySelectorAll("[role^=menuitem]")];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    closeMenu({ refocus: true });
  } else if (to !== undefined) {
    event.preventDefault();
    items.at(to % items.length)?.focus();
  }
}

document.addEventListener("pointerdown", (event) => {
  if (openMenu && !openMenu.menu.contains(event.target) && !openMenu.anchor.contains(event.target)) closeMenu();
});
window.addEventListener("resize", () => closeMenu());

const FOCUSABLE = "button:not([disabled]), a[href], input:not([disabled]), select:not([disabled]), textarea:not([disabled])";

/** Open a <dialog> over the page; Tab stays inside, Esc calls `onEscape`. */
export function openDialog(dialog, onEscape) {
  dialog.addEventListener("keydown", keepTabInside);
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    onEscape();
  });
  document.body.append(dialog);
  dialog.showModal();
}

function keepTabInside(event) {
  if (event.key !== "Tab") return;
  const dialog = event.currentTarget;
  const stops = [...dialog.querySelectorAll(FOCUSABLE)].filter((node) => node.checkVisibility());
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement !== edge && dialog.contains(document.activeElement)) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
}

/** Slack's confirm object as a dialog. Resolves to whether the person agreed. */
export function askConfirm(confirm, directory) {
  const opener = document.activeElement;
  return new Promise((resolve) => {
    const done = (agreed) => {
      dialog.close();
      dialog.remove();
      if (opener?.isConnected) opener.focus();
      resolve(agreed);
    };
    const style = confirm.style === "danger" ? "danger" : "primary";
    const deny = h("button", { type: "button", class: "button large", onclick: () => done(false) }, buttonText(confirm.deny, "Cancel"));
    const agree = h("button", { type: "button", class: `button large ${style}`, onclick: () => done(true) }, buttonText(confirm.confirm, "Yes"));
    const title = h("h2", { id: "confirm-title" }, textObject(confirm.title ?? { text: "Are you sure?" }, directory));
    const text = h("p", { class: "confirm-text" }, textObject(confirm.text, directory));
    const dialog = h(
      "dialog",
      { class: "dialog confirm", role: "alertdialog", "aria-labelledby": "confirm-title" },
      title,
      text,
      h("footer", { class: "dialog-foot" }, deny, agree),
    );
    openDialog(dialog, () => done(false));
    agree.focus();
  });
}

/** Ask for words, beginning with some. Resolves to what was typed, or to null where the person thought better of it. */
export function askText(title, text) {
  const opener = document.activeElement;
  return new Promise((resolve) => {
    const done = (answer) => {
      dialog.close();
      dialog.remove();
      if (opener?.isConnected) opener.focus();
      resolve(answer);
    };
    const box = h("textarea", { class: "edit-text", rows: "4", "aria-label": title });
    box.value = text;
    const cancel = h("button", { type: "button", class: "button large", onclick: () => done(null) }, "Cancel");
    const save = h("button", { type: "button", class: "button large primary", onclick: () => done(box.value.trim() || null) }, "Save");
    const heading = h("h2", { id: "edit-title" }, title);
    const dialog = h("dialog", { class: "dialog confirm", "aria-labelledby": "edit-title" }, heading, box, h("footer", { class: "dialog-foot" }, cancel, save));
    openDialog(dialog, () => done(null));
    box.focus();
  });
}

function buttonText(object, fallback) {
  return object?.text ? textObject(object) : fallback;
}
