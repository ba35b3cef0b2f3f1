// The sidebar: channels with what is unread, the app, people.

import { h, icon, sync } from "./dom.js";
import { avatar, nameOf } from "./people.js";

/** Which messages a person has seen, kept in the browser, per person and channel. */
export class Seen {
  constructor() {
    this.marks = readMarks();
  }

  mark(user, channel, ts) {
    const key = `${user}/${channel}`;
    if (!ts || Number(this.marks[key] ?? 0) >= Number(ts)) return;
    this.marks[key] = ts;
    writeMarks(this.marks);
  }

  unread(user, channel, messages) {
    const seen = Number(this.marks[`${user}/${channel}`] ?? 0);
    return messages.filter((message) => Number(message.ts) > seen && message.user !== user);
  }
}

const STORE = `bongsu-sandbox-seen:${location.pathname}`;

function readMarks() {
  try {
    return JSON.parse(localStorage.getItem(STORE) ?? "{}");
  } catch {
    return {};
  }
}

function writeMarks(marks) {
  try {
    localStorage.setItem(STORE, JSON.stringify(marks));
  } catch {
    // a browser that keeps nothing: unread marks last as long as the page
  }
}

/** Does a message call this person? */
export function mentions(message, me, groups) {
  const text = JSON.stringify([message.text, message.blocks, message.attachments]);
  if (text.includes(`<@${me}`) || /<!(?:here|channel|everyone)/.test(text)) return true;
  return [...groups.values()].some((group) => (group.users ?? group.members)?.includes(me) && text.includes(`<!subteam^${group.id}`));
}

/** Draw the sidebar's entries. `page`: {directory, channels, route, unreadOf(channel), directOf()}. */
export function renderSidebar(node, page) {
  const { directory } = page;
  const bots = [...directory.users.values()].filter((user) => user.is_bot && user.id !== "USLACKBOT");
  const people = [...directory.users.values()].filter((user) => !user.is_bot);
  const channels = page.channels.filter((channel) => !channel.is_dm);
  sync(node, [
    heading("Channels"),
    ...channels.map((channel) => channelEntry(channel, page)),
    heading("Direct messages"),
    ...people.map((user) => personEntry(user, page)),
    heading("Apps"),
    ...bots.map((bot) => appEntry(bot, page)),
  ]);
}

const heading = (text) => ({ key: `h-${text}`, fingerprint: text, build: () => h("h2", {}, text) });

function channelEntry(channel, page) {
  const { count, mentioned } = page.unreadOf(channel);
  const current = page.route.channel === channel.id;
  const build = () =>
    row(page, `#${channel.id}`, current, count > 0, icon("hash"), channel.name, mentioned ? h("span", { class: "badge" }, String(mentioned)) : count > 0 && h("span", { class: "dot" }));
  return { key: channel.id, fingerprint: JSON.stringify([channel.name, count > 0, mentioned, current]), build };
}

function personEntry(user, page) {
  const mine = user.id === page.directory.me;
  const face = h("span", { class: "presence" }, avatar(user, user.id, "tiny"));
  const build = () => h("div", { class: "side-row person" }, face, h("span", { class: "side-name" }, nameOf(user, user.id)), mine && h("span", { class: "you" }, "you"));
  return { key: user.id, fingerprint: JSON.stringify([user, mine]), build };
}

function appEntry(bot, page) {
  const direct = page.directOf();
  const current = page.route.home === bot.id || (direct !== null && page.route.channel === direct.id);
  const { count } = page.unreadOf(direct);
  const build = () => row(page, `#home/${bot.id}`, current, count > 0, avatar(bot, bot.id, "tiny"), nameOf(bot, bot.id), count > 0 && h("span", { class: "badge" }, String(count)));
  return { key: bot.id, fingerprint: JSON.stringify([bot, current, count]), build };
}

function row(page, href, current, unread, face, name, badge) {
  const note = unread ? h("span", { class: "sr-only" }, " unread") : null;
  return h(
    "a",
    { class: `side-row ${current ? "current" : ""} ${unread ? "unread" : ""}`.replace(/ +/g, " ").trim(), href, "aria-current": current ? "page" : null },
    face,
    h("span", { class: "side-name" }, name),
    note,
    badge,
  );
}
