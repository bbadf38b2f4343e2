// What uPlot does not draw: bands, points, intervals, bars, heat maps, names and moments, on its
// canvas, so that a saved picture holds them: weirDraw.under and over, called by uPlot's hooks.
// `m` is a mounted figure (figure.js).
"use strict";
const weirDraw = (() => {
  const { is, text } = weirNumbers;
  const { extent } = weirAxes;
  const FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif";

  function drawUnder(m, u, panel) {
    const c = u.ctx, { left, top, width, height } = u.bbox, ratio = devicePixelRatio;
    c.save();
    c.beginPath();
    c.rect(left, top, width, height);
    c.clip();
    for (const band of m.figure.bands) {
      const from = Math.max(left, u.valToPos(band.from, "x", true));
      const to = Math.min(left + width, u.valToPos(band.to, "x", true));
      if (!(to > from)) continue;
      c.fillStyle = m.css(band.kind === "fault" ? "--fault" :
                          band.kind === "warmup" ? "--warmup" : "--band");
      c.fillRect(from, top, to - from, height);
      if (band.kind === "warmup") hatch(c, from, top, to - from, height, m.css("--rule"), ratio);
    }
    if (panel.heat) drawHeat(m, u, panel.heat);
    c.restore();
  }
  function drawHeat(m, u, heat) {
    const c = u.ctx, most = Math.log1p(extent([heat.count])[1]);
    const [low, high] = [m.css("--heat0"), m.css("--heat1")].map(rgb);
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
  function drawOver(m, u, panel, index) {
    const c = u.ctx, ratio = devicePixelRatio;
    c.save();
    drawMoments(m, u, index);
    c.font = `${12 * ratio}px ${FONT}`;
    c.fillStyle = m.css("--ink");
    c.textAlign = "left";
    c.textBaseline = "alphabetic";
    c.fillText(panel.y.label, 4 * ratio, u.bbox.top - 14 * ratio);
    const names = [...drawBars(m, u, panel)];
    panel.series.forEach((s, i) => {
      if (s.mark === "bars") return;
      const end = drawPoints(m, u, panel, s, i);
      if (end && m.isNamed(panel, s)) names.push({ ...end, s });
    });
    if (!hasData(panel)) {
      c.fillStyle = m.css("--soft");
      c.textAlign = "center";
      c.fillText("no data", u.bbox.left + u.bbox.width / 2, u.bbox.top + u.bbox.height / 2);
    }
    drawNames(m, u, names);
    c.restore();
  }
  function drawMoments(m, u, index) {
    const c = u.ctx, ratio = devicePixelRatio, { top, height } = u.bbox;
    c.font = `${11 * ratio}px ${FONT}`;
    for (const moment of m.moments) {
      const x = Math.round(u.valToPos(moment.at, "x", true)) + 0.5;
      c.strokeStyle = m.css("--ink");
      c.lineWidth = ratio;
      c.setLineDash([3 * ratio, 3 * ratio]);
      c.beginPath();
      const rise = index === 0 ? 30 + (m.rows - 1 - moment.row) * 14 : 0;
      c.moveTo(x, top - rise * ratio);
      c.lineTo(x, top + height);
      c.stroke();
      c.setLineDash([]);
      if (index !== 0 || !moment.label) continue;
      c.fillStyle = m.css("--ink");
      c.textAlign = moment.flip ? "right" : "left";
      c.textBaseline = "middle";
      c.fillText(moment.label, x + (moment.flip ? -4 : 4) * ratio, top - (rise - 5) * ratio);
    }
  }
  function drawBars(m, u, panel) {
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
        c.fillStyle = m.colour(s);
        c.fillRect(middle - wide / 2, y1, wide, Math.max(0, y0 - y1 - (y0 - y1 > 3 ? ratio : 0)));
        end = { x: middle + wide / 2, y: (y0 + y1) / 2, s, thin: y0 - y1 < 1.5 * ratio };
      });
      if (end && s.name) names.push(end);
    }
    return names;
  }
  // The points and intervals of one series; returns where its last point is.
  function drawPoints(m, u, panel, s, index) {
    const c = u.ctx, ratio = devicePixelRatio, dots = s.mark !== "line" && s.mark !== "steps";
    const colour = m.colour(s), paper = m.css("--paper");
    const { left, top, height } = u.bbox;
    let end = null;
    c.setLineDash([]);
    c.lineWidth = 1.6 * ratio;
    c.strokeStyle = colour;
    const log = panel.y.scale === "log";
    const drawn = (i) => is(s.y[i]) && !(log && s.y[i] <= 0);
    let last = s.x.length - 1;
    while (last >= 0 && !(drawn(last) && s.x[last] <= m.range[1] * (1 + 1e-9))) --last;
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
  function drawNames(m, u, names) {
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
    const room = (m.right - 10) * ratio;
    for (const n of names) {
      c.strokeStyle = c.fillStyle = m.colour(n.s);
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
      while (words.length > 2 && c.measureText(words).width > room)
        words = words.slice(0, -2) + "…";
      c.fillText(words, x, n.at);
    }
  }

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

  return { under: drawUnder, over: drawOver, FONT };
})();
