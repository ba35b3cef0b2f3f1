// What people do with buttons and fields, and what the app answered.

import { send } from "./api.js";
import { fieldKey, readValues } from "./elements.js";
import { askConfirm } from "./popover.js";

/** Interactions under way and those that failed. `refresh` redraws the page. */
export class Actions {
  constructor({ refresh, directory, appName }) {
    this.refresh = refresh;
    this.directory = directory;
    this.appName = appName;
    this.pending = new Set();
    this.failures = new Map(); // place key → text
  }

  isPending(placeKey, block, element) {
    return this.pending.has(`${placeKey}|${fieldKey(block, element, element.value ?? "")}`);
  }

  /**
   * Use an element. `where` goes into the call as it is: {channel, ts} or {view_id}.
   * Answers false when the person declined to confirm, else true.
   */
  async act(placeKey, where, element, block, value) {
    if (element.confirm && !(await askConfirm(element.confirm, this.directory()))) return false;
    const key = `${placeKey}|${fieldKey(block, element, element.value ?? "")}`;
    if (this.pending.has(key)) return true;
    this.pending.add(key);
    this.failures.delete(placeKey);
    this.refresh();
    const answer = await send("click", this.payload(where, element, block, value));
    this.pending.delete(key);
    if (!answer.ok) this.failures.set(placeKey, explain(answer, this.appName()));
    this.refresh({ fetch: true });
    return true;
  }

  payload(where, element, block, value) {
    const payload = { user: this.directory().me, action_id: element.action_id, block_id: block.block_id, ...where };
    if (value !== undefined) payload.value = value;
    // What this rendering of the button carries: the message may have changed meanwhile, and Slack sends the old click.
    if (element.type === "button" && typeof element.value === "string") payload.raw_value = element.value;
    const root = where.view_id && document.querySelector(`[data-key="${CSS.escape(where.view_id)}"]`);
    if (root) payload.values = readValues(root);
    return payload;
  }

  /** What the app offers for what was typed: {options} or {option_groups}, or {trouble} in words. */
  async suggest(where, element, block, value) {
    const asked = { user: this.directory().me, action_id: element.action_id, block_id: block.block_id, ...where, value };
    const answer = await send("suggest", asked);
    if (!answer.ok) return { trouble: explain(answer, this.appName()) };
    return answer.ackError ? { trouble: answer.ackError } : (answer.body ?? {});
  }

  forgive(placeKey) {
    this.failures.delete(placeKey);
    this.refresh();
  }
}

/** One sentence about an interaction that did not end well. */
export function explain(answer, app) {
  if (answer.error) return answer.error;
  if (!answer.status) return `${app} is not responding: no answer within 3 seconds.`;
  return `${app} answered with an error (HTTP ${answer.status}).`;
}
