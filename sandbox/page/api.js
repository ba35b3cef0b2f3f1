// Talking to the sandbox's server. Addresses are relative to this file: the page may be mounted anywhere.

const address = (path) => new URL(path, import.meta.url);

/** What a person sees: channels, open modals, App Home. Throws when the sandbox does not answer. */
export async function fetchState(user) {
  const url = address("_control/state");
  url.searchParams.set("user", user);
  const response = await fetch(url, { cache: "no-store" });
  if (!response.ok) throw new Error(`state: HTTP ${response.status}`);
  return response.json();
}

/**
 * Send one control call. Answers {ok, missing, status, error, body}: `status` is what the app answered (0 = nothing),
 * `missing` says that the sandbox has no such call, `error` is the sandbox's own complaint.
 */
export async function send(call, payload) {
  let response;
  try {
    response = await fetch(address(`_control/${call}`), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(payload),
    });
  } catch {
    return { ok: false, missing: false, status: 0, error: "The sandbox does not answer.", body: null };
  }
  const answer = await jsonOrNull(response);
  if (!response.ok) return refused(response, answer);
  const status = answer?.status ?? 200;
  return { ok: status === 200, missing: false, status, error: null, body: parsedBody(answer?.body), ackError: answer?.ack_error ?? null };
}

function refused(response, answer) {
  const missing = response.status === 405 || (response.status === 404 && (answer === null || "calls" in answer));
  const error = answer?.error ?? `The sandbox answered HTTP ${response.status}.`;
  return { ok: false, missing, status: response.status, error: String(error), body: answer };
}

async function jsonOrNull(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

function parsedBody(body) {
  if (typeof body !== "string") return body ?? null;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/** Call `onChange` after every change in the workspace, and `onLink(connected)` when the line drops or comes back. */
export function listen(onChange, onLink) {
  const source = new EventSource(address("_control/stream"));
  source.addEventListener("open", () => {
    onLink(true);
    onChange();
  });
  source.addEventListener("message", onChange);
  source.addEventListener("error", () => onLink(false));
  return source;
}
