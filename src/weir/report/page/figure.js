// Draws a figure description (docs/formats/figure.md) with uPlot: weirFigure.mount(element,
// figure). Used by the report and by the live page. uPlot draws axes, lines and steps; the rest is
// drawn by figure_draw.js. Here: the frame around a figure, where things stand, the cursor.
"use strict";
const weirFigure = (() => {
  const { is, text, percentile } = weirNumbers;
  const { ticks, xRange, yRange, panelData, structure, LINE } = weirAxes;
  const { FONT } = weirDraw;
  const { nameOf, csv, save, fillTable } = weirExport;
  const DASHES = [[], [7, 4], [2, 3], [9, 4, 2, 4]];
  const PALETTE = 6;
  const HINT = "Point at the figure, or use the arrow keys, to read its values.";
  const measure = document.createElement("canvas").getContext("2d");

  class Mounted {
    constructor(element, figure) {
      this.element = element;
      this.figure = figure;
      this.plots = [];
      this.at = null;     // x under the cursor
      this.zoom = null;
      this.makeFrame();
      this.resized = new ResizeObserver(() => {
        const width = this.box.clientWidth;
        if (width && width !== this.width) requestAnimationFrame(() => this.build());
      });
      this.build();
      this.resized.observe(this.box);
    }

    make(tag, className, parent, words) {
      const made = document.createElement(tag);
      if (className) made.className = className;
      if (words !== undefined) made.textContent = words;
      if (parent) parent.append(made);
      return made;
    }
    makeFrame() {
      const f = this.figure, e = this.element;
      e.classList.add("figure");
      this.caption = e.querySelector("figcaption");
      this.box = this.make("div", "fig-plots");
      this.box.tabIndex = 0;
      this.box.setAttribute("role", "application");
      this.box.setAttribute("aria-roledescription", "figure");
      e.prepend(this.box);
      this.readout = this.make("p", "fig-readout idle", null, HINT);
      this.box.after(this.readout);
      if (!this.caption) {
        this.caption = this.make("figcaption", "", e);
        this.make("b", "", this.caption, f.title + ". ");
        this.caption.append(f.caption);
        this.make("p", "sr-only fig-summary", e, f.summary);
      }
      this.spoken = this.make("p", "sr-only", e, "");
      this.spoken.setAttribute("aria-live", "polite");
      this.buttons = this.make("div", "fig-buttons", e);
      const button = (words, does) => {
        const made = this.make("button", "", this.buttons, words);
        made.type = "button";
        made.setAttribute("aria-label", `${words}: ${f.title}`);
        made.addEventListener("click", does);
        return made;
      };
      button("CSV", () => save(f.id + ".csv", new Blob([csv(this.figure)], { type: "text/csv" })));
      button("PNG", () => weirExport.png(this).toBlob((blob) => save(f.id + ".png", blob)));
      const numbers = button("numbers", () => {
        const open = this.table.hidden;
        this.table.hidden = !open;
        numbers.setAttribute("aria-expanded", String(open));
        if (open) fillTable(this.table, this.figure);
      });
      numbers.setAttribute("aria-expanded", "false");
      this.table = this.make("div", "fig-numbers", e);
      this.table.hidden = true;
      this.box.addEventListener("keydown", (event) => this.key(event));
      this.box.addEventListener("mouseleave", () => this.point(null));
      this.box.addEventListener("dblclick", () => this.setZoom(null));
      this.name();
    }
    name() {
      this.box.setAttribute("aria-label", `${this.figure.title}. ${this.figure.summary} ` +
        "Arrow keys move a cursor through the values.");
    }

    css(name) { return getComputedStyle(this.element).getPropertyValue(name).trim(); }
    colour(s) { return this.css(s.colour < 0 ? "--soft" : `--s${s.colour % PALETTE}`); }

    // Where things stand: decided before uPlot is asked, the same for all panels.
    layout() {
      const f = this.figure, narrow = this.width < 520;
      this.left = narrow ? 52 : 58;
      measure.font = `600 12px ${FONT}`;
      this.right = 12;
      for (const p of f.panels) for (const s of p.series)
        if (this.isNamed(p, s))
          this.right = Math.max(this.right, measure.measureText(s.name).width + 16);
      this.right = Math.min(this.right, this.width * 0.4);
      this.range = this.zoom || xRange(f);
      const [low, high] = this.range, across = this.width - this.left - this.right;
      measure.font = `11px ${FONT}`;
      const ends = [];
      this.moments = f.markers.filter((m) => m.at >= low && m.at <= high)
        .sort((a, b) => a.at - b.at).map((m) => {
          const x = (m.at - low) / (high - low) * across;
          const w = measure.measureText(m.label).width + 8;
          const flip = x + w > across + this.right;
          const from = flip ? x - w : x;
          let row = ends.findIndex((end) => end <= from);
          if (row < 0) row = ends.length;
          ends[row] = from + w;
          return { ...m, row, flip };
        });
      this.rows = this.moments.some((m) => m.label) ? ends.length : 0;
    }
    isNamed(panel, s) { return s.name && s.x.length > 0 && !(panel.heat && s.mark === "bars"); }

    height(panel, index) {
      const alone = this.figure.panels.length === 1, last = index === this.figure.panels.length - 1;
      const narrow = this.width < 520;
      let high = alone ? (narrow ? 250 : 300) : panel.heat ? 230 : 150;
      if (index === 0) high += this.rows * 14;
      return high + (last && !alone ? 40 : 0);
    }

    build() {
      this.width = this.box.clientWidth;
      if (!this.width) return;   // inside something folded: built when it opens
      for (const plot of this.plots) plot.destroy();
      this.box.textContent = "";
      this.layout();
      this.structure = structure(this.figure);
      this.plots = this.figure.panels.map((panel, i) => this.plot(panel, i));
      if (this.at !== null) this.point(this.at);
    }
    update(figure) {
      this.figure = figure;
      this.name();
      const summary = this.element.querySelector(".fig-summary");
      if (summary) summary.textContent = figure.summary;
      if (!this.table.hidden) fillTable(this.table, figure);
      if (!this.plots.length || structure(figure) !== this.structure) return this.build();
      const rows = this.rows;
      this.layout();
      if (rows !== this.rows) return this.build();
      this.refresh();
    }
    refresh() {
      this.plots.forEach((plot, i) => plot.setData(panelData(this.figure.panels[i], this.range)));
      if (this.at !== null) this.point(this.at);
    }
    redraw() { for (const plot of this.plots) plot.redraw(false, true); }
    setZoom(range) {
      if (!this.plots.length || (!range && !this.zoom)) return;
      this.zoom = range;
      this.layout();
      this.refresh();
    }
    destroy() {
      this.resized.disconnect();
      for (const plot of this.plots) plot.destroy();
      this.plots = [];
    }

    plot(panel, index) {
      const f = this.figure, last = index === f.panels.length - 1;
      const now = () => this.figure.panels[index];
      const joined = panel.series.filter((s) => LINE[s.mark] && s.x.length);
      const axis = { stroke: () => this.css("--soft"), font: `12px ${FONT}`,
                     grid: { stroke: () => this.css("--rule"), width: 1 },
                     ticks: { show: false } };
      const most = (pixels, each) => Math.max(2, Math.floor(pixels / each));
      const high = this.height(panel, index), above = 30 + (index === 0 ? this.rows * 14 : 0);
      const inside = high - above - (last ? 46 : 12);   // between the axes
      return new uPlot({
        width: this.width, height: high,
        padding: [above, this.right, last ? 2 : 8, 0],
        legend: { show: false },
        cursor: { y: false, points: { show: false },
                  drag: { x: f.x.scale === "linear", y: false, setScale: false } },
        select: { show: true },
        scales: { x: { time: false, range: () => this.range },
                  y: { distr: panel.y.scale === "log" ? 3 : 1, range: () => yRange(now()) } },
        axes: [
          { ...axis, show: true, size: last ? 26 : 4, gap: 4, label: last ? f.x.label : undefined,
            labelSize: last ? 18 : 0, labelFont: `12px ${FONT}`,
            grid: { show: f.x.scale !== "category", ...axis.grid },
            splits: () => ticks(f.x, this.range, most(this.width - this.left - this.right, 78)),
            values: (u, all) => last ? this.thin(all.map((v) => text(f.x, v)), all)
                                     : all.map(() => "") },
          { ...axis, size: this.left, gap: 4,
            splits: () => ticks(panel.y, yRange(now()),
                                most(inside, panel.y.scale === "log" ? 22 : 32)),
            filter: (u, all) => all,
            values: (u, all) => all.map((v) => text(panel.y, v)) }],
        series: [{}, ...(joined.length ? joined : [null]).map((s) => s ? {
          stroke: () => this.colour(s), width: s.colour < 0 ? 1.5 : 2, dash: DASHES[s.dash || 0],
          points: { show: false }, spanGaps: false,
          paths: s.mark === "steps" ? uPlot.paths.stepped({ align: 1 }) : uPlot.paths.linear(),
        } : { show: false })],
        hooks: {
          drawClear: [(u) => weirDraw.under(this, u, now())],
          draw: [(u) => weirDraw.over(this, u, now(), index)],
          setCursor: [(u) => this.moved(u)],
          setSelect: [(u) => {
            if (u.select.width > 8)
              this.setZoom([u.posToVal(u.select.left, "x"),
                            u.posToVal(u.select.left + u.select.width, "x")]);
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          }],
        },
      }, panelData(panel, this.range), this.box);
    }
    // Leaves out names of ticks that would touch.
    thin(words, at) {
      const [low, high] = this.range, across = this.width - this.left - this.right;
      measure.font = `12px ${FONT}`;
      let end = -Infinity;
      return words.map((w, i) => {
        const middle = (at[i] - low) / (high - low) * across;
        const half = measure.measureText(w).width / 2;
        if (middle - half < end) return "";
        end = middle + half + 6;
        return w;
      });
    }

    // ---- cursor, by pointer or keys ------------------------------------------------------------
    stops() {
      const all = new Set();
      for (const p of this.figure.panels) {
        for (const s of p.series) s.x.forEach((x, i) => is(s.y[i]) && all.add(x));
        if (p.heat) for (const x of p.heat.x) all.add(x);
      }
      const [low, high] = this.range || [-Infinity, Infinity];
      return [...all].filter((x) => x >= low && x <= high).sort((a, b) => a - b);
    }
    key(event) {
      const stops = this.stops();
      if (!stops.length) return;
      let i = this.at === null ? -1 : nearest(stops, this.at);
      const step = event.shiftKey ? 10 : 1;
      if (event.key === "ArrowRight") i = Math.min(stops.length - 1, i + step);
      else if (event.key === "ArrowLeft") i = Math.max(0, (i < 0 ? stops.length : i) - step);
      else if (event.key === "Home") i = 0;
      else if (event.key === "End") i = stops.length - 1;
      else if (event.key === "Escape") { this.setZoom(null); return this.point(null); }
      else return;
      event.preventDefault();
      this.point(stops[i]);
      this.spoken.textContent = this.readout.textContent;
    }
    moved(u) {
      if (this.pointing || u.cursor.left === undefined || u.cursor.left < 0) return;
      const stops = this.stops();
      if (stops.length) this.point(stops[nearest(stops, u.posToVal(u.cursor.left, "x"))]);
    }
    point(x) {
      this.at = x;
      this.pointing = true;
      for (const plot of this.plots)
        plot.setCursor(x === null ? { left: -10, top: -10 }
                                  : { left: plot.valToPos(x, "x"), top: 10 }, false);
      this.pointing = false;
      this.readout.classList.toggle("idle", x === null);
      this.readout.textContent = x === null ? HINT : this.words(x);
    }
    words(x) {
      const f = this.figure;
      const parts = [];
      for (const p of f.panels) for (const s of p.series) {
        const i = indexAt(s, x);
        if (i < 0) continue;
        let value = text(p.y, s.y[i], true);
        if (s.low && is(s.low[i]) && is(s.high[i]))
          value += ` (${text(p.y, s.low[i], true)} to ${text(p.y, s.high[i], true)})`;
        if (s.hollow && s.hollow[i]) value += ", does not count";
        parts.push(`${nameOf(p, s)} ${value}`);
      }
      const place = f.x.scale === "category" ? text(f.x, x) :
        f.x.scale === "nines" ? "p" + percentile(x).replace("%", "") :
        text(f.x, x, true);
      return `${place}: ${parts.join(" · ") || "no value"}`;
    }

  }

  function nearest(sorted, x) {
    let low = 0, high = sorted.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < x) low = middle + 1; else high = middle;
    }
    return low > 0 && x - sorted[low - 1] <= sorted[low] - x ? low - 1 : low;
  }
  // The point of a series that speaks for x: the step that covers it, else the point right there.
  function indexAt(s, x) {
    if (!s.x.length) return -1;
    let i = nearest(s.x, x);
    if (s.mark === "steps") {
      while (i > 0 && s.x[i] > x) --i;
      return s.x[i] <= x && is(s.y[i]) ? i : -1;
    }
    const gap = s.x.length > 1 ? (s.x[s.x.length - 1] - s.x[0]) / (s.x.length - 1) : 0;
    const near = s.mark === "line" ? gap * 0.75 : Math.abs(x) * 1e-6 + 1e-9;
    return Math.abs(s.x[i] - x) <= near && is(s.y[i]) ? i : -1;
  }
  // A series without a name continues the one of its colour.

  return { mount: (element, figure) => new Mounted(element, figure), csv, text };
})();
