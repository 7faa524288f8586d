// The work of a location: scanning, ticking, counting, and what no answer came to.
// A module runs once, however often pages with it are swapped in.
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

// A scanner is a keyboard: what it types goes to the field for it, wherever the focus is.
const field = () => all("[data-scan]").find((each) => each.value === "") ?? all("[data-scan]")[0];
window.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const scan = field();
  if (!scan) return;
  if (event.key === "/") event.preventDefault();
  else if (!/^[0-9A-Z]$/.test(event.key)) return;
  event.stopImmediatePropagation();
  scan.focus();
  scan.select();
}, { capture: true });

// What is ticked stays ticked when the page is opened again; the list is forgotten with the tab.
const keyOf = (form) => `ticked ${form.dataset.picking}`;
const remember = (form) => sessionStorage.setItem(keyOf(form), JSON.stringify(all("[data-tick]:checked", form).map((box) => box.dataset.tick)));
const count = (form) => {
  const fields = all("[data-found]", form);
  const sum = (value) => fields.reduce((total, each) => total + Number(value(each)), 0);
  const said = form.querySelector("[data-count]");
  said.textContent = said.dataset.said.replace("{found}", sum((each) => each.value)).replace("{asked}", sum((each) => each.max));
  fields.forEach((each) => each.closest("li").classList.toggle("is-short", Number(each.value) < Number(each.max)));
};

const prepare = () => {
  all("[data-step][hidden], [data-print][hidden]").forEach((button) => { button.hidden = false; });
  all("[data-picking]").forEach((form) => {
    const ticked = JSON.parse(sessionStorage.getItem(keyOf(form)) ?? "[]");
    all("[data-tick]", form).forEach((box) => { box.checked ||= ticked.includes(box.dataset.tick); });
    count(form);
  });
};

document.addEventListener("click", (event) => {
  const step = event.target.closest("[data-step]");
  if (step) {
    const input = step.parentElement.querySelector("input");
    const next = Number(input.value) + Number(step.dataset.step);
    input.value = Math.min(Math.max(next, Number(input.min)), Number(input.max));
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (event.target.closest("[data-print]")) window.print();
});
document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-picking]");
  if (!form) return;
  remember(form);
  count(form);
});
document.addEventListener("htmx:after:swap", prepare);
prepare();

// A list that cannot be brought up to date says so; a form without an answer says so where it is.
const isLive = (event) => event.detail.ctx?.sourceElement?.matches?.("[data-live]") ?? false;
const show = (selector, wanted) => all(selector).forEach((each) => { each.hidden = !wanted; });
document.addEventListener("htmx:before:request", (event) => {
  if (!isLive(event)) show("[data-unsent]", false);
  else if (document.hidden) event.preventDefault();
});
document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx?.response) return;
  if (isLive(event)) {
    show("[data-not-live]", true);
    return;
  }
  show("[data-unsent]", true);
  document.querySelector("[data-unsent]")?.scrollIntoView({ block: "center" });
});
document.addEventListener("htmx:after:request", (event) => {
  if (isLive(event)) show("[data-not-live]", event.detail.ctx.response.status >= 500);
});
// Whoever is not signed in any more, or may not see this any more, is told by the page itself.
document.addEventListener("htmx:response:error", (event) => {
  if (isLive(event) && event.detail.ctx.response.status < 500) location.reload();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) all("[data-live]").forEach((each) => each.dispatchEvent(new Event("again")));
});
