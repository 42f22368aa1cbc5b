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
  const end = Date.parse(deadline.dateTime);
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

// A page that others change shows it without being loaded anew: what has
// changed is put in place, and the reader's place and focus stay.
const live = document.querySelector("[data-live]");
if (live) {
  const pause = Number(live.dataset.live) * 1000;
  let shown = live.innerHTML;
  const refresh = async () => {
    try {
      if (document.hidden) return;
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(live.id);
      if (!fresh || fresh.innerHTML === shown) return;
      const open = [...live.querySelectorAll("[tabindex='0']")].map((room) => [room.scrollLeft, room.scrollTop]);
      const focused = live.contains(document.activeElement) ? document.activeElement : null;
      const place = focused && (focused.id ? `#${CSS.escape(focused.id)}` : focused.href && `a[href="${CSS.escape(focused.getAttribute("href"))}"]`);
      shown = fresh.innerHTML;
      live.replaceChildren(...document.importNode(fresh, true).childNodes);
      live.querySelectorAll("[tabindex='0']").forEach((room, i) => { if (open[i]) [room.scrollLeft, room.scrollTop] = open[i]; });
      if (place) live.querySelector(place)?.focus({ preventScroll: true });
    } catch {
      // Without a connection the page stays as it is.
    } finally {
      setTimeout(refresh, pause);
    }
  };
  setTimeout(refresh, pause);
}
