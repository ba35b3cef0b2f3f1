// Slack's mrkdwn → DOM. Pure: text and a directory in, a DocumentFragment out; content becomes text nodes only.
// https://docs.slack.dev/messaging/formatting-message-text

import { formatDate } from "./dates.js";
import { h, link, safeUrl } from "./dom.js";
import { emojiOf, EMOJI_RUN } from "./emoji.js";

const ENTITIES = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
const STYLES = { "*": "strong", _: "em", "~": "s" };
const MAX_DEPTH = 6; // deeper nesting of styles is an attack, not a text

/** Undo Slack's escaping, once: `&amp;lt;` is `&lt;`, not `<`. */
export function unescape(text) {
  return text.replace(/&(?:amp|lt|gt);/g, (entity) => ENTITIES[entity]);
}

/** Text as it stands, with emoji characters in a span so that they get an emoji's size. */
export function characters(text) {
  const fragment = document.createDocumentFragment();
  text.split(EMOJI_RUN).forEach((part, index) => {
    if (index % 2) fragment.append(h("span", { class: "emoji" }, part));
    else if (part) fragment.append(part);
  });
  return fragment;
}

/** A plain_text object: no mrkdwn; shortcodes only when `emoji` is not false. */
export function plainText(object) {
  const text = unescape(String(object?.text ?? ""));
  if (object?.emoji === false) return characters(text);
  return characters(text.replace(/:([\w+-]+):/g, (code, name) => emojiOf(name) ?? code));
}

/** A text object of either kind. */
export function textObject(object, directory) {
  if (object?.type === "mrkdwn") return mrkdwn(object.text, directory, { verbatim: object.verbatim });
  return plainText(object);
}

/** A whole mrkdwn text: preformatted parts, quotes and lines. */
export function mrkdwn(text, directory, { verbatim = false } = {}) {
  const fragment = document.createDocumentFragment();
  const parts = String(text ?? "").split(/```([\s\S]+?)```/);
  parts.forEach((part, index) => {
    if (index % 2) fragment.append(h("pre", {}, inCode(part.replace(/^\n|\n$/g, ""), directory)));
    else appendLines(fragment, aroundPre(part, index, parts.length), directory, verbatim);
  });
  return fragment;
}

// A <pre> breaks the line by itself: the newline next to it would show as an empty line.
function aroundPre(part, index, count) {
  let trimmed = index > 0 ? part.replace(/^\n/, "") : part;
  if (index < count - 1) trimmed = trimmed.replace(/\n$/, "");
  return trimmed;
}

function appendLines(target, text, directory, verbatim) {
  if (text === "") return;
  for (const { quoted, lines } of quoteRuns(text.split("\n"))) {
    const content = inline(lines.join("\n"), directory, verbatim, 0);
    target.append(quoted ? h("blockquote", {}, content) : content);
  }
}

/** Neighbouring lines of the same kind together; `>>>` quotes all that follows. */
function quoteRuns(lines) {
  const runs = [];
  let toTheEnd = false;
  for (const line of lines) {
    const marker = toTheEnd ? null : /^((?:&gt;|>){3}|&gt;|>) ?/.exec(line);
    const quoted = toTheEnd || marker !== null;
    if (runs.at(-1)?.quoted !== quoted) runs.push({ quoted, lines: [] });
    runs.at(-1).lines.push(marker ? line.slice(marker[0].length) : line);
    toTheEnd ||= marker !== null && /^(?:&gt;|>){3}/.test(marker[1]);
  }
  return runs;
}

function inline(text, directory, verbatim, depth) {
  const fragment = document.createDocumentFragment();
  let buffer = "";
  const flush = () => {
    if (buffer) fragment.append(characters(unescape(buffer)));
    buffer = "";
  };
  let at = 0;
  while (at < text.length) {
    const found = tokenAt(text, at, directory, verbatim, depth);
    if (found) {
      flush();
      fragment.append(found.node);
      at = found.end;
    } else {
      buffer += text[at];
      at += 1;
    }
  }
  flush();
  return fragment;
}

function tokenAt(text, at, directory, verbatim, depth) {
  const char = text[at];
  if (char === "<") return angleAt(text, at, directory, verbatim, depth);
  if (char === "`") return codeAt(text, at, directory);
  if (char === ":") return emojiAt(text, at);
  if (char in STYLES && depth < MAX_DEPTH) return styleAt(text, at, directory, verbatim, depth);
  if (char === "h" && !verbatim) return bareUrlAt(text, at);
  return null;
}

const isWord = (char) => char !== undefined && /[\p{L}\p{N}]/u.test(char);
const isSpace = (char) => char === undefined || /\s/.test(char);

function styleAt(text, at, directory, verbatim, depth) {
  const mark = text[at];
  if (isWord(text[at - 1]) || isSpace(text[at + 1]) || text[at + 1] === mark) return null;
  const end = closing(text, at + 1, mark);
  if (end < 0) return null;
  const inner = inline(text.slice(at + 1, end), directory, verbatim, depth + 1);
  return { node: h(STYLES[mark], {}, inner), end: end + 1 };
}

/** Where the style ends on this line, stepping over `<…>` and code; -1 if nowhere. */
function closing(text, from, mark) {
  for (let at = from; at < text.length && text[at] !== "\n"; at += 1) {
    if (text[at] === mark && !isSpace(text[at - 1]) && !isWord(text[at + 1])) return at;
    at = skipped(text, at);
  }
  return -1;
}

function skipped(text, at) {
  const close = { "<": ">", "`": "`" }[text[at]];
  if (!close) return at;
  const end = text.indexOf(close, at + 1);
  return end < 0 ? at : end;
}

function codeAt(text, at, directory) {
  const match = /^`([^`\n]+)`/.exec(text.slice(at, at + 4000));
  if (!match) return null;
  return { node: h("code", {}, inCode(match[1], directory)), end: at + match[0].length };
}

/** Code keeps its characters; only Slack's angle brackets still mean something in it. */
function inCode(text, directory) {
  return text.split(/(<[^<>\n]+>)/).map((part, index) => {
    const token = index % 2 ? angleToken(part.slice(1, -1), directory, true, MAX_DEPTH) : null;
    return token ?? unescape(part);
  });
}

function emojiAt(text, at) {
  const match = /^:([\w+-]{1,60}):/.exec(text.slice(at, at + 64));
  const found = match && emojiOf(match[1]);
  if (!found) return null;
  const node = h("span", { class: "emoji", role: "img", "aria-label": match[1].replaceAll("_", " "), title: match[0] }, found);
  return { node, end: at + match[0].length };
}

function bareUrlAt(text, at) {
  if (isWord(text[at - 1])) return null;
  const match = /^https?:\/\/[^\s<>"'`*|]+/.exec(text.slice(at));
  if (!match) return null;
  const address = match[0].replace(/(?:[.,;:!?)\]}_~]|&gt;.*)+$/, "");
  if (!safeUrl(unescape(address))) return null;
  return { node: link(unescape(address), unescape(address)), end: at + address.length };
}

function angleAt(text, at, directory, verbatim, depth) {
  const match = /^<([^<>\n]+)>/.exec(text.slice(at));
  const node = match && angleToken(match[1], directory, verbatim, depth);
  return node ? { node, end: at + match[0].length } : null;
}

function angleToken(body, directory, verbatim, depth) {
  const bar = body.indexOf("|");
  const target = bar < 0 ? body : body.slice(0, bar);
  const label = bar < 0 ? null : body.slice(bar + 1);
  if (target.startsWith("@")) return userMention(target.slice(1), label, directory);
  if (target.startsWith("#")) return channelMention(target.slice(1), label, directory);
  if (target.startsWith("!")) return special(target.slice(1), label, directory);
  const inner = label ? inline(label, directory, true, depth + 1) : unescape(target);
  if (/^mailto:/i.test(target)) return h("span", {}, label ? inner : unescape(target.slice(7)));
  // Anything else is no link: it stays in sight as it was written.
  return safeUrl(unescape(target)) ? link(unescape(target), inner) : null;
}

export function userMention(id, label, directory) {
  const user = directory.users.get(id);
  const mine = id === directory.me;
  return h("span", { class: mine ? "mention mention-me" : "mention" }, `@${user?.name ?? (label ? unescape(label) : id)}`);
}

export function channelMention(id, label, directory) {
  const channel = directory.channels.get(id);
  const name = channel?.name ?? (label ? unescape(label) : id);
  if (!channel) return h("span", { class: "mention" }, `#${name}`);
  return h("a", { class: "mention", href: `#${id}` }, `#${name}`);
}

export function groupMention(id, label, directory) {
  const group = directory.groups.get(id);
  const name = group?.handle ?? (label ? unescape(label) : id);
  const mine = (group?.users ?? group?.members)?.includes(directory.me);
  return h("span", { class: mine ? "mention mention-me" : "mention" }, `@${name.replace(/^@/, "")}`);
}

export const broadcast = (range) => h("span", { class: "mention mention-me" }, `@${range}`);

function special(target, label, directory) {
  if (target.startsWith("subteam^")) return groupMention(target.slice(8), label, directory);
  if (target.startsWith("date^")) return dateToken(target, label);
  if (["here", "channel", "everyone"].includes(target)) return broadcast(target);
  return document.createTextNode(`<${label ? unescape(label) : unescape(target)}>`);
}

function dateToken(target, label) {
  const [, epoch, template, address] = target.split("^");
  if (!/^-?\d+$/.test(epoch ?? "") || !template) return document.createTextNode(unescape(label ?? target));
  return dateNode(Number(epoch), unescape(template), address ? unescape(address) : null, label && unescape(label));
}

export function dateNode(epoch, template, address, fallback) {
  const at = new Date(epoch * 1000);
  if (Number.isNaN(at.getTime())) return document.createTextNode(fallback || template);
  const title = formatDate(epoch, "{date_long} at {time_secs}");
  const node = h("time", { datetime: at.toISOString(), title }, formatDate(epoch, template));
  return address ? link(address, node) : node;
}
