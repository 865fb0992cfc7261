// The case page by keyboard, and pictures that move to a place. Without it every form works all the same.

import { typing } from "./typing.js";

const tools = document.querySelector(".tools");
const pages = [...document.querySelectorAll(".page")];
const panels = [...document.querySelectorAll(".decide details")];
const BESIDE = 0.05; // of a region's width is shown at either side of it,
const ABOVE = 1.5; // and of its height above and below, where that is more,
const LEAST = 0.3; // and never less than this of the page's width

function showPage(index) {
  for (const page of pages) page.classList.toggle("later", page.dataset.page !== String(index));
  press("[data-page-button]", (button) => button.dataset.pageButton === String(index));
}

function showView(name) {
  document.body.dataset.view = name;
  if (name !== "straight") {
    for (const image of document.querySelectorAll("image[data-href]")) {
      image.setAttribute("href", image.dataset.href);
      image.removeAttribute("data-href");
    }
  }
  press("[data-view-button]", (button) => button.dataset.viewButton === name);
}

function press(selector, is) {
  for (const button of document.querySelectorAll(selector)) button.setAttribute("aria-pressed", String(is(button)));
}

function toggleOutlines() {
  const hidden = document.body.classList.toggle("bare");
  press("[data-outlines]", () => !hidden);
}

function reset() {
  for (const svg of document.querySelectorAll(".page svg")) {
    if (svg.dataset.full) svg.setAttribute("viewBox", svg.dataset.full);
  }
  for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
}

function showPlace(region, page) {
  showPage(page);
  reset();
  for (const shape of document.querySelectorAll(`.page polygon[data-region="${CSS.escape(region)}"]`)) {
    shape.classList.add("lit");
    zoomTo(shape.ownerSVGElement, shape.getBBox());
  }
}

function zoomTo(svg, box) {
  if (!svg.dataset.full) {
    svg.dataset.full = svg.getAttribute("viewBox");
    const { width, height } = svg.getBoundingClientRect();
    svg.dataset.ratio = String(height ? width / height : 1);
  }
  const [, , fullWidth, fullHeight] = svg.dataset.full.split(" ").map(Number);
  const ratio = Number(svg.dataset.ratio);
  const wide = Math.max(box.width * (1 + 2 * BESIDE), box.height * (1 + 2 * ABOVE) * ratio, fullWidth * LEAST);
  const width = Math.min(fullWidth, wide);
  const height = width / ratio;
  const left = Math.min(Math.max(0, box.x + box.width / 2 - width / 2), fullWidth - width);
  const top = Math.min(Math.max(0, box.y + box.height / 2 - height / 2), Math.max(0, fullHeight - height));
  svg.setAttribute("viewBox", [left, top, width, height].map((value) => value.toFixed(1)).join(" "));
}

const findings = [...document.querySelectorAll(".findings > li")];
let current = -1;

function step(by) {
  if (!findings.length) return;
  current = (current + by + findings.length) % findings.length;
  for (const one of findings) one.classList.toggle("current", one === findings[current]);
  findings[current].scrollIntoView({ block: "nearest" });
  findings[current].querySelector("[data-show]")?.click();
}

function openPanel(key) {
  for (const panel of panels) panel.open = panel.dataset.key === key && !panel.open;
  const panel = panels.find((one) => one.open);
  panel?.querySelector("input[type=checkbox], textarea, button")?.focus();
  return true;
}

function tick(number) {
  const panel = panels.find((one) => one.open);
  const boxes = panel ? [...panel.querySelectorAll("input[type=checkbox]")] : [];
  const reasons = boxes.filter((box) => box.name === "reason");
  const box = reasons.length ? reasons.find((one) => one.value === String(number)) : boxes[number - 1];
  box?.click();
  return Boolean(box);
}

function submitOpen() {
  const panel = panels.find((one) => one.open && one.querySelector("form"));
  panel?.querySelector("form").requestSubmit();
  return Boolean(panel);
}

const keys = {
  a: () => openPanel("a"),
  r: () => openPanel("r"),
  t: () => openPanel("t"),
  "?": () => openPanel("?"),
  n: () => document.querySelector("#next")?.click(),
  j: () => step(1),
  k: () => step(-1),
  v: () => showView(document.body.dataset.view === "upload" ? "straight" : "upload"),
  b: () => showView(document.body.dataset.view === "both" ? "straight" : "both"),
  o: toggleOutlines,
  0: reset,
  escape: () => {
    if (!panels.some((one) => one.open)) reset();
    for (const panel of panels) panel.open = false;
  },
};

document.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  if (key === "enter" && (event.ctrlKey || event.metaKey || event.target.type === "checkbox")) {
    if (submitOpen()) event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || (typing(event.target) && key !== "escape")) return;
  if (/^[1-9]$/.test(key)) {
    if (tick(Number(key))) event.preventDefault();
    return;
  }
  const action = keys[key];
  if (action) {
    action();
    event.preventDefault();
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-show]");
  if (!link) return;
  event.preventDefault();
  showPlace(link.dataset.show, link.dataset.on);
});

// A decision is sent once, however often the key is pressed.
for (const form of document.querySelectorAll(".decide form")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// What the program got wrong is told in place; the link leads to a page of its own where this does not run.
async function correct(link) {
  const answer = await fetch(link.href);
  const form = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".correction");
  if (!answer.ok || !form) throw new Error("no form");
  link.replaceWith(document.adoptNode(form));
  form.querySelector("select").focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.correct");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  correct(link).catch(() => location.assign(link.href));
});

tools?.addEventListener("click", (event) => {
  const { pageButton, viewButton, outlines, reset: whole } = event.target.dataset;
  if (pageButton) showPage(pageButton);
  if (viewButton) showView(viewButton);
  if (outlines !== undefined) toggleOutlines();
  if (whole !== undefined) reset();
});
document.documentElement.dataset.ready = "";
