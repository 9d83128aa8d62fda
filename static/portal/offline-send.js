// On every page of somebody who has signed in: what their closed pages kept on this device is sent; signing out and
// submitting ask first where something is left.
(function () {
  "use strict";

  const store = window.portalOffline;
  const user = document.body.dataset.user;
  if (!store || !store.isAble || !user) return;

  const token = () => (document.querySelector("input[name=csrfmiddlewaretoken]") || {}).value || "";
  const clock = (at) => new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const plural = (number) => `${number.toLocaleString("en-GB")} ${number === 1 ? "word" : "words"}`;
  let notes = new Map();

  const mine = async () => {
    notes = new Map((await store.notes()).filter((note) => note.user === user).map((note) => [note.note, note]));
    return (await store.left()).filter((piece) => piece.user === user);
  };
  const titled = (piece) => {
    const note = notes.get(piece.note);
    const section = note && note.sections.find((one) => one.key === piece.section);
    const what = `${plural(piece.words)} of ${clock(piece.at)}`;
    return note ? `${note.school}, ${section ? section.title : piece.section}: ${what}` : what;
  };

  async function send(piece) {
    const { header, point, nonce, sealed } = piece;
    const fields = { header, point, nonce, sealed, csrfmiddlewaretoken: token() };
    const answer = await fetch(`/notes/${piece.note}/offline/piece/`, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { Accept: "application/json", "X-Portal-Background": "1" },
      credentials: "same-origin",
      redirect: "manual",
    });
    if (answer.type === "opaqueredirect") return { status: "later" };
    if ((answer.headers.get("Content-Type") || "").includes("json")) return answer.json();
    if (answer.status === 404 || answer.status === 403)
      return { status: "unreadable", message: "What was kept on this device can no longer be read: the note is no longer yours to write." };
    return { status: "later" };
  }

  // Answers what is left: pieces that wait for the writer's choice, or for a connection.
  async function sendAll() {
    const left = [];
    const lost = [];
    let taken = 0;
    for (const piece of await mine()) {
      const earlier = left.some((one) => one.piece.note === piece.note && one.piece.section === piece.section);
      let answer = { status: "later" }; // after an earlier piece of its section, which waits
      if (!earlier) {
        try {
          answer = await send(piece);
        } catch {
          // No connection.
        }
      }
      if (answer.status === "taken" || answer.status === "already") {
        taken += answer.status === "taken" ? 1 : 0;
        await store.forget(piece);
      } else if (answer.status === "unreadable") lost.push({ piece, message: answer.message });
      else left.push({ piece, isConflict: answer.status === "conflict" });
    }
    return { left, lost, taken };
  }

  // ---- what the page says

  function box(tone, title, ...content) {
    const holder = document.getElementById("portal-offline") || document.createElement("div");
    holder.id = "portal-offline";
    const place = document.querySelector(".portal-editor-notices") || document.querySelector(".portal-main > .govuk-width-container") || document.querySelector("main");
    if (!holder.isConnected) place.prepend(holder);
    const notice = document.createElement("section");
    notice.className = `portal-notice portal-notice--${tone}`;
    notice.setAttribute("aria-label", title);
    const head = document.createElement("p");
    const strong = document.createElement("strong");
    strong.textContent = title;
    head.append(strong);
    const inner = document.createElement("div");
    inner.append(head, ...content);
    notice.append(inner);
    holder.append(notice);
    return notice;
  }
  const element = (name, words, classes) => {
    const found = document.createElement(name);
    found.textContent = words;
    if (classes) found.className = classes;
    return found;
  };
  const button = (words, deed) => {
    const found = element("button", words, "govuk-button portal-button portal-button--quiet portal-button--small");
    found.type = "button";
    found.addEventListener("click", deed);
    return found;
  };
  const row = (...content) => {
    const found = element("div", "", "portal-row");
    found.append(...content);
    return found;
  };

  // The piece goes as a form of the page's own, so that the answer is a page: both texts, and the choice.
  function choose(piece) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = `/notes/${piece.note}/offline/piece/`;
    const { header, point, nonce, sealed } = piece;
    for (const [name, value] of Object.entries({ header, point, nonce, sealed, csrfmiddlewaretoken: token() })) {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name, value });
      form.append(input);
    }
    document.body.append(form);
    form.submit();
  }

  function say({ left, lost, taken }, isEditor) {
    const old = document.getElementById("portal-offline");
    if (old) old.remove();
    for (const { piece } of left.filter((one) => one.isConflict))
      box(
        "due",
        "Written here without a connection, and changed in the portal since",
        element("p", `${titled(piece)}. Neither text is lost.`),
        row(button("Show both and choose", () => choose(piece)))
      );
    for (const { piece, message } of lost)
      box(
        "late",
        message,
        element("p", titled(piece)),
        row(
          button("Remove it from this device", async (event) => {
            await store.forget(piece);
            event.target.closest("section").remove();
          })
        )
      );
    if (taken && !isEditor) {
      const link = element("a", "Go on writing", "govuk-link");
      const note = notes.values().next().value;
      link.href = note ? note.write : "/";
      box("done", "What you wrote without a connection was brought in", row(link));
    }
  }

  async function start() {
    if (!(await mine()).length) return;
    const found = await sendAll();
    const form = document.querySelector("form[data-editor]");
    if (found.taken && form && !(window.portalEditor.saver && window.portalEditor.saver.isDirty)) window.location.reload();
    else if (!document.getElementById("conflict")) say(found, Boolean(form));
  }

  // ---- signing out, submitting

  const byName = (left) => {
    const list = element("ul", "", "portal-list");
    list.append(...left.map(({ piece }) => element("li", titled(piece))));
    return list;
  };

  async function guard(form, isConcerned, title, advice, anyway) {
    const go = () => {
      if (window.portalEditor && window.portalEditor.saver) window.portalEditor.saver.leave();
      form.submit();
    };
    let left = [];
    try {
      const concerned = async () => [...(await mine()), ...(await own())].filter(isConcerned);
      if ((await concerned()).length) await sendAll();
      left = (await concerned()).map((piece) => ({ piece }));
    } catch {
      // A browser that cannot look has kept nothing.
    }
    if (!left.length) return go();
    const old = document.getElementById("portal-offline");
    if (old) old.remove();
    const notice = box(
      "late",
      title,
      element("p", advice),
      byName(left),
      row(
        button("Stay here", () => notice.remove()),
        button(anyway, async () => {
          for (const { piece } of left) await store.forget(piece);
          go();
        })
      )
    );
    notice.tabIndex = -1;
    notice.focus();
    notice.scrollIntoView({ block: "center" });
  }

  // What this very page has not got through yet.
  async function own() {
    const saver = window.portalEditor && window.portalEditor.saver;
    if (!saver) return [];
    await saver.flush();
    return saver.isDirty && saver.kept ? [saver.kept] : [];
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-signout]")) {
      event.preventDefault();
      guard(
        form,
        () => true,
        "Something you wrote has not been sent",
        "Connect first, and it is sent when you sign out. Or discard what is named here; nobody can bring it back.",
        "Discard what is named and sign out"
      );
    } else if (form.dataset.submitsNote) {
      event.preventDefault();
      guard(
        form,
        (piece) => piece.note === form.dataset.submitsNote,
        "Something you wrote on this device is not in the note",
        "Go back and bring it in, or choose between the texts: once the note is submitted it can no longer be read.",
        "Discard what is named and submit"
      );
    }
  });

  document.addEventListener("DOMContentLoaded", start);
  window.addEventListener("online", start);
})();
