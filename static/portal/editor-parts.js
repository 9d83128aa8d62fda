// After a save the checks are made again on the server, and the parts of the page that follow from them are put in place.
(function () {
  "use strict";

  const REST = 1200; // milliseconds: saves that follow each other ask once

  function partsOf(form) {
    let timer = 0;
    let running = false;
    const part = (name) => document.querySelector(`[data-part="${name}"]`);

    async function ask() {
      running = true;
      try {
        const response = await fetch(form.dataset.checks, {
          headers: { Accept: "application/json", "X-Portal-Background": "1" },
          credentials: "same-origin",
          redirect: "manual",
        });
        if (response.ok) show(await response.json());
      } catch {
        // The last result stays; the line that says "Not saved" has said why.
      } finally {
        running = false;
      }
    }

    function show(found) {
      for (const name of ["sections", "checks", "here", "standing"]) {
        const place = part(name);
        if (!place || place.contains(document.activeElement)) continue;
        const holder = document.createElement("template");
        holder.innerHTML = found[name];
        place.replaceChildren(holder.content);
      }
      const words = { dock: found.dock, "here-words": found.here_words, "here-count": found.here_count };
      for (const [name, text] of Object.entries(words)) if (part(name)) part(name).textContent = text;
    }

    return {
      refresh() {
        if (!form.dataset.checks) return; // an annual commentary has no checks
        clearTimeout(timer);
        timer = setTimeout(() => (running ? this.refresh() : ask()), REST);
      },
    };
  }

  window.portalEditor = Object.assign(window.portalEditor || {}, { partsOf });
})();
