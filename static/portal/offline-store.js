// What a device keeps of notes: pieces sealed to the server's key, which nothing on the device can open, and in clear the
// titles of sections, counts of words and times. core/sealing.py is the other side of seal().
(function () {
  "use strict";

  const INFO = new TextEncoder().encode("SIP Portal, sealed on a device, 1");
  const CURVE = { name: "ECDH", namedCurve: "P-256" };
  const isAble = Boolean(window.isSecureContext && window.indexedDB && window.crypto && window.crypto.subtle && navigator.locks);

  // ---- the database

  let opening;
  function open() {
    opening =
      opening ||
      new Promise((resolve, reject) => {
        const asked = window.indexedDB.open("portal-offline", 1);
        asked.onupgradeneeded = () => {
          asked.result.createObjectStore("pieces", { keyPath: "slot" });
          asked.result.createObjectStore("notes", { keyPath: "slot" });
          asked.result.createObjectStore("device", { keyPath: "name" });
        };
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error);
      });
    return opening;
  }

  async function ask(store, mode, work) {
    const base = await open();
    return new Promise((resolve, reject) => {
      const deed = base.transaction(store, mode);
      const asked = work(deed.objectStore(store));
      deed.oncomplete = () => resolve(asked.result);
      deed.onerror = deed.onabort = () => reject(deed.error);
    });
  }

  const all = (store) => ask(store, "readonly", (rows) => rows.getAll());
  const put = (store, row) => ask(store, "readwrite", (rows) => rows.put(row));
  const drop = (store, slot) => ask(store, "readwrite", (rows) => rows.delete(slot));

  // ---- sealing

  const text = (bytes) => {
    let found = "";
    for (const byte of bytes) found += String.fromCharCode(byte);
    return btoa(found).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };
  const bytes = (words) => Uint8Array.from(atob(words.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  const word = () => text(window.crypto.getRandomValues(new Uint8Array(15))).replaceAll("-", "x").replaceAll("_", "y");
  const count = (words) => (words.match(/\S+/g) || []).length;

  async function sealed(publicKey, header, content) {
    const { subtle } = window.crypto;
    const theirs = bytes(publicKey);
    const pair = await subtle.generateKey(CURVE, false, ["deriveBits"]);
    const shared = await subtle.deriveBits({ name: "ECDH", public: await subtle.importKey("raw", theirs, CURVE, false, []) }, pair.privateKey, 256);
    const point = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
    const salt = new Uint8Array([...point, ...theirs]);
    const key = await subtle.deriveKey(
      { name: "HKDF", hash: "SHA-256", salt, info: INFO },
      await subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]),
      { name: "AES-GCM", length: 256 },
      false,
      ["encrypt"]
    );
    const iv = window.crypto.getRandomValues(new Uint8Array(12));
    const code = new TextEncoder();
    const found = await subtle.encrypt({ name: "AES-GCM", iv, additionalData: code.encode(header) }, key, code.encode(content));
    return { header, point: text(point), nonce: text(iv), sealed: text(new Uint8Array(found)) };
  }

  // ---- what pages use

  const session = isAble ? word() : "";
  if (isAble) navigator.locks.request(`portal-offline-${session}`, () => new Promise(() => {})); // held while this page lives

  const store = {
    isAble,
    count,
    notes: () => all("notes"),
    pieces: () => all("pieces"),
    forget: (piece) => drop("pieces", piece.slot),

    // Pieces of pages that are closed: an open page sends its own.
    async left() {
      const { held } = await navigator.locks.query();
      const living = new Set(held.map((lock) => lock.name));
      const rows = (await all("pieces")).filter((piece) => !living.has(`portal-offline-${piece.session}`));
      return rows.sort((one, other) => one.at.localeCompare(other.at));
    },

    // The key of this note for this device: asked for when a page of the editor opens, kept for when there is no network.
    async ready(user, note, address, token) {
      const slot = `${user}/${note}`;
      let device = await ask("device", "readonly", (rows) => rows.get("device"));
      if (!device) {
        device = { name: "device", value: word() };
        await put("device", device);
      }
      try {
        const answer = await fetch(address, {
          method: "POST",
          body: new URLSearchParams({ device: device.value, csrfmiddlewaretoken: token }),
          headers: { Accept: "application/json", "X-Portal-Background": "1" },
          credentials: "same-origin",
          redirect: "manual",
        });
        if (answer.ok) {
          const told = await answer.json();
          await put("notes", { ...told, slot, user, note, until: Date.now() + 1000 * told.seconds });
        } else if (answer.status === 422) await drop("notes", slot); // switched off
      } catch {
        // No connection: the key of before serves.
      }
      const found = await ask("notes", "readonly", (rows) => rows.get(slot));
      return found && found.until > Date.now() ? found : null;
    },

    // Seal one section's text and keep it, in place of what this page kept of it before.
    async keep(note, { section, kind, base, content, words }) {
      const at = new Date().toISOString();
      const header = JSON.stringify({ v: 1, key: note.key, id: word(), section, kind, base, at });
      const slot = [note.slot, section, kind, session].join("/");
      const piece = { slot, session, user: note.user, note: note.note, section, kind, words, at, ...(await sealed(note.public, header, content)) };
      await put("pieces", piece);
      return piece;
    },

    nameOf: (piece) => {
      const { key, id } = JSON.parse(piece.header);
      return `${key}:${id}`;
    },
  };

  window.portalOffline = store;
})();
