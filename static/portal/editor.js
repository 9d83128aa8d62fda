// The editor saves itself. The page is a whole form without this; nothing typed is ever kept in the browser in clear.
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

  // The shortcuts can be switched off, and stay off on this device.
  function shortcuts() {
    const name = "portal-keys";
    const box = document.querySelector("[data-keys-on]");
    const keys = { areOn: true };
    try {
      keys.areOn = window.localStorage.getItem(name) !== "off";
    } catch {
      // A browser without storage forgets the choice with the page.
    }
    if (!box) return keys;
    box.checked = keys.areOn;
    box.addEventListener("change", () => {
      keys.areOn = box.checked;
      try {
        window.localStorage.setItem(name, keys.areOn ? "on" : "off");
      } catch {
        // As above.
      }
    });
    return keys;
  }

  // A key to seal to, and the page that stands in for the editor where there is no network.
  async function ready(form, saver) {
    const store = window.portalOffline;
    const { offline, note } = form.dataset;
    const workers = navigator.serviceWorker;
    if (!store || !store.isAble || !workers) return;
    if (!offline) {
      const working = await workers.getRegistration("/");
      if (working) working.unregister();
      return;
    }
    workers.register(form.dataset.worker).catch(() => {});
    try {
      saver.sealTo = await store.ready(document.body.dataset.user, note, offline, form.elements.csrfmiddlewaretoken.value);
    } catch {
      // A browser that keeps nothing: the page goes on as it does without.
    }
    document.documentElement.dataset.offline = saver.sealTo ? "ready" : "off";
  }

  if (form) {
    const parts = partsOf(form);
    const saver = new Saver(form, { onSaved: () => parts.refresh() });
    window.portalEditor.saver = saver;
    rowsOf(form, () => saver.touch());
    ready(form, saver);

    form.addEventListener("input", () => saver.touch());
    form.addEventListener("change", () => saver.touch());
    form.addEventListener("submit", () => saver.leave());
    document.querySelectorAll("[data-keys]").forEach((one) => (one.hidden = false));
    const keys = shortcuts();

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
      if (!keys.areOn) return;
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
