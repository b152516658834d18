// Parts of a page are drawn anew while one works on it, and what had the focus goes with them. The browser then begins
// again somewhere, so the keyboard is lost. Here the focus follows: to what has the same name and place in the new
// drawing, and until that stands to what was around it, so that Tab goes on from there.
(() => {
  const PATIENCE_MS = 10000;
  const FIELDS = "a[href], button, input, select, textarea, summary, [tabindex='0'], [role=button], [role=radio], [role=checkbox]";
  let last = null; // what has the focus, how it is found again, and what is around it
  let moving = false;

  const said = (node) =>
    [node.tagName, node.getAttribute("role"), node.getAttribute("aria-label") || node.textContent.trim().slice(0, 200)].join("|");
  const alike = (name) => [...document.querySelectorAll(FIELDS)].filter((node) => said(node) === name);

  const around = (node) => {
    const found = [];
    for (let at = node.parentElement; at && at !== document.body; at = at.parentElement) found.push(at);
    return found;
  };
  const note = (node) => {
    const name = said(node);
    last = { node, name, place: alike(name).indexOf(node), around: around(node), gone: 0, shelter: null };
  };
  const move = (node) => {
    moving = true;
    node.focus({ preventScroll: true });
    moving = false;
  };
  const shelter = () => {
    const place = last.around.find((node) => node.isConnected);
    if (!place) return;
    if (!place.hasAttribute("tabindex")) place.setAttribute("tabindex", "-1");
    last.shelter = place;
    move(place);
  };

  document.addEventListener("focusin", (event) => {
    if (!moving) note(event.target);
  });
  // Whoever goes on has left it behind.
  document.addEventListener("keydown", () => { if (last && last.gone) last = null; }, true);
  document.addEventListener("pointerdown", () => { if (last && last.gone) last = null; }, true);

  new MutationObserver(() => {
    if (!last || last.node.isConnected) return;
    const now = document.activeElement;
    const lost = !now || now === document.body || now === last.shelter;
    if (!lost) { last = null; return; }
    last.gone = last.gone || Date.now();
    if (Date.now() - last.gone > PATIENCE_MS) { last = null; return; }
    const found = alike(last.name);
    const again = found[Math.min(Math.max(last.place, 0), found.length - 1)];
    if (again) { move(again); note(again); }
    else if (!last.shelter || !last.shelter.isConnected) shelter();
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
