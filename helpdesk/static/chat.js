"use strict";
(() => {
  /* A picture shows in its place; that it was looked at is recorded by its own address. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-picture]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || link.querySelector("img")) return;
    event.preventDefault();
    const picture = document.createElement("img");
    picture.alt = link.title;
    picture.src = link.href;
    link.querySelector(".veil").replaceWith(picture);
  });
  document.addEventListener("error", (event) => {
    const link = event.target.closest?.(".picture > a"); // named a picture, but none inside: to be saved
    if (!link) return;
    const veil = document.createElement("span");
    veil.className = "veil";
    veil.textContent = link.dataset.none;
    event.target.replaceWith(veil);
    link.removeAttribute("data-picture");
  }, true);
})();
