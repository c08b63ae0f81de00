"use strict";
/* Uploads one after the other, each with how far it is. Without this the form is sent as it is. */
(() => {
  const form = document.querySelector("form[data-upload]");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector("[data-files]");
  const drop = form.querySelector("[data-drop]");
  const button = form.querySelector("button.primary");
  const row = form.querySelector("template[data-row]").content.firstElementChild;
  let busy = false;

  function size(bytes) {
    const units = ["B", "kB", "MB", "GB"];
    let at = 0;
    for (; bytes >= 1000 && at < 3; at += 1) bytes /= 1000;
    return `${bytes.toLocaleString(document.documentElement.lang, { maximumFractionDigits: at ? 1 : 0 })} ${units[at]}`;
  }

  function refuse(item, text) {
    const no = document.createElement("span");
    no.className = "no";
    no.textContent = text;
    item.querySelector("[data-told]").replaceChildren(no);
    item.querySelector("progress").remove();
  }

  function show() {
    list.replaceChildren(...[...input.files].map((file) => {
      const item = row.cloneNode(true);
      item.querySelector("[data-name]").textContent = file.name;
      item.querySelector("[data-size]").textContent = size(file.size);
      if (file.size > Number(form.dataset.max)) refuse(item, form.dataset.tooLarge);
      else item.querySelector("[data-told]").textContent = form.dataset.waits;
      return item;
    }));
  }

  function send(file, item) {
    return new Promise((done) => {
      const told = item.querySelector("[data-told]");
      const bar = item.querySelector("progress");
      const request = new XMLHttpRequest();
      const body = new FormData();
      body.append("channel", form.elements.channel.value);
      body.append("own_names", form.elements.own_names.value);
      body.append("files", file, file.name);
      request.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        bar.value = event.loaded / event.total;
        told.textContent = event.loaded < event.total ? `${Math.floor(bar.value * 100)} %` : form.dataset.checks;
      });
      request.addEventListener("load", () => {
        if (request.getResponseHeader("HX-Redirect")) { location.assign(request.getResponseHeader("HX-Redirect")); return; }
        told.innerHTML = request.responseText; // ours, and escaped
        bar.remove();
        done();
      });
      for (const kind of ["error", "abort", "timeout"]) {
        request.addEventListener(kind, () => { refuse(item, form.dataset.broken); done(); });
      }
      request.open("POST", form.action);
      request.setRequestHeader("X-CSRF-Token", form.elements.csrf.value);
      request.setRequestHeader("HX-Request", "true");
      request.send(body);
    });
  }

  async function sendAll() {
    busy = true;
    button.disabled = input.disabled = true;
    for (const [at, file] of [...input.files].entries()) {
      if (file.size <= Number(form.dataset.max)) await send(file, list.children[at]);
    }
    busy = false;
    button.disabled = input.disabled = false;
    input.value = "";
    delete form.dataset.sent;
    htmx.ajax("GET", "/imports", { target: "#batches", swap: "outerHTML" });
  }

  input.addEventListener("change", show);
  for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, () => drop.classList.add("over"));
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!busy && input.files.length) sendAll();
  });
  addEventListener("beforeunload", (event) => { if (busy) event.preventDefault(); });
})();
