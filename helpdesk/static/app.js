"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const typing = (target) => target.closest("input, textarea, select, [contenteditable], dialog");

  /* Lists: J and K walk the rows, Enter is the link's own. */
  function walk(step) {
    const rows = [...document.querySelectorAll(".row")];
    if (!rows.length) return false;
    const at = rows.indexOf(document.activeElement);
    rows[Math.max(0, Math.min(rows.length - 1, at + step))].focus();
    return true;
  }

  const keys = {
    j: () => walk(1) || $("[data-next]")?.click(),
    k: () => walk(-1) || $("[data-previous]")?.click(),
    u: () => $("[data-back]")?.click(),
    r: () => ($("[data-edit]") ? $("[data-edit]").click() : $("#reply")?.focus()),
    n: () => openAndFocus("#note"),
    m: () => $("[data-mine]")?.click(),
    "/": () => ($("[data-search]") ? $("[data-search]").focus() : $("[data-back]")?.click()),
    "?": () => $("#keys")?.showModal(),
  };

  function openAndFocus(selector) {
    const field = $(selector);
    if (!field) return;
    field.closest("details")?.setAttribute("open", "");
    field.focus();
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      const other = event.target.form; // a note or a reason is sent, never the reply below it
      if (other && other.id !== "approve") { event.preventDefault(); other.requestSubmit(); return; }
      const button = $("[data-approve]");
      if (button && !button.disabled) { event.preventDefault(); button.click(); }
      return;
    }
    if (event.key === "Escape") closeMenus();
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const action = keys[event.key.toLowerCase()];
    if (action) { event.preventDefault(); action(); }
  });

  /* Menus close when something else is meant. */
  function closeMenus(except) {
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (menu !== except) menu.removeAttribute("open");
    });
  }
  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest("details[data-menu]"));
    if (event.target.closest("[data-help]")) { event.preventDefault(); $("#keys")?.showModal(); }
    if (event.target.id === "keys") event.target.close();
    const copy = event.target.closest("[data-copy]");
    if (copy) navigator.clipboard?.writeText(copy.dataset.copy);
    const part = event.target.closest("[data-copy-from]");
    if (part) {
      const text = document.getElementById(part.dataset.copyFrom);
      getSelection().selectAllChildren(text); // also where the clipboard is not allowed
      navigator.clipboard?.writeText(text.textContent).then(() => { $("span", part).textContent = part.dataset.copied; });
    }
  });

  /* The original of a mail opens below it, in a frame without rights. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-original]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const message = link.closest(".msg");
    const open = $("iframe", message);
    link.setAttribute("aria-expanded", String(!open));
    if (open) { open.remove(); return; }
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-popups");
    frame.setAttribute("referrerpolicy", "no-referrer");
    frame.title = link.textContent.trim();
    frame.src = link.href;
    message.append(frame);
  });

  /* Filters act when they change. */
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-filter], form[data-auto]");
    if (form && event.target.matches("select")) form.requestSubmit();
  });

  /* One press is one deed. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.matches("[data-hx-post], [data-hx-boost]")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    changed = false;
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

  /* What was typed is not lost by a slip. */
  let changed = false;
  document.addEventListener("input", (event) => { if (event.target.id === "reply" || event.target.id === "note") changed = true; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });

  /* The time to take a reply back, and covering up again after a minute. */
  function clocks() {
    const now = Date.now();
    for (const undo of document.querySelectorAll("[data-until]")) {
      const left = Math.max(0, (Date.parse(undo.dataset.until) - now) / 1000);
      const said = $("[data-left]", undo);
      if (said) said.textContent = Math.ceil(left);
      $("[data-ring]", undo)?.setAttribute("stroke-dashoffset", String(100 - (100 * left) / Number(undo.dataset.of || 15)));
      if (left === 0 && !undo.dataset.over) { undo.dataset.over = "1"; setTimeout(() => location.replace(undo.dataset.then), 400); }
    }
  }
  setInterval(clocks, 250);
  document.addEventListener("DOMContentLoaded", () => {
    clocks();
    const talk = $("[data-newest]");
    if (talk && matchMedia("(min-width: 1081px)").matches) talk.scrollIntoView({ block: "nearest" });
  });
  document.documentElement.classList.add("js"); // the style sheet then hides what only works around it
})();
