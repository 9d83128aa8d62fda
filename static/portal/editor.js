// The editor saves itself. The page is a whole form without this; nothing typed is ever kept in the browser's storage.
(function () {
  "use strict";

  const form = document.querySelector("form[data-editor]");
  const { Saver, rowsOf, partsOf } = window.portalEditor;

  // The section being written comes into sight in the list at the left.
  const now = document.querySelector(".portal-sections [aria-current]");
  const list = now && now.closest("nav");
  if (list && list.scrollHeight > list.clientHeight) {
    list.scrollTop += now.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 2;
  }

  if (form) {
    const parts = partsOf(form);
    const saver = new Saver(form, { onSaved: () => parts.refresh() });
    rowsOf(form, () => saver.touch());

    form.addEventListener("input", () => saver.touch());
    form.addEventListener("change", () => saver.touch());
    form.addEventListener("submit", () => saver.leave());
    const keys = form.querySelector("[data-keys]");
    if (keys) keys.hidden = false;

    // Turning the page saves first; where that cannot be done, the browser asks before what was typed is left behind.
    const go = async (link) => {
      if (saver.isDirty) await saver.flush();
      window.location.assign(link.href);
    };
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[href]");
      if (!link || !saver.isDirty || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
      if (link.target || link.origin !== window.location.origin || (link.pathname === window.location.pathname && link.hash)) return;
      event.preventDefault();
      go(link);
    });
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "s") {
        event.preventDefault();
        saver.flush();
      } else if (event.altKey && !event.ctrlKey && (event.key === "PageUp" || event.key === "PageDown")) {
        const link = document.querySelector(`[data-turn="${event.key === "PageUp" ? "before" : "next"}"]`);
        if (link) {
          event.preventDefault();
          go(link);
        }
      }
    });
  }
})();
