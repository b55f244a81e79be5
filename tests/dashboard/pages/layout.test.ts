import { describe, expect, test } from "bun:test";
import type { Status } from "../../../src/dashboard/model/status.ts";
import { SalesView } from "../../../src/dashboard/model/view.ts";
import { loadAssets } from "../../../src/dashboard/pages/assets.ts";
import { type Layout, layout } from "../../../src/dashboard/pages/layout.ts";
import { momentAt } from "../../support/clock.ts";
import { key, lookOf, sceneOf, total } from "../fixture.ts";

const assets = (await loadAssets("")).paths;

function render(query = "", status: Partial<Status> = {}, of: Layout["view"] = "table"): string {
  const view = new SalesView();
  view.apply(0, key("Laptop"), total("Laptop", "1234.5", 77n));
  const live: Status = {
    state: "live",
    partitions: 1,
    lag: 0,
    notices: [],
    asOf: momentAt(0),
    ...status,
  };
  view.publish(live, momentAt(0));
  const page = { ...sceneOf(view)(), assets, build: "1a2b", look: lookOf(query) };
  return String(layout(page, { title: "Table", view: of, content: new String("") as never }));
}

describe("layout", () => {
  // The page that it led to showed the amounts.
  test("leads to rejected records that are masked as it is", () => {
    const links = render("mask&kiosk&tz=UTC&q=lap&page=2").match(/href="\/rejected[^"]*"/g);
    const link = 'href="/rejected?tz=UTC&amp;kiosk=true&amp;mask=true&amp;q=lap"';
    // In the navigation, and on the tile.
    expect(links).toEqual([link, link]);
  });

  test("marks the current page; the page of a product is not in the list", () => {
    const current = (view: Layout["view"]) =>
      [...render("", {}, view).matchAll(/aria-current="page">([^<]*)</g)].map(([, name]) => name);
    expect(current("table")).toEqual(["Table"]);
    expect(current("graph")).toEqual(["Graph"]);
    expect(current("letters")).toEqual(["Rejected"]);
    expect(current("product")).toEqual([]);
  });

  test("says to scripts and styles what the address says", () => {
    expect(render("kiosk&theme=dark&tz=Asia/Tokyo&lang=de")).toMatch(
      /<html lang="de" class="kiosk" data-theme="dark"\s+data-tz="Asia\/Tokyo" data-locale="de" data-build="1a2b"\s+data-words="{&quot;states&quot;:{&quot;connecting&quot;:&quot;Verbindet/,
    );
    expect(render()).toMatch(/class="" data-theme="auto"\s+data-tz="" data-locale="en"/);
  });

  test("writes times in the zone of the address, and names it", () => {
    const notices = ["Totals went down at 2026-01-02T06:38:12Z: <b>."];
    const html = render("tz=Asia/Tokyo", { notices });
    expect(html).toContain(">1970-01-01 09:00:00 Asia/Tokyo</time>");
    expect(html).toContain('datetime="2026-01-02T06:38:12.000Z">2026-01-02 15:38:12 Asia/Tokyo');
    expect(html).toContain("</time>: &lt;b&gt;.");
  });

  test("keeps the look in its links and in the form, except what belongs to one page", () => {
    const html = render("mask&lang=de&page=3&product=a&q=%22%3E%3Cb%3E");
    const look = "?lang=de&amp;mask=true&amp;q=%22%3E%3Cb%3E";
    expect(html).toContain(`href="/graph${look}"`);
    expect(html).toContain(`href="/${look}" aria-keyshortcuts="t"\n      aria-current="page"`);
    expect(html).toContain('<input type="hidden" name="q" value="&quot;&gt;&lt;b&gt;">');
    expect(html).toContain('<input type="hidden" name="page" value="3">');
  });

  test("has no amount where amounts are masked", () => {
    expect(render()).toContain("$1,234.50");
    const html = render("mask");
    expect(html).not.toMatch(/1,?234/);
    expect(html).toContain("77");
  });

  test("offers the zone of the address, also one that is not in the list", () => {
    expect(render("tz=Pacific/Marquesas")).toContain("<option selected>Pacific/Marquesas</option>");
  });
});
