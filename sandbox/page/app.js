// The page: fetches what a person sees, draws it, and passes on what they do.

import { Actions, explain } from "./actions.js";
import { fetchState, listen, send } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { Composer } from "./composer.js";
import { h, icon, sync } from "./dom.js";
import { MessageList } from "./messages.js";
import { Modals } from "./modal.js";
import { plainText } from "./mrkdwn.js";
import { avatar, flame, nameOf } from "./people.js";
import { askText, showMenu } from "./popover.js";
import { go, readPermalink, readRoute } from "./route.js";
import { mentions, renderSidebar, Seen } from "./sidebar.js";

const SLACKBOT = { id: "USLACKBOT", name: "slackbot", real_name: "Slackbot", is_bot: true };
const part = (id) => document.getElementById(id);

const seen = new Seen();
const expanded = new Set(); // long texts that were unfolded
const notes = []; // what the page itself says to one person: {user, channel, message}
const told = new Set(); // messages that the screen reader has been given
let state = null;
let directory = { users: new Map(), groups: new Map(), channels: new Map(), me: null };
let route = { home: null, channel: null, thread: null };
let shownPlace = null;
let wantedMessage = null;

const bot = () => [...directory.users.values()].find((user) => user.is_bot && user.id !== SLACKBOT.id);
const appName = () => nameOf(bot() ?? { name: "The app" });
const actions = new Actions({ refresh, directory: () => directory, appName });

// ---- who I am ---------------------------------------------------------------------------------------------------

/** Kept per tab, so that two tabs can be two people. */
function storedMe() {
  try {
    return new URLSearchParams(location.search).get("as") ?? sessionStorage.getItem("bongsu-sandbox-me");
  } catch {
    return null;
  }
}

function become(user) {
  directory.me = user;
  try {
    sessionStorage.setItem("bongsu-sandbox-me", user);
  } catch {
    // not kept: the page starts again as the first person
  }
  shownPlace = null;
  refresh({ fetch: true });
}

function chooseWho(event) {
  const people = [...directory.users.values()].filter((user) => !user.is_bot);
  const items = people.map((user) => ({
    label: h("span", { class: "who" }, avatar(user, user.id, "tiny"), nameOf(user, user.id)),
    description: `@${user.name}`,
    current: user.id === directory.me,
    onpick: () => become(user.id),
  }));
  showMenu(event.currentTarget, items, { label: "Be somebody else" });
}

// ---- fetching ---------------------------------------------------------------------------------------------------

let fetching = false;
let fetchAgain = false;
let timer = null;

/** Draw again; with `fetch`, ask the sandbox first. Calls that come close together become one. */
function refresh({ fetch = false } = {}) {
  if (!fetch) {
    if (state) draw();
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(load, 30);
}

async function load() {
  if (fetching) {
    fetchAgain = true;
    return;
  }
  fetching = true;
  const asked = directory.me ?? storedMe() ?? "U0ALICE";
  try {
    accept(await fetchState(asked), asked);
  } catch {
    showOffline(true);
  } finally {
    fetching = false;
  }
  if (fetchAgain) {
    fetchAgain = false;
    load();
  }
}

function accept(answer, asked) {
  if (directory.me && directory.me !== asked) {
    fetchAgain = true; // the person changed while this was on its way
    return;
  }
  showOffline(false);
  state = answer;
  const byId = (list) => new Map((list ?? []).map((item) => [item.id, item]));
  const users = byId(answer.users);
  const me = users.has(asked) ? asked : [...users.values()].find((user) => !user.is_bot)?.id;
  users.set(SLACKBOT.id, users.get(SLACKBOT.id) ?? SLACKBOT);
  directory = { users, groups: byId(answer.groups), channels: byId(answer.channels), me };
  draw();
}

function showOffline(offline) {
  part("offline").hidden = !offline;
}

// ---- what a place shows -----------------------------------------------------------------------------------------

const order = (a, b) => Number(a.ts) - Number(b.ts);
const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts;
const isBroadcast = (message) => message.broadcast === true;

function allMessages(channel) {
  const mine = notes.filter((note) => note.user === directory.me && note.channel === channel.id).map((note) => note.message);
  return [...channel.messages, ...mine].filter((message) => !message.deleted || message.replies?.length).sort(order);
}

function channelMessages(channel) {
  return allMessages(channel).filter((message) => !isReply(message) || isBroadcast(message));
}

function threadMessages(channel, ts) {
  const all = allMessages(channel);
  const root = all.find((message) => message.ts === ts);
  if (!root) return [];
  const replies = [...(root.replies ?? []), ...all.filter((message) => isReply(message) && message.thread_ts === ts)];
  const unique = new Map(replies.filter((reply) => !reply.deleted).map((reply) => [reply.ts, reply]));
  return [root, ...[...unique.values()].sort(order)];
}

/** The app's direct messages with me, or null when there are none yet. */
const directOf = () => state.channels.find((channel) => channel.is_dm) ?? null;

function unreadOf(channel) {
  if (!channel) return { count: 0, mentioned: 0 };
  const unread = seen.unread(directory.me, channel.id, channelMessages(channel));
  return { count: unread.length, mentioned: unread.filter((message) => mentions(message, directory.me, directory.groups)).length };
}

/** The page itself speaks, as Slackbot does. */
function note(channel, text, thread) {
  const ts = (Date.now() / 1000).toFixed(6);
  notes.push({ user: directory.me, channel, message: { ts, user: SLACKBOT.id, text, ephemeral: true, thread_ts: thread } });
  refresh();
}

// ---- panes ------------------------------------------------------------------------------------------------------

function pane(inThread) {
  const key = (message) => `${route.channel}/${message.ts}`;
  return {
    inThread,
    refresh,
    get directory() {
      return directory;
    },
    uiState: (message) => [directory.me, actions.failures.get(key(message)), [...actions.pending].filter((name) => name.startsWith(`${key(message)}|`))],
    failureOf: (message) => actions.failures.get(key(message)),
    forgive: (message) => actions.forgive(key(message)),
    openThread: (ts) => go({ channel: route.channel, thread: ts }),
    placeOf: (message) => placeAt(key(message), { channel: route.channel, ts: message.ts }, { held: message.state }),
    messageShortcuts: () => shortcutsOf("message"),
    shortcut: (shortcut, message) => runShortcut(shortcut, { channel: route.channel, ts: message.ts }),
    react: (message, name) => react(message, name),
    edit: (message) => edit(message),
    remove: (message) => tell("delete", message, {}),
  };
}

function placeAt(key, where, { held, errors } = {}) {
  return {
    directory,
    key,
    held,
    errors,
    expanded,
    isPending: (block, element) => actions.isPending(key, block, element),
    act: (element, block, value) => actions.act(key, where, element, block, value),
    suggest: (element, block, value) => actions.suggest(where, element, block, value),
  };
}

const shortcutsOf = (type) => (state.shortcuts ?? []).filter((shortcut) => shortcut.type === type);

async function runShortcut(shortcut, where) {
  const answer = await send("shortcut", { callback_id: shortcut.callback_id, user: directory.me, ...where });
  if (!answer.ok) note(route.channel ?? state.channels[0].id, `“${shortcut.name}” failed. ${explain(answer, appName())}`);
  refresh({ fetch: true });
}

const mainList = new MessageList(part("messages"), pane(false));
const threadList = new MessageList(part("thread-messages"), pane(true));

const modals = new Modals({
  appName,
  placeOfView: (view, errors) => placeAt(view.id, { view_id: view.id }, { held: view.state?.values, errors }),
  uiOfView: (view) => [...actions.pending].filter((name) => name.startsWith(`${view.id}|`)),
  submit: async (view, values) => {
    const answer = await send("submit", { view_id: view.id, user: directory.me, values });
    refresh({ fetch: true });
    return answer;
  },
  close: async (views, all) => {
    for (const view of views) closing.add(view.id);
    await send("close", { view_id: views.at(-1).id, user: directory.me, clear: all });
    await load();
    for (const view of views) closing.delete(view.id);
    refresh();
  },
});
const closing = new Set(); // views that the person closed and the server may still list

// ---- typing -----------------------------------------------------------------------------------------------------

function knownCommands() {
  return (state?.commands ?? []).map((command) =>
    typeof command === "string" ? { name: command } : { name: command.command ?? command.name, usage: command.usage_hint, description: command.description },
  );
}

async function runCommand(name, text) {
  const channel = route.channel;
  if (!knownCommands().some((command) => command.name === name)) {
    note(channel, `\`${name}\` is not a valid command. Commands here: ${knownCommands().map((command) => `\`${command.name}\``).join(" ")}`);
    return;
  }
  mainList.toBottom();
  const answer = await send("command", { command: name, text, user: directory.me, channel });
  // When the app itself fails, Slackbot says so: that message comes from the sandbox.
  if (answer.error) note(channel, `:warning: \`${name}\` failed. ${answer.error}`);
  refresh({ fetch: true });
}

async function say(text, thread) {
  const channel = route.channel;
  (thread ? threadList : mainList).toBottom();
  const answer = await send("say", { user: directory.me, channel, text: marked(text), ...(thread && { thread_ts: thread }) });
  if (answer.missing) note(channel, "The sandbox only takes slash commands here. Try `/incident help`.", thread);
  else if (answer.error) note(channel, `:warning: ${answer.error}`, thread);
  refresh({ fetch: true });
}

/** Put a reaction there, or take mine back. */
function react(message, name) {
  const remove = (message.reactions?.[name] ?? []).includes(directory.me);
  return tell("react", message, { name, remove });
}

async function edit(message) {
  const typed = await askText("Edit message", unmarked(message.text));
  if (typed !== null) await tell("edit", message, { text: marked(typed) });
}

/** Do something with a message that is there already. Whether the app hears of it is its affair, as in Slack. */
async function tell(call, message, what) {
  const answer = await send(call, { user: directory.me, channel: route.channel, ts: message.ts, ...what });
  if (answer.error) note(route.channel, `:warning: ${answer.error}`, route.thread ?? undefined);
  refresh({ fetch: true });
}

/** What a person typed, of what Slack has made of it. */
function unmarked(text) {
  const name = (map, id, key, sign) => `${sign}${map.get(id)?.[key] ?? id}`;
  return text
    .replace(/<@(\w+)>/g, (whole, id) => name(directory.users, id, "name", "@"))
    .replace(/<#(\w+)>/g, (whole, id) => name(directory.channels, id, "name", "#"))
    .replace(/<!subteam\^(\w+)>/g, (whole, id) => name(directory.groups, id, "handle", "@"))
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");
}

/** What Slack makes of typed text: the three characters escaped, known @names and #channels turned into mentions. */
function marked(text) {
  const escaped = text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const find = (map, key, name) => [...map.values()].find((item) => item[key]?.toLowerCase() === name.toLowerCase());
  return escaped.replace(/(^|\s)([@#])([\w.-]+)/g, (whole, space, sign, name) => {
    if (sign === "#") return find(directory.channels, "name", name) ? `${space}<#${find(directory.channels, "name", name).id}>` : whole;
    const user = find(directory.users, "name", name);
    const group = find(directory.groups, "handle", name);
    if (user) return `${space}<@${user.id}>`;
    return group ? `${space}<!subteam^${group.id}>` : whole;
  });
}

/** Where typed words go, as people call it. */
function placeName() {
  const channel = directory.channels.get(route.channel);
  return channel?.is_dm ? nameOf(bot()) : `#${channel?.name ?? ""}`;
}

const composer = new Composer({
  placeholder: () => `Message ${placeName()}`,
  commands: knownCommands,
  say: (text) => say(text),
  command: (name, text) => runCommand(name, text) && true,
});
const threadComposer = new Composer({
  placeholder: () => "Reply…",
  commands: () => [],
  say: (text) => say(text, route.thread),
  command: null,
  refuseCommand: (name) => note(route.channel, `\`${name}\` is not supported in threads. Sorry!`, route.thread),
});
part("composer").append(composer.node);
part("thread-composer").append(threadComposer.node);

// ---- drawing ----------------------------------------------------------------------------------------------------

function draw() {
  route = readRoute(state.channels);
  const place = `${directory.me}/${route.home ?? route.channel}`;
  const moved = place !== shownPlace;
  shownPlace = place;
  if (moved) {
    mainList.reset();
    document.body.classList.remove("sidebar-open");
    if (route.home) homeOpened();
  }
  drawBanner();
  drawMe();
  if (route.home) drawHome();
  else drawChannel();
  drawThread();
  drawSidebar();
  modals.render((state.views ?? []).filter((view) => !closing.has(view.id)));
  announce();
}

function drawChannel() {
  part("home").hidden = true;
  part("channel").hidden = false;
  const channel = directory.channels.get(route.channel);
  if (!channel) return;
  sync(part("channel-title"), [channelTitle(channel)]);
  drawTabs(part("channel-tabs"), channel.is_dm && "messages");
  const messages = channelMessages(channel);
  mainList.render(messages, { intro: channel.is_dm ? null : channelIntro(channel) });
  composer.moveTo(`${directory.me}/${channel.id}`);
  if (!document.hidden) seen.mark(directory.me, channel.id, messages.at(-1)?.ts);
  revealWanted();
  document.title = `${placeName()} – Bongsu sandbox`;
}

function channelTitle(channel) {
  const name = channel.is_dm ? nameOf(bot()) : channel.name;
  const face = channel.is_dm ? avatar(bot(), bot()?.id, "small") : icon("hash");
  return { key: channel.id, fingerprint: name, build: () => h("span", { class: "title-text" }, face, name) };
}

/** An app has two tabs: its Home, and its direct messages once there are any. */
function drawTabs(node, current) {
  node.hidden = !current;
  if (!current) return;
  const direct = directOf();
  const tab = (name, label, href) => h("a", { class: `tab ${name === current ? "current" : ""}`.trim(), href, "aria-current": name === current ? "page" : null }, label);
  const build = () => h("nav", { "aria-label": "App" }, tab("home", "Home", `#home/${bot()?.id}`), direct && tab("messages", "Messages", `#${direct.id}`));
  sync(node, [{ key: "tabs", fingerprint: JSON.stringify([current, direct?.id]), build }]);
}

function channelIntro(channel) {
  const build = () => h("div", { class: "channel-intro" }, h("h2", {}, icon("hash"), channel.name), h("p", {}, channel.topic || "This is the very beginning of the channel."));
  return { key: "intro", fingerprint: JSON.stringify([channel.name, channel.topic]), build };
}

function revealWanted() {
  if (!wantedMessage) return;
  const ts = wantedMessage;
  wantedMessage = null;
  requestAnimationFrame(() => mainList.reveal(ts));
}

let shownThread = null;

function drawThread() {
  const channel = route.thread && directory.channels.get(route.channel);
  const messages = channel ? threadMessages(channel, route.thread) : [];
  part("thread").hidden = messages.length === 0;
  document.body.classList.toggle("thread-open", messages.length > 0);
  const key = `${directory.me}/${route.channel}/${route.thread}`;
  if (!messages.length) {
    shownThread = null;
    return;
  }
  if (shownThread !== key) threadList.reset();
  part("thread-channel").textContent = placeName();
  const count = messages.length - 1;
  const text = count === 1 ? "1 reply" : `${count} replies`;
  const divider = { key: "count", fingerprint: text, build: () => h("div", { class: "reply-divider" }, h("span", {}, text)) };
  threadList.render(messages, { afterFirst: count ? divider : { ...divider, build: () => h("div", { class: "reply-divider bare" }) } });
  threadComposer.moveTo(key);
  if (shownThread === null && !matchMedia("(max-width: 760px)").matches) threadComposer.box.focus();
  shownThread = key;
}

function drawHome() {
  part("home").hidden = false;
  part("channel").hidden = true;
  const app = directory.users.get(route.home) ?? bot();
  drawTabs(part("home-tabs"), "home");
  part("home-title").replaceChildren(avatar(app, app?.id, "small"), nameOf(app));
  const view = state.home;
  const key = view?.id ?? "empty";
  const ui = [...actions.pending].filter((name) => name.startsWith(`${key}|`));
  const failure = actions.failures.get(key);
  const build = () => (view ? homeView(view, failure) : h("p", { class: "empty" }, `${nameOf(app)} has not put anything here yet.`));
  sync(part("home-view"), [{ key, fingerprint: JSON.stringify([view, ui, failure, directory.me]), build }]);
  document.title = `${nameOf(app)} – Bongsu sandbox`;
}

function homeView(view, failure) {
  const trouble = failure && h("div", { class: "failure", role: "alert" }, icon("warning"), failure);
  return h("div", {}, trouble, renderBlocks(view.blocks, placeAt(view.id, { view_id: view.id }, { held: view.state?.values })));
}

/** Slack tells the app when a person opens its Home. */
async function homeOpened() {
  await send("event", { type: "app_home_opened", user: directory.me, tab: "home" });
  refresh({ fetch: true });
}

function drawBanner() {
  const intro = state.intro;
  part("banner").hidden = !intro || hiddenBanner === intro;
  part("banner-text").replaceChildren(plainText({ text: intro ?? "" }));
}

let hiddenBanner = null;

function drawMe() {
  const me = directory.users.get(directory.me);
  const build = () => h("span", { class: "who" }, avatar(me, me?.id, "tiny"), h("span", { class: "who-name" }, nameOf(me)), icon("caret"));
  sync(part("me"), [{ key: "me", fingerprint: JSON.stringify(me), build }]);
  part("me").setAttribute("aria-label", `You are ${nameOf(me)}. Be somebody else`);
}

function drawSidebar() {
  renderSidebar(part("sidebar-list"), { directory, channels: state.channels, route, unreadOf, directOf });
  const waiting = state.channels.some((channel) => channel.id !== route.channel && unreadOf(channel).count > 0);
  part("open-sidebar").classList.toggle("has-unread", waiting);
}

/** New messages here, read out as Slack does: by their `text`, which is there for this. */
function announce() {
  const channel = directory.channels.get(route.channel);
  if (!channel) return;
  const here = [...allMessages(channel), ...(route.thread ? threadMessages(channel, route.thread) : [])];
  const fresh = here.filter((message) => !told.has(`${directory.me}/${message.ts}`));
  const first = !told.size;
  for (const message of fresh) told.add(`${directory.me}/${message.ts}`);
  const last = fresh.at(-1);
  if (first || !last || last.user === directory.me) return;
  const who = nameOf(directory.users.get(last.user), last.user);
  part("live").textContent = `${last.ephemeral ? "Only visible to you. " : ""}${who}: ${last.text ?? ""}`;
}

// ---- the page's own controls ------------------------------------------------------------------------------------

part("rail-logo").append(flame());
part("close-thread").append(icon("close"));
part("open-sidebar").append(icon("menu"));
part("dismiss-banner").append(icon("close"));

part("me").addEventListener("click", chooseWho);
part("close-thread").addEventListener("click", () => go({ channel: route.channel }));
part("open-sidebar").addEventListener("click", () => document.body.classList.toggle("sidebar-open"));
part("scrim").addEventListener("click", () => document.body.classList.remove("sidebar-open"));
part("dismiss-banner").addEventListener("click", () => {
  hiddenBanner = state.intro;
  drawBanner();
  composer.box.focus();
});

part("sidebar").addEventListener("click", (event) => {
  if (event.target.closest("a")) document.body.classList.remove("sidebar-open");
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  if (document.body.classList.contains("sidebar-open")) document.body.classList.remove("sidebar-open");
  else if (route.thread) go({ channel: route.channel });
});

// A link to a message of this workspace stays in this page.
document.addEventListener("click", (event) => {
  const target = event.target.closest?.("a[href]");
  const permalink = target && readPermalink(target.href);
  if (!permalink || !directory.channels.has(permalink.channel)) return;
  event.preventDefault();
  const isThread = permalink.thread && permalink.thread !== permalink.ts;
  wantedMessage = isThread ? permalink.thread : permalink.ts;
  go({ channel: permalink.channel, thread: isThread ? permalink.thread : null });
  refresh();
});

window.addEventListener("hashchange", () => refresh());
document.addEventListener("visibilitychange", () => refresh());
load();
listen(() => refresh({ fetch: true }), (connected) => showOffline(!connected));
