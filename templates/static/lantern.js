// Small conveniences on pages that work without them.
"use strict";

// A form is sent once, however often its button is pressed.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
  });
}
// Coming back by the back button, the form can be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
  }
});

// What went wrong is where the reader is.
document.getElementById("summary")?.focus();

// The time zone starts with the browser's own.
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const select of document.querySelectorAll("select[data-own-zone]")) {
  for (const option of select.options) if (option.value === ownZone) select.value = ownZone;
}

// A deadline counts down by minutes, in its last minute by seconds. It is read
// out when the page is opened and at ten, five and one minutes.
const deadline = document.querySelector("time[data-countdown]");
if (deadline) {
  const shown = document.querySelector("[data-countdown-text]");
  const said = document.querySelector("[data-countdown-said]");
  // The demonstration's clock is ahead of the browser's.
  const end = Date.parse(deadline.dateTime) - Number(document.documentElement.dataset.ahead ?? 0);
  const inWords = (n, unit) => `${n} ${unit}${n === 1 ? "" : "s"} left`;
  const left = (seconds) => {
    if (seconds === 0) return "The time has ended.";
    if (seconds < 60) return inWords(seconds, "second");
    if (seconds < 7200) return inWords(Math.floor(seconds / 60), "minute");
    return inWords(Math.floor(seconds / 3600), "hour");
  };
  const show = () => {
    const seconds = Math.max(0, Math.round((end - Date.now()) / 1000));
    shown.textContent = left(seconds);
    if (!said.textContent || [600, 300, 60, 0].includes(seconds)) said.textContent = shown.textContent;
    if (seconds > 0) setTimeout(show, seconds <= 60 ? 1000 : (seconds % 60 || 60) * 1000);
  };
  show();
}

// A page that others change shows it without being loaded anew. Only what has
// changed is put in place: focus, selection, and what is scrolled or open stay.
// While it cannot renew itself it says so, and since when.
const renew = (old, fresh) => {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeName !== fresh.nodeName) { old.replaceWith(document.importNode(fresh, true)); return; }
  if (old.nodeType !== Node.ELEMENT_NODE) { old.nodeValue = fresh.nodeValue; return; }
  for (const { name } of [...old.attributes]) if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  // Rows and sections are the same if they are about the same.
  const about = (node) => node.id || node.getAttribute?.("aria-labelledby") || node.nodeName;
  const stays = new Set([...fresh.childNodes].map(about));
  for (const child of [...old.childNodes]) if (!stays.has(about(child))) child.remove();
  let at = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    let same = at;
    while (same && about(same) !== about(child)) same = same.nextSibling;
    if (!same) { old.insertBefore(document.importNode(child, true), at); continue; }
    if (same === at) at = at.nextSibling;
    else old.insertBefore(same, at);
    renew(same, child);
  }
  while (at) { const next = at.nextSibling; at.remove(); at = next; }
};

const live = document.querySelector("[data-live]");
if (live) {
  const pause = Number(live.dataset.live) * 1000;
  const at = document.querySelector("[data-live-at]");
  const trouble = document.querySelector("[data-live-trouble]");
  const link = (text, href) => Object.assign(document.createElement("a"), { textContent: text, href });
  const say = (...words) => {
    const text = [`Not renewed since ${at.textContent}. `, ...words];
    const said = text.map((part) => part.textContent ?? part).join("");
    if (trouble.textContent !== said) trouble.replaceChildren(...text);
  };
  // What the page asks by itself is marked, since it is no use of the session.
  const ask = async () => {
    const answer = await fetch(location.href, {
      headers: { Accept: "text/html", "Lantern-Poll": "1" }, redirect: "manual", signal: AbortSignal.timeout(pause),
    });
    if (answer.type === "opaqueredirect") return say(link("Sign in again", "/signin?next=" + encodeURIComponent(location.pathname + location.search)));
    if (answer.status >= 500) return say("The service does not answer; this page tries again.");
    const page = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
    const fresh = page.getElementById(live.id);
    if (!fresh) return say(link("Load the page again", location.href));
    const focused = live.contains(document.activeElement) ? document.activeElement : null;
    renew(live, fresh);
    if (focused && document.activeElement !== focused) {
      (focused.isConnected ? focused : focused.id && document.getElementById(focused.id))?.focus({ preventScroll: true });
    }
    at.textContent = page.querySelector("[data-live-at]").textContent;
    trouble.replaceChildren();
  };
  let next;
  const refresh = async () => {
    clearTimeout(next);
    try {
      if (!document.hidden) await ask();
    } catch {
      say("Check the connection; this page tries again.");
    } finally {
      clearTimeout(next);
      next = setTimeout(refresh, pause);
    }
  };
  next = setTimeout(refresh, pause);
  // Who comes back to the page need not wait.
  document.addEventListener("visibilitychange", refresh);
}
