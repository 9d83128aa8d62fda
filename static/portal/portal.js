// The small behaviours of every page. Each works on markup that is whole without it.
(function () {
  "use strict";

  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const phone = window.matchMedia("(max-width: 59.99em)");

  // A table's frame is a stop for the keyboard only while there is something to scroll to.
  function scrolls() {
    const measure = (box) => {
      const overflows = box.scrollWidth > box.clientWidth + 1;
      box.toggleAttribute("data-overflows", overflows);
      if (overflows) {
        box.setAttribute("tabindex", "0");
        box.setAttribute("role", "group");
      } else {
        box.removeAttribute("tabindex");
        box.removeAttribute("role");
      }
      // A name without a role is none: it goes and comes with the role.
      if (!box.dataset.name) box.dataset.name = box.getAttribute("aria-label") || "";
      if (overflows) box.setAttribute("aria-label", box.dataset.name);
      else box.removeAttribute("aria-label");
    };
    const boxes = all('[data-module="portal-scroll"]');
    if (!("ResizeObserver" in window)) return;
    const observer = new ResizeObserver((entries) => entries.forEach((entry) => measure(entry.target)));
    boxes.forEach((box) => observer.observe(box));
  }

  // The section being written comes into the strip of sections.
  function strip() {
    const now = document.querySelector(".portal-sections [aria-current]");
    if (now) now.closest("nav").scrollLeft = now.offsetLeft - 120;
  }

  // On a phone what stands beside the text opens from the dock as a sheet over the lower half; Escape closes it.
  function sheets() {
    const sheetOf = (link) => document.querySelector(link.hash);
    const links = all('a[href^="#ctx-"]').filter((link) => sheetOf(link) && sheetOf(link).tagName === "DETAILS");
    if (!links.length) return;
    const buttons = (on) =>
      links.forEach((link) => {
        if (on) {
          link.setAttribute("role", "button");
          link.setAttribute("aria-expanded", String(sheetOf(link).open));
        } else {
          link.removeAttribute("role");
          link.removeAttribute("aria-expanded");
        }
      });
    const change = () => {
      if (phone.matches) all(".portal-context details[open]").forEach((sheet) => (sheet.open = false));
      buttons(phone.matches);
    };
    links.forEach((link) => {
      const sheet = sheetOf(link);
      sheet.addEventListener("toggle", () => {
        if (!phone.matches) return;
        link.setAttribute("aria-expanded", String(sheet.open));
        if (!sheet.open && sheet.contains(document.activeElement)) link.focus();
      });
      sheet.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && phone.matches) {
          sheet.open = false;
          link.focus();
        }
      });
      link.addEventListener("click", (event) => {
        event.preventDefault();
        const open = phone.matches ? !sheet.open : true;
        if (phone.matches) all(".portal-context details").forEach((other) => (other.open = other === sheet && open));
        else sheet.open = true;
        if (open) sheet.querySelector("summary").focus();
      });
      link.addEventListener("keydown", (event) => {
        if (event.key === " " && phone.matches) {
          event.preventDefault();
          link.click();
        }
      });
    });
    phone.addEventListener("change", change);
    change();
  }

  // "Only the text" hides what stands on both sides, and stays so from section to section.
  function onlyText() {
    const editor = document.querySelector(".portal-editor");
    if (!editor) return;
    const key = "portal-only-text";
    const set = (plain) => {
      editor.classList.toggle("portal-editor--plain", plain);
      all("[data-only-text]").forEach((button) => button.setAttribute("aria-pressed", String(plain)));
    };
    let plain = false;
    try {
      plain = window.sessionStorage.getItem(key) === "1";
    } catch {
      // A browser without storage forgets the choice with the page.
    }
    set(plain);
    all("[data-only-text]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => {
        plain = !plain;
        set(plain);
        try {
          window.sessionStorage.setItem(key, plain ? "1" : "0");
        } catch {
          // As above.
        }
      });
    });
  }

  // Words are counted as one writes; a pause later they are said, not at every key.
  function words() {
    all('[data-module="portal-words"]').forEach((group) => {
      const text = group.querySelector("textarea");
      const count = group.querySelector("[data-words]");
      if (!text || !count) return;
      const show = () => {
        const found = text.value.match(/\S+/g);
        const number = found ? found.length : 0;
        count.textContent = number + (number === 1 ? " word. " : " words. ");
        const fill = group.querySelector(".portal-meter .fill");
        if (fill) fill.setAttribute("width", String(Math.min(200, (200 * number) / Number(group.dataset.high || 1))));
      };
      text.addEventListener("input", show);
      show();
    });
  }

  // Radios that show further fields. GOV.UK's own module says aria-expanded of a radio, which ARIA does not allow.
  function reveals() {
    all('[data-module="portal-reveal"]').forEach((group) => {
      const show = () =>
        all("input[data-reveals]", group).forEach((input) =>
          document.getElementById(input.dataset.reveals).classList.toggle("govuk-radios__conditional--hidden", !input.checked)
        );
      group.addEventListener("change", show);
      window.addEventListener("pageshow", show);
      show();
    });
  }

  // How far a job is. It is asked while the page is looked at, and the page is loaded anew when the job has ended.
  function jobs() {
    all('[data-module="portal-job"]').filter((box) => box.dataset.url).forEach((box) => {
      const bar = box.querySelector("progress");
      const words = box.querySelector("[data-job-words]");
      box.querySelector("[data-job-again]").hidden = true;
      let pause = 1500;
      const ask = async () => {
        if (document.visibilityState === "visible") {
          try {
            const answer = await fetch(box.dataset.url, { headers: { Accept: "application/json" } });
            if (!answer.ok) throw new Error(String(answer.status));
            const job = await answer.json();
            if (job.finished) {
              window.location.reload();
              return;
            }
            if (job.percent === null) bar.removeAttribute("value");
            else bar.value = job.percent;
            // Said to a screen reader when it changes, and not at every question.
            if (job.words && words.textContent !== job.words) words.textContent = job.words;
            pause = 1500;
          } catch {
            pause = Math.min(pause * 2, 30000);
          }
        }
        window.setTimeout(ask, pause);
      };
      window.setTimeout(ask, pause);
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    if (window.GOVUKFrontend) window.GOVUKFrontend.initAll();
    scrolls();
    strip();
    sheets();
    onlyText();
    words();
    reveals();
    jobs();
  });
})();
