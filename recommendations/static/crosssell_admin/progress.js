// Keeps the progress of running builds and comparisons up to date, and fetches the finished page's content in place.
// Without this script, reloading the page shows the same.

const EVERY = 2000;
const PATIENCE = 30000; // after faults in a row, wait longer rather than knock harder

const LOOKS = 30; // a minute: by then a worker has begun what was asked for, or there is none

let faults = 0;
let looks = location.hash === "#requested" ? LOOKS : 0;

async function refresh() {
  const bars = [...document.querySelectorAll("[data-cs-progress]")];
  if (!bars.length && !looks) return;
  if (!bars.length) {
    looks -= 1;
    await replacePage().catch(() => {});
  } else if (!document.hidden) {
    looks = 0;
    const addresses = [...new Set(bars.map((bar) => bar.dataset.csProgress))];
    try {
      const states = await Promise.all(addresses.map(read));
      faults = 0;
      for (const bar of bars) show(bar, states[addresses.indexOf(bar.dataset.csProgress)]);
      if (states.some((state) => !state.running)) await replacePage();
    } catch {
      faults += 1;
    }
  }
  setTimeout(refresh, Math.min(EVERY * 2 ** faults, PATIENCE));
}

async function read(address) {
  const response = await fetch(address, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.json();
}

function show(bar, state) {
  const meter = bar.querySelector("progress");
  if (state.percent === null) meter.removeAttribute("value");
  else meter.value = state.percent;
  bar.querySelector("[data-cs-text]").textContent = state.text;
}

// A build that ended has a verdict, figures and other buttons: take them from the same page.
async function replacePage() {
  const response = await fetch(location.href);
  if (!response.ok) throw new Error(`${location.href}: ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const id of ["cs-live", "cs-comparison", "cs-questions", "changelist-form"]) {
    const fresh = page.getElementById(id);
    if (fresh) document.getElementById(id)?.replaceWith(fresh);
  }
}

setTimeout(refresh, EVERY);
