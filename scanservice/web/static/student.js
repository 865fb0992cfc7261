// The upload page: each page photographed by itself, looked at before it is sent, and sent.

import { deliver } from "./deliver.js";
import { look } from "./look.js";

const form = document.querySelector("#upload");
const slots = [...document.querySelectorAll(".slot")];
const files = document.querySelector("#files");
const trouble = document.querySelector("#trouble");
const sending = document.querySelector("#sending");
const send = document.querySelector("#send");
const words = form.dataset;
const chosen = new Map(); // slot to file

function say(text) {
  trouble.textContent = text;
  trouble.hidden = !text;
}

async function choose(slot, file) {
  const preview = slot.querySelector(".preview");
  const checked = slot.querySelector(".checked");
  if (preview.src) URL.revokeObjectURL(preview.src);
  say("");
  chosen.set(slot, file);
  preview.src = URL.createObjectURL(file);
  preview.hidden = false;
  preview.onerror = () => { preview.hidden = true; };
  slot.classList.add("taken");
  slot.querySelector(".take span").textContent = words.retake;
  const found = file.size > Number(words.most) ? "large" : await look(file);
  if (chosen.get(slot) !== file) return;
  checked.textContent = words[found];
  checked.className = `checked ${found === "fine" ? "agree" : found === "unseen" ? "note" : found === "large" ? "differ" : "unsure"}`;
}

for (const slot of slots) {
  for (const input of slot.querySelectorAll(".shot")) {
    input.addEventListener("change", () => {
      if (input.files[0]) choose(slot, input.files[0]);
    });
  }
}
if (slots.length) {
  document.querySelector(".slots").hidden = false;
  files.required = false;
  if (files.parentElement.dataset.exact) files.parentElement.hidden = true;
}

function gather() {
  const all = [...slots.filter((slot) => chosen.has(slot)).map((slot) => chosen.get(slot)), ...files.files];
  const missing = slots.some((slot) => slot.dataset.required === "yes" && !chosen.has(slot));
  return { all, missing: missing && !files.files.length };
}

function progress(percent) {
  sending.querySelector("progress").value = percent;
  sending.querySelector("p").textContent = words.sending.replace("{n}", String(percent));
}

function broken() {
  sending.querySelector("p").textContent = words.broken;
}

// Where the last answer was lost, the state tells that the files arrived.
async function arrived() {
  try {
    const answer = await fetch(words.state, { headers: { Accept: "application/json" } });
    return answer.ok && (await answer.json()).stage !== null;
  } catch {
    return false;
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { all, missing } = gather();
  if (!all.length || missing) {
    say(all.length ? words.missing : words.none);
    return;
  }
  say("");
  send.disabled = true;
  sending.hidden = false;
  progress(0);
  const again = form.querySelector("[name=again]")?.value ?? "";
  const refused = await deliver(all, { parts: words.parts, scans: form.action, again }, { progress, broken, arrived });
  if (refused === null) {
    location.assign(words.home);
    return;
  }
  sending.hidden = true;
  send.disabled = false;
  say(refused || words.broken);
});
