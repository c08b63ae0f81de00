"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const form = $("[data-form]");
  const say = form?.dataset ?? {};
  const MONTHS = ["jan", "feb|peb", "mar", "apr", "mei|may", "jun", "jul", "agu|agt|ags|aug", "sep", "okt|oct", "nov|nop", "des|dec"];

  /* Day, month and the last two digits of the year; the server reads more forms, and decides. */
  function birth(text) {
    const iso = /^\s*(\d{4})-(\d{1,2})-(\d{1,2})\s*$/.exec(text);
    if (iso) return [Number(iso[3]), Number(iso[2]), Number(iso[1]) % 100];
    const found = /^\s*(\d{1,2})[-\/. ]+(\d{1,2}|[a-z]+)[-\/. ]+(\d{4}|\d{2})\s*$/i.exec(text);
    if (!found) return null;
    const named = MONTHS.findIndex((names) => new RegExp(`^(${names})`, "i").test(found[2]));
    return [Number(found[1]), Number(found[2]) || named + 1, Number(found[3]) % 100];
  }

  /* What of a NIK should be looked at again; a word, never a refusal. */
  function lookAt(digits) {
    if (digits.length !== 16) {
      const words = digits.length > 16 ? say.nikMany : say.nikCount;
      return [digits.length > 16 ? "care" : "", digits ? words.replace("{n}", digits.length) : ""];
    }
    const [d, month, year] = [6, 8, 10].map((at) => Number(digits.slice(at, at + 2)));
    const day = d > 40 ? d - 40 : d; // women have 40 added to the day
    if (day < 1 || day > 31 || month < 1 || month > 12) return ["care", say.nikImpossible];
    const born = birth($("#birth_date").value);
    if (born && (born[0] !== day || born[1] !== month || born[2] !== year)) return ["care", say.nikDate];
    return ["good", say.nikGood];
  }

  function checkNik() {
    const [kind, words] = lookAt($("#nik").value.replace(/[oO]/g, "0").replace(/[iIl|]/g, "1").replace(/\D/g, ""));
    const live = $("#nik-live");
    live.className = `live ${kind}`;
    if (live.textContent !== words) live.textContent = words;
  }
  if ($("#nik-live")) {
    $("#nik").addEventListener("input", checkNik);
    $("#birth_date").addEventListener("input", checkNik);
    if ($("#nik").value) checkNik();
  }

  if (!$("[autofocus]")) $(".summary")?.focus(); // else the browser goes to what is wrong

  /* One press is one request. */
  if (document.body.matches(".public")) { // elsewhere app.js sees to it
    form?.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
    });
    addEventListener("pageshow", () => { if (form) delete form.dataset.sent; });
  }

  const copy = $("[data-copy-from]");
  if (copy && navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(copy.dataset.copyFrom).textContent);
      $("span", copy).textContent = copy.dataset.copied;
    });
  }
})();
