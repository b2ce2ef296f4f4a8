// Pictures of one size in windows that move and zoom together, pixels as squares; or two of them under a divider.
// The kernel sends files (PNG, JPEG) and hears which pixel was clicked; moving and zooming ask nothing of it.

const ZOOMS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];
const CLICK = 4; // screen pixels that a pointer may move and still mean a click

function make(tag, parent, name, attributes = {}) {
  const element = document.createElement(tag);
  element.className = name;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent.append(element);
  return element;
}

function render({ model, el }) {
  const count = model.get("titles").length;
  const split = () => model.get("divider") >= 0;
  const state = { zoom: 1, x: 0, y: 0, wide: 0, high: 0 };
  let home = null; // what was shown at first, once the page has a width

  const box = make("div", el, "bcv", { role: "group", tabindex: "0", "data-lm-suppress-shortcuts": "true" });
  box.setAttribute("aria-label", "Pictures: arrow keys move, plus and minus zoom, 0 shows the whole picture");
  const bar = make("div", box, "bcv-bar");
  const button = (text, label, act) => {
    const made = make("button", bar, "bcv-button", { type: "button", "aria-label": label, title: label });
    made.textContent = text;
    made.addEventListener("click", act);
  };
  button("−", "zoom out", () => zoomBy(-1));
  button("+", "zoom in", () => zoomBy(1));
  button("whole", "show the whole picture", () => whole());
  if (model.get("crop").length) button("detail", "show the detail", () => detail());
  make("span", bar, "bcv-hint").textContent = model.get("hint");

  const row = make("div", box, "bcv-row");
  const windows = [], layers = [], tickets = [], marks = [], names = [];
  for (let i = 0; i < count; i++) {
    let place = windows[0];
    if (!split() || i === 0) {
      const figure = make("div", row, "bcv-panel");
      names.push(make("div", figure, "bcv-title"));
      place = make("div", figure, "bcv-window");
      windows.push(place);
      marks.push(make("div", place, "bcv-mark"));
      listen(place);
    }
    layers.push(make("img", place, "bcv-picture", { draggable: "false" }));
    tickets.push(0);
  }
  const handle = split() ? make("div", windows[0], "bcv-handle", { role: "slider", tabindex: "0", "aria-valuemin": "0", "aria-valuemax": "100" }) : null;
  if (handle) listenToHandle();

  const size = () => { const [height, width] = model.get("shape"); return { height, width }; };
  const fit = () => {
    const { height, width } = size(), zoom = Math.min(state.wide / width, state.high / height);
    return zoom >= 1 ? Math.floor(zoom) : zoom;
  };

  function layout() {
    const each = Math.floor((el.clientWidth || el.parentElement?.clientWidth || 0) / windows.length) - 10;
    const { height, width } = size(), square = model.get("crop").length > 0;
    let wide = Math.max(120, Math.min(model.get("wide"), each));
    if (!square && wide > width) wide = width * Math.floor(wide / width); // a small picture: no margin around it
    if (each <= 0 || wide === state.wide) return;
    const middle = home && { row: state.y + state.high / state.zoom / 2, column: state.x + state.wide / state.zoom / 2 };
    state.wide = wide;
    state.high = square ? Math.min(wide, Math.max(wide * height / width, 256)) : Math.round(Math.min(wide, wide * height / width));
    for (const place of windows) Object.assign(place.style, { width: `${wide}px`, height: `${state.high}px` });
    if (!home) { home = true; model.get("crop").length ? detail() : whole(); }
    else if (state.whole) whole();
    else look(state.zoom, middle.row, middle.column);
  }

  function look(zoom, row, column) { // put a point of the picture in the middle of the windows
    const { height, width } = size();
    state.zoom = Math.max(fit(), Math.min(zoom, ZOOMS.at(-1)));
    state.whole = state.zoom === fit();
    const keep = (middle, shown, side) => shown >= side ? (side - shown) / 2 : Math.max(0, Math.min(middle - shown / 2, side - shown));
    state.x = keep(column, state.wide / state.zoom, width);
    state.y = keep(row, state.high / state.zoom, height);
    draw();
    report();
  }
  const centre = () => [state.y + state.high / state.zoom / 2, state.x + state.wide / state.zoom / 2];
  const whole = () => look(0, size().height / 2, size().width / 2);
  function detail() {
    const [top, left, side] = model.get("crop");
    look(Math.max(1, Math.floor(Math.min(state.wide, state.high) / side)), top + side / 2, left + side / 2);
  }
  function zoomBy(steps, row = centre()[0], column = centre()[1], at = [0.5, 0.5]) {
    const levels = [fit(), ...ZOOMS.filter(level => level > fit())];
    const now = levels.findLastIndex(level => level <= state.zoom + 1e-6);
    const next = levels[Math.max(0, Math.min(now + steps, levels.length - 1))];
    look(next, row - (at[0] - 0.5) * state.high / next, column - (at[1] - 0.5) * state.wide / next);
  }

  function draw() {
    const { height, width } = size(), zoom = state.zoom;
    for (const layer of layers) {
      Object.assign(layer.style, {
        width: `${width * zoom}px`, height: `${height * zoom}px`, left: `${-state.x * zoom}px`, top: `${-state.y * zoom}px`,
        imageRendering: zoom >= 1 ? "pixelated" : "auto",
      });
    }
    const marked = model.get("mark");
    for (const mark of marks) {
      mark.style.display = marked.length ? "block" : "none";
      if (marked.length) {
        const [top, left, high, wide] = marked;
        Object.assign(mark.style, {
          left: `${(left - state.x) * zoom - 2}px`, top: `${(top - state.y) * zoom - 2}px`, width: `${wide * zoom}px`, height: `${high * zoom}px`,
        });
      }
    }
    if (split()) {
      const share = model.get("divider");
      layers[1].style.clipPath = `inset(0 0 0 ${share * state.wide / 100 + state.x * zoom}px)`;
      handle.style.left = `${share}%`;
      handle.setAttribute("aria-valuenow", Math.round(share));
    }
  }

  function say() {
    const titles = model.get("titles"), told = model.get("descriptions");
    names.forEach((name, i) => { name.textContent = split() ? `${titles[0]}  |  ${titles[1]}` : titles[i]; });
    layers.forEach((layer, i) => { layer.alt = told[i] || titles[i]; });
    handle?.setAttribute("aria-label", `Divider: ${titles[0]} on the left, ${titles[1]} on the right`);
  }

  async function load(i) { // swap a picture when it is decoded, never showing a half; an older one never overtakes a newer
    const ticket = ++tickets[i], bytes = model.get(`data${i}`);
    if (!bytes || !bytes.byteLength) return;
    const next = layers[i].cloneNode();
    next.src = URL.createObjectURL(new Blob([bytes], { type: `image/${model.get("kinds")[i]}` }));
    try { await next.decode(); } catch { URL.revokeObjectURL(next.src); return; }
    if (ticket !== tickets[i]) { URL.revokeObjectURL(next.src); return; }
    const old = layers[i];
    old.replaceWith(next);
    layers[i] = next;
    next.alt = old.alt;
    draw();
    if (old.src) URL.revokeObjectURL(old.src);
    box.dispatchEvent(new CustomEvent("bcv-shown", { bubbles: true, detail: i }));
  }

  let telling = 0;
  function report() { // tell the kernel which part is seen, when it has come to rest
    clearTimeout(telling);
    telling = setTimeout(() => {
      const { height, width } = size(), within = (value, side) => Math.round(Math.max(0, Math.min(value, side)));
      const top = within(state.y, height), left = within(state.x, width);
      const seen = [top, left, within(state.y + state.high / state.zoom, height) - top, within(state.x + state.wide / state.zoom, width) - left];
      model.set("seen", seen);
      model.save_changes();
    }, 150);
  }

  function spot(event, place) { // the pixel of the picture under the pointer, and where in the window that is
    const frame = place.getBoundingClientRect(), across = event.clientX - frame.left, down = event.clientY - frame.top;
    return { row: state.y + down / state.zoom, column: state.x + across / state.zoom, at: [down / state.high, across / state.wide] };
  }

  function listen(place) {
    let from = null;
    place.addEventListener("pointerdown", event => {
      if (event.button || event.target.classList.contains("bcv-handle")) return;
      from = { x: event.clientX, y: event.clientY, middle: centre(), moved: false };
      place.setPointerCapture(event.pointerId);
      box.focus({ preventScroll: true });
      event.preventDefault();
    });
    place.addEventListener("pointermove", event => {
      if (!from) return;
      const right = event.clientX - from.x, down = event.clientY - from.y;
      from.moved ||= Math.hypot(right, down) >= CLICK;
      if (from.moved) look(state.zoom, from.middle[0] - down / state.zoom, from.middle[1] - right / state.zoom);
    });
    place.addEventListener("pointerup", event => {
      if (from && !from.moved) {
        const { row, column } = spot(event, place), { height, width } = size();
        if (row >= 0 && column >= 0 && row < height && column < width) {
          model.set("picked", [Math.floor(row), Math.floor(column)]);
          model.save_changes();
        }
      }
      from = null;
    });
    place.addEventListener("pointercancel", () => { from = null; });
    place.addEventListener("wheel", event => { // only once it has been clicked, so that the page still scrolls over it
      if (!box.contains(document.activeElement)) return;
      event.preventDefault();
      const { row, column, at } = spot(event, place);
      zoomBy(event.deltaY < 0 ? 1 : -1, row, column, at);
    }, { passive: false });
  }

  function listenToHandle() {
    const set = value => {
      model.set("divider", Math.max(0, Math.min(100, value)));
      draw();
      model.save_changes();
    };
    handle.addEventListener("pointerdown", event => { handle.setPointerCapture(event.pointerId); handle.focus(); event.preventDefault(); });
    handle.addEventListener("pointermove", event => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const frame = windows[0].getBoundingClientRect();
      set(100 * (event.clientX - frame.left) / frame.width);
    });
    const keys = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -20, PageUp: 20, Home: -100, End: 100 };
    handle.addEventListener("keydown", event => {
      if (!(event.key in keys)) return;
      event.preventDefault();
      event.stopPropagation();
      set(model.get("divider") + keys[event.key]);
    });
  }

  box.addEventListener("keydown", event => {
    const [row, column] = centre(), step = Math.min(state.wide, state.high) / state.zoom / 8;
    const acts = {
      ArrowUp: () => look(state.zoom, row - step, column), ArrowDown: () => look(state.zoom, row + step, column),
      ArrowLeft: () => look(state.zoom, row, column - step), ArrowRight: () => look(state.zoom, row, column + step),
      "+": () => zoomBy(1), "=": () => zoomBy(1), "-": () => zoomBy(-1), 0: whole,
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in acts)) return;
    acts[event.key]();
    event.preventDefault();
    event.stopPropagation();
  });

  function follow() { // a frame that has moved out of sight comes back into it
    const [top, left, high, wide] = model.get("mark"), [row, column] = [top + high / 2, left + wide / 2];
    const inside = Math.abs(row - centre()[0]) < state.high / state.zoom / 2 && Math.abs(column - centre()[1]) < state.wide / state.zoom / 2;
    if (high && home && !inside) look(state.zoom, row, column);
    else draw();
  }

  const heard = [["change:mark", follow], ["change:divider", draw], ["change:titles change:descriptions", say]];
  for (let i = 0; i < count; i++) heard.push([`change:data${i}`, () => load(i)]);
  heard.push(["change:shape", () => { state.wide = 0; home = null; layout(); }]);
  for (const [names, act] of heard) for (const name of names.split(" ")) model.on(name, act);
  const watcher = new ResizeObserver(layout);
  watcher.observe(el);
  say();
  layout();
  layers.forEach((_, i) => load(i));
  return () => {
    watcher.disconnect();
    for (const [names, act] of heard) for (const name of names.split(" ")) model.off(name, act);
    for (const layer of layers) if (layer.src) URL.revokeObjectURL(layer.src);
  };
}

export default { render };
