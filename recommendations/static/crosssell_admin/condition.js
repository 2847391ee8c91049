// Rows of a rule: comparisons that fit the field, and more rows. Without this script every
// comparison is offered, three rows are blank, and the server says what does not fit.

const NO_VALUE = new Set(["same", "exists", "not_exists"]);

for (const widget of document.querySelectorAll("[data-cs-condition]")) start(widget);

// The admin copies a blank form without its listeners where another row of an inline is added.
document.addEventListener("formset:added", ({ target }) => {
  for (const widget of target.querySelectorAll("[data-cs-condition]")) start(widget);
});

function start(widget) {
  if (widget.closest(".empty-form")) return; // to be copied
  const rows = [...widget.querySelectorAll("[data-cs-row]")];
  // The blank rows are for browsers without this script: one is enough to begin with.
  while (rows.length > 1 && isBlank(rows.at(-1)) && isBlank(rows.at(-2))) rows.pop().remove();
  rows.forEach(attach);
  const add = widget.querySelector("[data-cs-add]");
  add.hidden = false;
  add.addEventListener("click", () => addRow(widget));
  // Whoever edits the one means the one: the choice follows.
  const choose = (mode) => { widget.querySelector(`[value=${mode}][type=radio]`).checked = true; };
  widget.querySelector(".cs-condition-rows").addEventListener("input", () => choose("rows"));
  widget.querySelector("textarea").addEventListener("input", () => choose("json"));
}

function isBlank(row) {
  return !row.querySelector("select").value;
}

function attach(row) {
  const [field, operator] = row.querySelectorAll("select");
  const fit = () => {
    const chosen = field.selectedOptions[0];
    const allowed = chosen?.dataset.operators?.split(" ");
    for (const option of operator.options) {
      option.hidden = option.disabled = Boolean(allowed) && !allowed.includes(option.value);
    }
    if (operator.selectedOptions[0]?.disabled) {
      operator.value = [...operator.options].find((option) => !option.disabled)?.value;
    }
    row.querySelector("[data-cs-attribute]").hidden = !field.value.endsWith(".attributes");
    const value = row.querySelector("[data-cs-value]");
    value.hidden = NO_VALUE.has(operator.value);
    if (value.hidden) value.value = "";
    // Names of categories and brands, where the page has them.
    value.setAttribute("list", `cs-known-${field.value}`);
  };
  field.addEventListener("change", () => {
    if (!field.value) row.querySelector("[data-cs-value]").value = ""; // the row is taken out
    fit();
  });
  operator.addEventListener("change", fit);
  fit();
}

function addRow(widget) {
  const rows = widget.querySelectorAll("[data-cs-row]");
  const last = rows[rows.length - 1];
  const row = last.cloneNode(true);
  const position = rows.length;
  for (const input of row.querySelectorAll("[name]")) {
    input.name = input.name.replace(/-\d+-(\w+)$/, `-${position}-$1`);
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
    if (input.tagName === "SELECT") input.selectedIndex = 0;
    else input.value = "";
  }
  row.querySelector(".cs-condition-fault")?.remove();
  row.setAttribute("aria-label", last.getAttribute("aria-label").replace(/\d+/, position + 1));
  last.after(row);
  attach(row);
  row.querySelector("select").focus();
}
