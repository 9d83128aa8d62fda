// The page that stands in for the editor where the portal cannot be reached: which sections are kept here, and more text.
(function () {
  "use strict";

  const PAUSE = 1000; // milliseconds without a key
  const store = window.portalOffline;
  const part = (name) => document.querySelector(`[data-shell="${name}"]`);
  const clock = (at) => new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const words = (number) => `${number.toLocaleString("en-GB")} ${number === 1 ? "word" : "words"}`;
  const typed = part("writing").querySelector("textarea");

  let notes = [];
  let pieces = [];
  let here = null; // { note, section }
  let timer = 0;
  let keeping = Promise.resolve();
  const written = new Map(); // what was typed on this page, by section: it stays while the page does

  const slot = (note, section) => `${note.slot}/${section.key}`;
  const of = (note, section) => pieces.filter((piece) => piece.user === note.user && piece.note === note.note && piece.section === section.key);

  function said(note, section) {
    const found = of(note, section);
    if (!found.length) return "Nothing kept here yet";
    const total = found.reduce((sum, piece) => sum + piece.words, 0);
    const last = found.map((piece) => piece.at).sort().pop();
    return `${words(total)} saved here at ${clock(last)}, shown again when you are online`;
  }

  function list() {
    const rows = [];
    for (const note of notes) {
      if (notes.length > 1) {
        const name = document.createElement("li");
        name.className = "portal-small";
        const strong = document.createElement("strong");
        strong.textContent = `${note.school}, ${note.what}`;
        name.append(strong);
        rows.push(name);
      }
      for (const section of note.sections) {
        const link = document.createElement("a");
        link.href = `#${section.key}`;
        link.textContent = section.title;
        const state = document.createElement("span");
        state.textContent = said(note, section);
        link.append(" ", state);
        if (of(note, section).length) link.classList.add("is-part");
        if (here && here.note === note && here.section === section) link.setAttribute("aria-current", "true");
        link.addEventListener("click", (event) => {
          event.preventDefault();
          if (section.text) show(note, section, true);
        });
        if (!section.text) {
          link.removeAttribute("href");
          state.textContent = of(note, section).length ? said(note, section) : "Needs a connection";
        }
        const row = document.createElement("li");
        row.append(link);
        rows.push(row);
      }
    }
    part("sections").replaceChildren(...rows);
  }

  async function refresh() {
    pieces = await store.pieces();
    list();
    if (here) part("before").textContent = of(here.note, here.section).length ? said(here.note, here.section) : "Nothing of this section is kept here yet";
  }

  function count() {
    part("words").textContent = `${words(store.count(typed.value))} here.`;
  }

  async function show(note, section, isMoved) {
    await keepNow();
    here = { note, section };
    part("none").hidden = true;
    part("writing").hidden = false;
    part("title").textContent = `${note.school}, ${note.what}`;
    part("section").textContent = `Go on with ${section.title}`;
    document.title = `${section.title}: writing without a connection – SIP Portal`;
    typed.value = written.get(slot(note, section)) || "";
    count();
    await refresh();
    if (isMoved) typed.focus();
  }

  function keepNow() {
    clearTimeout(timer);
    timer = 0;
    if (!here) return keeping;
    const { note, section } = here;
    const content = typed.value;
    const name = slot(note, section);
    if ((written.get(name) || "") === content) return keeping;
    written.set(name, content);
    keeping = keeping.then(async () => {
      try {
        const piece = await store.keep(note, { section: section.key, kind: "more", base: 0, content, words: store.count(content) });
        if (!content.trim()) await store.forget(piece);
        part("kept").className = "portal-saved";
        part("kept").textContent = `Kept on this device ${clock(piece.at)}`;
      } catch {
        written.delete(name);
        part("kept").className = "portal-saved portal-saved--late";
        part("kept").textContent = "Not kept: this browser has no room. Copy what you wrote before you close the page";
      }
      await refresh();
    });
    return keeping;
  }

  async function start() {
    if (!store.isAble) return;
    notes = (await store.notes()).filter((note) => note.until > Date.now());
    const [, note, key] = window.location.pathname.match(/^\/notes\/([^/]+)\/(?:write\/(?:([^/]+)\/)?)?/) || [];
    const open = notes.find((one) => one.note === note) || (notes.length === 1 ? notes[0] : null);
    if (open) notes = [open, ...notes.filter((one) => one !== open)];
    if (!notes.length) return;
    part("none").hidden = true;
    const section = open && (open.sections.find((one) => one.key === key && one.text) || open.sections.find((one) => one.text));
    if (section) await show(open, section, false);
    else await refresh();
  }

  typed.addEventListener("input", () => {
    count();
    part("kept").className = "portal-saved portal-saved--none";
    part("kept").textContent = "Not kept yet";
    clearTimeout(timer);
    timer = setTimeout(keepNow, PAUSE);
  });
  const again = async () => {
    await keepNow();
    window.location.reload();
  };
  part("again").addEventListener("click", again);
  window.addEventListener("online", again);
  window.addEventListener("pagehide", keepNow);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keepNow());
  window.addEventListener("beforeunload", (event) => {
    if (here && timer) event.preventDefault();
  });
  document.addEventListener("DOMContentLoaded", start);
})();
