// Draws a figure description (docs/formats/figure.md) with uPlot: weirFigure.mount(element, figure).
// Used by the report and by the live page. uPlot draws axes, lines and steps; bands, points,
// intervals, bars, heat maps, names and moments are drawn here, on the same canvas, so that the PNG
// holds them.
"use strict";
const weirFigure = (() => {
  const DASHES = [[], [7, 4], [2, 3], [9, 4, 2, 4]];
  const PALETTE = 6;
  const FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif";
  const ROWS_MAX = 200;  // of the table of numbers
  const HINT = "Point at the figure, or use the arrow keys, to read its values.";
  const LINE = { line: 1, steps: 1, both: 1 };
  const measure = document.createElement("canvas").getContext("2d");
  const is = (v) => v !== null && v !== undefined && Number.isFinite(v);

  // ---- numbers as people read them -------------------------------------------------------------
  const trim = (v, digits) => String(Number(v.toPrecision(digits)));
  function short(v) {
    const a = Math.abs(v);
    if (a >= 999.5e6) return trim(v / 1e9, 3) + " G";
    if (a >= 999.5e3) return trim(v / 1e6, 3) + " M";
    if (a >= 999.5) return trim(v / 1e3, 3) + " k";
    return a >= 100 ? v.toFixed(0) : trim(v, 3);
  }
  const grouped = (v) => {
    const a = Math.abs(v);
    return v.toLocaleString("en-US", { maximumFractionDigits: a >= 100 ? 0 : a >= 1 ? 2 : 4 });
  };
  function millis(v) {
    const a = Math.abs(v);
    if (a >= 120e3) return trim(v / 60e3, 3) + " min";
    if (a >= 1e3) return trim(v / 1e3, 3) + " s";
    return trim(v, 3) + " ms";
  }
  function percentile(nines) {
    if (nines <= 0) return "0%";
    const p = 100 * (1 - Math.pow(10, -nines));
    const decimals = Math.max(0, Math.ceil(nines - 2 + 1e-9));
    return Number(p.toFixed(Math.min(8, decimals + (nines % 1 ? 1 : 0)))) + "%";
  }
  // On an axis short, in tables and sentences in full.
  function text(axis, v, full) {
    if (!is(v)) return "–";
    if (axis.scale === "category") return (axis.categories || [])[Math.round(v)] || "";
    if (axis.scale === "nines") return percentile(v);
    switch (axis.unit) {
      case "ms": return millis(v);
      case "s": return full ? trim(v, v >= 1000 ? 5 : 3) + " s" : trim(v, 4);
      case "percent": return trim(v, 3) + "%";
      case "rate": return full ? grouped(v) + "/s" : short(v);
      case "count": return full ? grouped(v) : short(v);
      default: return full ? grouped(v) : short(v);
    }
  }

  // ---- ranges and ticks ------------------------------------------------------------------------
  const STEPS = [1, 2, 2.5, 5, 10];
  function roundUp(v) {
    const power = Math.pow(10, Math.floor(Math.log10(v)));
    return power * STEPS.find((s) => s * power >= v * (1 - 1e-9));
  }
  function logBound(v, up) {
    const power = Math.pow(10, Math.floor(Math.log10(v) + 1e-9));
    const steps = [1, 2, 5, 10];
    return up ? power * steps.find((s) => s * power >= v * (1 - 1e-9))
              : power * [5, 2, 1].find((s) => s * power <= v * (1 + 1e-9));
  }
  function linearTicks([low, high], most) {
    const step = roundUp((high - low) / Math.max(1, most));
    const ticks = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; ++i)
      ticks.push(Number((i * step).toPrecision(12)));
    return ticks;
  }
  function logTicks([low, high], most) {
    const decades = Math.log10(high / low);
    const steps = decades * 3 <= most ? [1, 2, 5] : [1];
    const every = Math.max(1, Math.ceil(decades / most));
    const ticks = [];
    for (let e = Math.floor(Math.log10(low) - 1e-9); e <= Math.log10(high) + 1e-9; ++e) {
      if (steps.length === 1 && (e % every + every) % every) continue;
      for (const s of steps) {
        const v = Number((s * Math.pow(10, e)).toPrecision(6));
        if (v >= low * (1 - 1e-9) && v <= high * (1 + 1e-9)) ticks.push(v);
      }
    }
    return ticks;
  }
  function ticks(axis, range, most) {
    if (axis.scale === "category")
      return (axis.categories || []).map((_, i) => i).filter((i) => i >= range[0] && i <= range[1]);
    if (axis.scale === "nines") {
      const all = [0, 0.30103, 1];
      for (let n = 2; n <= range[1] + 1e-9; ++n) all.push(n);
      return all.filter((n) => n >= range[0] - 1e-9 && n <= range[1] + 1e-9);
    }
    return axis.scale === "log" ? logTicks(range, most) : linearTicks(range, most);
  }
  function extent(lists) {
    let low = Infinity, high = -Infinity;
    for (const list of lists)
      for (const v of list || []) if (is(v)) { if (v < low) low = v; if (v > high) high = v; }
    return [low, high];
  }
  const tops = (panel) => {   // upper ends of stacked bars
    const sums = new Map();
    for (const s of panel.series) if (s.mark === "bars")
      s.x.forEach((x, i) => is(s.y[i]) && sums.set(x, (sums.get(x) || 0) + s.y[i]));
    return [...sums.values()];
  };
  function yRange(panel) {
    const axis = panel.y;
    const lists = panel.series.filter((s) => s.mark !== "bars").flatMap((s) => [s.y, s.low, s.high]);
    if (panel.heat) lists.push(panel.heat.bounds);
    lists.push(tops(panel));
    if (axis.scale === "log") {
      let [low, high] = extent(lists.map((l) => (l || []).filter((v) => v > 0)));
      if (!is(low)) [low, high] = [1, 100];
      low = is(axis.low) ? axis.low : logBound(low, false);
      high = is(axis.high) ? axis.high : logBound(high * 1.02, true);
      return high > low ? [low, high] : [low / 2, low * 2];
    }
    let [low, high] = extent(lists);
    if (!is(low)) [low, high] = [0, 1];
    low = is(axis.low) ? axis.low : Math.min(0, low);
    if (is(axis.high)) return [low, axis.high];
    const step = roundUp(Math.max(1e-9, high - low) / 5);
    high = Math.ceil(high * 1.02 / step - 1e-9) * step;
    return high > low ? [low < 0 ? Math.floor(low / step) * step : low, high] : [low, low + 1];
  }
  function xRange(figure) {
    const axis = figure.x;
    if (axis.scale === "category") return [-0.6, (axis.categories || []).length - 0.4];
    const lists = [];
    for (const p of figure.panels) {
      for (const s of p.series) lists.push(s.x);
      if (p.heat) lists.push(p.heat.x, p.heat.x.map((x) => x + p.heat.width));
    }
    let [low, high] = extent(lists);
    if (!is(low)) [low, high] = [0, 1];
    if (axis.unit === "rate") { low = 0; high *= 1.03; }
    if (is(axis.low)) low = axis.low;
    if (is(axis.high)) high = axis.high;
    return high > low ? [low, high] : [low - 0.5, low + 0.5];
  }

  // ---- data for uPlot --------------------------------------------------------------------------
  // One table for each joined series; x ascending without repeats, as uPlot's join wants it.
  function lineTable(series, span) {
    const x = new Array(series.x.length), y = new Array(series.x.length), nudge = span * 1e-7;
    for (let i = 0; i < x.length; ++i) {
      x[i] = i && series.x[i] <= x[i - 1] ? x[i - 1] + nudge : series.x[i];
      y[i] = is(series.y[i]) && !(series.hollow && series.hollow[i]) ? series.y[i] : null;
    }
    return [x, y];
  }
  function panelData(panel, range) {
    const joined = panel.series.filter((s) => LINE[s.mark] && s.x.length);
    if (!joined.length) return [[range[0], range[1]], [null, null]];
    const tables = joined.map((s) => lineTable(s, range[1] - range[0]));
    return tables.length === 1 ? tables[0] : uPlot.join(tables, tables.map(() => [1, 1]));
  }
  const structure = (figure) => JSON.stringify(figure.panels.map((p) =>
    [!!p.heat, p.y.scale, p.series.filter((s) => LINE[s.mark] && s.x.length)
      .map((s) => [s.mark, s.colour, s.dash])]));

  // ---- one mounted figure ----------------------------------------------------------------------
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
      button("PNG", () => this.png().toBlob((blob) => save(f.id + ".png", blob)));
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
          const x = (m.at - low) / (high - low) * across, w = measure.measureText(m.label).width + 8;
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
      const high = this.height(panel, index);
      return new uPlot({
        width: this.width, height: high,
        padding: [30 + (index === 0 ? this.rows * 14 : 0), this.right, last ? 2 : 8, 0],
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
            values: (u, all) => last ? this.thin(all.map((v) => text(f.x, v)), all) : all.map(() => "") },
          { ...axis, size: this.left, gap: 4,
            splits: () => ticks(panel.y, yRange(now()), most(high, 44)),
            filter: (u, all) => all,
            values: (u, all) => all.map((v) => text(panel.y, v)) }],
        series: [{}, ...(joined.length ? joined : [null]).map((s) => s ? {
          stroke: () => this.colour(s), width: s.colour < 0 ? 1.5 : 2, dash: DASHES[s.dash || 0],
          points: { show: false }, spanGaps: false,
          paths: s.mark === "steps" ? uPlot.paths.stepped({ align: 1 }) : uPlot.paths.linear(),
        } : { show: false })],
        hooks: {
          drawClear: [(u) => this.drawUnder(u, now())],
          draw: [(u) => this.drawOver(u, now(), index)],
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
        const middle = (at[i] - low) / (high - low) * across, half = measure.measureText(w).width / 2;
        if (middle - half < end) return "";
        end = middle + half + 6;
        return w;
      });
    }

    // ---- cursor, by pointer or keys ------------------------------------------------------------
    stops() {
      const all = new Set();
      for (const p of this.figure.panels) {
        for (const s of p.series) for (let i = 0; i < s.x.length; ++i) if (is(s.y[i])) all.add(s.x[i]);
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

    // ---- drawing ------------------------------------------------------------------------------
    drawUnder(u, panel) {
      const c = u.ctx, { left, top, width, height } = u.bbox, ratio = devicePixelRatio;
      c.save();
      c.beginPath();
      c.rect(left, top, width, height);
      c.clip();
      for (const band of this.figure.bands) {
        const from = Math.max(left, u.valToPos(band.from, "x", true));
        const to = Math.min(left + width, u.valToPos(band.to, "x", true));
        if (!(to > from)) continue;
        c.fillStyle = this.css(band.kind === "fault" ? "--fault" :
                               band.kind === "warmup" ? "--warmup" : "--band");
        c.fillRect(from, top, to - from, height);
        if (band.kind === "warmup") hatch(c, from, top, to - from, height, this.css("--rule"), ratio);
      }
      if (panel.heat) this.drawHeat(u, panel.heat);
      c.restore();
    }
    drawHeat(u, heat) {
      const c = u.ctx, most = Math.log1p(extent([heat.count])[1]);
      const [low, high] = [this.css("--heat0"), this.css("--heat1")].map(rgb);
      for (let i = 0; i < heat.count.length; ++i) {
        const x = heat.x[heat.column[i]];
        const x0 = u.valToPos(x, "x", true), x1 = u.valToPos(x + heat.width, "x", true);
        const y1 = u.valToPos(heat.bounds[heat.row[i]], "y", true);
        const y0 = u.valToPos(heat.bounds[heat.row[i] + 1], "y", true);
        const t = most > 0 ? Math.log1p(heat.count[i]) / most : 1;
        c.fillStyle = `rgb(${low.map((v, k) => Math.round(v + (high[k] - v) * t)).join(",")})`;
        c.fillRect(x0, y0, Math.max(1, x1 - x0 + 0.5), Math.max(1, y1 - y0 + 0.5));
      }
    }
    drawOver(u, panel, index) {
      const c = u.ctx, ratio = devicePixelRatio;
      c.save();
      this.drawMoments(u, index);
      c.font = `${12 * ratio}px ${FONT}`;
      c.fillStyle = this.css("--ink");
      c.textAlign = "left";
      c.textBaseline = "alphabetic";
      c.fillText(panel.y.label, 4 * ratio, u.bbox.top - 14 * ratio);
      const names = [...this.drawBars(u, panel)];
      panel.series.forEach((s, i) => {
        if (s.mark === "bars") return;
        const end = this.drawPoints(u, panel, s, i);
        if (end && this.isNamed(panel, s)) names.push({ ...end, s });
      });
      if (!hasData(panel)) {
        c.fillStyle = this.css("--soft");
        c.textAlign = "center";
        c.fillText("no data", u.bbox.left + u.bbox.width / 2, u.bbox.top + u.bbox.height / 2);
      }
      this.drawNames(u, names);
      c.restore();
    }
    drawMoments(u, index) {
      const c = u.ctx, ratio = devicePixelRatio, { top, height } = u.bbox;
      c.font = `${11 * ratio}px ${FONT}`;
      for (const m of this.moments) {
        const x = Math.round(u.valToPos(m.at, "x", true)) + 0.5;
        c.strokeStyle = this.css("--ink");
        c.lineWidth = ratio;
        c.setLineDash([3 * ratio, 3 * ratio]);
        c.beginPath();
        const rise = index === 0 ? 30 + (this.rows - 1 - m.row) * 14 : 0;
        c.moveTo(x, top - rise * ratio);
        c.lineTo(x, top + height);
        c.stroke();
        c.setLineDash([]);
        if (index !== 0 || !m.label) continue;
        c.fillStyle = this.css("--ink");
        c.textAlign = m.flip ? "right" : "left";
        c.textBaseline = "middle";
        c.fillText(m.label, x + (m.flip ? -4 : 4) * ratio, top - (rise - 5) * ratio);
      }
    }
    drawBars(u, panel) {
      const c = u.ctx, ratio = devicePixelRatio, base = new Map(), names = [];
      const slot = Math.abs(u.valToPos(1, "x", true) - u.valToPos(0, "x", true));
      const wide = Math.min(slot * 0.62, 90 * ratio);
      for (const s of panel.series) {
        if (s.mark !== "bars") continue;
        let end = null;
        s.x.forEach((x, i) => {
          if (!is(s.y[i])) return;
          const from = base.get(x) || 0, to = from + s.y[i];
          base.set(x, to);
          const y0 = u.valToPos(from, "y", true), y1 = u.valToPos(to, "y", true);
          const middle = u.valToPos(x, "x", true);
          c.fillStyle = this.colour(s);
          c.fillRect(middle - wide / 2, y1, wide, Math.max(0, y0 - y1 - (y0 - y1 > 3 ? ratio : 0)));
          end = { x: middle + wide / 2, y: (y0 + y1) / 2, s, thin: y0 - y1 < 1.5 * ratio };
        });
        if (end && s.name) names.push(end);
      }
      return names;
    }
    // The points and intervals of one series; returns where its last point is.
    drawPoints(u, panel, s, index) {
      const c = u.ctx, ratio = devicePixelRatio, dots = s.mark !== "line" && s.mark !== "steps";
      const colour = this.colour(s), paper = this.css("--paper");
      const { left, top, height } = u.bbox;
      let end = null;
      c.setLineDash([]);
      c.lineWidth = 1.6 * ratio;
      c.strokeStyle = colour;
      const log = panel.y.scale === "log";
      const drawn = (i) => is(s.y[i]) && !(log && s.y[i] <= 0);
      let last = s.x.length - 1;
      while (last >= 0 && !(drawn(last) && s.x[last] <= this.range[1] * (1 + 1e-9))) --last;
      if (last < 0) return null;
      end = { x: u.valToPos(s.x[last], "x", true), y: u.valToPos(s.y[last], "y", true) };
      end.y = Math.min(Math.max(end.y, top), top + height);
      for (let i = 0; (dots || s.hollow || s.low) && i <= last; ++i) {
        if (!drawn(i)) continue;
        const x = u.valToPos(s.x[i], "x", true), y = u.valToPos(s.y[i], "y", true);
        if (x < left - 1) continue;
        if (s.low && is(s.low[i]) && is(s.high[i])) {
          const y0 = u.valToPos(s.low[i], "y", true), y1 = u.valToPos(s.high[i], "y", true);
          const cap = 4 * ratio;
          c.beginPath();
          c.moveTo(x, y0), c.lineTo(x, y1);
          c.moveTo(x - cap, y0), c.lineTo(x + cap, y0);
          c.moveTo(x - cap, y1), c.lineTo(x + cap, y1);
          c.stroke();
        }
        const hollow = s.hollow && s.hollow[i];
        if (!dots && !hollow) continue;
        c.fillStyle = hollow ? paper : colour;
        shape(c, s.colour < 0 ? 0 : s.colour, x, y, (panel.series.length > 3 ? 3.6 : 4.2) * ratio);
        c.fill();
        c.stroke();
      }
      return end;
    }
    // Names beside the ends of their series, moved apart where they would touch.
    drawNames(u, names) {
      const c = u.ctx, ratio = devicePixelRatio, { left, top, width, height } = u.bbox;
      const step = 14 * ratio, right = left + width;
      names.sort((a, b) => a.y - b.y);
      let y = top - step;
      for (const n of names) { n.at = Math.max(n.y, y + step); y = n.at; }
      y = top + height + step / 2;
      for (const n of [...names].reverse()) { n.at = Math.min(n.at, y - step); y = n.at; }
      c.font = `600 ${12 * ratio}px ${FONT}`;
      c.textAlign = "left";
      c.textBaseline = "middle";
      const room = (this.right - 10) * ratio;
      for (const n of names) {
        c.strokeStyle = c.fillStyle = this.colour(n.s);
        const x = right + 7 * ratio;
        if (n.x < right - 12 * ratio || Math.abs(n.at - n.y) > step) {
          c.globalAlpha = 0.45;
          c.setLineDash([]);
          c.lineWidth = ratio;
          c.beginPath();
          c.moveTo(n.x + 6 * ratio, n.y);
          c.lineTo(x - 2 * ratio, n.at);
          c.stroke();
          c.globalAlpha = 1;
        }
        let words = n.s.name;
        while (words.length > 2 && c.measureText(words).width > room) words = words.slice(0, -2) + "…";
        c.fillText(words, x, n.at);
      }
    }

    // All panels, title and caption on one canvas.
    png() {
      const ratio = devicePixelRatio, out = document.createElement("canvas");
      const canvases = this.plots.map((p) => p.ctx.canvas), pad = 16 * ratio;
      out.width = Math.max(1, ...canvases.map((k) => k.width)) + 2 * pad;
      const c = out.getContext("2d");
      c.font = `${12 * ratio}px ${FONT}`;
      const lines = wrap(c, this.figure.caption, out.width - 2 * pad);
      const head = 28 * ratio, line = 17 * ratio;
      out.height = canvases.reduce((h, k) => h + k.height, 0) + head + lines.length * line + 2 * pad;
      c.fillStyle = this.css("--paper");
      c.fillRect(0, 0, out.width, out.height);
      c.fillStyle = this.css("--ink");
      c.font = `600 ${15 * ratio}px ${FONT}`;
      c.fillText(this.figure.title, pad, pad + 14 * ratio);
      let y = pad + head;
      for (const k of canvases) { c.drawImage(k, pad, y); y += k.height; }
      c.fillStyle = this.css("--soft");
      c.font = `${12 * ratio}px ${FONT}`;
      lines.forEach((words, i) => c.fillText(words, pad, y + (i + 0.9) * line));
      return out;
    }
  }

  // ---- small pieces ----------------------------------------------------------------------------
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
  const nameOf = (panel, s) => s.name ||
    (panel.series.find((other) => other.name && other.colour === s.colour) || {}).name || panel.y.label;
  const hasData = (panel) => panel.series.some((s) => s.y.some(is)) ||
    !!(panel.heat && panel.heat.count.length);
  function shape(c, which, x, y, r) {
    c.beginPath();
    switch (which % 4) {
      case 1: c.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8); break;
      case 2: c.moveTo(x, y - r * 1.2); c.lineTo(x + r * 1.1, y + r); c.lineTo(x - r * 1.1, y + r);
              c.closePath(); break;
      case 3: c.moveTo(x, y - r * 1.3); c.lineTo(x + r * 1.3, y); c.lineTo(x, y + r * 1.3);
              c.lineTo(x - r * 1.3, y); c.closePath(); break;
      default: c.arc(x, y, r, 0, 2 * Math.PI);
    }
  }
  function hatch(c, x, y, width, height, colour, ratio) {
    c.save();
    c.beginPath();
    c.rect(x, y, width, height);
    c.clip();
    c.strokeStyle = colour;
    c.lineWidth = ratio;
    c.beginPath();
    for (let at = x - height; at < x + width; at += 8 * ratio) {
      c.moveTo(at, y + height);
      c.lineTo(at + height, y);
    }
    c.stroke();
    c.restore();
  }
  function rgb(hex) {
    const n = parseInt(hex.slice(1), 16);
    return [n >> 16 & 255, n >> 8 & 255, n & 255];
  }
  function wrap(c, words, width) {
    const lines = [];
    let line = "";
    for (const word of words.split(" ")) {
      if (line && c.measureText(`${line} ${word}`).width > width) { lines.push(line); line = word; }
      else line = line ? `${line} ${word}` : word;
    }
    if (line) lines.push(line);
    return lines;
  }
  const cell = (v) => is(v) ? String(v) : "";
  const quoted = (words) => {
    const v = words.replace(/[\x00-\x1f]/g, " ");   // a row is a line
    return /[",]/.test(v) ? `"${v.replaceAll('"', '""')}"` : v;
  };
  function csv(figure) {
    const rows = ["panel,series,x,y,low,high,hollow,label"];
    figure.panels.forEach((p) => {
      const panel = quoted(p.y.label);
      if (p.heat) for (let i = 0; i < p.heat.count.length; ++i) {
        const r = p.heat.row[i];
        rows.push([panel, "events", cell(p.heat.x[p.heat.column[i]]), cell(p.heat.count[i]),
                   cell(p.heat.bounds[r]), cell(p.heat.bounds[r + 1]), "", ""].join());
      }
      const base = new Map();
      for (const s of p.series) for (let i = 0; i < s.x.length; ++i) {
        let low = s.low && s.low[i], high = s.high && s.high[i];
        if (s.mark === "bars" && is(s.y[i])) {   // a bar reaches from the end of the one before it
          low = base.get(s.x[i]) || 0;
          base.set(s.x[i], high = low + s.y[i]);
        }
        rows.push([panel, quoted(s.name), cell(s.x[i]), cell(s.y[i]), cell(low), cell(high),
                   s.hollow && s.hollow[i] ? "1" : "",
                   figure.x.scale === "category" ? quoted(text(figure.x, s.x[i])) : ""].join());
      }
    });
    return rows.join("\n") + "\n";
  }
  function save(name, blob) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
  // x down, a column for each series; when there are too many rows, every k-th of them.
  function fillTable(box, figure) {
    const all = new Set();
    for (const p of figure.panels) for (const s of p.series) for (const x of s.x) all.add(x);
    const xs = [...all].sort((a, b) => a - b), every = Math.ceil(xs.length / ROWS_MAX) || 1;
    const table = document.createElement("table");
    const row = (parent, words, tag) => {
      const made = document.createElement("tr");
      words.forEach((w, i) => {
        const c = document.createElement(i ? tag : "th");
        if (!i && tag === "td") c.scope = "row";
        if (tag === "th") c.scope = "col";
        if (i) c.className = "n";
        c.textContent = w;
        made.append(c);
      });
      parent.append(made);
    };
    const columns = figure.panels.flatMap((p) => p.series.map((s) => [p, s]));
    row(table.createTHead(), [figure.x.label, ...columns.map(([p, s]) => nameOf(p, s))], "th");
    const body = table.createTBody();
    const index = columns.map(([, s]) => new Map(s.x.map((x, i) => [x, i])));
    for (let i = 0; i < xs.length; i += every)
      row(body, [text(figure.x, xs[i], true), ...columns.map(([p, s], k) => {
        const at = index[k].get(xs[i]);
        if (at === undefined || !is(s.y[at])) return "–";
        let words = text(p.y, s.y[at], true);
        if (s.low && is(s.low[at]) && is(s.high[at]))
          words += ` [${text(p.y, s.low[at], true)}, ${text(p.y, s.high[at], true)}]`;
        return s.hollow && s.hollow[at] ? `${words} (does not count)` : words;
      })], "td");
    box.replaceChildren(table);
    if (every > 1) {
      const note = document.createElement("p");
      note.textContent = `Every ${every}th of ${xs.length} rows; the CSV has all of them.`;
      box.append(note);
    }
  }

  return { mount: (element, figure) => new Mounted(element, figure), csv, text };
})();
