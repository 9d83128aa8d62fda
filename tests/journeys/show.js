// Shows a page in the document that is there: its style sheets and body, every detail open, and what its scripts make of it.
async (html) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const put = (tag, values) =>
    new Promise((done) => {
      document.head.append(Object.assign(document.createElement(tag), values, { onload: done, onerror: done }));
    });

  const sheets = (root) => Array.from(root.querySelectorAll("link[rel=stylesheet]"));
  const addresses = (root) => sheets(root).map((link) => link.getAttribute("href"));
  if (addresses(page).join() !== addresses(document).join()) {
    const before = sheets(document);
    await Promise.all(addresses(page).map((href) => put("link", { rel: "stylesheet", href })));
    before.forEach((link) => link.remove());
  }

  document.title = page.title;
  const root = document.documentElement;
  Array.from(root.attributes).forEach((each) => root.removeAttribute(each.name));
  Array.from(page.documentElement.attributes).forEach((each) => root.setAttribute(each.name, each.value));
  const scripts = Array.from(page.querySelectorAll("script[src]"), (script) => script.getAttribute("src"));
  document.body.replaceWith(document.adoptNode(page.body));
  document.querySelectorAll("details").forEach((each) => (each.open = true));

  // Each script starts when the document is ready, as often as it becomes so. The editor's, which talk with the server, and
  // those for work without a connection have journeys of their own.
  document.body.classList.add("js-enabled", "govuk-frontend-supported");
  window.started = window.started || new Set();
  for (const src of scripts) {
    if (/boot|editor|offline/.test(src) || window.started.has(src)) continue;
    window.started.add(src);
    await put("script", { src });
  }
  document.dispatchEvent(new Event("DOMContentLoaded"));
  window.scrollTo(0, 0);
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
}
