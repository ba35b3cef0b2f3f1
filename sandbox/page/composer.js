// The box where people type: plain words and slash commands, with a hint of the commands there are.

import { h, icon } from "./dom.js";
import { showMenu } from "./popover.js";

export class Composer {
  /** `page`: {placeholder(), commands(), say(text), command(name, text), shortcuts()?}: items of a menu, or none;
   * `command` is null where commands are not taken. */
  constructor(page) {
    this.page = page;
    this.history = [];
    this.picked = 0;
    this.hints = h("div", { class: "hints", role: "listbox", "aria-label": "Commands", hidden: true });
    this.box = h("textarea", {
      class: "composer-text",
      rows: "1",
      "aria-label": "Message",
      "aria-autocomplete": "list",
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => this.changed(),
      onkeydown: (event) => this.onKey(event),
      onblur: () => setTimeout(() => (this.hints.hidden = true), 150),
      onfocus: () => this.changed(),
    });
    this.button = h("button", { type: "submit", class: "send", "aria-label": "Send" }, icon("send"));
    const open = (event) => showMenu(event.currentTarget, page.shortcuts());
    const shortcuts =
      page.shortcuts && h("button", { type: "button", class: "composer-tool", title: "Shortcuts", "aria-label": "Shortcuts", "aria-haspopup": "menu", "aria-expanded": "false", onclick: open }, icon("bolt"));
    this.node = h(
      "form",
      { class: "composer", onsubmit: (event) => this.submit(event) },
      this.hints,
      h("div", { class: "composer-box" }, shortcuts, this.box, this.button),
    );
    this.changed();
  }

  /** A new place: its own placeholder; what was typed stays with the place it was typed in. */
  moveTo(key) {
    this.drafts ??= new Map();
    if (this.key === key) return this.label();
    if (this.key) this.drafts.set(this.key, this.box.value);
    this.key = key;
    this.box.value = this.drafts.get(key) ?? "";
    this.label();
    return this.changed();
  }

  label() {
    const text = this.page.placeholder();
    if (this.box.placeholder === text) return;
    this.box.placeholder = text;
    this.box.setAttribute("aria-label", text);
  }

  changed() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 160)}px`;
    this.button.disabled = this.box.value.trim() === "";
    this.picked = 0;
    this.showHints();
  }

  matching() {
    const typed = this.box.value;
    if (!this.page.command || !/^\/\S*$/.test(typed) || document.activeElement !== this.box) return [];
    return this.page.commands().filter((command) => command.name.startsWith(typed) && command.name !== typed);
  }

  showHints() {
    const found = this.matching();
    const usage = this.usage();
    this.hints.replaceChildren(...found.map((command, index) => this.hint(command, index === this.picked)));
    if (usage) this.hints.append(h("div", { class: "usage" }, usage));
    this.hints.hidden = found.length === 0 && !usage;
  }

  /** How the command that is being typed goes on. */
  usage() {
    const name = /^(\/\S+)/.exec(this.box.value)?.[1];
    const command = this.page.command && this.page.commands().find((known) => known.name === name);
    if (!command || document.activeElement !== this.box) return null;
    return `${command.name} ${command.usage || "…"}`;
  }

  hint(command, picked) {
    const take = (event) => {
      event.preventDefault(); // keeps the focus in the box
      this.complete(command);
    };
    return h(
      "div",
      { class: `hint ${picked ? "picked" : ""}`.trim(), role: "option", "aria-selected": String(picked), onpointerdown: take },
      h("strong", {}, command.name),
      command.usage && h("span", { class: "hint-usage" }, ` ${command.usage}`),
      command.description && h("span", { class: "hint-description" }, command.description),
    );
  }

  complete(command) {
    this.box.value = `${command.name} `;
    this.box.focus();
    this.changed();
  }

  onKey(event) {
    const found = this.matching();
    if (found.length && (event.key === "Tab" || event.key === "Enter")) {
      event.preventDefault();
      this.complete(found[this.picked]);
    } else if (found.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.picked = (this.picked + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
      this.showHints();
    } else if (event.key === "Escape") {
      this.hints.hidden = true;
    } else if (event.key === "ArrowUp" && this.box.value === "" && this.history.length) {
      event.preventDefault();
      this.box.value = this.history.at(-1);
      this.changed();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      this.submit(event);
    }
  }

  submit(event) {
    event.preventDefault();
    const text = this.box.value.trim();
    if (!text) return;
    this.history.push(text);
    this.box.value = "";
    this.changed();
    const command = /^(\/\S+)\s*([\s\S]*)$/.exec(text);
    if (command) this.page.command?.(command[1], command[2]) ?? this.page.refuseCommand?.(command[1]);
    else this.page.say(text);
  }
}
