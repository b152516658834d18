// Times are sent in UTC and shown in the reader's own zone and language.
(() => {
  const show = (node) => {
    const at = new Date(node.dateTime);
    if (isNaN(at) || node.dataset.shown === node.dateTime) return;
    node.dataset.shown = node.dateTime;
    node.textContent = at.toLocaleString(document.documentElement.lang || undefined, {
      // In Portuguese the middle form is twice as long as in the others.
      dateStyle: document.documentElement.lang === "pt" ? "short" : "medium",
      timeStyle: node.dataset.exact === undefined ? "short" : "medium",
    });
  };
  const all = (root) => root.querySelectorAll && root.querySelectorAll("time").forEach(show);
  const watch = new MutationObserver((changes) =>
    changes.forEach((change) => {
      change.addedNodes.forEach((node) => (node.nodeName === "TIME" ? show(node) : all(node)));
    }),
  );
  watch.observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", () => all(document));
})();
