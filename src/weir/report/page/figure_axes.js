// Where an axis begins and ends, its ticks, and the data as uPlot wants them: weirAxes.
"use strict";
const weirAxes = (() => {
  const { is } = weirNumbers;
  const LINE = { line: 1, steps: 1, both: 1 };   // marks that uPlot itself draws
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
  // As dense as there is room: within a decade as on a linear axis, else 1 2 5, 1 3 or powers of 10.
  function logTicks([low, high], most) {
    const decades = Math.log10(high / low);
    if (decades < 0.8) return linearTicks([low, high], Math.min(most, 6));
    const steps = [[1, 2, 5], [1, 3], [1]].find((s) => decades * s.length <= most) || [1];
    const every = steps.length > 1 ? 1 : Math.max(1, Math.ceil(decades / most));
    const ticks = [];
    for (let e = Math.floor(Math.log10(low) - 1e-9); e <= Math.log10(high) + 1e-9; ++e) {
      if ((e % every + every) % every) continue;
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
    const lists = panel.series.filter((s) => s.mark !== "bars")
      .flatMap((s) => [s.y, s.low, s.high]);
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

  return { ticks, xRange, yRange, extent, panelData, structure, LINE };
})();
