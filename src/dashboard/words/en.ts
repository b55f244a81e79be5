/** The words of the pages in English. Those of other languages have the same keys. */

import { html } from "hono/html";
import type { Html } from "../look/site.ts";
import { pluralsOf } from "./plural.ts";

const plural = pluralsOf("en");

export type PageWords = typeof en;

export const en = {
  lowered: (time: Html): Html =>
    html`Totals are lower than before this page reconnected at ${time}.`,
  totals: "Totals",
  exactlyOnce: "Each sale is counted exactly once",
  updated: (time: Html): Html => html`Updated ${time}`,
  never: "never",
  demoData: "Demo data, lost when Salesboard stops",
  skip: "Skip to the numbers",
  pages: "Pages",
  table: "Table",
  graph: "Graph",
  rejected: "Rejected records",
  /** For a link and a tile, where there is little room. */
  rejectedShort: "Rejected",
  period: "Period",
  pause: "Pause",
  theme: "Theme",
  timeZone: "Time zone",
  defaultZone: "Default (UTC)",
  show: "Show",
  source: (topic: Html, partitions: string, state: string): Html =>
    html`Source: topic ${topic} · ${partitions} · ${state}`,
  partitions: plural("{} partition", "{} partitions"),
  lagUnknown: "lag unknown",
  upToDate: "up to date",
  behind: plural("{} record behind", "{} records behind"),
  export: "Export",
  refresh: "Refresh",

  // The dialog of keys.
  keyboard: "Keyboard",
  pauseKey: "Pause or resume the view",
  searchKey: "Search products (on the table page)",
  helpKey: "Show this help",
  singleKeys: "Single-key shortcuts",
  keysOff: (tab: Html, enter: Html): Html => html`When they are off, use ${tab} and ${enter}.`,
  close: "Close",

  // Who reads.
  logIn: "Log in",
  logOut: "Log out",
  userName: "Name",
  password: "Password",
  isLoggedIn: (name: string): string => `${name} is logged in`,
  wrongLogin: "Name or password is wrong.",
  slowLogin: (seconds: number): string => `Too many logins failed. Try again in ${seconds} s.`,

  // Errors. What went wrong in detail is told in English.
  errors: {
    notFound: "Not found",
    methodNotAllowed: "Method not allowed",
    hostNotAllowed: "Host not allowed",
    badRequest: "Bad request",
    unavailable: "Temporarily unavailable",
    failed: "Something went wrong",
    notShown: "Not shown",
  },
  backToTable: "Back to the table",

  periods: {
    today: "Today",
    yesterday: "Yesterday",
    "7d": "7 days",
    "30d": "30 days",
    all: "All time",
  },
  phrases: {
    today: "today",
    yesterday: "yesterday",
    "7d": "in 7 days",
    "30d": "in 30 days",
    all: "",
  },
  since: (date: string): string => `since ${date}`,
  allTime: "all time",
  noSales: {
    today: "No sales yet today",
    yesterday: "No sales yesterday",
    "7d": "No sales in 7 days",
    "30d": "No sales in 30 days",
    all: "No sales yet",
  },
  figuresOfAllTime: (why: Html): Html => html`These are the figures of all time: ${why}.`,
  noneByDays: html`no sale has been counted by days so far`,
  daysNeed: (option: Html): Html => html`days need ${option}`,
  daysLack: (date: string, zone: string): Html =>
    html`Days up to and including ${date} may lack sales: not all of them were counted by days of ${zone}.`,
  versusLast: (weekday: string): string => `vs last ${weekday}`,
  versus: (days: string): string => `vs ${days}`,
  until: (hour: string): string => ` until ${hour}`,

  // Rules of alerts.
  alerts: "Alerts",
  rule: "Rule",
  ruleHeads: ["State", "Value", "Since"],
  ruleStates: { ok: "OK", firing: "Firing", unknown: "Not known yet" },

  // Figures.
  revenue: "Revenue",
  units: "Units",
  sales: "Sales",
  returns: "Returns",
  share: "Share",
  rank: "Rank",
  averageSale: "Average sale",
  perSale: "per sale",
  unitsSold: (phrase: string): string => `units sold ${phrase}`.trimEnd(),
  returned: plural("{} returned", "{} returned"),
  salesPerMinute: "Sales per minute",
  salesPerSecond: "Sales per second",
  lastSeconds: "over the last 10 s",
  products: "Products",
  ofTarget: (percent: string): string => `${percent} of today's target`,
  ofDaysTarget: (percent: string): string => `${percent} of the day's target`,
  target: (money: string): string => `Target: ${money}`,
  bestHour: (hour: string): string => `best hour ${hour}`,
  revenueByHour: "Revenue by the hour",
  revenueByDay: "Revenue by day",
  lastSale: (time: Html): Html => html`last sale ${time}`,
  allValid: "all records are valid",
  seeWhy: "see why",
  filtered: plural("{} filtered", "{} filtered"),

  // The table.
  rankByRevenue: "Rank by revenue",
  product: "Product",
  lastMinute: "Revenue, last minute",
  trend: "Trend (15 min)",
  searchProducts: "Search products",
  search: "Search",
  pagesOfTable: "Pages of the table",
  previous: "Previous",
  next: "Next",
  rowsOf: (first: string, last: string, all: string): string =>
    `${first} to ${last} of ${all} products`,
  waiting: "Waiting for the totals",
  waitingFor: (topic: Html): Html => html`They appear once ${topic} has been read to its end.`,
  noName: (text: string): string => `No product name contains “${text}”`,
  noPage: "This page does not exist",
  productsInAll: plural("{} product in all.", "{} products in all."),
  productsSold: plural(
    "{} product was sold in this period.",
    "{} products were sold in this period.",
  ),
  /** The same of the values of a dimension, such as stores. */
  ofValues: {
    search: (title: string): string => `Search: ${title}`,
    rowsOf: (first: string, last: string, all: string): string => `${first} to ${last} of ${all}`,
    noName: (text: string): string => `No name contains “${text}”`,
    productsInAll: plural("{} in all.", "{} in all."),
    productsSold: plural("{} with sales in this period.", "{} with sales in this period."),
    /** Of sales that name no value. */
    none: "not given",
  },
  showThem: "Show them",
  theyAppear: "They appear as they are counted.",
  noneCounts: (topic: Html): Html => html`No record of ${topic} counts so far.`,
  writeSale: (topic: Html): Html => html`To write a sale to the topic ${topic}, type`,
  orGenerate: "or, for generated sales until Ctrl+C,",
  mappedRecords: (topic: Html): Html =>
    html`A mapping counts the records of ${topic}. To look at those that are there, type`,
  demoFirst: plural(
    "The sales of today are made up and counted first. That takes a few seconds.",
    "The sales of {} days are made up and counted first. That takes a few seconds.",
  ),
  demoMadeUp: "Demo: all sales are made up.",
  demoOwn: "To see your own:",

  // The graph.
  revenueByProduct: "Revenue by product",
  unitsByProduct: "Units by product",
  lastOf: {
    "15m": "the last 15 minutes",
    "24h": "the last 24 hours",
    "30d": "the last 30 days",
    "60d": "the last 60 days",
  },
  before: {
    "15m": "The 15 minutes before",
    "24h": "Same time yesterday",
    "30d": "The 30 days before",
  },
  asTable: {
    "15m": "Show as table, by second",
    "24h": "Show as table, by minute",
    "30d": "Show as table, by hour",
    "60d": "Show as table, by hour",
  },
  window: "Window",
  figure: "Figure",
  shape: "Shape",
  shapes: { stacked: "Stacked", lines: "Lines" },
  backToLive: "Back to live",
  others: "All other products",
  total: "Total",
  bestSellers: "Products: the best sellers",
  picked: plural("Products: {} picked", "Products: {} picked"),
  from: "From",
  byMouse: html`Drag over the chart to look closer, or roll the wheel with <kbd>Ctrl</kbd>. With the
    chart in focus: <kbd>+</kbd>, <kbd>−</kbd>, <kbd>←</kbd>, <kbd>→</kbd>, <kbd>Home</kbd>,
    <kbd>End</kbd>; <kbd>Esc</kbd> returns to now.`,
  byTouch: "Spread two fingers to look closer; move with one.",
  noHistory: "No history.",
  historyOff: (option: Html): Html => html`It is switched off (${option}).`,
  historyEmpty: (topic: Html, table: Html): Html =>
    html`The topic ${topic} is still empty: the graph begins with the first sale. What to type: ${table}.`,
  historyRead: "Reading the history …",
  historyLate: "The latest sales may be missing here: history is not read to its end.",
  tracksMost: (count: string): string =>
    `History tracks the ${count} best-selling products of each partition; the rest are grouped as ` +
    "“All other products”.",
  older: plural(
    "{} sale is older than this history or has no usable time.",
    "{} sales are older than this history or have no usable time.",
  ),
  unknown: plural(
    "{} sale is in the totals, but not in this history.",
    "{} sales are in the totals, but not in this history.",
  ),

  // A product's page.
  notRead: "The totals have not been read yet.",
  gone: (product: Html): Html => html`The totals no longer contain sales of ${product}.`,
  latestSales: "Latest sales",
  showLatest: "Show latest sales",
  allThatRemain: (topic: Html): Html => html`all that remain in ${topic}`,
  inLatest: (count: string, topic: Html): Html => html`in the last ${count} records of ${topic}`,
  backTo: (time: Html): Html => html`, back to ${time}`,
  noneFound: "No sales of this product in the records searched.",
  time: "Time",
  partition: "Partition",
  offset: "Offset",
  key: "Key",
  value: "Value",
  quantity: "Quantity",
  amount: "Amount",
  record: "Record",

  // Rejected records.
  rejectedAll: (count: string, topic: Html): Html => html`${count} of topic ${topic}`,
  rejectedLatest: (count: string, topic: Html): Html => html`the latest ${count} of topic ${topic}`,
  olderExamples: ", and older examples",
  asOf: (time: Html): Html => html`, as of ${time}`,
  noneAmongLatest: "No rejected records among the latest.",
  nothingRejected: "Nothing was rejected",
  notKept: "Records that the topic no longer keeps are not shown.",
  place: (topic: string, partition: string, offset: string): string =>
    `${topic}, partition ${partition}, offset ${offset}`,
  moreHeaders: plural("… {} more header", "… {} more headers"),
  reasons: "Reasons",
  ofAll: plural("of the only rejected record", "of all {} rejected records"),
  ofLatest: plural("of the latest {} rejected record", "of the latest {} rejected records"),
  records: "Records",
  reason: "Reason",
  first: "First",
  last: "Last",
  example: "Example",
  otherReasons: plural("{} other reason", "{} other reasons"),
  theLatest: "the latest",
  noReason: "no reason is given",
  origin: "Source",

  // While nothing counts.
  misfitTitle: (topic: Html): Html => html`No record of ${topic} counts`,
  misfitRejected: "Every record so far was rejected.",
  misfitFiltered: "Every record so far was filtered: the mapping says that none is about a sale.",
  misfitBoth: "Every record so far was rejected or filtered.",
  misfitReason: (count: string, looked: string, reason: Html): Html =>
    html`The reason in ${count} of the latest ${looked}: ${reason}.`,
  looking: "Looking at the latest records …",
  fits: plural(
    "The latest record fits the mapping of this dashboard. Give the aggregator the same rules.",
    "The latest {} records fit the mapping of this dashboard. Give the aggregator the same rules.",
  ),
  noMapping: (command: Html): Html =>
    html`No mapping was found that counts them. ${command} shows what is in the topic.`,
  mappingCountsOne: "The mapping below counts the latest record.",
  mappingCounts: (counted: string, looked: string, rest: string): string =>
    `The mapping below counts ${counted} of the latest ${looked} records${rest}.`,
  mappingFilters: (count: string): string => `, filters ${count}`,
  mappingRejects: (count: string): string => `, and rejects ${count}`,
  trust: {
    sure: "Everything in the records supports this mapping.",
    likely: "This mapping is likely: compare the totals with a figure that you know.",
    guess: "This mapping is a guess: look at each rule.",
  },
  startAgain: "Stop Salesboard, and start again with this mapping:",
  stopAll: "Stop all processes, and type:",
};
