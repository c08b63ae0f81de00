"use strict";
(() => {
  const GAP = 8; // between a fact and what floats beside it, and to the edge of the window
  const $ = (selector, root = document) => root.querySelector(selector);
  const fact = (target) => target?.closest?.("[data-fact][data-claim]");
  const same = ({ fact, claim }) => `[data-fact="${CSS.escape(fact)}"][data-claim="${CSS.escape(claim)}"]`;

  // Not in a style attribute: exchanging the page would copy it, and the page's policy forbids that.
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  const places = {};

  /* Put what floats above or below a box, or left of it, where it fits; beside a message over it. */
  function place(floating, box, side) {
    const { width, height } = floating.getBoundingClientRect();
    let top = side === "above" ? box.top - height - GAP : box.bottom + GAP;
    let left = box.left;
    if (side === "left" && box.left - width - GAP >= GAP) { left = box.left - width - GAP; top = box.top; }
    if (top < GAP) top = box.bottom + GAP;
    if (top + height > innerHeight - GAP) top = Math.max(GAP, (side === "left" ? innerHeight - GAP : box.top - GAP) - height);
    const right = side === "left" ? innerWidth : Math.min(innerWidth, $(".talk").getBoundingClientRect().right);
    const least = Math.max(GAP, Math.min($(".talk").getBoundingClientRect().left, innerWidth - width - GAP));
    places[floating.matches(".pick") ? ".pick" : ".whycard"] = [Math.max(least, Math.min(left, right - width - GAP)), top];
    sheet.replaceSync(Object.entries(places).map(([what, [x, y]]) => `${what}[popover] { left: ${x}px; top: ${y}px }`).join(" "));
  }

  /* A fact, its place in the message and its evidence light up together, and a card says why. */
  let card = null;
  let waiting = 0;
  function light(each, on) {
    document.querySelectorAll(same(each.dataset)).forEach((one) => one.classList.toggle("lit", on));
  }
  function explain(each, always) {
    if (each.matches("label, li") || (!always && pick()?.matches(":popover-open"))) return;
    const found = document.getElementById(`why-${each.dataset.claim}-${each.dataset.fact}`);
    if (found === card) return;
    hush();
    if (!found) return;
    card = found;
    card.showPopover();
    place(card, each.getClientRects()[0], each.matches("mark") ? "below" : "left");
  }
  function hush() {
    clearTimeout(waiting);
    if (card?.isConnected) card.hidePopover();
    card = null;
  }
  const soon = (action, delay) => { clearTimeout(waiting); waiting = setTimeout(action, delay); };
  document.addEventListener("mouseover", (event) => {
    if (event.target.closest?.(".whycard")) { clearTimeout(waiting); return; }
    const each = fact(event.target);
    if (!each) return;
    light(each, true);
    if (!event.buttons) soon(() => explain(each), card ? 0 : 120);
  });
  document.addEventListener("mouseout", (event) => {
    const each = fact(event.target);
    if (each && fact(event.relatedTarget) !== each) light(each, false);
    if (each || event.target.closest?.(".whycard")) soon(hush, 160);
  });
  document.addEventListener("focusin", (event) => {
    const each = fact(event.target);
    if (!each) return;
    light(each, true);
    if (event.target === each) explain(each);
  });
  document.addEventListener("focusout", (event) => {
    const each = fact(event.target);
    if (each) { light(each, false); hush(); }
  });
  addEventListener("scroll", (event) => { if (!event.target.closest?.(".whycard, .pick")) { hush(); shut(); } }, true);
  addEventListener("resize", () => { hush(); shut(); });

  /* A card says more than a hint could, and two at once hide each other. */
  const bare = () => document.querySelectorAll("mark[data-fact], .fact .sure").forEach((each) => each.removeAttribute("title"));

  /* What is selected in a message can be said to be a fact. Places count characters, as the server
     does, not the halves that an emoji has here. */
  const pick = () => $("#pick");
  const length = (text) => [...text].length;
  function selected() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0).cloneRange();
    const element = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement);
    const body = element(range.startContainer).closest("[data-message]");
    if (!body) return null;
    if (!body.contains(range.endContainer)) range.setEnd(body, body.childNodes.length); // a triple click
    return range.toString().trim() ? { body, range } : null;
  }
  function offer(found, side) {
    const form = pick();
    if (!form || !found) return;
    const { body, range } = found;
    const before = range.cloneRange();
    before.selectNodeContents(body);
    before.setEnd(range.startContainer, range.startOffset);
    const start = length(before.toString());
    form.elements.message.value = body.dataset.message;
    form.elements.start.value = start;
    form.elements.end.value = start + length(range.toString());
    const marks = [...body.querySelectorAll("mark")];
    const touched = marks.filter((mark) => range.intersectsNode(mark) && overlaps(range, mark));
    const near = touched[0] ?? marks.filter((mark) => range.comparePoint(mark, 0) < 0).pop();
    if (form.elements.claim && near) form.elements.claim.value = near.dataset.claim;
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(touched.length === 1 && touched[0].dataset.fact === button.value));
    }
    form.querySelectorAll("[data-none]").forEach((each) => { each.hidden = !touched.length; });
    if (!form.matches(":popover-open")) form.showPopover();
    place(form, range.getBoundingClientRect(), side);
  }
  /* Nodes also count as met where they only touch. */
  function overlaps(range, mark) {
    const inner = document.createRange();
    inner.selectNodeContents(mark);
    return range.compareBoundaryPoints(Range.START_TO_END, inner) > 0 && range.compareBoundaryPoints(Range.END_TO_START, inner) < 0;
  }
  function shut() {
    const form = pick();
    if (form?.matches(":popover-open")) form.hidePopover();
  }

  const fingers = matchMedia("(pointer: coarse)");
  let settle = 0;
  let pressed = false;
  function look() {
    const form = pick();
    if (!form || pressed || form.contains(document.activeElement)) return;
    const found = selected();
    if (found) hush();
    if (found) offer(found, fingers.matches ? "below" : "above"); // a phone's own menu stands above
    else if (getSelection().isCollapsed && !form.dataset.mark) shut();
  }
  document.addEventListener("pointerdown", (event) => {
    if (event.target.closest?.("#pick")) { if (!event.target.closest("select")) event.preventDefault(); return; }
    pressed = event.pointerType === "mouse";
    delete pick()?.dataset.mark;
    if (!fact(event.target)?.matches("mark")) shut();
  });
  document.addEventListener("pointerup", () => { pressed = false; clearTimeout(settle); settle = setTimeout(look, 10); });
  document.addEventListener("selectionchange", () => { clearTimeout(settle); settle = setTimeout(look, 200); });

  /* A fact that was read can be pressed instead of selected. */
  function press(mark, focus) {
    const body = mark.closest("[data-message]");
    const form = pick();
    if (!body || !form) return;
    const range = document.createRange();
    range.selectNodeContents(mark);
    form.dataset.mark = "1";
    offer({ body, range }, "above");
    explain(mark, true);
    if (focus) $("button", form).focus();
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-dismiss]")) event.target.closest(".undone").remove();
    const each = fact(event.target);
    if (each?.matches("mark") && getSelection().isCollapsed) press(each, false);
    if (each?.matches(".fact") && !event.target.closest("button, a, input")) {
      $(`mark${same(each.dataset)}`)?.scrollIntoView({ block: "center", behavior: "smooth" });
    }
  });
  document.addEventListener("keydown", (event) => {
    const form = pick();
    const open = form?.matches(":popover-open");
    if (event.key === "Escape" && (open || card)) {
      const back = open && form.contains(document.activeElement);
      hush(); shut();
      if (back) form.origin?.focus();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!open) {
      if (event.key === "Enter" && event.target.matches("mark")) { event.preventDefault(); press(event.target, true); if (form) form.origin = event.target; }
      return;
    }
    const buttons = [...form.querySelectorAll("button")].filter((each) => !each.hidden);
    const at = buttons.indexOf(document.activeElement);
    const chosen = !event.target.closest("input, textarea, select") && buttons.find((each) => each.getAttribute("aria-keyshortcuts") === event.key);
    if (chosen) { event.preventDefault(); chosen.click(); }
    else if (event.key === "Tab" && !form.contains(document.activeElement)) { event.preventDefault(); buttons[0].focus(); }
    else if (at >= 0 && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      event.preventDefault();
      buttons[(at + (event.key === "ArrowRight" ? 1 : buttons.length - 1)) % buttons.length].focus();
    }
  });

  /* A reply or a claim that is being written would be gone with the page it stands in. */
  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".pick, .undone form")) return;
    const written = [...document.querySelectorAll("#reply, .claim .edit input")].some((each) => each.value !== each.defaultValue);
    if (!written || confirm(pick().dataset.lost)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  /* The page is exchanged in its place: nothing moves but what changed. */
  let scrolled = [];
  let note = "";
  const panes = () => [document.scrollingElement, ...document.querySelectorAll("#main .scroll")];
  document.addEventListener("htmx:before:swap", () => {
    hush();
    shut();
    scrolled = panes().map((each) => each.scrollTop);
    note = $("#note")?.value ?? "";
  });
  document.addEventListener("htmx:after:swap", () => {
    bare();
    panes().forEach((each, at) => { each.scrollTop = scrolled[at] ?? each.scrollTop; });
    if (note && $("#note")) { $("#note").value = note; $("#note").closest("details").open = true; }
    const alert = $("#main .banner[role=alert]");
    if (alert) alert.scrollIntoView({ block: "nearest" });
    $(".undone .btn")?.focus({ preventScroll: true });
  });
  bare();
})();
