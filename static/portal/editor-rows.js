// Rows that the writer adds and removes. Without this an empty row is always there, and a box takes a row out.
(function () {
  "use strict";

  function rowsOf(form, touched) {
    form.querySelectorAll("[data-table]").forEach((table) => {
      const rows = table.querySelector("[data-rows]");
      const blank = table.querySelector("template[data-blank]");
      const add = table.querySelector("[data-add]");
      if (!rows || !blank || !add) return;
      const total = table.querySelector("[data-total]");
      let next = Number(total.value);

      const number = () =>
        rows.querySelectorAll("[data-row]").forEach((row, at) => {
          const said = row.querySelector("[data-number]");
          if (said) said.textContent = String(at + 1);
        });

      const dress = (row) => {
        const box = row.querySelector("[data-remove]");
        if (!box) return;
        const button = document.createElement("button");
        button.type = "button";
        button.className = "govuk-button portal-button portal-button--quiet portal-button--small";
        button.textContent = "Remove";
        const about = document.createElement("span");
        about.className = "govuk-visually-hidden";
        about.textContent = ` ${row.querySelector("legend").textContent.trim()}`;
        button.append(about);
        button.addEventListener("click", () => remove(row));
        box.hidden = true;
        box.after(button);
      };

      // A row that is taken out stays until the page is turned, with the way back; undo comes before confirm.
      const remove = (row) => {
        const tick = row.querySelector('input[type="checkbox"][name$="-remove"]');
        tick.checked = true;
        row.hidden = true;
        const undo = document.createElement("p");
        undo.className = "portal-small";
        undo.setAttribute("role", "status");
        const back = document.createElement("button");
        back.type = "button";
        back.className = "portal-textbutton";
        back.textContent = "Put it back";
        undo.append("Taken out. ", back);
        back.addEventListener("click", () => {
          tick.checked = false;
          row.hidden = false;
          undo.remove();
          row.querySelector(".portal-input").focus();
          touched();
        });
        row.after(undo);
        back.focus();
        touched();
      };

      // The empty row that stands there without a script gives way to the button, where it is not the only one.
      const standing = rows.querySelectorAll("[data-row]");
      const last = standing[standing.length - 1];
      if (standing.length > 1 && last.querySelector("[data-if-new]") && !last.querySelector(".portal-input--error")) {
        last.remove();
        next -= 1;
        total.value = String(next);
      }
      rows.querySelectorAll("[data-row]").forEach(dress);
      add.hidden = false;
      add.querySelector("button").addEventListener("click", () => {
        const copy = blank.content.cloneNode(true);
        copy.querySelectorAll("*").forEach((node) => {
          for (const attribute of ["id", "name", "for"]) {
            const value = node.getAttribute(attribute);
            if (value && value.includes("__prefix__")) node.setAttribute(attribute, value.replace("__prefix__", String(next)));
          }
        });
        const row = copy.querySelector("[data-row]");
        rows.append(copy);
        next += 1;
        total.value = String(next);
        dress(row);
        number();
        row.querySelector(".portal-input").focus();
      });
    });

    // A cell that only one choice asks for.
    form.querySelectorAll("[data-shown-by]").forEach((cell) => {
      const choice = document.getElementById(cell.dataset.shownBy);
      if (!choice) return;
      const show = () => (cell.hidden = choice.value !== cell.dataset.shownAt);
      choice.addEventListener("change", show);
      show();
    });
  }

  window.portalEditor = Object.assign(window.portalEditor || {}, { rowsOf });
})();
