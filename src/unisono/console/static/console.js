// Comfort on top of pages that work without it: keys, focus, progress.
(() => {
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
  const rows = () => [...document.querySelectorAll("[data-row]")];
  let awaitsPlace = false;

  const move = (step) => {
    const all = rows();
    if (all.length === 0) return;
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    next.querySelector("a")?.focus();
    next.scrollIntoView({ block: "nearest" });
  };

  const goTo = (key) => document.querySelector(`.navigation a[data-key="${CSS.escape(key)}"]`)?.click();

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (awaitsPlace) {
      awaitsPlace = false;
      goTo(event.key);
      return;
    }
    const acts = {
      "/": () => document.getElementById("search")?.focus(),
      "?": () => document.getElementById("keys")?.showModal(),
      g: () => { awaitsPlace = true; setTimeout(() => { awaitsPlace = false; }, 1500); },
      j: () => move(1),
      k: () => move(-1),
    };
    const act = acts[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  // A whole row opens what its first link opens, for those who point.
  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    if (row && !event.target.closest("a, button, input, label, summary")) row.querySelector("a")?.click();
    const opener = event.target.closest("[data-dialog]");
    if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
    const copier = event.target.closest("[data-copy]");
    if (copier) navigator.clipboard?.writeText(copier.dataset.copy).then(() => {
      const said = copier.querySelector("span");
      const before = said.textContent;
      said.textContent = copier.dataset.copied;
      setTimeout(() => { said.textContent = before; }, 2000);
    });
    const closer = event.target.closest("[data-close]");
    if (closer) closer.closest("dialog")?.close();
  });

  // A long list of choices is narrowed to those whose text has what is typed.
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  document.addEventListener("input", (event) => {
    const list = document.getElementById(event.target.dataset.narrows ?? "");
    if (!list) return;
    for (const each of list.children) each.hidden = !plain(each.textContent).includes(plain(event.target.value));
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("[data-narrows]")) event.preventDefault();
  });

  // What an action could not do is told where it was asked for; the form stays as it was filled in.
  document.addEventListener("htmx:after:swap", () => {
    const problem = document.querySelector("#problem.problem");
    if (!problem) return;
    document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
    problem.focus({ preventScroll: true });
    problem.scrollIntoView({ block: "center" });
  });

  let waiting = 0;
  const busy = (change) => {
    waiting = Math.max(0, waiting + change);
    document.documentElement.classList.toggle("busy", waiting > 0);
  };
  document.addEventListener("htmx:before:request", () => busy(1));
  document.addEventListener("htmx:finally:request", () => busy(-1));
})();
