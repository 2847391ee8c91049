// Small conveniences on top of pages that work without them: adding to the basket without leaving
// the page, filters and quantities that apply by themselves, the price of the chosen variant.

const toast = document.querySelector("[data-toast]");
let toastTimer;

function announce(text, isProblem) {
  toast.querySelector("[data-toast-text]").textContent = text;
  toast.classList.toggle("toast--problem", isProblem);
  toast.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { toast.hidden = true; }, 6000);
}

export function showBasketCount(count) {
  const badge = document.querySelector("[data-basket-count]");
  badge.querySelector("b").textContent = count;
  badge.hidden = count === 0;
}

async function addToBasket(form) {
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const response = await fetch(form.action, {
      method: "POST", body: new FormData(form), headers: { Accept: "application/json" },
    });
    const answer = await response.json();
    showBasketCount(answer.count);
    announce(answer.message, !answer.done);
  } catch {
    form.submit(); // no answer we can read: let the browser do it the plain way
  } finally {
    button.disabled = false;
  }
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-basket-form]")) {
    event.preventDefault();
    addToBasket(event.target);
  }
});

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-filters], [data-quantity-form]")) {
    form.requestSubmit();
  }
  const { price, picture } = event.target.dataset;
  if (price) {
    document.querySelector("p[data-price]").textContent = price;
    document.querySelector("img[data-picture]").src = picture;
  }
});

// Another part of the page (a recommendation block) put something into the basket.
document.addEventListener("crosssell:basket", (event) => {
  if (Number.isInteger(event.detail?.count)) {
    showBasketCount(event.detail.count);
  }
});

if (matchMedia("(min-width: 56rem)").matches) {
  document.querySelectorAll("[data-open-when-wide]").forEach((details) => { details.open = true; });
}

document.documentElement.classList.add("has-script");
