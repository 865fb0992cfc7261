// Sends files until they have arrived: piece by piece, so that a broken connection costs the piece under way,
// and goes on from where the server says that they end (the shape of the IETF's resumable uploads).

const PIECE = 1 << 20; // bytes; what a proxy holds back until it has it all is no more than this
const SILENCE = 20000; // ms without a byte sent, after which a connection counts as lost
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 15000;
const PASSING = [0, 408, 429, 500, 502, 503, 504];

// An answer, of status 0 where none came.
function call(method, address, headers = {}, body = null, sent = () => {}) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const lost = () => request.abort();
    let timer = setTimeout(lost, SILENCE);
    const end = (answer) => {
      clearTimeout(timer);
      removeEventListener("offline", lost);
      resolve(answer);
    };
    request.open(method, address);
    for (const [name, value] of Object.entries({ Accept: "application/json", ...headers })) {
      request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => {
      clearTimeout(timer);
      timer = setTimeout(lost, SILENCE);
      sent(event.loaded);
    };
    request.onload = () => end({
      status: request.status, text: request.responseText, header: (name) => request.getResponseHeader(name),
    });
    request.onerror = request.onabort = () => end({ status: 0 });
    addEventListener("offline", lost);
    request.send(body);
  });
}

const fine = (answer) => answer.status >= 200 && answer.status < 400;

async function sendFile(one, parts, told) {
  if (one.address && one.offset === null) {
    const answer = await call("HEAD", one.address);
    if (answer.status === 404) one.address = "";
    else if (!fine(answer)) return answer;
    else one.offset = Number(answer.header("Upload-Offset"));
  }
  if (!one.address) {
    const answer = await call("POST", parts, { "Upload-Length": String(one.file.size) });
    if (!fine(answer)) return answer;
    one.address = answer.header("Location");
    one.offset = 0;
  }
  while (one.offset < one.file.size) {
    const piece = one.file.slice(one.offset, one.offset + PIECE);
    const headers = { "Content-Type": "application/partial-upload", "Upload-Offset": String(one.offset) };
    const answer = await call("PATCH", one.address, headers, piece, told);
    if (!fine(answer) && answer.status !== 409) return answer;
    one.reached = one.offset = Number(answer.header("Upload-Offset"));
  }
  return { status: 204 };
}

const reached = (all) => all.reduce((sum, one) => sum + one.reached, 0);

async function attempt(all, where, key, progress) {
  const total = all.reduce((sum, one) => sum + one.file.size, 0);
  for (const one of all) {
    const answer = await sendFile(one, where.parts, (loaded) => {
      progress(Math.min(100, Math.floor((100 * (reached(all) + loaded)) / total)));
    });
    if (!fine(answer)) return answer;
  }
  progress(100);
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  const body = { parts: all.map((one) => one.address.split("/").pop()), again: where.again };
  const answer = await call("POST", where.scans, headers, JSON.stringify(body));
  if (answer.status !== 404) return answer;
  for (const one of all) one.address = ""; // they lay too long
  return { status: 0 };
}

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function pause(milliseconds) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    addEventListener("online", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}

// What the server says against the files; null once they have arrived. `where` names addresses of parts and
// scans; `tell.progress` gets percent, `tell.broken` is told of a lost connection, and `tell.arrived` finds
// out whether all arrived though its answer was lost.
export async function deliver(files, where, tell) {
  const key = newKey();
  const all = files.map((file) => ({ file, address: "", offset: null, reached: 0 }));
  let wait = FIRST_PAUSE;
  for (;;) {
    const before = reached(all);
    const answer = await attempt(all, where, key, tell.progress);
    if (fine(answer)) return null;
    if (!PASSING.includes(answer.status)) {
      if (await tell.arrived()) return null;
      return messageOf(answer.text);
    }
    tell.broken();
    if (reached(all) > before) wait = FIRST_PAUSE;
    await pause(answer.status && answer.header("Retry-After") ? 1000 * Number(answer.header("Retry-After")) : wait);
    wait = Math.min(LONGEST_PAUSE, wait * 2);
    if (await tell.arrived()) return null;
    for (const one of all) one.offset = null;
  }
}

function messageOf(text) {
  try {
    return JSON.parse(text).message;
  } catch {
    return "";
  }
}
