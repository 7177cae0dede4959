// One row with all that is known of it, beside the page; Escape closes it and goes back to where it was opened.
const panel = document.getElementById("panel");
const panelBody = document.getElementById("panel-body");
const panelTitle = document.getElementById("panel-title");
const LONG = 1500;
const MONO = new Set(["command_line", "parent_command_line", "image_path", "parent_image", "hashes", "raw_time", "locator",
  "source_path", "source_sha256", "process_guid", "device_id", "channel_or_key"]);
let shownRow = 0;
let openedFrom = null;
const whenRowChanges = [];

function value(name, text) {
  const into = element("dd", MONO.has(name) ? "mono" : "");
  if (text.length <= LONG) return put(into, text);
  put(into, text, LONG);
  const more = element("button", "", `Show all ${text.length.toLocaleString("en")} characters`);
  more.type = "button";
  more.addEventListener("click", () => { into.replaceChildren(); put(into, text); });
  into.append(document.createElement("br"), more);
  return into;
}

function rowLink(number) {
  const link = element("a", "", `row ${number}`);
  link.href = `#row-${number}`;
  return link;
}

function fillPanel(index) {
  const number = cell("row", index);
  panelTitle.textContent = `Row ${number.toLocaleString("en")} of ${COUNT.toLocaleString("en")}`;
  const said = put(element("p", "said"), cell("message", index), LONG);
  const list = element("dl");
  for (const name of Object.keys(DATA.columns)) {
    const text = String(cell(name, index));
    if (name === "row" || name === "message" || text === "") continue; // they stand above
    list.append(element("dt", "", name), value(name, text));
  }
  const related = element("ul");
  for (const [row, relation, distance] of DATA.related[number] || []) {
    const item = element("li", "", `${relation}, ${distanceText(distance)} `);
    item.append(row === null ? "a finding outside the period" : rowLink(row));
    related.append(item);
  }
  const copies = element("ul");
  for (const copy of DATA.copies[number] || []) copies.append(element("li", "", copy));
  const again = element("p", "note", `To see the record in both readers, byte by byte: rustdesk-forensics show CASE-FOLDER ${number}`);
  panelBody.replaceChildren(said);
  if (related.childElementCount) panelBody.append(element("h3", "", "Belongs to"), related);
  panelBody.append(element("h3", "", "Every column"), list);
  if (copies.childElementCount) panelBody.append(element("h3", "", "Other copies of the record"), copies);
  panelBody.append(again);
  panelBody.scrollTop = 0;
}

function distanceText(ticks) {
  const seconds = Math.trunc(Math.abs(ticks) / 1e7);
  const parts = [[Math.trunc(seconds / 3600), "h"], [Math.trunc(seconds / 60) % 60, "min"], [seconds % 60, "s"]];
  const told = parts.filter(([number]) => number).map(([number, unit]) => `${number} ${unit}`).join(" ") || "less than 1 s";
  return ticks === 0 ? "at the time of" : `${told} ${ticks < 0 ? "before" : "after"}`;
}

function openRow(number, from) {
  if (!(number >= 1 && number <= COUNT)) return;
  if (!panel.open) {
    openedFrom = from || document.activeElement;
    panel.show();
  }
  shownRow = number;
  fillPanel(number - 1);
  panelTitle.focus({ preventScroll: true });
  whenRowChanges.forEach((each) => each());
}

function closePanel() {
  if (!panel.open) return;
  panel.close();
  const number = shownRow;
  shownRow = 0;
  whenRowChanges.forEach((each) => each());
  const back = openedFrom && openedFrom.isConnected ? openedFrom : document.querySelector(`[data-row="${number}"]`);
  if (back) back.focus({ preventScroll: true });
}

document.getElementById("panel-close").addEventListener("click", closePanel);
document.getElementById("panel-before").addEventListener("click", () => openRow(shownRow - 1));
document.getElementById("panel-after").addEventListener("click", () => openRow(shownRow + 1));
document.addEventListener("keydown", (event) => { if (event.key === "Escape") closePanel(); });
