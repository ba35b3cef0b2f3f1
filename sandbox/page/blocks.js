// Block Kit's layout blocks and attachments → DOM.
// https://docs.slack.dev/reference/block-kit/blocks

import { shortTime } from "./dates.js";
import { h, link, safeUrl } from "./dom.js";
import { fieldKey, renderElement } from "./elements.js";
import { mrkdwn, plainText, textObject } from "./mrkdwn.js";
import { markdown, richText, table } from "./rich.js";

/**
 * Draw blocks. `place` says where they stand and what using them does:
 * {directory, act(element, block, value), isPending(block, element), errors?: {block_id: text}, expanded: Set, key}.
 */
export function renderBlocks(blocks, place) {
  return h("div", { class: "blocks" }, (blocks ?? []).map((block, index) => renderBlock(block, place, index)));
}

function renderBlock(block, place, index) {
  const render = Object.hasOwn(BLOCKS, block?.type) ? BLOCKS[block.type] : unknown;
  const node = render(block, place, index);
  node.classList.add("block");
  if (block?.block_id) node.dataset.block = block.block_id;
  return node;
}

const unknown = (block) => h("div", { class: "unsupported" }, `[${block?.type ?? "block"} is not drawn in the sandbox]`);

const BLOCKS = {
  header: (block) => h("h3", { class: "block-header" }, plainText(block.text)),
  divider: () => h("hr", { class: "block-divider" }),
  section,
  context: (block, place) => h("div", { class: "block-context" }, (block.elements ?? []).map((element) => contextPart(element, place))),
  actions: (block, place) => h("div", { class: "block-actions" }, (block.elements ?? []).map((element) => renderElement(element, block, place))),
  image: (block, place) => figure(block, place),
  rich_text: (block, place) => richText(block, place.directory),
  table: (block, place) => table(block, place.directory),
  markdown: (block, place) => markdown(block, place.directory),
  input,
};

function section(block, place, index) {
  const text = block.text && longText(block, place, index);
  const fields = block.fields?.length && h("div", { class: "fields" }, block.fields.map((item) => h("div", { class: "field text" }, textObject(item, place.directory))));
  const accessory = block.accessory && h("div", { class: "accessory" }, accessoryNode(block, place));
  return h("div", { class: "block-section" }, h("div", { class: "section-main" }, text, fields), accessory);
}

function accessoryNode(block, place) {
  if (block.accessory.type === "image") return picture(block.accessory);
  return renderElement(block.accessory, block, place);
}

const LONG = 700; // about where Slack folds a text away

function longText(block, place, index) {
  const node = h("div", { class: "text" }, textObject(block.text, place.directory));
  if (block.expand || String(block.text.text).length <= LONG) return node;
  const key = `${place.key}/${index}`;
  const toggle = h("button", { type: "button", class: "link-button", dataset: { field: `more-${index}` } });
  const show = () => {
    const open = place.expanded.has(key);
    node.classList.toggle("folded", !open);
    toggle.textContent = open ? "Show less" : "Show more";
    toggle.setAttribute("aria-expanded", String(open));
  };
  toggle.addEventListener("click", () => {
    if (!place.expanded.delete(key)) place.expanded.add(key);
    show();
  });
  show();
  return [node, toggle];
}

function contextPart(element, place) {
  if (element.type === "image") return picture(element);
  return h("span", { class: "text" }, textObject(element, place.directory));
}

function picture(element) {
  const source = safeUrl(element.image_url);
  if (!source) return h("span", { class: "unsupported" }, `[${element.alt_text ?? "image"}]`);
  return h("img", { src: source, alt: element.alt_text ?? "", loading: "lazy", referrerpolicy: "no-referrer" });
}

function figure(block) {
  return h("figure", { class: "block-image" }, block.title && h("figcaption", {}, plainText(block.title)), picture(block));
}

function input(block, place) {
  const label = plainText(block.label).textContent;
  const error = place.errors?.[block.block_id];
  const element = renderElement(block.element, block, { ...place, label });
  const id = `field-${crypto.randomUUID()}`;
  if (["INPUT", "TEXTAREA", "SELECT"].includes(element.tagName)) element.id = id;
  if (error) {
    element.setAttribute("aria-invalid", "true");
    element.setAttribute("aria-describedby", `${id}-error`);
  }
  return h(
    "div",
    { class: `block-input ${error ? "has-error" : ""}`.trim(), dataset: { inputFor: fieldKey(block, block.element) } },
    h("label", { for: id, class: "input-label" }, plainText(block.label), block.optional && h("span", { class: "optional" }, " (optional)")),
    element,
    error && h("p", { class: "input-error", id: `${id}-error`, role: "alert" }, error),
    block.hint && h("p", { class: "hint" }, plainText(block.hint)),
  );
}

const NAMED_COLOURS = { good: "#2eb67d", warning: "#ecb22e", danger: "#e01e5a" };

/** A colour as Slack accepts it: good, warning, danger or a hex number with or without its #. */
function colour(value) {
  if (Object.hasOwn(NAMED_COLOURS, value)) return NAMED_COLOURS[value];
  const hex = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/i.exec(String(value ?? ""));
  return hex ? `#${hex[1]}` : "#dddddd";
}

export function renderAttachment(attachment, place) {
  const bar = h("div", { class: "attachment-bar" });
  bar.style.background = colour(attachment.color);
  const content = attachment.blocks?.length ? renderBlocks(attachment.blocks, place) : legacyAttachment(attachment, place);
  const pretext = attachment.pretext && h("div", { class: "text" }, mrkdwn(attachment.pretext, place.directory));
  return [pretext, h("div", { class: "attachment" }, bar, h("div", { class: "attachment-body" }, content))];
}

function legacyAttachment(attachment, place) {
  const text = (value) => value && h("div", { class: "text" }, mrkdwn(value, place.directory));
  const title = attachment.title && h("div", { class: "attachment-title" }, titleOf(attachment));
  const fields = (attachment.fields ?? []).map((item) =>
    h("div", { class: "field text" }, h("strong", {}, String(item.title ?? "")), "\n", mrkdwn(item.value, place.directory)),
  );
  const footer = [attachment.footer, attachment.ts && shortTime(attachment.ts)].filter(Boolean).join(" | ");
  const body = [title, text(attachment.text), fields.length && h("div", { class: "fields" }, fields)];
  const bare = !attachment.title && !attachment.text && !fields.length;
  return [body, bare && text(attachment.fallback), footer && h("div", { class: "block-context" }, footer)];
}

function titleOf(attachment) {
  const title = plainText({ text: attachment.title });
  return attachment.title_link ? link(attachment.title_link, title) : title;
}
