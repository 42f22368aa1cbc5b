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
    // What was waited for has come, and brings forms that need their scripts.
    if (!fresh && answer.ok && "liveReload" in live.dataset) return location.reload();
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

// A text is handed to another program, or copied.
for (const button of document.querySelectorAll("button[data-share]")) {
  if (!navigator.share && !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.share).textContent;
    try {
      if (navigator.share) await navigator.share({ text });
      else { await navigator.clipboard.writeText(text); button.textContent = "Copied"; }
    } catch { /* the reader has changed their mind */ }
  });
}

// What is pressed at the door is kept in the page while the network is away, and
// sent when it is back. Its key makes sending it twice harmless.
const doors = [...document.querySelectorAll("form[data-keep]")];
if (doors.length) {
  const store = "lantern-door:" + location.pathname;
  const read = () => JSON.parse(sessionStorage.getItem(store) ?? "[]");
  const write = (kept) => sessionStorage.setItem(store, JSON.stringify(kept));
  const all = document.querySelector("[data-keep-all]");
  const say = (kept, text) => {
    const form = doors.find((f) => f.elements.booking.value === kept.booking);
    if (!form) return;
    form.querySelector("[data-keep-said]").textContent = text;
    for (const button of form.querySelectorAll("button")) button.disabled = true;
  };
  const show = () => {
    const kept = read();
    for (const one of kept) say(one, `Not sent yet, pressed at ${one.clock}. It is sent by itself; please leave this page open.`);
    all.textContent = kept.length ? `${kept.length} not sent yet` : "";
  };
  let sending = false;
  const send = async () => {
    if (sending) return;
    sending = true;
    let sent = 0;
    try {
      for (const one of read()) {
        const answer = await fetch(location.pathname, {
          method: "POST", body: new URLSearchParams(one.fields), redirect: "manual",
          headers: { "Lantern-Keep": "1" }, signal: AbortSignal.timeout(10000),
        });
        if (answer.type === "opaqueredirect") { all.textContent = "Please sign in again in another tab: what was pressed here is kept until then."; return; }
        if (answer.status >= 500) return;
        write(read().filter((other) => other.fields.key !== one.fields.key));
        sent++;
        if (!answer.ok) { sessionStorage.setItem(store + ":no", await answer.text()); break; }
      }
    } catch { /* away: tried again below */
    } finally { sending = false; }
    if (sent) location.reload();
  };
  for (const form of doors) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const fields = Object.fromEntries(new FormData(form));
      fields.at = new Date().toISOString();
      if (read().some((one) => one.fields.key === fields.key)) return;
      write([...read(), { booking: fields.booking, fields, clock: new Date().toLocaleTimeString([], { hour: "numeric", minute: "2-digit" }) }]);
      show();
      send();
    });
  }
  const no = sessionStorage.getItem(store + ":no");
  if (no) { all.textContent = no; sessionStorage.removeItem(store + ":no"); }
  if (read().length) { show(); send(); }
  addEventListener("online", send);
  setInterval(() => { if (read().length) send(); }, 5000);
}

// What comes of words is shown while they are written.
const words = document.querySelector("form[data-preview]");
if (words) {
  let wait, asked = 0;
  const show = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch(words.dataset.preview, {
        method: "POST", body: new URLSearchParams(new FormData(words)), redirect: "manual", signal: AbortSignal.timeout(10000),
      });
      const page = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
      const fresh = page.getElementById("preview");
      if (fresh && mine === asked) renew(document.getElementById("preview"), fresh);
    } catch { /* the button shows it, or why it cannot be shown */ }
  };
  words.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(show, 600); });
}
