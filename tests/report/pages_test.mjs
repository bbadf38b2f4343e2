// The report in a real browser: what it shows is what result.json says, for eyes, keys and paper.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const RUNS = process.env.WEIR_RUNS;
const result = JSON.parse(readFileSync(`${RUNS}/demo/result.json`, "utf-8"));
let browser;

before(async () => {
  const root = process.getuid() === 0 ? ["--no-sandbox"] : [];
  browser = await chromium.launch({ executablePath: process.env.WEIR_CHROMIUM, args: root });
});
after(() => browser.close());

// Opens a page of RUNS and waits until its figures are drawn; fails on anything in the console.
async function open(path, options = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  const trouble = [];
  page.on("console", (message) => {
    // Chromium's advice on getImageData is about these tests, not about the page.
    const ours = message.text().includes("willReadFrequently");
    if (!ours && ["error", "warning"].includes(message.type())) trouble.push(message.text());
  });
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("dialog", (dialog) => { trouble.push("a dialog opened"); dialog.dismiss(); });
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) trouble.push("it asked for " + request.url());
  });
  await page.goto(`file://${RUNS}/${path}`);
  await page.waitForFunction(() => document.documentElement.dataset.ready);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.ready), "yes");
  return { page, trouble };
}

// The colour of the canvas where a point of the data stands, and of paper and series by the style.
const pointColour = (page, id, series, index) => page.evaluate(([id, name, i]) => {
  const mounted = weirReport.mounted.get(id);
  const panel = mounted.figure.panels.findIndex((p) => p.series.some((s) => s.name === name));
  const s = mounted.figure.panels[panel].series.find((one) => one.name === name);
  const plot = mounted.plots[panel];
  const x = Math.round(plot.valToPos(s.x[i], "x", true)), y = Math.round(plot.valToPos(s.y[i], "y", true));
  const [r, g, b] = plot.ctx.getImageData(x, y, 1, 1).data;
  const hex = (v) => v.toString(16).padStart(2, "0");
  return { seen: `#${hex(r)}${hex(g)}${hex(b)}`, series: mounted.colour(s), paper: mounted.css("--paper") };
}, [id, series, index]);

test("the report opens without a word in the console and draws every figure", async () => {
  const { page, trouble } = await open("demo/report.html");
  const drawn = await page.evaluate(() => [...weirReport.mounted.values()].map((m) => ({
    id: m.figure.id, panels: m.figure.panels.length, visible: m.box.clientWidth > 0,
    inked: m.plots.map((p) => {
      const { data } = p.ctx.getImageData(0, 0, p.ctx.canvas.width, p.ctx.canvas.height);
      let n = 0;
      for (let i = 3; i < data.length; i += 4) n += data[i] > 0;
      return n;
    }) })));
  assert.ok(drawn.length >= 10, `${drawn.length} figures`);
  for (const figure of drawn) {
    if (!figure.visible) continue;   // folded away
    assert.equal(figure.inked.length, figure.panels, figure.id);
    for (const pixels of figure.inked) assert.ok(pixels > 1000, `${figure.id}: ${pixels} pixels`);
  }
  assert.deepEqual(trouble, []);
  await page.close();
});

test("its nine parts stand in order", async () => {
  const { page } = await open("demo/report.html");
  const parts = await page.$$eval("main > section", (all) => all.map((one) => one.id));
  assert.deepEqual(parts, ["verdict", "trust", "load", "stages", "time", "scale", "faults",
                           "comparison", "method"]);
  await page.close();
});

test("values in the page equal result.json", async () => {
  const { page } = await open("demo/report.html");
  const series = await page.evaluate(() => weirReport.mounted.get("throughput_vs_rate")
    .figure.panels[0].series.find((s) => s.name === "processed"));
  const steps = [...result.load.steps].sort((a, b) => a.offered_eps - b.offered_eps);
  assert.deepEqual(series.x, steps.map((s) => s.offered_eps));
  assert.deepEqual(series.y, steps.map((s) => s.processed_eps));
  assert.deepEqual(series.hollow, steps.map((s) => Number(s.verdict !== "keeps_up")));
  const rows = await page.$$eval("#load table tbody tr", (all) =>
    all.map((row) => [...row.cells].map((cell) => cell.textContent)));
  steps.forEach((step, i) => {
    const number = (v) => Math.round(v).toLocaleString("en-US");
    assert.equal(rows[i][0], number(step.offered_eps));
    assert.equal(rows[i][2], number(step.processed_eps));
    const p50 = step.latency_ms && step.latency_ms.p50;
    assert.equal(rows[i][3], p50 === null || p50 === undefined ? "–"
      : p50 < 100 ? p50.toFixed(1) : number(p50));
  });
  await page.close();
});

test("a point that counts is filled, one that does not is hollow", async () => {
  const { page } = await open("demo/report.html");
  const steps = [...result.load.steps].sort((a, b) => a.offered_eps - b.offered_eps);
  const hollow = steps.findIndex((s) => s.verdict === "falls_behind");
  const filled = await pointColour(page, "throughput_vs_rate", "processed", 0);
  assert.equal(filled.seen, filled.series);
  const empty = await pointColour(page, "throughput_vs_rate", "processed", hollow);
  assert.equal(empty.seen, empty.paper);
  await page.close();
});

test("an interval is drawn from end to end, as result.json has it", async () => {
  const { page } = await open("demo/report.html");
  const width = (step) => step.intervals.processed_eps.high - step.intervals.processed_eps.low;
  const wide = [...result.load.steps].sort((a, b) => a.offered_eps - b.offered_eps)
    .map((s, i) => ({ ...s, i })).filter((s) => s.intervals.processed_eps.low !== null)
    .sort((a, b) => width(b) - width(a))[0];
  const seen = await page.evaluate((i) => {
    const m = weirReport.mounted.get("throughput_vs_rate"), plot = m.plots[0];
    const s = m.figure.panels[0].series.find((one) => one.name === "processed");
    const hex = (v) => v.toString(16).padStart(2, "0");
    const at = (y) => {   // of a line as thin as a pixel: the colour nearest to the series' within three
      const x = Math.round(plot.valToPos(s.x[i], "x", true)), row = Math.round(plot.valToPos(y, "y", true));
      const { data } = plot.ctx.getImageData(x - 1, row, 3, 1);
      return [0, 1, 2].map((k) => "#" + [...data.slice(4 * k, 4 * k + 3)].map(hex).join(""));
    };
    return { low: s.low[i], high: s.high[i], colour: m.colour(s), inside: at((s.low[i] + s.y[i]) / 2),
             beyond: at(s.high[i] * 1.02) };
  }, wide.i);
  assert.ok(Math.abs(seen.low / wide.intervals.processed_eps.low - 1) < 1e-9);
  assert.ok(Math.abs(seen.high / wide.intervals.processed_eps.high - 1) < 1e-9);
  const rgb = (hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16));
  const near = (hex) => rgb(hex).every((v, k) => Math.abs(v - rgb(seen.colour)[k]) < 24);   // smoothed edges
  assert.ok(seen.inside.some(near), `${seen.inside} is not ${seen.colour}`);
  assert.ok(!seen.beyond.some(near), `${seen.beyond} is ${seen.colour}`);
  await page.close();
});

test("a logarithmic axis has as many ticks as fit", async () => {
  const { page } = await open("demo/report.html");
  const ticks = await page.evaluate(() => [...weirReport.mounted.values()].flatMap((m) =>
    m.plots.flatMap((plot, i) => m.figure.panels[i].y.scale === "log" ? [[m.figure.id, plot.axes[1]._splits]] : [])));
  assert.ok(ticks.length >= 5);
  for (const [id, splits] of ticks) assert.ok(splits.length >= 3, `${id}: ${splits}`);
  await page.close();
});

test("the arrow keys tell the values, and a summary says what is seen", async () => {
  const { page } = await open("demo/report.html");
  const box = page.locator("#fig-latency_vs_rate .fig-plots");
  await box.focus();
  await page.keyboard.press("ArrowRight");
  const live = page.locator("#fig-latency_vs_rate [aria-live=polite]");
  const first = await live.textContent();
  assert.match(first, /p50 \d+(\.\d+)? m?s/);
  await page.keyboard.press("ArrowRight");
  assert.notEqual(await live.textContent(), first);
  await page.keyboard.press("Escape");
  assert.match(await page.locator("#fig-latency_vs_rate .fig-readout").textContent(), /arrow keys/);
  assert.match(await box.getAttribute("aria-label"), /highest rate that keeps up/);
  for (const words of await page.$$eval("figure.figure", (all) => all.map((f) =>
    [f.querySelector("figcaption").textContent, f.querySelector(".fig-summary").textContent])))
    for (const text of words) assert.ok(text.length > 20);
  await page.close();
});

test("numbers open as a table, and the CSV is the file in figures/", async () => {
  const { page } = await open("demo/report.html");
  await page.click("#fig-throughput_vs_rate button:has-text('numbers')");
  assert.ok((await page.$$("#fig-throughput_vs_rate .fig-numbers tbody tr")).length >= 4);
  const csvs = await page.evaluate(() => [...weirReport.mounted.values()].map((m) =>
    [m.figure.id, weirFigure.csv(m.figure)]));
  const cells = (text) => text.trim().split("\n").map((line) => line.split(",").map((cell) =>
    cell !== "" && Number.isFinite(Number(cell)) ? Number(Number(cell).toPrecision(12)) : cell));
  for (const [id, csv] of csvs)
    assert.deepEqual(cells(csv), cells(readFileSync(`${RUNS}/demo/figures/${id}.csv`, "utf-8")), id);
  const [download] = await Promise.all([page.waitForEvent("download"),
    page.click("#fig-throughput_vs_rate button:has-text('CSV')")]);
  assert.equal(download.suggestedFilename(), "throughput_vs_rate.csv");
  const [png] = await Promise.all([page.waitForEvent("download"),
    page.click("#fig-fault_times button:has-text('PNG')")]);
  assert.equal(readFileSync(await png.path()).subarray(1, 4).toString(), "PNG");
  await page.close();
});

test("in the dark the page and its figures are dark", async () => {
  const { page, trouble } = await open("demo/report.html", { colorScheme: "dark" });
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(paper, "rgb(18, 23, 27)");
  const dark = await pointColour(page, "throughput_vs_rate", "processed", 0);
  assert.equal(dark.seen, dark.series);
  await page.emulateMedia({ colorScheme: "light" });   // while it is open
  await page.waitForFunction(() => getComputedStyle(document.body).backgroundColor === "rgb(255, 255, 255)");
  const light = await pointColour(page, "throughput_vs_rate", "processed", 0);
  assert.equal(light.seen, light.series);
  assert.notEqual(light.series, dark.series);
  assert.deepEqual(trouble, []);
  await page.close();
});

test("it prints on white paper, without what only a screen can do", async () => {
  const { page, trouble } = await open("demo/report.html", { colorScheme: "dark" });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(await paper(), "rgb(255, 255, 255)");
  for (const only of ["nav", ".fig-buttons", ".fig-readout"])
    assert.equal(await page.locator(only).first().isVisible(), false, only);
  await page.emulateMedia({ media: "screen", colorScheme: "dark" });
  assert.equal(await paper(), "rgb(18, 23, 27)");
  const pdf = await page.pdf({ format: "A4" });
  assert.equal(pdf.subarray(0, 4).toString(), "%PDF");
  assert.ok(pdf.length > 50_000);
  assert.deepEqual(trouble, []);
  await page.close();
});

test("a narrow screen needs no scrolling sideways", async () => {
  const { page } = await open("demo/report.html", { viewport: { width: 390, height: 844 } });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 390);
  await page.close();
});

test("nothing that the run's files bring in can run", async () => {
  const { page } = await open("hostile/report.html");
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  assert.equal(await page.locator("main img, main script").count(), 0);
  await page.evaluate(() => {   // even markup that got in would not
    document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.pwned=1'>");
    const script = document.createElement("script");
    script.textContent = "window.pwned = 1";
    document.body.append(script);
  });
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  for (const button of await page.$$(".fig-buttons button:has-text('numbers')"))
    if (await button.isVisible()) await button.click();
  assert.equal(await page.evaluate(() => window.pwned), undefined);
  await page.close();
});

test("a run that was killed still has its report", async () => {
  const { page, trouble } = await open("killed/report.html");
  assert.match(await page.textContent("#verdict"), /Not finished/);
  assert.deepEqual(trouble, []);
  await page.close();
});

test("large data travel packed", async () => {
  const { page, trouble } = await open("long/report.html");
  assert.equal(await page.getAttribute("#weir-data", "data-packed"), "gzip");
  assert.ok(await page.evaluate(() => weirReport.mounted.size) >= 10);
  assert.deepEqual(trouble, []);
  await page.close();
});

test("runs of several targets stand side by side", async () => {
  const { page, trouble } = await open("side.html");
  const names = await page.evaluate(() => weirReport.mounted.get("throughput_vs_rate")
    .figure.panels[0].series.map((s) => s.name));
  assert.deepEqual(names, ["all of it", "embedded + native", "Kafka + native", "Kafka + spark"]);
  const table = await page.textContent("#comparison table");
  for (const words of ["delivery guarantee", "at least once", "Apache Kafka 3.9.1"])
    assert.ok(table.includes(words), words);
  assert.deepEqual(trouble, []);
  await page.close();
});

test("six figures of 100,000 points open", async () => {
  const { page } = await open("killed/report.html");
  const spent = await page.evaluate(async () => {
    const n = 50_000, x = Array.from({ length: n }, (_, i) => i);
    const series = (name, colour) => ({ name, colour, mark: "line", dash: colour, x,
      y: x.map((i) => 100 + 50 * Math.sin(i / 700) + (i * 7919 % 97)) });
    const start = performance.now(), drawn = [];
    for (let k = 0; k < 6; ++k) {
      const begin = performance.now();
      const element = document.createElement("figure");
      document.querySelector("main").append(element);
      weirFigure.mount(element, { id: "many" + k, title: "t", caption: "c", summary: "s", samples: "",
        window: "", notes: [], x: { label: "x", unit: "none", scale: "linear" }, bands: [], markers: [],
        panels: [{ y: { label: "y", unit: "ms", scale: "log" }, series: [series("a", 0), series("b", 1)] }] });
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      drawn.push(performance.now() - begin);
    }
    return { all: performance.now() - start, each: drawn.sort((a, b) => a - b) };
  });
  console.log(`drew 6 x 100,000 points in ${Math.round(spent.all)} ms, one in ${Math.round(spent.each[2])} ms`);
  assert.ok(spent.each[2] < 2_000, `${spent.each} ms`);
  assert.ok(spent.all < 10_000, `${spent.all} ms`);
  await page.close();
});
