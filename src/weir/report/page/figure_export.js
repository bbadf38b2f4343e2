// A figure as CSV, as a picture and as a table of numbers: weirExport.
"use strict";
const weirExport = (() => {
  const { is, text } = weirNumbers;
  const { FONT } = weirDraw;
  const ROWS_MAX = 200;  // of the table of numbers
  const nameOf = (panel, s) => s.name ||
    (panel.series.find((other) => other.name && other.colour === s.colour) || {}).name ||
    panel.y.label;
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

  // All panels, title and caption on one canvas.
  function png(m) {
    const ratio = devicePixelRatio, out = document.createElement("canvas");
    const canvases = m.plots.map((p) => p.ctx.canvas), pad = 16 * ratio;
    out.width = Math.max(1, ...canvases.map((k) => k.width)) + 2 * pad;
    const c = out.getContext("2d");
    c.font = `${12 * ratio}px ${FONT}`;
    const lines = wrap(c, m.figure.caption, out.width - 2 * pad);
    const head = 28 * ratio, line = 17 * ratio;
    out.height = canvases.reduce((h, k) => h + k.height, 0) + head + lines.length * line + 2 * pad;
    c.fillStyle = m.css("--paper");
    c.fillRect(0, 0, out.width, out.height);
    c.fillStyle = m.css("--ink");
    c.font = `600 ${15 * ratio}px ${FONT}`;
    c.fillText(m.figure.title, pad, pad + 14 * ratio);
    let y = pad + head;
    for (const k of canvases) { c.drawImage(k, pad, y); y += k.height; }
    c.fillStyle = m.css("--soft");
    c.font = `${12 * ratio}px ${FONT}`;
    lines.forEach((words, i) => c.fillText(words, pad, y + (i + 0.9) * line));
    return out;
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

  return { nameOf, csv, png, save, fillTable };
})();
