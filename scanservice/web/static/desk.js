// What every page of the desk shares: the seconds in which a decision may be undone, and what comes next, early.

import { typing } from "./typing.js";

const undos = document.querySelectorAll(".undo");

for (const undo of undos) {
  const left = undo.querySelector("[data-left]");
  let seconds = Number(undo.dataset.seconds);
  const timer = setInterval(() => {
    seconds -= 1;
    left.textContent = left.dataset.left.replace("{n}", String(seconds));
    if (seconds <= 0) {
      clearInterval(timer);
      undo.remove();
    }
  }, 1000);
}
if (undos.length) {
  // The address is done with: a page that is loaded again offers no undo.
  const address = new URL(location.href);
  address.searchParams.delete("undo");
  history.replaceState(null, "", address);
}

const keys = {
  z: () => document.querySelector(".undo button")?.click(),
  s: () => document.querySelector("#start")?.click(),
  "/": () => document.querySelector("input[type=search]")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const action = keys[event.key.toLowerCase()];
  if (action) {
    action();
    event.preventDefault();
  }
});

// Pictures are drawn when first asked for, and then kept: asked for while the reviewer still looks at
// something else, they are there when the next case opens.
const following = document.querySelector("#next, #start");

async function warm(address) {
  const early = { headers: { Purpose: "prefetch" } };
  const answer = await fetch(address, early);
  if (!answer.ok) return;
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  const pictures = new Set([...next.querySelectorAll(".page image[href]")].map((one) => one.getAttribute("href")));
  for (const picture of pictures) await fetch(picture, early);
}

if (following) {
  const begin = () => warm(following.href).catch(() => {});
  addEventListener("load", () => setTimeout(begin, 400), { once: true });
}
