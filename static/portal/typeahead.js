// Suggestions while one types, for schools and people. Without it the same box takes a name and the server finds it.
(function () {
  "use strict";

  const PAUSE = 150; // milliseconds of quiet before the server is asked
  const LEAST = 2; // letters before it is asked

  function asker(url) {
    let timer = 0;
    let controller = null;
    return (query, show) => {
      window.clearTimeout(timer);
      if (controller) controller.abort();
      timer = window.setTimeout(async () => {
        controller = new AbortController();
        const target = new URL(url, window.location.href);
        target.searchParams.set("q", query);
        try {
          const response = await fetch(target, {
            headers: { Accept: "application/json" },
            credentials: "same-origin",
            signal: controller.signal,
          });
          show(response.ok ? (await response.json()).results : []);
        } catch (error) {
          if (error.name !== "AbortError") show([]);
        }
      }, PAUSE);
    };
  }

  const escape = (text) => {
    const holder = document.createElement("span");
    holder.textContent = text;
    return holder.innerHTML;
  };

  function picker(box) {
    const input = box.querySelector('input[type="text"]');
    const id = box.querySelector("[data-picker-id]");
    if (!input || !id || !box.dataset.url) return;
    const holder = document.createElement("div");
    const words = input.value;
    const describedBy = input.getAttribute("aria-describedby");
    const isWrong = input.getAttribute("aria-invalid") === "true";
    let chosen = words;
    window.accessibleAutocomplete({
      element: holder,
      id: input.id,
      name: input.name,
      defaultValue: words,
      minLength: LEAST,
      confirmOnBlur: false,
      showNoOptionsFound: true,
      inputClasses: "govuk-input" + (isWrong ? " govuk-input--error" : ""),
      source: asker(box.dataset.url),
      templates: {
        inputValue: (found) => (found ? found.label || "" : ""),
        suggestion: (found) =>
          typeof found === "string"
            ? escape(found)
            : escape(found.label) + (found.detail ? '<span class="portal-picker__detail">' + escape(found.detail) + "</span>" : ""),
      },
      onConfirm: (found) => {
        if (!found || !found.id) return;
        chosen = found.label;
        id.value = found.id;
        box.dispatchEvent(new CustomEvent("portal:picked", { bubbles: true, detail: found }));
      },
      tNoResults: () => "Nothing found",
      tStatusQueryTooShort: (least) => "Type " + least + " or more letters",
    });
    input.remove();
    box.insertBefore(holder, id);
    const live = holder.querySelector("input");
    if (describedBy) live.setAttribute("aria-describedby", describedBy + " " + (live.getAttribute("aria-describedby") || ""));
    if (isWrong) live.setAttribute("aria-invalid", "true");
    // Words changed after the choice are words again, and the id of what was chosen no longer stands for them.
    live.addEventListener("input", () => {
      if (live.value !== chosen) id.value = "";
    });
  }

  function select(element) {
    window.accessibleAutocomplete.enhanceSelectElement({
      selectElement: element,
      showAllValues: true,
      defaultValue: element.selectedIndex > 0 ? element.options[element.selectedIndex].text : "",
      inputClasses: "govuk-input",
      tNoResults: () => "Nothing found",
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    if (!window.accessibleAutocomplete) return;
    document.querySelectorAll('[data-module="portal-picker"]').forEach(picker);
    document.querySelectorAll('select[data-module="portal-select"]').forEach(select);
  });
})();
