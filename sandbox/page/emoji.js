// Shortcodes that incident tools use. Others stay as text, as Slack shows an emoji that it does not know.

const SHORTCODES = {
  fire: "🔥", red_circle: "🔴", large_orange_circle: "🟠", large_yellow_circle: "🟡", large_green_circle: "🟢",
  large_blue_circle: "🔵", large_purple_circle: "🟣", white_circle: "⚪", black_circle: "⚫",
  large_red_square: "🟥", large_orange_square: "🟧", large_yellow_square: "🟨", large_green_square: "🟩",
  white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️", x: "❌", no_entry: "⛔",
  no_entry_sign: "🚫", octagonal_sign: "🛑", mute: "🔇", speaker: "🔈", loud_sound: "🔊", zzz: "💤", link: "🔗",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️", alarm_clock: "⏰", clock3: "🕒", warning: "⚠️",
  raised_hand: "✋", hand: "✋", question: "❓", grey_question: "❔", exclamation: "❗", bell: "🔔", no_bell: "🔕",
  rotating_light: "🚨", siren: "🚨", eyes: "👀", memo: "📝", pencil: "📝", pencil2: "✏️", pushpin: "📌",
  bookmark_tabs: "📑", chart_with_upwards_trend: "📈", chart_with_downwards_trend: "📉", bar_chart: "📊",
  wrench: "🔧", hammer_and_wrench: "🛠️", gear: "⚙️", construction: "🚧", test_tube: "🧪", bulb: "💡", book: "📖",
  books: "📚", mag: "🔍", telephone_receiver: "📞", pager: "📟", phone: "☎️", calendar: "📆", date: "📅",
  busts_in_silhouette: "👥", bust_in_silhouette: "👤", wave: "👋", point_right: "👉", arrow_right: "➡️",
  arrow_up: "⬆️", arrow_down: "⬇️", arrows_counterclockwise: "🔄", repeat: "🔁", twisted_rightwards_arrows: "🔀",
  leftwards_arrow_with_hook: "↩️", tada: "🎉", thumbsup: "👍", "+1": "👍", thumbsdown: "👎", "-1": "👎", heart: "❤️",
  heavy_plus_sign: "➕", ghost: "👻", robot_face: "🤖", information_source: "ℹ️", lock: "🔒", key: "🔑",
  speech_balloon: "💬", globe_with_meridians: "🌐", ocean: "🌊", snowflake: "❄️", star: "⭐", sparkles: "✨",
  boom: "💥", bomb: "💣", bug: "🐛", skull: "💀", see_no_evil: "🙈", rocket: "🚀", package: "📦", inbox_tray: "📥",
  outbox_tray: "📤", see: "👁️", blue_book: "📘", page_facing_up: "📄", clipboard: "📋", wastebasket: "🗑️",
};

/** The character of a shortcode, or null. */
export function emojiOf(name) {
  return Object.hasOwn(SHORTCODES, name) ? SHORTCODES[name] : null;
}

/** Characters that a font draws as an emoji: a text split on this keeps them at the odd places. */
export const EMOJI_RUN = /(\p{RGI_Emoji})/v;
