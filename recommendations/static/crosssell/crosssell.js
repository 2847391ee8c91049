// The blocks work without this script: it lets the total follow the ticks and fills lazy places.

/** Write an amount of smallest coins as the server does; the format is in the total's data. */
export function amountText(minor, { prefix, digits, decimal, thousand, groups }) {
  const places = Number(digits);
  const text = String(Math.abs(minor)).padStart(places + 1, "0");
  const whole = places ? text.slice(0, -places) : text;
  const fraction = places ? decimal + text.slice(-places) : "";
  const sign = minor < 0 ? "\u2212" : "";
  return sign + prefix + grouped(whole, thousand, groups.split(",").map(Number)) + fraction;
}

/** Put separators from the right: sizes [3] gives 1,234,567 and [3, 2, 0] gives 12,34,567. */
function grouped(whole, separator, sizes) {
  if (!separator || !sizes[0]) return whole;
  const parts = [];
  let rest = whole;
  let size = sizes[0];
  for (let index = 0; rest.length > size; index += 1) {
    parts.unshift(rest.slice(-size));
    rest = rest.slice(0, -size);
    size = sizes[index + 1] || size;
  }
  return [rest, ...parts].join(separator);
}

function follow(form) {
  const ticks = [...form.querySelectorAll("input[type=checkbox][name=item]")];
  const total = form.querySelector("[data-crosssell-total]");
  const texts = [...form.querySelectorAll("[data-chosen]")];
  texts.forEach((element) => { element.dataset.all = element.textContent; });

  function update() {
    const chosen = ticks.filter((tick) => tick.checked);
    const some = chosen.length < ticks.length;
    texts.forEach((element) => {
      element.textContent = some ? element.dataset.chosen : element.dataset.all;
    });
    form.querySelector("[data-crosssell-add]").disabled = chosen.length === 0;
    if (total) {
      const minor = chosen.reduce((sum, tick) => sum + Number(tick.dataset.minor), 0);
      total.textContent = amountText(minor, total.dataset);
    }
  }

  form.addEventListener("change", update);
  // A browser that goes back restores ticks after the page has been drawn.
  window.addEventListener("pageshow", update);
  update();
}

/** Send a word on a product without leaving the page; what does not interest goes at once. */
function listen(form) {
  const status = form.querySelector("[role=status]");
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button?.name) return;
    event.preventDefault();
    const body = new FormData(form);
    body.append(button.name, button.value);
    const card = button.closest("li");
    try {
      const response = await fetch(form.action, {
        method: "POST", body, headers: { Accept: "application/json" },
      });
      status.textContent = (await response.json()).detail;
      if (!response.ok) return;
      if (button.name === "not_interested") leave(card);
      else button.disabled = true;
    } catch {
      status.textContent = status.dataset.failed;
    }
  });
}

/** Take a card out; the keyboard goes on at the one beside it, else at the heading. */
function leave(card) {
  const shelf = card.closest("section");
  const beside = card.nextElementSibling ?? card.previousElementSibling;
  const heading = shelf.querySelector("h2");
  const target = beside?.querySelector("a, button") ?? heading;
  card.remove();
  if (target === heading) heading.tabIndex = -1;
  target.focus();
}

/** Servers refuse longer request lines: gunicorn by default from 4094 bytes on. */
const LONGEST_ADDRESS = 3500;

/** Return a fragment's address with what the page shows already, as far as it may be told. */
export function addressOf(source, shown, most) {
  const url = new URL(source, document.baseURI);
  const given = url.searchParams.getAll("exclude").flatMap((keys) => keys.split(","));
  url.searchParams.delete("exclude");
  const told = [];
  let length = url.href.length + "&exclude=".length;
  // A list is parted by commas, so a key that holds one cannot be in it.
  for (const key of new Set([...given, ...shown])) {
    if (!key || key.includes(",")) continue;
    length += encodeURIComponent(`${key},`).length;
    if (told.length >= most || length > LONGEST_ADDRESS) break;
    told.push(key);
  }
  if (told.length) url.searchParams.set("exclude", told.join(","));
  return url.href;
}

function shownKeys() {
  return [...document.querySelectorAll("[data-crosssell-key]")].map(
    (element) => element.dataset.crosssellKey,
  );
}

async function fill(place) {
  try {
    const { crosssellSrc, crosssellMost } = place.dataset;
    const address = addressOf(crosssellSrc, shownKeys(), Number(crosssellMost));
    const response = await fetch(address, { headers: { Accept: "text/html" } });
    if (!response.ok) return;
    place.innerHTML = await response.text();
    await start(place);
  } catch {
    // Nothing to show is what the page had before.
  }
}

async function start(root) {
  root.querySelectorAll("form[data-crosssell-together]").forEach(follow);
  root.querySelectorAll("form[data-crosssell-feedback]").forEach(listen);
  // One after the other: each is told what those before it show, so that nothing stands twice.
  for (const place of root.querySelectorAll("[data-crosssell-src]")) await fill(place);
}

if (typeof document !== "undefined") start(document);
