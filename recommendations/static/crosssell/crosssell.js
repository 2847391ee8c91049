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

async function fill(place) {
  try {
    const response = await fetch(place.dataset.crosssellSrc, { headers: { Accept: "text/html" } });
    if (!response.ok) return;
    place.innerHTML = await response.text();
    start(place);
  } catch {
    // Nothing to show is what the page had before.
  }
}

function start(root) {
  root.querySelectorAll("form[data-crosssell-together]").forEach(follow);
  root.querySelectorAll("[data-crosssell-src]").forEach(fill);
}

if (typeof document !== "undefined") start(document);
