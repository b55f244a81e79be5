/** A page on a wall: keeps the screen on, hides an idle pointer, and shows all rows in turn. */
{
  const idleMs = 3_000;
  const turnMs = 10_000;
  const root = document.documentElement;
  let timer = 0;

  /** The lock ends when the page is hidden. Without a lock the settings of the screen decide. */
  async function keepAwake() {
    if (!document.hidden) await navigator.wakeLock?.request("screen").catch(() => {});
  }

  function showPointer() {
    root.classList.remove("idle");
    clearTimeout(timer);
    timer = setTimeout(() => root.classList.add("idle"), idleMs);
  }

  void keepAwake();
  document.addEventListener("visibilitychange", keepAwake);
  addEventListener("pointermove", showPointer);
  showPointer();

  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  const table = document.getElementById("table");
  const rows = document.getElementById("rows");
  /** The first row in view, from 0. */
  let first = 0;
  /** Rows that fit. */
  let fits = 0;

  /** "11–20 of 43 products", for a style sheet. The words are the server's. */
  function placeText(/** @type {number} */ all, /** @type {number} */ last) {
    const text = document.getElementById("products")?.dataset.rows ?? "";
    const ofAllPages = document.querySelector("#more nav")?.getAttribute("data-all");
    const values = { "{first}": first + 1, "{last}": last, "{all}": ofAllPages ?? all };
    const said = Object.entries(values).reduce((s, [name, to]) => s.replace(name, `${to}`), text);
    return CSS.escape(said);
  }

  /** By a style, because a stream replaces rows. Turns only where the page does not scroll. */
  function showRows() {
    if (!table || !rows) return;
    sheet.replaceSync("");
    const isFixed = getComputedStyle(document.body).overflowY === "hidden";
    const height = rows.firstElementChild?.getBoundingClientRect().height ?? 0;
    const room = table.getBoundingClientRect().bottom - rows.getBoundingClientRect().top;
    fits = isFixed && height > 0 ? Math.max(1, Math.floor(room / height)) : rows.children.length;
    if (first >= rows.children.length) first = 0;
    if (fits >= rows.children.length) return;
    const last = Math.min(first + fits, rows.children.length);
    const shown = `:nth-child(n + ${first + 1}):nth-child(-n + ${last})`;
    sheet.replaceSync(`#rows > tr:not(${shown}) { display: none; }
      #products::after { content: "${placeText(rows.children.length, last)}"; }`);
  }

  function turn() {
    first += fits;
    showRows();
  }

  showRows();
  setInterval(turn, turnMs);
  if (table) new ResizeObserver(showRows).observe(table);
}
