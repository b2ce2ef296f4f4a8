// Names what ipywidgets leaves nameless, for screen readers: each slider's handle after its label, each picture after its title.

function name(box) {
  for (const slider of box.querySelectorAll(".widget-slider")) {
    const label = slider.querySelector(".widget-label")?.textContent;
    for (const handle of slider.querySelectorAll("[role=slider]:not([aria-label])")) if (label) handle.setAttribute("aria-label", label);
  }
  for (const picture of box.querySelectorAll("img.widget-image")) {
    const title = picture.parentElement.querySelector("b")?.textContent;
    const said = title || box.querySelector("[role=status]")?.textContent || "picture";
    if (picture.alt !== said) picture.alt = said;
  }
}

function render({ el }) {
  el.style.display = "none";
  let watcher = null;
  const begin = requestAnimationFrame(function find() { // the box is in the page only after its children were made
    const box = el.closest(".blockcnn-named");
    if (!box) return void requestAnimationFrame(find);
    name(box);
    watcher = new MutationObserver(() => name(box));
    watcher.observe(box, { childList: true, subtree: true });
  });
  return () => { cancelAnimationFrame(begin); watcher?.disconnect(); };
}

export default { render };
