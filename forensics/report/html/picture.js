// The picture, drawn anew from the same segments when the reader zooms: marks part, ticks grow finer.
const chart = document.getElementById("chart");
const tip = document.getElementById("tip");
const NS = "http://www.w3.org/2000/svg";
const LEFT = 196, RIGHT = 960, MERGE = 17, MERGE_MANY = 36, TICK_ROOM = 88;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
let segments = DATA.segments;
let transform = d3.zoomIdentity;

function shape(name, attributes, text) {
  const made = document.createElementNS(NS, name);
  for (const [key, each] of Object.entries(attributes)) made.setAttribute(key, each);
  if (text !== undefined) made.textContent = text;
  return made;
}

function place(ms) {
  for (const [begin, end, left, right] of segments) {
    if (ms <= end) return left + (Math.max(ms, begin) - begin) * (right - left) / (end - begin);
  }
  return segments[segments.length - 1][3];
}

const clock = (ms, seconds) => new Date(ms).toISOString().slice(11, seconds ? 19 : 16);

function describe(group) {
  const first = group[0];
  const when = `${new Date(DATA.ms[first]).toISOString().slice(0, 19).replace("T", " ")} UTC`;
  const message = plain(cell("message", first)).slice(0, 500);
  return group.length === 1 ? `${when}: ${message} (row ${first + 1})`
    : `${group.length} rows, ${when} to ${clock(DATA.ms[group[group.length - 1]], true)}, the first: ${message} (rows ${first + 1} to ${group[group.length - 1] + 1})`;
}

function mark(group, x, y, name) {
  const item = shape("g", { role: "listitem" });
  const link = shape("a", { class: "mark", href: `#row-${group[0] + 1}`, "aria-label": describe(group) });
  link.append(shape("use", { href: `#shape-${name}`, x, y }));
  if (group.length > 1) link.append(shape("text", { x: x + 10, y: y + 4 }, group.length));
  link.dataset.first = group[0];
  item.append(link);
  return item;
}

function drawLane(lane) {
  const y = Number(lane.dataset.y);
  const made = [];
  for (const [device, begin, end] of DATA.sessions) {
    if (lane.dataset.kind !== "session" || device !== lane.dataset.device) continue;
    const x = transform.applyX(place(begin));
    made.push(shape("rect", { class: "bar", x, y: y - 4, width: Math.max(transform.applyX(place(end)) - x, 2), height: 8 }));
  }
  let group = [], begin = 0;
  for (const index of lane.rows) {
    const x = transform.applyX(place(DATA.ms[index]));
    if (x < LEFT - 20 || x > RIGHT + 30) continue;
    if (group.length && x - begin >= (group.length === 1 ? MERGE : MERGE_MANY)) { made.push(mark(group, begin, y, lane.dataset.shape)); group = []; }
    if (!group.length) begin = x;
    group.push(index);
  }
  if (group.length) made.push(mark(group, begin, y, lane.dataset.shape));
  lane.replaceChildren(...made);
}

function drawAxis() {
  const axis = document.getElementById("axis");
  const height = chart.viewBox.baseVal.height;
  const made = [];
  let date = "";
  segments.forEach(([begin, end, left, right], number) => {
    const from = transform.applyX(left), to = transform.applyX(right);
    made.push(shape("rect", { class: "stretch", x: from, y: 40, width: to - from, height: height - 44 }));
    if (number) drawBreak(made, segments[number - 1], DATA.breaks[number - 1], from);
    const scale = d3.scaleUtc().domain([begin, end]).range([from, to]);
    const ticks = scale.ticks(Math.max(Math.floor((to - from) / TICK_ROOM), 1));
    const seconds = ticks.length > 1 && ticks[1] - ticks[0] < 60000;
    let last = -Infinity;
    let named = false;
    for (const tick of ticks.length ? ticks : [new Date(begin)]) {
      const x = scale(tick);
      if (x < LEFT - 10 || x > RIGHT || x - last < TICK_ROOM / 2) continue;
      last = x;
      const day = tick.toISOString().slice(0, 10);
      const told = `${tick.getUTCDate()} ${MONTHS[tick.getUTCMonth()]}${date.slice(0, 4) === day.slice(0, 4) ? "" : ` ${day.slice(0, 4)}`}`;
      const group = shape("g", { class: "tick" });
      group.append(shape("line", { x1: x, x2: x, y1: 36, y2: height - 4 }), shape("text", { x, y: 31 }, clock(tick, seconds)));
      if (day !== date || !named) group.append(shape("text", { class: "date", x, y: 15 }, told));
      date = day;
      named = true;
      made.push(group);
    }
  });
  axis.replaceChildren(...made);
}

function drawBreak(made, before, text, from) {
  const x = (transform.applyX(before[3]) + from) / 2;
  const group = shape("g", { class: "break" });
  group.append(shape("path", { d: `M${x - 5} 36l4 6-4 6 4 6-4 6M${x + 1} 36l4 6-4 6 4 6-4 6` }));
  group.append(shape("text", { x, y: 78, dy: 4, transform: `rotate(-90 ${x} 78)` }, text));
  made.push(group);
}

function drawPicture() {
  const focused = chart.contains(document.activeElement) ? document.activeElement.dataset.first : undefined;
  chart.querySelectorAll(".lane").forEach(drawLane);
  drawAxis();
  if (focused !== undefined) {
    const marks = [...chart.querySelectorAll(".mark")];
    const again = marks.find((each) => each.dataset.first === focused) || chart;
    again.focus({ preventScroll: true });
  }
}

function showTip(event) {
  const link = event.target.closest && event.target.closest(".mark");
  if (!link) { tip.hidden = true; return; }
  tip.textContent = link.getAttribute("aria-label");
  tip.hidden = false;
  const at = link.getBoundingClientRect();
  tip.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${at.bottom + 8 + tip.offsetHeight > window.innerHeight ? at.top - tip.offsetHeight - 8 : at.bottom + 8}px`;
}

function evenSegments() {
  return [[segments[0][0], segments[segments.length - 1][1], LEFT, RIGHT]];
}

function startPicture() {
  if (!chart || !segments.length) return;
  chart.classList.add("zoomable");
  chart.setAttribute("tabindex", "0");
  for (const lane of chart.querySelectorAll(".lane")) {
    const kind = DATA.kinds.indexOf(lane.dataset.kind);
    lane.rows = [];
    for (let index = 0; index < COUNT; index += 1) {
      if (DATA.kind[index] === kind && DATA.ms[index] !== null && cell("device_id", index) === lane.dataset.device) lane.rows.push(index);
    }
  }
  const height = chart.viewBox.baseVal.height;
  const zoom = d3.zoom().scaleExtent([1, 20000]).extent([[LEFT, 0], [RIGHT, height]]).translateExtent([[LEFT, 0], [RIGHT, height]])
    .filter((event) => event.type === "wheel" ? event.ctrlKey || event.metaKey : !event.button)
    // A pinch comes as many small steps of the wheel, a turn of a mouse's wheel as few large ones.
    .wheelDelta((event) => -event.deltaY * (event.deltaMode === 1 ? 0.05 : Math.abs(event.deltaY) < 20 ? 0.02 : 0.004))
    .on("zoom", (event) => { transform = event.transform; drawPicture(); });
  const selected = d3.select(chart).call(zoom);
  const steps = { in: () => selected.call(zoom.scaleBy, 2), out: () => selected.call(zoom.scaleBy, 0.5), all: () => selected.call(zoom.transform, d3.zoomIdentity),
    left: () => selected.call(zoom.translateBy, 150 / transform.k, 0), right: () => selected.call(zoom.translateBy, -150 / transform.k, 0) };
  for (const [name, step] of Object.entries(steps)) document.getElementById(`zoom-${name}`).addEventListener("click", step);
  const keys = { "+": "in", "=": "in", "-": "out", 0: "all", ArrowLeft: "left", ArrowRight: "right" };
  chart.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    steps[keys[event.key]]();
    event.preventDefault();
  });
  const even = document.getElementById("even");
  even.addEventListener("click", () => {
    const on = even.getAttribute("aria-pressed") !== "true";
    even.setAttribute("aria-pressed", String(on));
    segments = on ? evenSegments() : DATA.segments;
    steps.all();
    drawPicture();
  });
  for (const name of ["pointerover", "focusin"]) chart.addEventListener(name, showTip);
  for (const name of ["pointerleave", "focusout"]) chart.addEventListener(name, () => { tip.hidden = true; });
  whenBareChanges.push(drawPicture);
  window.addEventListener("beforeprint", () => { steps.all(); });
  drawPicture();
}
