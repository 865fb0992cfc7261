// The upload page: each page photographed by itself, looked at before it is sent, and sent until it arrives.

import { look } from "./look.js";

const form = document.querySelector("#upload");
const slots = [...document.querySelectorAll(".slot")];
const files = document.querySelector("#files");
const trouble = document.querySelector("#trouble");
const sending = document.querySelector("#sending");
const send = document.querySelector("#send");
const words = form.dataset;
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 15000;
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
  const data = new FormData();
  const again = form.querySelector("[name=again]");
  if (again) data.append("again", again.value);
  const all = [...slots.filter((slot) => chosen.has(slot)).map((slot) => chosen.get(slot)), ...files.files];
  all.forEach((file, index) => data.append("files", file, `file-${index + 1}`)); // names may hold a person's
  const missing = slots.some((slot) => slot.dataset.required === "yes" && !chosen.has(slot));
  return { data, count: all.length, missing: missing && !files.files.length };
}

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function post(data, key) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Idempotency-Key", key);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) progress(Math.round((100 * event.loaded) / event.total));
    };
    request.onload = () => resolve({ status: request.status, text: request.responseText, after: request.getResponseHeader("Retry-After") });
    request.onerror = request.onabort = request.ontimeout = () => resolve({ status: 0 });
    request.send(data);
  });
}

function progress(percent) {
  sending.querySelector("progress").value = percent;
  sending.querySelector("p").textContent = words.sending.replace("{n}", String(percent));
}

function pause(milliseconds) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    addEventListener("online", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}

async function arrived() {
  try {
    const answer = await fetch(words.state, { headers: { Accept: "application/json" } });
    return answer.ok && (await answer.json()).stage !== null;
  } catch {
    return false;
  }
}

// Until the server has answered: where the answer was lost, the state tells that the files arrived.
async function deliver(data) {
  const key = newKey();
  let wait = FIRST_PAUSE;
  for (;;) {
    progress(0);
    const answer = await post(data, key);
    if (answer.status >= 200 && answer.status < 400) return "";
    if (answer.status >= 400 && ![408, 429, 502, 503, 504].includes(answer.status)) return messageOf(answer.text);
    sending.querySelector("p").textContent = words.broken;
    await pause(answer.after ? 1000 * Number(answer.after) : wait);
    wait = Math.min(LONGEST_PAUSE, wait * 2);
    if (await arrived()) return "";
  }
}

function messageOf(text) {
  try {
    return JSON.parse(text).message;
  } catch {
    return words.broken;
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { data, count, missing } = gather();
  if (!count || missing) {
    say(count ? words.missing : words.none);
    return;
  }
  say("");
  send.disabled = true;
  sending.hidden = false;
  const refused = await deliver(data);
  if (!refused) {
    location.assign(words.home);
    return;
  }
  sending.hidden = true;
  send.disabled = false;
  say(refused);
});
