// Block Kit's interactive elements → DOM. Each field can be read back in the shape of Slack's `state.values`.
// https://docs.slack.dev/reference/block-kit/block-elements

import { h, icon, safeUrl } from "./dom.js";
import { plainText, textObject } from "./mrkdwn.js";
import { showMenu } from "./popover.js";

const readers = new WeakMap();

/** The name by which a field or button is found again after a rebuild. */
export const fieldKey = (block, element, part = "") => `${block.block_id ?? ""}|${element.action_id ?? ""}|${part}`;

/** All fields under `root` as Slack's `{block_id: {action_id: {type, …}}}`. */
export function readValues(root) {
  const values = {};
  for (const node of root.querySelectorAll("[data-element]")) {
    const { block, element, read } = readers.get(node);
    (values[block.block_id] ??= {})[element.action_id] = { type: element.type, ...read() };
  }
  return values;
}

/** Draw an element. `place.act(element, block, value)` is called when a person uses it outside an input block. */
export function renderElement(element, block, place) {
  const render = Object.hasOwn(ELEMENTS, element?.type) ? ELEMENTS[element.type] : unknown;
  return render(startingWith(element, place.held?.[block.block_id]?.[element?.action_id]), block, place);
}

/** The element as it starts from what the workspace holds for it: `selected_option` becomes `initial_option`. */
function startingWith(element, held) {
  const started = { ...element };
  for (const [name, value] of Object.entries(held ?? {})) {
    if (name === "value") started.initial_value = value;
    else if (name.startsWith("selected_")) started[name.replace("selected_", "initial_")] = value;
  }
  return started;
}

const unknown = (element) => h("span", { class: "unsupported" }, `[${element?.type ?? "element"} is not drawn in the sandbox]`);

function field(node, element, block, read) {
  node.dataset.element = element.type;
  readers.set(node, { block, element, read });
  return node;
}

const markDirty = (event) => {
  event.currentTarget.dataset.dirty = "";
};

/** Values that Slack sends at once: elements in actions and accessories, and inputs with dispatch_action. */
function dispatches(block) {
  return block.type !== "input" || block.dispatch_action === true;
}

function button(element, block, place) {
  const pending = place.isPending(block, element);
  const style = ["primary", "danger"].includes(element.style) ? element.style : "";
  const href = element.url ? safeUrl(element.url) : null;
  const properties = {
    class: `button ${style} ${pending ? "pending" : ""}`.trim(),
    "aria-label": element.accessibility_label,
    "aria-busy": pending ? "true" : null,
    dataset: { field: fieldKey(block, element, element.value ?? ""), action: element.action_id ?? "" },
    onclick: () => pending || place.act(element, block),
  };
  const label = h("span", { class: "button-label" }, plainText(element.text));
  if (href) return h("a", { ...properties, href, target: "_blank", rel: "noopener noreferrer" }, label);
  return h("button", { ...properties, type: "button" }, label, pending && h("span", { class: "spinner" }));
}

function overflow(element, block, place) {
  const pending = place.isPending(block, element);
  const open = (event) => showMenu(event.currentTarget, element.options.map((option) => overflowItem(option, element, block, place)));
  return h(
    "button",
    {
      type: "button",
      class: `button overflow ${pending ? "pending" : ""}`.trim(),
      "aria-label": "More actions",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      dataset: { field: fieldKey(block, element), action: element.action_id ?? "" },
      onclick: open,
    },
    pending ? h("span", { class: "spinner" }) : icon("more"),
  );
}

function overflowItem(option, element, block, place) {
  const onpick = () => {
    const href = option.url && safeUrl(option.url);
    if (href) window.open(href, "_blank", "noopener");
    place.act(element, block, option.value);
  };
  const description = option.description && plainText(option.description);
  return { label: textObject(option.text, place.directory), description, onpick };
}

// ---- one of several -------------------------------------------------------------------------------------------

const optionsOf = (element) => element.options ?? (element.option_groups ?? []).flatMap((group) => group.options);
const optionText = (option) => plainText(option.text).textContent;

function select(element, block, place, choices, initial, read) {
  const node = h(
    "select",
    {
      class: "select",
      "aria-label": place.label ?? (element.placeholder ? plainText(element.placeholder).textContent : "Choose"),
      dataset: { field: fieldKey(block, element), action: element.action_id ?? "" },
      oninput: markDirty,
    },
    h("option", { value: "" }, element.placeholder ? plainText(element.placeholder).textContent : "Choose an option"),
    choices,
  );
  node.value = initial ?? "";
  if (dispatches(block)) node.addEventListener("change", () => dispatchSelect(node, element, block, place, initial));
  return field(node, element, block, () => read(node.value));
}

async function dispatchSelect(node, element, block, place, initial) {
  const sent = await place.act(element, block, node.value);
  if (sent === false) node.value = initial ?? "";
}

function staticSelect(element, block, place) {
  const choice = (option) => h("option", { value: option.value }, optionText(option));
  const choices = element.option_groups
    ? element.option_groups.map((group) => h("optgroup", { label: plainText(group.label).textContent }, group.options.map(choice)))
    : optionsOf(element).map(choice);
  const read = (value) => ({ selected_option: optionsOf(element).find((option) => option.value === value) ?? null });
  return select(element, block, place, choices, element.initial_option?.value, read);
}

const peopleOf = (place) => [...place.directory.users.values()].filter((user) => !user.is_bot);
const channelsOf = (place) => [...place.directory.channels.values()].filter((channel) => !channel.is_dm);
const personOption = (user) => h("option", { value: user.id }, user.real_name ? `${user.real_name} (${user.name})` : user.name);
const channelOption = (channel) => h("option", { value: channel.id }, `#${channel.name}`);

function usersSelect(element, block, place) {
  const read = (value) => ({ selected_user: value || null });
  return select(element, block, place, peopleOf(place).map(personOption), element.initial_user, read);
}

function channelsSelect(element, block, place) {
  const read = (value) => ({ selected_channel: value || null });
  return select(element, block, place, channelsOf(place).map(channelOption), element.initial_channel, read);
}

function conversationsSelect(element, block, place) {
  const read = (value) => ({ selected_conversation: value || null });
  const choices = [...channelsOf(place).map(channelOption), ...peopleOf(place).map(personOption)];
  return select(element, block, place, choices, element.initial_conversation, read);
}

// ---- typed search, whose options the app provides ---------------------------------------------------------------

const TYPED_AT_LEAST = 3;
const PAUSE_MS = 200;

/** The options of an answer as {value, option} under their groups' labels. */
const groupsOf = (answer) => answer.option_groups ?? [{ label: null, options: answer.options ?? [] }];

function external(element, block, place, { initial, many }) {
  const chosen = new Map(initial.map((option) => [option.value, option]));
  const name = place.label ?? (element.placeholder ? plainText(element.placeholder).textContent : "Search");
  const least = element.min_query_length ?? TYPED_AT_LEAST;
  const list = h("div", { class: "suggestions", role: "listbox", "aria-label": name, hidden: true });
  const chips = h("div", { class: "chips" });
  const input = h("input", {
    type: "search",
    class: "input",
    role: "combobox",
    autocomplete: "off",
    "aria-label": name,
    placeholder: element.placeholder ? plainText(element.placeholder).textContent : "Search",
    dataset: { field: fieldKey(block, element), action: element.action_id ?? "" },
  });
  const drawChips = () => chips.replaceChildren(...[...chosen.values()].map(chip));
  const chip = (option) => {
    const label = `Take away ${optionText(option)}`;
    const away = h("button", { type: "button", class: "chip-away", "aria-label": label, onclick: () => put(option, false) }, "×");
    return h("span", { class: "chip" }, optionText(option), away);
  };
  const put = (option, on) => {
    if (!many && on) chosen.clear();
    if (on) chosen.set(option.value, option);
    else chosen.delete(option.value);
    input.value = "";
    input.dataset.dirty = "";
    list.hidden = true;
    drawChips();
    if (dispatches(block)) place.act(element, block, many ? [...chosen.keys()] : (option && on ? option.value : ""));
  };
  const row = (option) => {
    const about = option.description && h("span", { class: "choice-description" }, plainText(option.description));
    const on = chosen.has(option.value);
    return h(
      "button",
      { type: "button", class: "suggestion", role: "option", "aria-selected": String(on), dataset: { value: option.value }, onclick: () => put(option, true) },
      h("span", { class: "suggestion-text" }, plainText(option.text)),
      about,
    );
  };
  const show = (answer) => {
    const rows = groupsOf(answer).flatMap((group) => [
      group.label && h("div", { class: "suggestions-label" }, plainText(group.label)),
      ...group.options.map(row),
    ]);
    const some = rows.some((node) => node?.role === "option" || node?.classList?.contains("suggestion"));
    list.replaceChildren(...(some ? rows.filter(Boolean) : [h("div", { class: "suggestions-label" }, answer.trouble ?? "No results")]));
    list.hidden = false;
  };
  let asked = 0;
  const ask = async () => {
    const mine = ++asked;
    const query = input.value;
    if (query.length < least) {
      list.hidden = true;
      return;
    }
    const answer = await place.suggest(element, block, query);
    if (mine === asked) show(answer);
  };
  let waiting;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE_MS);
  });
  input.addEventListener("focus", ask);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
    if (event.key === "ArrowDown") list.querySelector("button")?.focus();
  });
  drawChips();
  const node = h("div", { class: "external-select" }, chips, input, list);
  const read = () => (many ? { selected_options: [...chosen.values()] } : { selected_option: [...chosen.values()][0] ?? null });
  return field(node, element, block, read);
}

const externalSelect = (element, block, place) =>
  external(element, block, place, { initial: [element.initial_option].filter(Boolean), many: false });
const multiExternalSelect = (element, block, place) =>
  external(element, block, place, { initial: element.initial_options ?? [], many: true });

// ---- choices shown all at once ----------------------------------------------------------------------------------

/** A list of boxes or radios. `choices`: {value, label: Node, description?: Node, on}. */
function choiceList(kind, element, block, place, choices, read) {
  const group = `choice-${crypto.randomUUID()}`;
  const chosen = () => [...node.querySelectorAll("input:checked")].map((input) => input.value);
  const rows = choices.map((choice) => {
    const input = h("input", {
      type: kind,
      name: group,
      value: choice.value,
      checked: choice.on,
      dataset: { field: fieldKey(block, element, choice.value) },
      // A radio that loses its mark gets no event: all of the group count as touched.
      oninput: () => node.querySelectorAll("input").forEach((other) => (other.dataset.dirty = "")),
    });
    const description = choice.description && h("span", { class: "choice-description" }, choice.description);
    return h("label", { class: "choice" }, input, h("span", { class: "choice-text" }, choice.label, description));
  });
  const node = h(
    "div",
    { class: "choices", role: kind === "radio" ? "radiogroup" : "group", "aria-label": place.label, dataset: { action: element.action_id ?? "" } },
    rows,
  );
  if (dispatches(block)) node.addEventListener("change", () => place.act(element, block, kind === "radio" ? chosen()[0] : chosen()));
  return field(node, element, block, () => read(chosen()));
}

const optionChoice = (place, initial) => (option) => ({
  value: option.value,
  label: textObject(option.text, place.directory),
  description: option.description && textObject(option.description, place.directory),
  on: initial.some((other) => other?.value === option.value),
});

const selectedOptions = (element) => (values) => ({
  selected_options: optionsOf(element).filter((option) => values.includes(option.value)),
});

function checkboxes(element, block, place) {
  const choices = element.options.map(optionChoice(place, element.initial_options ?? []));
  return choiceList("checkbox", element, block, place, choices, selectedOptions(element));
}

function radioButtons(element, block, place) {
  const choices = element.options.map(optionChoice(place, [element.initial_option]));
  const read = ([value]) => ({ selected_option: element.options.find((option) => option.value === value) ?? null });
  return choiceList("radio", element, block, place, choices, read);
}

const boxed = (node) => {
  node.classList.add("boxed");
  return node;
};

function multiStaticSelect(element, block, place) {
  const choices = optionsOf(element).map(optionChoice(place, element.initial_options ?? []));
  return boxed(choiceList("checkbox", element, block, place, choices, selectedOptions(element)));
}

const idChoice = (label, initial) => (thing) => ({ value: thing.id, label: label(thing), on: initial.includes(thing.id) });

function multiUsersSelect(element, block, place) {
  const choices = peopleOf(place).map(idChoice((user) => user.real_name ?? user.name, element.initial_users ?? []));
  return boxed(choiceList("checkbox", element, block, place, choices, (ids) => ({ selected_users: ids })));
}

function multiChannelsSelect(element, block, place) {
  const choices = channelsOf(place).map(idChoice((channel) => `#${channel.name}`, element.initial_channels ?? []));
  return boxed(choiceList("checkbox", element, block, place, choices, (ids) => ({ selected_channels: ids })));
}

function multiConversationsSelect(element, block, place) {
  const choices = channelsOf(place).map(idChoice((channel) => `#${channel.name}`, element.initial_conversations ?? []));
  return boxed(choiceList("checkbox", element, block, place, choices, (ids) => ({ selected_conversations: ids })));
}

// ---- things to type ----------------------------------------------------------------------------------------------

function typed(tag, type, initial, read) {
  return (element, block, place) => {
    const node = h(tag(element), {
      class: "text-input",
      type: type || null,
      rows: tag(element) === "textarea" ? "4" : null,
      placeholder: element.placeholder ? plainText(element.placeholder).textContent : null,
      maxlength: element.max_length,
      autocomplete: "off",
      "aria-label": place.label,
      dataset: { field: fieldKey(block, element), action: element.action_id ?? "" },
      oninput: markDirty,
      onkeydown: (event) => {
        // Enter in one line of text neither submits a page nor adds a line.
        if (event.key === "Enter" && event.currentTarget.tagName === "INPUT") event.preventDefault();
      },
    });
    node.value = initial(element) ?? "";
    if (dispatches(block)) node.addEventListener("change", () => place.act(element, block, Object.values(read(node.value))[0]));
    return field(node, element, block, () => read(node.value));
  };
}

const always = (tag) => () => tag;
const asValue = (value) => ({ value: value === "" ? null : value });
const initialValue = (element) => element.initial_value;
const lineOrArea = (element) => (element.multiline ? "textarea" : "input");
const localMinute = (epoch) => {
  const at = new Date(epoch * 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

const ELEMENTS = {
  button,
  workflow_button: button,
  overflow,
  static_select: staticSelect,
  external_select: externalSelect,
  multi_external_select: multiExternalSelect,
  users_select: usersSelect,
  channels_select: channelsSelect,
  conversations_select: conversationsSelect,
  checkboxes,
  radio_buttons: radioButtons,
  multi_static_select: multiStaticSelect,
  multi_users_select: multiUsersSelect,
  multi_channels_select: multiChannelsSelect,
  multi_conversations_select: multiConversationsSelect,
  plain_text_input: typed(lineOrArea, "", initialValue, asValue),
  email_text_input: typed(always("input"), "email", initialValue, asValue),
  url_text_input: typed(always("input"), "url", initialValue, asValue),
  number_input: typed(always("input"), "number", initialValue, asValue),
  datepicker: typed(always("input"), "date", (e) => e.initial_date, (value) => ({ selected_date: value || null })),
  timepicker: typed(always("input"), "time", (e) => e.initial_time, (value) => ({ selected_time: value || null })),
  datetimepicker: typed(
    always("input"),
    "datetime-local",
    (e) => e.initial_date_time && localMinute(e.initial_date_time),
    (value) => ({ selected_date_time: value ? Math.floor(new Date(value).getTime() / 1000) : null }),
  ),
};
