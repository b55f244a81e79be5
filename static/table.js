/**
 * The table page without a reload: links that sort or turn the page, and a search while somebody
 * types. What they lead to is fetched as a page, and its table and its stream take the place of
 * ours; the address goes with it, so that it can be kept, shared, and gone back from.
 */
{
  const waitMs = 200;
  let timer = 0;
  /** @type {AbortController | undefined} */
  let loading;

  /** @param {string} url @param {{isNew?: boolean, keepsInput?: boolean}} options */
  async function show(url, { isNew = true, keepsInput = false } = {}) {
    loading?.abort();
    loading = new AbortController();
    try {
      const response = await fetch(url, { signal: loading.signal });
      if (!response.ok) throw new Error(response.statusText);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      replace(page, keepsInput ? ["thead", "#rows", "#more", ".actions"] : ["#table"]);
      if (isNew) history.pushState(null, "", url);
      else history.replaceState(null, "", url);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) location.assign(url);
    }
  }

  /** @param {Document} page @param {string[]} parts */
  function replace(page, parts) {
    for (const selector of [...parts, "#stream"]) {
      const ours = document.querySelector(selector);
      const theirs = page.querySelector(selector);
      if (!ours || !theirs) continue;
      if (selector === "#stream" && ours.outerHTML === theirs.outerHTML) continue;
      const { activeElement } = document;
      const focused = ours.contains(activeElement) && activeElement?.textContent;
      ours.replaceWith(theirs);
      if (focused) {
        const again = [...theirs.querySelectorAll("a")].find((a) => a.textContent === focused);
        again?.focus({ preventScroll: true });
      }
      /** @type {any} */ (globalThis).htmx.process(theirs);
    }
  }

  document.addEventListener("click", (event) => {
    const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey);
    const link = event.target instanceof Element && event.target.closest("#table a[data-live]");
    if (!isPlain || !(link instanceof HTMLAnchorElement)) return;
    event.preventDefault();
    void show(link.href);
  });
  document.addEventListener("input", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.name !== "q") return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const fields = new URLSearchParams(
        /** @type {any} */ (new FormData(target.form ?? undefined)),
      );
      if (target.value === "") fields.delete("q");
      const query = fields.toString();
      void show(location.pathname + (query && `?${query}`), { isNew: false, keepsInput: true });
    }, waitMs);
  });
  addEventListener("popstate", () => void show(location.href, { isNew: false }));
}
