// Follows the check: by the stream of events, and by asking where a stream does not get through.

const steps = document.querySelector("#progress");
const POLL = 2000;
const STREAM_PATIENCE = 5000;
let heard = false;

function show(stage, done) {
  if (done) {
    location.reload();
    return;
  }
  let reached = false;
  for (const step of steps.children) {
    const here = step.dataset.stage === stage;
    reached ||= here;
    step.className = reached && !here ? "not_evaluated" : "agree";
    if (here) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  }
}

async function poll() {
  try {
    const answer = await fetch(steps.dataset.state, { headers: { Accept: "application/json" } });
    if (answer.ok) {
      const { stage, done } = await answer.json();
      show(stage, done);
      if (done) return;
    }
  } catch {
    // Out of reach for now: it is asked again.
  }
  setTimeout(poll, POLL);
}

if (window.EventSource) {
  const stream = new EventSource(steps.dataset.events);
  const listen = (event) => {
    heard = true;
    const { stage, verdict_version: version } = JSON.parse(event.data);
    if (version > 0) stream.close();
    show(stage, version > 0);
  };
  stream.addEventListener("progress", listen);
  stream.addEventListener("done", listen);
  setTimeout(() => {
    if (heard) return;
    stream.close();
    poll();
  }, STREAM_PATIENCE);
} else {
  poll();
}
