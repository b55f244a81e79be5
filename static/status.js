/**
 * On every page: whether the numbers are live, until when they hold, the theme, and what changed.
 * Runs before the body is there, so that the first paint has the right theme.
 */
{
  /** Without a heartbeat for longer, the numbers are stale; the server sends one each second. */
  const silenceMsMax = 7_000;
  /** Cells that change together and still flash one by one; more would be a flicker. */
  const flashesMax = 40;
  /**
   * A cell flashes only after it has rested: what always changes needs no hint, and animations that
   * never end would keep the browser painting, sixty times a second instead of ten.
   */
  const restMs = 2_000;
  const names = {
    connecting: "Connecting",
    restoring: "Catching up",
    live: "Live",
    stale: "Stale",
    behind: "Stale",
    reconnecting: "Reconnecting",
    offline: "Offline",
  };

  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
  const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

  /** @type {keyof typeof names} */
  let state = "connecting";
  /** Until when the numbers hold, epoch milliseconds. @type {number | null} */
  let asOf = null;
  let beatAt = performance.now();
  /** In the totals when they last came. @type {bigint | null} */
  let sales = null;
  let isNewStream = true;

  /** @param {string} id */
  const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

  /** @param {number} time */
  function timeText(time) {
    const date = new Date(time);
    const isToday = date.toDateString() === new Date().toDateString();
    return isToday ? clock.format(date) : `${calendar.format(date)} ${clock.format(date)}`;
  }

  function show() {
    const pill = element("state");
    // A page that was just opened is about to be live; one that has shown numbers is not.
    const isOld = state !== "live" && (state !== "connecting" || sales !== null);
    const since = isOld && asOf !== null ? `, as of ${timeText(asOf)}` : "";
    const text = names[state] + since;
    // It is announced by screen readers: only when it changes.
    if (pill.textContent !== text) pill.textContent = text;
    pill.dataset.state = state;
    document.documentElement.classList.toggle("not-live", since !== "");
    if (asOf === null) return;
    const time = /** @type {HTMLTimeElement} */ (element("asof"));
    time.dateTime = new Date(asOf).toISOString();
    time.textContent = `${timeText(asOf)} ${zone}`;
  }

  /** @param {keyof typeof names} next */
  function enter(next) {
    state = navigator.onLine ? next : "offline";
    show();
  }

  /**
   * A server says itself when its totals go down; but one that was started after a restore knows
   * nothing of what this page has shown.
   * @param {bigint} next
   */
  function compare(next) {
    if (isNewStream && sales !== null && next < sales) {
      const time = Object.assign(document.createElement("time"), {
        dateTime: new Date().toISOString(),
      });
      const line = Object.assign(document.createElement("p"), { className: "notice" });
      line.append("Totals went down while this page was not connected, before ", time, ".");
      element("lowered").replaceChildren(line);
    }
    isNewStream = false;
    sales = next;
  }

  /** Times come in UTC, and are read in the reader's own zone. */
  function localizeTimes() {
    const localize = () => {
      for (const time of document.querySelectorAll("#alerts time")) {
        const text = timeText(Date.parse(/** @type {HTMLTimeElement} */ (time).dateTime));
        if (time.textContent !== text) time.textContent = text;
      }
    };
    new MutationObserver(localize).observe(element("alerts"), {
      childList: true,
      characterData: true,
      subtree: true,
    });
    localize();
  }

  function followStream() {
    const stream = element("stream");
    stream.addEventListener("hb", (event) => {
      const beat = JSON.parse(/** @type {CustomEvent} */ (event).detail.data);
      beatAt = performance.now();
      asOf = beat.asOf ?? asOf;
      enter(beat.state in names ? beat.state : "live");
      if (typeof beat.sales === "string") compare(BigInt(beat.sales));
    });
    for (const name of ["htmx:sse:error", "htmx:sse:close", "htmx:error", "offline"]) {
      addEventListener(name, () => enter("reconnecting"));
    }
    // A stream that ends without a word (the server was killed) shows when it is opened again.
    stream.addEventListener("htmx:sse:before:connection", (event) => {
      if (/** @type {CustomEvent} */ (event).detail.connection.attempt > 0) enter("reconnecting");
      isNewStream = true;
    });
    setInterval(() => {
      const isSilent = performance.now() - beatAt > silenceMsMax;
      if (isSilent && (state === "live" || state === "restoring")) enter("stale");
    }, 1_000);
  }

  function flashChanges() {
    const rows = document.getElementById("rows");
    if (!rows) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)");
    /** @type {WeakMap<Element, number>} */
    const changedAt = new WeakMap();
    new MutationObserver((changes) => {
      const now = performance.now();
      const cells = new Set(
        changes.flatMap(({ target }) => target.parentElement?.closest("td.money") ?? []),
      );
      for (const cell of cells) {
        if (now - (changedAt.get(cell) ?? -restMs) < restMs) cells.delete(cell);
        changedAt.set(cell, now);
      }
      if (calm.matches || cells.size > flashesMax) return;
      for (const cell of cells) {
        cell.animate([{ color: "var(--accent)" }, {}], { duration: 1_200, easing: "ease-out" });
      }
    }).observe(rows, { characterData: true, subtree: true });
  }

  const themes = ["auto", "light", "dark"];

  function storedTheme() {
    try {
      return localStorage.getItem("theme") ?? "auto";
    } catch {
      return "auto";
    }
  }

  /** @param {string} theme */
  function applyTheme(theme) {
    document.documentElement.dataset.theme = theme;
    document.dispatchEvent(new Event("themechange"));
  }

  function offerThemes() {
    const button = element("theme");
    const label = () => {
      const theme = document.documentElement.dataset.theme ?? "auto";
      const text = button.querySelector("span");
      if (text) text.textContent = `Theme: ${theme}`;
    };
    button.hidden = false;
    label();
    button.addEventListener("click", () => {
      const index = themes.indexOf(document.documentElement.dataset.theme ?? "auto");
      const theme = themes[(index + 1) % themes.length] ?? "auto";
      applyTheme(theme);
      label();
      try {
        localStorage.setItem("theme", theme);
      } catch {
        // Without storage the choice lasts as long as the page.
      }
    });
  }

  applyTheme(storedTheme());
  document.addEventListener("DOMContentLoaded", () => {
    const time = /** @type {HTMLTimeElement} */ (element("asof"));
    if (time.dateTime) asOf = Date.parse(time.dateTime);
    enter("connecting");
    offerThemes();
    localizeTimes();
    followStream();
    flashChanges();
  });
}
