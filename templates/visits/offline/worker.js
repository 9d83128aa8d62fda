// The portal's service worker. When it is installed it stores one page without content and that page's files; no answer
// to any later request is ever stored. Where the portal cannot be reached, that page stands in for the editor.
"use strict";

const CACHE = "portal-shell-{{ version }}";
const SHELL = "{{ shell }}";
const FILES = [{% for file in files %}
  "{{ file }}",{% endfor %}
];

const standsIn = (path) => path === "/" || path.startsWith("/notes/");

self.addEventListener("install", (event) => {
  const wanted = [SHELL, ...FILES].map((url) => new Request(url, { credentials: "omit", cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(wanted)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("portal-shell-") && name !== CACHE;
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))).then(() => self.clients.claim())
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const kept = (path) => caches.open(CACHE).then((cache) => cache.match(path));
  if (request.mode === "navigate" && standsIn(url.pathname)) {
    event.respondWith(fetch(request).catch(async () => (await kept(SHELL)) || Response.error()));
  } else if (FILES.includes(url.pathname)) {
    event.respondWith(kept(url.pathname).then((found) => found || fetch(request)));
  }
});
