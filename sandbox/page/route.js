// The address after the #: `#C…` a channel, `#C…/ts` its thread, `#home/U…` an app's Home.

export function readRoute(channels) {
  const [first, second] = decodeURIComponent(location.hash.slice(1)).split("/");
  if (first === "home" && second) return { home: second, channel: null, thread: null };
  const known = channels.find((channel) => channel.id === first || (channel.name === first && !channel.is_dm));
  return { home: null, channel: known?.id ?? channels[0]?.id ?? null, thread: (known && second) || null };
}

export function go({ channel, thread }) {
  location.hash = thread ? `${channel}/${thread}` : channel;
}

/** `…/archives/C…/p1700000000000100` → {channel, ts, thread}, else null. */
export function readPermalink(address) {
  const match = /\/archives\/([A-Z0-9]+)\/p(\d{10,})(\d{6})/.exec(address);
  if (!match) return null;
  const thread = /[?&]thread_ts=(\d+\.\d+)/.exec(address)?.[1] ?? null;
  return { channel: match[1], ts: `${match[2]}.${match[3]}`, thread };
}
