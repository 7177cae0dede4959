// The table of all rows: only those in view are in the page, so that ten thousand filter and sort at once.
const box = document.getElementById("table-box");
const body = document.getElementById("row-body");
const counted = document.getElementById("count");
const filters = document.getElementById("filters");
const SHOWN = ["row", "datetime", "device_name", "finding", "activity", "severity", "message"];
const CHOICES = ["device_name", "finding", "activity", "severity", "basis"];
const LEVELS = ["informational", "low", "medium", "high", "critical"];
const ROW_HEIGHT = 32;
const ON_PAPER = 1000;
const WIDEST = 400;
let order = Array.from({ length: COUNT }, (_, index) => index);
let sortBy = { name: "row", down: false };
let words = null;
let current = 0;
let live = new Map();

const options = {
  count: COUNT, overscan: 10,
  getScrollElement: () => box, estimateSize: () => ROW_HEIGHT, scrollPaddingStart: 40,
  scrollToFn: virtualCore.elementScroll, observeElementRect: virtualCore.observeElementRect,
  observeElementOffset: virtualCore.observeElementOffset, onChange: () => draw(),
};
const virtualizer = new virtualCore.Virtualizer(options);

function searched() {
  const names = Object.keys(DATA.columns);
  return Array.from({ length: COUNT }, (_, index) => plain(names.map((name) => cell(name, index)).join("\n")).toLowerCase());
}

function matches() {
  const wanted = document.getElementById("words").value.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length) words = words || searched();
  const chosen = CHOICES.map((name) => [name, document.getElementById(`f-${name}`).value]).filter(([, text]) => text !== "");
  const kept = [];
  for (let index = 0; index < COUNT; index += 1) {
    if (chosen.every(([name, text]) => cell(name, index) === text) && wanted.every((word) => words[index].includes(word))) kept.push(index);
  }
  return kept;
}

function sorted(indexes) {
  const { name, down } = sortBy;
  if (name !== "row") {
    const key = name === "severity" ? (index) => LEVELS.indexOf(cell(name, index)) : name === "datetime" ? (index) => index : (index) => plain(cell(name, index));
    const keys = new Map(indexes.map((index) => [index, key(index)]));
    indexes.sort((one, other) => { const a = keys.get(one), b = keys.get(other); return a < b ? -1 : a > b ? 1 : one - other; });
  }
  return down ? indexes.reverse() : indexes;
}

function apply() {
  order = sorted(matches());
  current = 0;
  live = new Map();
  counted.textContent = `${order.length.toLocaleString("en")} of ${COUNT.toLocaleString("en")} rows`;
  box.querySelector("table").setAttribute("aria-rowcount", String(order.length + 1));
  virtualizer.setOptions({ ...options, count: order.length });
  virtualizer.measure();
  box.scrollTop = 0;
  virtualizer._willUpdate();
  draw();
}

// Exact to the last digit it is in the opened row; the column has milliseconds.
function shortTime(index) {
  return cell("datetime", index).replace("T", " ").replace(/(\.\d{3})\d*Z$|Z$/, "$1");
}

function makeRow(position, whole) {
  const index = order[position];
  const row = element("tr");
  row.dataset.row = cell("row", index);
  row.setAttribute("aria-rowindex", String(position + 2));
  for (const name of SHOWN) {
    const made = element(name === "row" ? "th" : "td", name === "datetime" ? "time" : name === "message" ? "what" : "");
    const text = name === "datetime" && !whole ? shortTime(index) : String(cell(name, index));
    if (name === "row") made.scope = "row";
    if (name === "severity") made.append(element("span", `severity s-${text}`, text));
    else put(made, text, whole ? undefined : WIDEST);
    row.append(made);
  }
  if (whole) row.lastChild.append(element("small", "", `${cell("evidence_id", index)}: ${cell("source_path", index)}, ${cell("locator", index)}`));
  return row;
}

function spacer(height) {
  const row = element("tr", "spacer");
  row.setAttribute("aria-hidden", "true");
  const only = element("td");
  only.colSpan = SHOWN.length;
  only.style.height = `${height}px`;
  row.append(only);
  return row;
}

function draw() {
  const items = virtualizer.getVirtualItems();
  const focused = body.contains(document.activeElement) ? document.activeElement.dataset.row : null;
  const rows = new Map(items.map(({ index }) => [index, live.get(index) || makeRow(index)]));
  live = rows;
  for (const [position, row] of rows) {
    row.tabIndex = position === current ? 0 : -1;
    row.classList.toggle("open", Number(row.dataset.row) === shownRow);
  }
  const end = items.length ? items[items.length - 1].end : 0;
  body.replaceChildren(spacer(items.length ? items[0].start : 0), ...rows.values(), spacer(virtualizer.getTotalSize() - end));
  const again = focused && body.querySelector(`[data-row="${focused}"]`);
  if (again) again.focus({ preventScroll: true });
}

function goTo(position, focus) {
  if (!order.length) return;
  current = Math.max(0, Math.min(order.length - 1, position));
  virtualizer.scrollToIndex(current, { align: "auto" });
  requestAnimationFrame(() => { draw(); const row = live.get(current); if (row && focus) row.focus({ preventScroll: true }); });
}

function showRow(number) {
  let position = order.indexOf(number - 1);
  if (position < 0) { filters.reset(); apply(); position = order.indexOf(number - 1); }
  current = position;
  virtualizer.scrollToIndex(position, { align: "center" });
}

function onTableKey(event) {
  const page = Math.max(1, Math.floor(box.clientHeight / ROW_HEIGHT) - 2);
  const moves = { ArrowDown: current + 1, ArrowUp: current - 1, PageDown: current + page, PageUp: current - page, Home: 0, End: order.length - 1 };
  if (event.key in moves) goTo(moves[event.key], true);
  else if (event.key === "Enter" && body.contains(event.target)) openRow(Number(event.target.dataset.row), event.target);
  else return;
  event.preventDefault();
}

function sortButton(heading) {
  const name = heading.dataset.column;
  const button = element("button", "", heading.textContent);
  button.type = "button";
  button.addEventListener("click", () => {
    sortBy = { name, down: sortBy.name === name && !sortBy.down };
    markSorted();
    apply();
  });
  heading.replaceChildren(button);
}

function markSorted() {
  for (const heading of box.querySelectorAll("thead th")) {
    if (heading.dataset.column === sortBy.name) heading.setAttribute("aria-sort", sortBy.down ? "descending" : "ascending");
    else heading.removeAttribute("aria-sort");
  }
}

function fillChoices() {
  for (const name of CHOICES) {
    const select = document.getElementById(`f-${name}`);
    const column = DATA.columns[name];
    const texts = [...new Set(column.d || column.v)].filter(Boolean);
    texts.sort((one, other) => name === "severity" ? LEVELS.indexOf(other) - LEVELS.indexOf(one) : one < other ? -1 : 1);
    for (const text of texts) { const option = element("option", "", plain(text)); option.value = text; select.append(option); }
  }
}

function onPaper() {
  const rows = order.slice(0, ON_PAPER).map((_, position) => makeRow(position, true));
  const note = document.getElementById("static-note");
  const of = order.length < COUNT ? ` (filtered from ${COUNT.toLocaleString("en")})` : "";
  note.textContent = rows.length < order.length
    ? `The first ${rows.length.toLocaleString("en")} of ${order.length.toLocaleString("en")} rows${of} are printed; timeline.csv has all.`
    : `${rows.length.toLocaleString("en")} rows${of}; timeline.csv has every column of all rows.`;
  note.hidden = false;
  for (const button of box.querySelectorAll("thead button")) button.replaceWith(button.textContent);
  body.replaceChildren(...rows);
}

function startTable() {
  document.getElementById("static-note").hidden = true;
  box.classList.add("live");
  box.tabIndex = -1;
  for (const heading of box.querySelectorAll("thead th")) sortButton(heading);
  fillChoices();
  markSorted();
  virtualizer._didMount();
  apply();
  let waiting = 0;
  filters.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 60); });
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.addEventListener("reset", () => setTimeout(apply, 0));
  box.addEventListener("keydown", onTableKey);
  body.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-row]");
    if (!row) return;
    current = order.indexOf(Number(row.dataset.row) - 1);
    draw();
    row.focus({ preventScroll: true });
    openRow(Number(row.dataset.row), row);
  });
  whenRowChanges.push(draw);
  whenBareChanges.push(() => { words = null; });
  window.addEventListener("beforeprint", onPaper);
  window.addEventListener("afterprint", () => {
    for (const heading of box.querySelectorAll("thead th")) sortButton(heading);
    document.getElementById("static-note").hidden = true; live = new Map();
    draw();
  });
}
