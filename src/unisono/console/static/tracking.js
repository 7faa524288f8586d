// Keeps a customer's page as it is now, without asking anybody to look again: only while it is
// shown, only what has changed, and never a part in which somebody is reading by keyboard.
(() => {
  const everyMs = 120000;
  let readAt = Date.now();
  const parts = (page) => [...page.querySelectorAll("[data-live]")];

  async function look() {
    if (document.hidden || Date.now() - readAt < everyMs) return;
    readAt = Date.now();
    const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
    if (!answer || !answer.ok) return;
    const now = new DOMParser().parseFromString(await answer.text(), "text/html");
    const shown = parts(document), told = parts(now);
    // A stage that comes or goes changes the order of the page: then all of it is read again.
    if (shown.map((part) => part.id).join() !== told.map((part) => part.id).join()) return location.reload();
    document.title = now.title;
    told.forEach((part, at) => {
      if (part.innerHTML === shown[at].innerHTML || shown[at].contains(document.activeElement)) return;
      shown[at].className = part.className;
      shown[at].innerHTML = part.innerHTML;
    });
  }

  setInterval(look, 10000);
  document.addEventListener("visibilitychange", look);
})();
