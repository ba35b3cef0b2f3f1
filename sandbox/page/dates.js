// Slack's date tokens, in the reader's time zone.
// https://docs.slack.dev/messaging/formatting-message-text#date-formatting

const LOCALE = "en-US";
const hour12 = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions().hour12 ?? true;
const DAY = 86_400_000;

const format = (options) => {
  const formatter = new Intl.DateTimeFormat(LOCALE, options);
  return (date) => formatter.format(date);
};

const clock = format({ hour: hour12 ? "numeric" : "2-digit", minute: "2-digit", hourCycle: hour12 ? "h12" : "h23" });
const clockSeconds = format({
  hour: hour12 ? "numeric" : "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: hour12 ? "h12" : "h23",
});
const month = format({ month: "long" });
const monthShort = format({ month: "short" });
const weekday = format({ weekday: "long" });

const two = (number) => String(number).padStart(2, "0");

export function ordinal(day) {
  const tens = day % 100;
  if (tens >= 11 && tens <= 13) return `${day}th`;
  return `${day}${{ 1: "st", 2: "nd", 3: "rd" }[day % 10] ?? "th"}`;
}

const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** "today", "yesterday", "tomorrow" or null. */
function nearDay(date, now) {
  const days = Math.round((midnight(date) - midnight(now)) / DAY);
  return { 0: "today", "-1": "yesterday", 1: "tomorrow" }[days] ?? null;
}

function ago(date, now) {
  const seconds = (now - date) / 1000;
  const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "always" });
  const steps = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3600], ["minute", 60]];
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(-Math.trunc(seconds / size), unit);
  }
  return relative.format(-Math.trunc(seconds), "second");
}

const long = (date) => `${weekday(date)}, ${month(date)} ${ordinal(date.getDate())}, ${date.getFullYear()}`;
const plain = (date) => `${month(date)} ${ordinal(date.getDate())}, ${date.getFullYear()}`;
const short = (date) => `${monthShort(date)} ${date.getDate()}, ${date.getFullYear()}`;

function dayDivider(date, now) {
  const near = nearDay(date, now);
  if (near) return near;
  if (date.getFullYear() !== now.getFullYear()) return long(date);
  return `${weekday(date)}, ${month(date)} ${ordinal(date.getDate())}`;
}

const TOKENS = {
  date_num: (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`,
  date_slash: (date) => `${two(date.getMonth() + 1)}/${two(date.getDate())}/${date.getFullYear()}`,
  date: plain,
  date_short: short,
  date_long: long,
  date_long_full: (date) => `${month(date)} ${date.getDate()}, ${date.getFullYear()}`,
  date_pretty: (date, now) => nearDay(date, now) ?? plain(date),
  date_short_pretty: (date, now) => nearDay(date, now) ?? short(date),
  date_long_pretty: (date, now) => nearDay(date, now) ?? long(date),
  day_divider_pretty: dayDivider,
  time: clock,
  time_secs: clockSeconds,
  ago,
};

/** `{date_short_pretty} at {time}` → "Today at 10:03 AM". Unknown tokens stay as they are. */
export function formatDate(epochSeconds, template, now = new Date()) {
  const date = new Date(epochSeconds * 1000);
  const text = template.replace(/\{(\w+)\}/g, (token, name) =>
    Object.hasOwn(TOKENS, name) ? TOKENS[name](date, now) : token,
  );
  return template.startsWith("{") ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

export const tsDate = (ts) => new Date(Number(ts) * 1000);
export const timeOf = (ts) => clock(tsDate(ts));
export const secondsOf = (ts) => formatDate(Number(ts), "{date_short_pretty} at {time_secs}");
export const dayOf = (ts) => formatDate(Number(ts), "{day_divider_pretty}");
export const shortTime = (ts) => formatDate(Number(ts), "{date_short_pretty} at {time}");
export const dayKey = (ts) => tsDate(ts).toDateString();
