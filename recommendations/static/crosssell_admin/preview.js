// The block is shown in a shadow root; on a placement's page it follows the form while it is edited.
// Without this script the page shows what is saved, and the Preview button opens a page of its own.

const PAUSE = 300;

for (const block of document.querySelectorAll("[data-cs-block]")) {
  attach(block);
  keepInside(block);
}

const section = document.querySelector("[data-cs-preview]");
const field = section?.querySelector("[name=preview_product]");
if (field?.form) follow(section, field);

// Browsers without declarative shadow roots leave the template where it is.
function attach(block) {
  const template = block.querySelector("template[shadowrootmode]");
  if (!template || block.shadowRoot) return;
  block.attachShadow({ mode: "open" }).append(template.content);
  template.remove();
}

// A preview is to be looked at: its buttons and links would leave the form or fill a basket.
function keepInside(block) {
  for (const kind of ["click", "submit"]) {
    block.addEventListener(kind, (event) => {
      const target = event.composedPath()[0];
      if (kind === "submit" || target.closest?.("a, button, [type=submit]")) event.preventDefault();
    }, true);
  }
}

function follow(section, field) {
  const form = field.form;
  const block = section.querySelector("[data-cs-block]");
  const note = section.querySelector("[data-cs-note]");
  const scene = section.querySelector("[data-cs-scene]");
  const list = section.querySelector("datalist");
  let timer = 0;
  let asked = 0;

  async function refresh() {
    const mine = ++asked;
    try {
      const response = await fetch(section.dataset.csPreview, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
      });
      if (!response.ok) throw new Error(String(response.status));
      const answer = await response.json();
      if (mine === asked) show(answer);
    } catch (error) {
      if (mine === asked) note.textContent = String(error.message ?? error);
    }
  }

  function show(answer) {
    note.textContent = answer.note;
    scene.textContent = answer.scene;
    const problems = Object.values(answer.problems).flat();
    if (problems.length) note.textContent = `${answer.note} ${problems.join(" ")}`;
    const root = block.shadowRoot ?? block.attachShadow({ mode: "open" });
    const styles = section.dataset.csStyles.split(" ").map((address) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = address;
      return link;
    });
    const stage = document.createElement("div");
    stage.className = "cs-stage";
    stage.innerHTML = answer.html;
    // The style sheets stay where they are, so that the block does not flash unstyled.
    if (!root.querySelector("link")) root.append(...styles);
    root.querySelector(".cs-stage")?.remove();
    root.append(stage);
  }

  async function suggest() {
    const response = await fetch(`${section.dataset.csProducts}?q=${encodeURIComponent(field.value)}`);
    if (!response.ok) return;
    const { products } = await response.json();
    list.replaceChildren(...products.map((text) => new Option(text, text)));
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  }

  form.addEventListener("input", soon);
  // What the admin's search fields choose is told to jQuery's listeners alone.
  window.django.jQuery(form).on("change", soon);
  document.addEventListener("formset:removed", soon);
  // The field stands outside the form's element, so its events do not pass through it.
  field.addEventListener("input", () => {
    soon();
    suggest();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // Enter would save the placement
    refresh();
  });
  section.querySelector("[data-cs-refresh]").addEventListener("click", (event) => {
    event.preventDefault();
    refresh();
  });
}
