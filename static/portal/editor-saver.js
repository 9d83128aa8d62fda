// One section's form, saved a moment after the writer pauses. One save at a time, each upon the revision before. Before
// it is sent it is sealed and kept on this device, where the authority lets it, until the portal has it.
(function () {
  "use strict";

  const PAUSE = 1500; // milliseconds without a key
  const LONGEST = 15000; // while somebody types without a pause
  const AGAIN = 10000; // after a save that did not reach the portal

  class Saver {
    constructor(form, { onSaved }) {
      this.form = form;
      this.onSaved = onSaved;
      this.says = document.querySelector("[data-saved]");
      this.notice = document.querySelector("[data-editor-says]");
      this.isDirty = false;
      this.isClosed = Boolean(document.getElementById("conflict")); // submitted, conflicting or refused: nothing more is sent until the writer has chosen
      this.count = 0;
      this.running = null;
      this.timer = 0;
      this.since = 0;
      window.addEventListener("online", () => this.isDirty && this.send(true));
      this.sealTo = null; // the key of this note for this device
      this.kept = null; // the sealed copy of what is not saved
      this.keptAt = -1; // and the count of changes that it holds
      window.addEventListener("beforeunload", (event) => {
        if (this.isDirty && !this.isLeaving && this.keptAt !== this.count) event.preventDefault();
      });
      window.addEventListener("pageshow", () => (this.isLeaving = false));
    }

    touch() {
      this.count += 1;
      this.isDirty = true;
      if (this.isClosed) return;
      const now = Date.now();
      if (!this.since) this.since = now;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.send(), Math.max(0, Math.min(PAUSE, this.since + LONGEST - now)));
      if (!this.running) this.say("Not saved yet", "none");
    }

    // The form is being sent as a whole: the browser need not ask.
    leave() {
      this.isLeaving = true;
      clearTimeout(this.timer);
    }

    async flush() {
      clearTimeout(this.timer);
      if (this.running) await this.running;
      if (this.isDirty && !this.isClosed) await this.send();
      else if (!this.isDirty) this.say(this.last || this.says.textContent, "");
    }

    send(isTimer) {
      if (this.isClosed || this.isLeaving) return Promise.resolve();
      if (this.running) return this.running;
      clearTimeout(this.timer);
      this.running = this.post(isTimer).finally(() => {
        this.running = null;
        if (this.isDirty && !this.isClosed && !this.waiting) this.timer = setTimeout(() => this.send(), PAUSE);
      });
      return this.running;
    }

    async post(isTimer, isRepeat) {
      const sent = this.count;
      this.since = 0;
      this.waiting = false;
      this.say("Saving…", "now");
      const body = new FormData(this.form);
      await this.keep(body, sent);
      let response;
      let answer;
      try {
        const headers = { Accept: "application/json" };
        if (isTimer) headers["X-Portal-Background"] = "1";
        response = await fetch(this.form.dataset.editor, { method: "POST", body, headers, credentials: "same-origin", redirect: "manual" });
        if (response.type !== "opaqueredirect" && (response.headers.get("Content-Type") || "").includes("json")) answer = await response.json();
      } catch {
        this.retry("Not saved: no connection; what you typed is kept on this page");
        this.tellOffline();
        return;
      }
      this.lastSent = answer && answer.status === "saved" ? answer.at : this.lastSent;
      if (answer && answer.status === "saved") this.saved(answer, sent);
      else if (answer && answer.status === "conflict") this.conflict(answer);
      else if (answer && answer.status === "closed") this.close(answer.message);
      else if (answer && answer.status === "refused") this.refuse(answer.message);
      else if (response.type === "opaqueredirect" || response.status === 401) this.signedOut();
      else if (response.status === 403) {
        // A token of before the sign-in, or a right that has ended: the page itself says which.
        if (!isRepeat && (await this.renew())) await this.post(isTimer, true);
        else if (!this.isClosed && !this.waiting) this.close("You may no longer write in this section. Nothing was saved since; copy what you typed.");
      } else if (response.status === 404) this.close("This note is no longer open to you. Copy what you typed before you leave the page.");
      else this.retry("Not saved: the portal did not answer; what you typed is kept on this page");
    }

    // Seal what is about to be sent. With it goes the name of the sealed copy, so that the portal takes it in once.
    async keep(body, sent) {
      if (!this.sealTo || (this.keptAt === sent && this.kept)) {
        if (this.kept) body.set("piece", window.portalOffline.nameOf(this.kept));
        return;
      }
      body.delete("piece");
      const content = new URLSearchParams([...body].filter(([name]) => name !== "csrfmiddlewaretoken"));
      const { section } = this.form.dataset;
      const words = window.portalOffline.count(String(body.get("body") || ""));
      try {
        this.kept = await window.portalOffline.keep(this.sealTo, { section, kind: "whole", base: Number(body.get("base")), content: String(content), words });
        this.keptAt = sent;
        const name = window.portalOffline.nameOf(this.kept);
        body.set("piece", name);
        if (this.form.elements.piece) this.form.elements.piece.value = name;
      } catch {
        this.sealTo = null; // storage is full or forbidden: what is typed is kept on the page alone, and the page says so
      }
    }

    // The portal has it: nothing of it stays here.
    async release() {
      const { kept } = this;
      this.kept = null;
      this.keptAt = -1;
      if (this.form.elements.piece) this.form.elements.piece.value = "";
      if (kept) await window.portalOffline.forget(kept).catch(() => {});
    }

    get isKept() {
      return this.kept !== null && this.keptAt === this.count;
    }

    tellOffline() {
      if (!this.isKept) return;
      const now = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
      this.say(`On this device only, ${now}`, "offline");
      const last = this.lastSent ? `, last sent at ${this.lastSent}` : "";
      const more = document.createElement("span");
      more.textContent = `Everything you write is kept on this device, sealed: last kept at ${now}${last}. It is sent as soon as the connection returns. Until then you cannot submit.`;
      const strong = document.createElement("strong");
      strong.textContent = "You are working without a connection. ";
      this.tellWith("due", "status", strong, more);
    }

    saved(answer, sent) {
      this.form.elements.base.value = answer.revision;
      this.ids(answer.ids || {});
      const wrong = this.mark(answer.errors || {});
      this.isDirty = this.count !== sent;
      this.release();
      this.last = wrong ? `Saved ${answer.at}, but for ${wrong === 1 ? "one entry" : `${wrong} entries`}` : `Saved ${answer.at}`;
      this.say(this.last, wrong ? "late" : "");
      this.tell("");
      this.onSaved();
    }

    // Rows that were added are now saved: the next save must know them by their ids.
    ids(found) {
      for (const [id, value] of Object.entries(found)) {
        const input = document.getElementById(id);
        if (input) input.value = value;
      }
    }

    mark(errors) {
      this.form.querySelectorAll("[data-wrong]").forEach((one) => one.remove());
      this.form.querySelectorAll(".portal-input--error").forEach((one) => {
        one.classList.remove("portal-input--error");
        one.removeAttribute("aria-invalid");
      });
      for (const [id, message] of Object.entries(errors)) {
        const input = document.getElementById(id);
        if (!input) continue;
        const said = document.createElement("p");
        said.className = "portal-overdue";
        said.dataset.wrong = "";
        said.id = `${id}_error`;
        said.textContent = message;
        input.before(said);
        input.classList.add("portal-input--error");
        input.setAttribute("aria-invalid", "true");
        input.setAttribute("aria-describedby", said.id);
      }
      return Object.keys(errors).length;
    }

    retry(words) {
      this.say(words, "offline");
      this.waiting = true;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.send(true), AGAIN);
    }

    // Both texts stand on the page; the writer chooses, and the buttons send this form with the revision that now stands.
    conflict(answer) {
      this.isClosed = true;
      this.say("Not saved: changed in another window", "late");
      this.form.elements.base.value = answer.revision;
      const old = document.getElementById("conflict");
      if (old) old.remove();
      const holder = document.createElement("template");
      holder.innerHTML = answer.html;
      this.notice.after(holder.content);
      document.getElementById("conflict").focus();
    }

    close(message) {
      this.isClosed = true;
      this.release();
      this.say("Not saved", "late");
      this.tell(message);
    }

    refuse(message) {
      this.isClosed = false;
      this.waiting = true; // until something is changed
      this.say("Not saved", "late");
      this.tell(message);
    }

    signedOut() {
      this.waiting = true;
      this.say("Not saved: you have been signed out", "late");
      const link = document.createElement("a");
      link.className = "govuk-link";
      link.href = this.form.dataset.login;
      link.target = "_blank";
      link.rel = "noopener";
      link.textContent = "Sign in again in a new tab";
      this.tell("You have been signed out. What you typed is kept on this page: ", link, ", come back here, and go on writing or press Ctrl+S.");
    }

    // After signing in elsewhere the form's token is old: take the page's new one.
    async renew() {
      try {
        const page = await fetch(this.form.dataset.page, { credentials: "same-origin", redirect: "manual", headers: { "X-Portal-Background": "1" } });
        if (page.type === "opaqueredirect") {
          this.signedOut();
          return false;
        }
        const found = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("input[name=csrfmiddlewaretoken]");
        if (!found) return false;
        document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((input) => (input.value = found.value));
        return true;
      } catch {
        this.retry("Not saved: no connection; what you typed is kept on this page");
        return false;
      }
    }

    say(words, tone) {
      if (!this.says) return;
      this.says.className = `portal-saved${tone ? ` portal-saved--${tone}` : ""}`;
      if (this.says.textContent !== words) this.says.textContent = words;
    }

    tell(...words) {
      this.tellWith("late", "alert", ...words);
    }

    tellWith(tone, role, ...words) {
      if (!this.notice) return;
      this.notice.replaceChildren();
      this.notice.hidden = !words[0];
      if (!words[0]) return;
      if (this.saidLast === `${tone}${words[0].textContent}` && tone === "due") role = "none"; // said already
      this.saidLast = `${tone}${words[0].textContent}`;
      const box = document.createElement("div");
      box.className = `portal-notice portal-notice--${tone}`;
      if (role !== "none") box.setAttribute("role", role);
      const said = document.createElement("p");
      said.append(...words);
      box.append(said);
      this.notice.append(box);
    }
  }

  window.portalEditor = Object.assign(window.portalEditor || {}, { Saver });
})();
