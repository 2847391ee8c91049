// Offers products while a person types into a field of a form that lists some. Without this script
// the fields take a title or a key as it is.

for (const form of document.querySelectorAll("[data-cs-suggest]")) {
  form.addEventListener("input", async (event) => {
    const field = event.target;
    if (!field.list) return;
    const text = field.value;
    const response = await fetch(`${form.dataset.csSuggest}?q=${encodeURIComponent(text)}`);
    if (!response.ok || field.value !== text) return;
    const { products } = await response.json();
    field.list.replaceChildren(...products.map((title) => new Option(title, title)));
  });
}
