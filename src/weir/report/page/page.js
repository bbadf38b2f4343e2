// The report's own part: unpacks the data, draws every figure, keeps them right in the dark and on
// paper.
"use strict";
(() => {
  const mounted = new Map();

  async function figures() {
    const holder = document.getElementById("weir-data");
    if (!holder) return [];
    if (holder.dataset.packed !== "gzip") return JSON.parse(holder.textContent);
    const bytes = Uint8Array.from(atob(holder.textContent.trim()), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  }

  function redraw() { for (const figure of mounted.values()) figure.redraw(); }
  // On paper every figure is as wide as the page, in the colours of print.
  function print(on) {
    document.documentElement.classList.toggle("printing", on);
    for (const figure of mounted.values()) figure.build();
  }

  async function start() {
    for (const figure of await figures()) {
      const element = document.getElementById("fig-" + figure.id);
      if (element) mounted.set(figure.id, weirFigure.mount(element, figure));
    }
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    matchMedia("print").addEventListener("change", (event) => print(event.matches));
    document.documentElement.dataset.ready = "yes";
  }
  window.weirReport = { mounted };
  start().catch((error) => {
    document.documentElement.dataset.ready = "failed";
    for (const element of document.querySelectorAll("figure[id^=fig-]"))
      element.prepend("This browser could not draw the figure: " + error.message);
  });
})();
