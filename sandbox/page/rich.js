// rich_text, table and markdown blocks → DOM.

import { h, link } from "./dom.js";
import { emojiOf } from "./emoji.js";
import { broadcast, channelMention, characters, dateNode, groupMention, mrkdwn, plainText, userMention } from "./mrkdwn.js";

/** https://docs.slack.dev/reference/block-kit/blocks/rich-text-block */
export function richText(block, directory) {
  return h("div", { class: "rich-text" }, (block.elements ?? []).map((part) => richPart(part, directory)));
}

function richPart(part, directory) {
  const inner = () => (part.elements ?? []).map((element) => richElement(element, directory));
  switch (part.type) {
    case "rich_text_list":
      return richList(part, directory);
    case "rich_text_preformatted":
      return h("pre", {}, inner());
    case "rich_text_quote":
      return h("blockquote", {}, inner());
    default:
      return h("div", { class: "rich-section" }, inner());
  }
}

function richList(part, directory) {
  const list = h(part.style === "ordered" ? "ol" : "ul", {}, (part.elements ?? []).map((item) => h("li", {}, richPart(item, directory))));
  if (part.offset && part.style === "ordered") list.start = part.offset + 1;
  list.style.marginLeft = `${Math.min(Number(part.indent) || 0, 8) * 24}px`;
  return list;
}

const RICH = {
  text: (element) => characters(String(element.text ?? "")),
  link: (element) => link(element.url, element.text || element.url),
  user: (element, directory) => userMention(element.user_id, null, directory),
  usergroup: (element, directory) => groupMention(element.usergroup_id, null, directory),
  channel: (element, directory) => channelMention(element.channel_id, null, directory),
  broadcast: (element) => broadcast(element.range),
  emoji: (element) => h("span", { class: "emoji" }, emojiOf(element.name) ?? `:${element.name}:`),
  date: (element) => dateNode(Number(element.timestamp), element.format ?? "{date_short}", element.url, element.fallback),
  color: (element) => h("code", {}, element.value),
};

function richElement(element, directory) {
  const render = Object.hasOwn(RICH, element.type) ? RICH[element.type] : () => "";
  const style = element.style ?? {};
  const wraps = [["code", style.code], ["s", style.strike], ["em", style.italic], ["strong", style.bold]];
  return wraps.reduce((node, [tag, on]) => (on ? h(tag, {}, node) : node), render(element, directory));
}

/** https://docs.slack.dev/reference/block-kit/blocks/table-block: the first row is the heading. */
export function table(block, directory) {
  const settings = block.column_settings ?? [];
  const row = (cells, tag) => h("tr", {}, cells.map((cell, column) => tableCell(cell, tag, settings[column], directory)));
  const [head, ...body] = block.rows ?? [];
  return h(
    "div",
    { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "Table" },
    h("table", {}, head && h("thead", {}, row(head, "th")), h("tbody", {}, body.map((cells) => row(cells, "td")))),
  );
}

function tableCell(cell, tag, setting, directory) {
  const content = cell?.type === "rich_text" ? richText(cell, directory) : plainText({ text: cell?.text ?? "" });
  const node = h(tag, {}, content);
  if (["left", "center", "right"].includes(setting?.align)) node.style.textAlign = setting.align;
  if (setting?.is_wrapped) node.classList.add("wrapped");
  return node;
}

/** The markdown block: a light reading of headings, lists and styles, by way of mrkdwn. */
export function markdown(block, directory) {
  const node = h("div", { class: "markdown" });
  const parts = String(block.text ?? "").split(/^```[^\n]*\n([\s\S]*?)^```$/m);
  parts.forEach((part, index) => {
    if (index % 2) node.append(h("pre", {}, part.replace(/\n$/, "")));
    else for (const line of part.split("\n")) node.append(markdownLine(line, directory));
  });
  return node;
}

function markdownLine(line, directory) {
  const heading = /^(#{1,6}) +(.*)$/.exec(line);
  if (heading) return h("div", { class: "markdown-heading" }, inlineMarkdown(heading[2], directory));
  const bullet = /^(\s*)[-*+] +(.*)$/.exec(line);
  if (bullet) return h("div", { class: "markdown-line" }, "• ", inlineMarkdown(bullet[2], directory));
  return h("div", { class: "markdown-line" }, inlineMarkdown(line, directory));
}

const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

function inlineMarkdown(line, directory) {
  const quote = /^> ?/.test(line) ? "&gt;" : "";
  const text = escaped(line.replace(/^> ?/, ""))
    .replace(/\[([^\]\n]+)\]\((https?:[^\s)]+)\)/g, "<$2|$1>")
    .replace(/(^|\W)\*(?!\*)([^*\n]+)\*(?!\*)/g, "$1_$2_")
    .replace(/\*\*([^*\n]+)\*\*/g, "*$1*")
    .replace(/~~([^~\n]+)~~/g, "~$1~");
  return mrkdwn(quote + text, directory);
}
