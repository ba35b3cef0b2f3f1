// Messages: one of them, and the list of a channel or thread.

import { renderAttachment, renderBlocks } from "./blocks.js";
import { dayKey, dayOf, secondsOf, shortTime, timeOf, tsDate } from "./dates.js";
import { h, icon, link, safeUrl, sync } from "./dom.js";
import { mrkdwn, plainText } from "./mrkdwn.js";
import { avatar, nameOf } from "./people.js";
import { showMenu } from "./popover.js";

const GROUP_SECONDS = 300; // within this a person's next message goes without its head
const FIRST_SHOWN = 150; // of a long channel; the rest on request

/** Keeps a scrolling list of messages true. `pane` gives what the list needs from the page. */
export class MessageList {
  constructor(scroller, pane) {
    this.scroller = scroller;
    this.pane = pane;
    this.inner = h("div", { class: "message-list" });
    this.pill = h("button", { type: "button", class: "new-pill", hidden: true, onclick: () => this.toBottom() }, icon("down"), "New messages");
    scroller.append(this.inner);
    scroller.after(this.pill);
    this.pinned = true;
    this.limit = FIRST_SHOWN;
    this.contents = new Map();
    scroller.addEventListener("scroll", () => this.onScroll(), { passive: true });
    new ResizeObserver(() => this.pinned && this.toBottom()).observe(this.inner);
    new ResizeObserver(() => this.pinned && this.toBottom()).observe(scroller);
  }

  /** Forget what was shown: another channel or another person follows. */
  reset() {
    this.inner.replaceChildren();
    this.contents.clear();
    this.limit = FIRST_SHOWN;
    this.pinned = true;
    this.pill.hidden = true;
  }

  render(messages, { intro = null, afterFirst = null } = {}) {
    const shown = messages.slice(-this.limit);
    const older = messages.length - shown.length;
    const entries = older ? [this.olderEntry(older)] : intro ? [intro] : [];
    shown.forEach((message, index) => {
      const before = shown[index - 1];
      if (!afterFirst && (!before || dayKey(before.ts) !== dayKey(message.ts))) entries.push(dayEntry(message.ts));
      entries.push(this.entry(message, follows(before, message) && !(afterFirst && index === 1)));
      if (afterFirst && index === 0) entries.push(afterFirst);
    });
    const wasEmpty = this.contents.size === 0;
    const added = sync(this.inner, entries);
    this.contents = new Map(messages.map((message) => [message.ts, contentOf(message)]));
    if (this.pinned) this.toBottom();
    else if (added && !wasEmpty) this.pill.hidden = false;
  }

  entry(message, compact) {
    const content = contentOf(message);
    const known = this.contents.get(message.ts);
    const changed = known !== undefined && known !== content;
    const ui = this.pane.uiState(message);
    const fingerprint = JSON.stringify([content, message.deleted, message.state, message.replies, message.reactions, message.files, compact, ui]);
    const build = () => {
      const node = renderMessage(message, compact, this.pane);
      if (changed) node.classList.add("changed");
      return node;
    };
    return { key: message.ts, fingerprint, build };
  }

  olderEntry(count) {
    const show = () => {
      this.limit += FIRST_SHOWN;
      this.pane.refresh();
    };
    const build = () => h("div", { class: "older" }, h("button", { type: "button", class: "link-button", onclick: show }, `Show earlier messages (${count})`));
    return { key: "older", fingerprint: String(count), build };
  }

  onScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.pinned = scrollHeight - scrollTop - clientHeight < 40;
    if (this.pinned) this.pill.hidden = true;
  }

  toBottom() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.pinned = true;
    this.pill.hidden = true;
  }

  /** Scroll to one message and light it up. */
  reveal(ts) {
    const node = [...this.inner.children].find((child) => child.dataset.key === ts);
    if (!node) return;
    this.pinned = false;
    node.scrollIntoView({ block: "center" });
    node.classList.remove("changed");
    requestAnimationFrame(() => node.classList.add("changed"));
  }
}

const contentOf = (message) => JSON.stringify([message.text, message.blocks, message.attachments, message.edited, message.user]);

function follows(before, message) {
  if (!before || before.user !== message.user || before.ephemeral || message.ephemeral) return false;
  if (before.username !== message.username || dayKey(before.ts) !== dayKey(message.ts)) return false;
  // Slack sets cards apart; only plain talk is drawn together.
  return !message.blocks?.length && !message.attachments?.length && Number(message.ts) - Number(before.ts) < GROUP_SECONDS;
}

function dayEntry(ts) {
  const label = dayOf(ts);
  const text = label.charAt(0).toUpperCase() + label.slice(1);
  return { key: `day-${dayKey(ts)}`, fingerprint: text, build: () => h("div", { class: "day" }, h("span", {}, text)) };
}

function renderMessage(message, compact, pane) {
  if (message.deleted) return tombstone(message, pane);
  const user = pane.directory.users.get(message.user);
  return h(
    "article",
    {
      class: ["message", compact && "compact", message.ephemeral && "ephemeral"].filter(Boolean).join(" "),
      "aria-label": `${message.username ?? nameOf(user, message.user)}, ${shortTime(message.ts)}`,
      dataset: { ts: message.ts },
      tabindex: "-1", // a tap shows its tools
    },
    h("div", { class: "gutter" }, compact ? stamp(message.ts) : avatar(user, message.user)),
    h("div", { class: "message-main" }, onlyYou(message, pane), compact ? null : head(message, user), body(message, pane), foot(message, pane)),
    tools(message, pane),
  );
}

/** What stays of a deleted message whose thread lives on. */
function tombstone(message, pane) {
  const text = h("div", { class: "tombstone" }, "This message was deleted.");
  return h("article", { class: "message", dataset: { ts: message.ts } }, h("div", { class: "gutter" }), h("div", { class: "message-main" }, text, foot(message, pane)));
}

function stamp(ts) {
  return h("time", { class: "stamp", datetime: tsDate(ts).toISOString(), title: secondsOf(ts) }, timeOf(ts));
}

function head(message, user) {
  const name = message.username ?? nameOf(user, message.user);
  return h("div", { class: "message-head" }, h("span", { class: "author" }, name), user?.is_bot && h("span", { class: "app-badge" }, "APP"), stamp(message.ts));
}

function onlyYou(message) {
  return message.ephemeral && h("div", { class: "only-you" }, icon("eye"), "Only visible to you");
}

function body(message, pane) {
  const place = pane.placeOf(message);
  const blocks = message.blocks?.length ? renderBlocks(message.blocks, place) : null;
  const text = !blocks && message.text && h("div", { class: "text message-text" }, mrkdwn(message.text, pane.directory), edited(message));
  const attachments = (message.attachments ?? []).map((attachment, index) => renderAttachment(attachment, { ...place, key: `${place.key}@${index}` }));
  return h("div", { class: "message-body" }, text, blocks, attachments, !text && edited(message));
}

function edited(message) {
  if (!message.edited) return null;
  const title = message.edited.ts ? `Edited ${secondsOf(message.edited.ts)}` : null;
  return h("span", { class: "edited", title }, " (edited)");
}

function foot(message, pane) {
  const failure = pane.failureOf(message);
  return [failure && failureNode(message, failure, pane), files(message), reactions(message, pane), pane.inThread ? null : replyBar(message, pane)];
}

function failureNode(message, failure, pane) {
  const dismiss = h("button", { type: "button", class: "link-button", onclick: () => pane.forgive(message) }, "Dismiss");
  return h("div", { class: "failure", role: "alert" }, icon("warning"), h("span", {}, failure), dismiss);
}

/** Pictures that an app uploaded; of what people attach only the name, for there is nothing in it. */
function files(message) {
  return message.files?.length > 0 && h("div", { class: "files" }, message.files.map(file));
}

function file(told) {
  const address = told.mimetype?.startsWith("image/") && safeUrl(told.url_private);
  if (!address) return h("span", { class: "file" }, `📎 ${told.name}`);
  return h("figure", { class: "picture" }, h("figcaption", {}, told.title), link(address, h("img", { src: address, alt: told.alt_txt ?? "" })));
}

/** `message.reactions`: {name: [user, …]}. Pressing one adds mine, or takes it back. */
function reactions(message, pane) {
  const all = Object.entries(message.reactions ?? {});
  const one = ([name, users]) => {
    const mine = users.includes(pane.directory.me);
    const people = users.map((id) => nameOf(pane.directory.users.get(id), id)).join(", ");
    return h(
      "button",
      {
        type: "button",
        class: mine ? "reaction mine" : "reaction",
        title: `${people} reacted with :${name}:`,
        "aria-label": `${name}, ${users.length}`,
        "aria-pressed": String(mine),
        onclick: () => pane.react(message, name),
      },
      plainText({ text: `:${name}:` }),
      ` ${users.length}`,
    );
  };
  return all.length > 0 && h("div", { class: "reactions" }, all.map(one));
}

function replyBar(message, pane) {
  const replies = message.replies ?? [];
  if (!replies.length) return null;
  const people = [...new Set(replies.map((reply) => reply.user))].slice(0, 4);
  const count = replies.length === 1 ? "1 reply" : `${replies.length} replies`;
  return h(
    "button",
    { type: "button", class: "reply-bar", dataset: { field: "replies" }, onclick: () => pane.openThread(message.ts) },
    h("span", { class: "faces" }, people.map((id) => avatar(pane.directory.users.get(id), id, "small"))),
    h("span", { class: "reply-count" }, count),
    h("span", { class: "reply-last" }, `Last reply ${lowerFirst(shortTime(replies.at(-1).ts))}`),
  );
}

const lowerFirst = (text) => (/^(Today|Yesterday)/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text);

function tools(message, pane) {
  if (message.ephemeral) return null;
  const tool = (label, name, onclick, more = {}) => h("button", { type: "button", class: "tool", title: label, "aria-label": label, onclick, ...more }, icon(name));
  const reply = !pane.inThread && tool("Reply in thread", "reply", () => pane.openThread(message.ts));
  const pin = tool("React with :pushpin:", "pin", () => pane.react(message, "pushpin"));
  const items = pane.messageShortcuts().map((shortcut) => ({ label: shortcut.name, onpick: () => pane.shortcut(shortcut, message) }));
  if (message.user === pane.directory.me) {
    items.push({ label: "Edit message", onpick: () => pane.edit(message) }, { label: "Delete message", onpick: () => pane.remove(message) });
  }
  const open = (event) => showMenu(event.currentTarget, items);
  const more = items.length > 0 && tool("More message actions", "more", open, { "aria-haspopup": "menu" });
  return h("div", { class: "tools" }, pin, reply, more);
}
