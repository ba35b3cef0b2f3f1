// Modals: the stack of views that Slack has open for one person. Only the top one shows; the others keep what was typed.

import { renderBlocks } from "./blocks.js";
import { h, icon, sync } from "./dom.js";
import { readValues } from "./elements.js";
import { plainText } from "./mrkdwn.js";
import { openDialog } from "./popover.js";

const REQUIRED = "Please complete this required field.";

export class Modals {
  /** `page`: {directory, placeOfView(view, errors), uiOfView(view), appName(),
   * submit(view, values), close(views, all)}; submit answers as api.send does. */
  constructor(page) {
    this.page = page;
    this.dialog = null;
    this.opener = null;
    this.notes = new Map(); // view id → {errors: {block_id: text}, trouble: text, busy: bool}
    this.views = [];
  }

  render(views) {
    this.views = views;
    if (!views.length) {
      this.shut();
      return;
    }
    const grown = !this.dialog;
    if (grown) this.open();
    const last = views.length - 1;
    const before = this.top;
    sync(this.dialog, views.map((view, index) => this.entry(view, index === last)));
    this.top = views[last].id;
    if (grown || before !== this.top) this.focusFirst();
  }

  entry(view, onTop) {
    const note = this.notes.get(view.id) ?? {};
    const shown = { ...saidByServer(view), ...note };
    const fingerprint = JSON.stringify([view, onTop, shown, this.page.uiOfView(view)]);
    return { key: view.id, fingerprint, build: () => this.draw(view, onTop, shown) };
  }

  open() {
    this.opener = document.activeElement;
    this.dialog = h("dialog", { class: "dialog modal" });
    openDialog(this.dialog, () => this.close());
  }

  shut() {
    if (!this.dialog) return;
    this.dialog.close();
    this.dialog.remove();
    this.dialog = null;
    this.top = null;
    this.notes.clear();
    if (this.opener?.isConnected) this.opener.focus();
  }

  focusFirst() {
    const page = this.dialog.querySelector(".modal-page:not([hidden])");
    const first = page?.querySelector(".modal-body :is(input, select, textarea, button)") ?? page?.querySelector("footer button");
    (first ?? this.dialog).focus();
  }

  draw(view, onTop, note) {
    const id = `title-${view.id}`;
    if (onTop) this.dialog.setAttribute("aria-labelledby", id);
    const shutButton = h("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => this.close({ all: true }) }, icon("close"));
    const place = this.page.placeOfView(view, note.errors);
    return h(
      "form",
      { class: "modal-page", novalidate: true, hidden: !onTop, onsubmit: (event) => this.submit(event, view) },
      h("header", { class: "dialog-head" }, h("h2", { id }, plainText(view.title ?? { text: "" })), shutButton),
      note.trouble && h("p", { class: "modal-trouble", role: "alert" }, icon("warning"), note.trouble),
      h("div", { class: "modal-body" }, renderBlocks(view.blocks, place)),
      this.drawFoot(view, note),
    );
  }

  drawFoot(view, note) {
    const close = h("button", { type: "button", class: "button large", dataset: { field: "close" }, onclick: () => this.close() }, view.close ? plainText(view.close) : "Close");
    const submit =
      view.submit &&
      h(
        "button",
        { type: "submit", class: `button large primary ${note.busy ? "pending" : ""}`.trim(), "aria-busy": note.busy ? "true" : null, dataset: { field: "submit" } },
        h("span", { class: "button-label" }, plainText(view.submit)),
        note.busy && h("span", { class: "spinner" }),
      );
    return h("footer", { class: "dialog-foot" }, close, submit);
  }

  async submit(event, view) {
    event.preventDefault();
    if (this.notes.get(view.id)?.busy) return;
    const values = readValues(event.currentTarget);
    const errors = missing(view, values);
    if (Object.keys(errors).length) {
      this.note(view, { errors });
      return;
    }
    this.note(view, { busy: true, errors: null, trouble: null });
    const answer = await this.page.submit(view, values);
    this.note(view, outcome(answer, this.page.appName()));
  }

  note(view, note) {
    this.notes.set(view.id, note);
    this.render(this.views);
    if (note.errors && Object.keys(note.errors).length) this.dialog?.querySelector(".has-error :is(input, select, textarea)")?.focus();
  }

  /** The top modal, or with `all` the whole stack: gone at once, as in Slack; the server hears of it meanwhile. */
  close({ all = false } = {}) {
    const closed = all ? this.views : this.views.slice(-1);
    if (!closed.length) return;
    this.render(this.views.slice(0, this.views.length - closed.length));
    this.page.close(closed, all);
  }
}

/** What Slack itself refuses before the app hears of it. */
function missing(view, values) {
  const errors = {};
  for (const block of view.blocks ?? []) {
    if (block.type !== "input") continue;
    const { type, ...state } = values[block.block_id]?.[block.element.action_id] ?? {};
    const value = Object.values(state)[0];
    const empty = value === null || value === undefined || value.length === 0;
    if (empty && !block.optional) errors[block.block_id] = REQUIRED;
    else if (type === "plain_text_input" && !empty && value.length < (block.element.min_length ?? 0)) {
      errors[block.block_id] = `This field needs at least ${block.element.min_length} characters.`;
    }
  }
  return errors;
}

/** Errors that the sandbox keeps with the view; the one without a field is about the whole form. */
function saidByServer(view) {
  const { "": trouble, ...errors } = view.errors ?? {};
  return { trouble, errors };
}

function outcome(answer, app) {
  if (answer.ok && answer.body?.response_action === "errors") return { errors: answer.body.errors ?? {} };
  if (answer.ok) return {};
  if (answer.error && answer.body?.errors) return { errors: answer.body.errors }; // as Slack's own form checks
  const said = answer.error ?? (answer.status ? `${app} answered with an error (${answer.status}).` : `${app} did not answer.`);
  return { trouble: `We had some trouble connecting. Try again? ${said}` };
}
