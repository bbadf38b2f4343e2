// The live page in a real browser, fed by a scripted run: node page.mjs PROGRAM [FOLDER-FOR-SCREENSHOTS]
// PLAYWRIGHT names the folder of playwright-core, CHROMIUM the browser.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [program, shots] = process.argv.slice(2);
const { chromium } = createRequire(process.env.PLAYWRIGHT + "/")("playwright-core");

class Run {
  static async start(...words) {
    const run = new Run();
    run.child = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"] });
    run.lines = createInterface({ input: run.child.stdout })[Symbol.asyncIterator]();
    run.link = await run.next();
    run.counts = {};
    return run;
  }
  async next() { return (await this.lines.next()).value; }
  async tell(line) { this.child.stdin.write(line + "\n"); return this.next(); }
  // One second of a step: `lag` seconds of load are in the backlog.
  read(second, o = {}) {
    const s = { experiment: "load", step: "100k", phase: "load", left: 5, rate: 100e3, processed: o.rate ?? 100e3,
                into: 1, lag: 0.3, p50: 3.2, p99: 8.4, fault: "-", ...o };
    const count = Math.round(s.into * s.rate);
    return this.tell(`read ${second} ${s.experiment} ${s.step} ${s.phase} ${s.left} ` +
      `${s.phase === "draining" ? 0 : s.rate} ${s.processed} ${count} ${Math.round(count - s.lag * s.rate)} ` +
      `${s.p50} ${s.p99} ${s.fault}`);
  }
  stop() {
    const ended = new Promise((done) => this.child.once("exit", done));
    this.child.stdin.end();
    return ended;
  }
}

// A demo as it goes: four load steps, three cells, a killed engine; seeded noise.
async function demo(run) {
  let seed = 42, t = 7;
  const noise = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648 - 0.5;
  const step = async (o, seconds) => {
    for (let i = 1; i <= seconds; ++i, ++t)
      await run.read(t, { left: seconds - i, into: i, ...o, lag: o.lagAt ? o.lagAt(i) : 0.25 + 0.1 * noise(),
        processed: (o.processed ?? o.rate) * (1 + 0.02 * noise()),
        p50: (o.p50 ?? 60) * (1 + 0.1 * noise()), p99: (o.p99 ?? 150) * (1 + 0.2 * noise()) });
    t += 1.5;
  };
  await step({ step: "100k", rate: 100e3, p50: 52, p99: 112 }, 6);
  await run.tell("judge load 100k keeps_up 100000 100000 52.1 112");
  await step({ step: "200k", rate: 200e3, p50: 58, p99: 131 }, 6);
  await run.tell("judge load 200k keeps_up 200000 200000 58.4 131");
  await step({ step: "400k", rate: 400e3, processed: 331e3, lagAt: (i) => 0.3 + 0.18 * i, p50: 420, p99: 900 }, 6);
  await run.tell("judge load 400k falls_behind 400000 331000 0 0");
  await step({ step: "300k", rate: 300e3, p50: 71, p99: 188 }, 6);
  await run.tell("judge load 300k keeps_up 300000 299900 71.2 188");
  for (const [label, rate] of [["1p-1w", 86e3], ["2p-2w", 170e3], ["4p-2w", 326e3]]) {
    await step({ experiment: "scale", step: label, rate: 375e3, processed: rate, lagAt: (i) => 0.4 * i, p50: 600, p99: 1400 }, 3);
    await run.tell(`judge scale ${label} measured 375000 ${rate} 0 0`);
  }
  const fault = { experiment: "faults", step: "engine-kill-1", rate: 150e3 };
  await step({ ...fault }, 4);
  t -= 1.5;
  const hit = t;
  for (let i = 5; i <= 10; ++i, ++t)
    await run.read(t, { ...fault, into: i, left: 10 - i, fault: i <= 6 ? "engine:kill" : "-", p50: i <= 6 ? 0 : i === 7 ? 900 : 62,
      p99: i === 7 ? 2400 : 140, lag: [1.2, 2.2, 0.9, 0.3, 0.26, 0.24][i - 5], processed: [20e3, 0, 420e3, 240e3, 150e3, 150e3][i - 5] });
  return { hit, t };
}

async function open(browser, run, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && page.problems.push(message.text()));
  page.on("request", (request) => {
    if (!/^(blob:|data:)/.test(request.url()) && !request.url().startsWith(new URL(run.link).origin))
      page.problems.push("asks another host: " + request.url());
  });
  await page.goto(run.link);
  return page;
}
const words = (page, selector) => page.locator(selector).innerText();
async function shoot(page, name) {
  if (shots) await page.screenshot({ path: join(shots, name + ".png"), fullPage: true });
}
// Pixels of a panel's canvas that differ from the paper.
const inked = (page, panel) => page.evaluate((index) => {
  const canvas = document.querySelectorAll("#charts canvas")[index];
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let count = 0;
  for (let i = 3; i < data.length; i += 4) count += data[i] > 40;
  return count / (data.length / 4);
}, panel);

const tests = {
  async "a run with a fault, second by second"(browser) {
    const run = await Run.start();
    const page = await open(browser, run);
    await page.getByText("Getting ready").waitFor();
    await run.read(3, { phase: "starting", step: "100k" });
    await page.getByText("Load: 100k").waitFor();
    const { hit, t } = await demo(run);
    await run.read(t, { experiment: "faults", step: "engine-kill-1", rate: 150e3, into: 11, left: 0.2, fault: "engine:kill", lag: 0.3 });
    await page.locator("#fault").getByText("kill the engine").waitFor();
    await shoot(page, "live-fault");
    await run.read(t + 1, { experiment: "faults", step: "engine-kill-1", rate: 150e3, into: 12, left: 0, lag: 0.3 });
    await run.tell("fault engine-kill-1 0.4 1.9 3.1");
    await run.tell("judge faults engine-kill-1 recovered 150000 150000 0 0");
    await page.getByText("✓ current again").waitFor();
    assert.equal(await page.locator("#fault").isVisible(), false);
    assert.equal(await words(page, "#offered .value"), "150 k");
    assert.match(await words(page, "#p99 .value"), /^[\d.]+ ms$/);
    assert.match(await words(page, "#backlog .hint"), /^0\.3 s of load$/);
    assert.match(await words(page, "#verdict"), /keeps up at 300 k ev\/s, falls behind at 400 k ev\/s/);
    assert.equal(await words(page, "#lag-p99"), "0.21 ms");
    assert.equal(await page.locator("#steps tbody tr").count(), 8);
    const rows = await page.locator("#steps tbody tr").allInnerTexts();
    assert.match(rows[2], /400k\s+400 k\s+331 k\s+–\s+–\s+▲ falls behind/);
    assert.equal(await page.locator("#charts canvas").count(), 3);
    for (const panel of [0, 1, 2]) assert.ok(await inked(page, panel) > 0.01, `panel ${panel} is empty`);
    const shaded = await page.evaluate(() => weirLive.figure().bands);
    assert.ok(shaded.some((band) => band.kind === "fault" && Math.abs(band.from - hit) < 1));
    await shoot(page, "live-1280");
    assert.deepEqual(page.problems, []);
    await run.stop();
  },

  async "narrow and dark"(browser) {
    const run = await Run.start();
    await demo(run);
    const page = await open(browser, run, { viewport: { width: 390, height: 844 }, colorScheme: "dark", deviceScaleFactor: 2 });
    await page.locator("#charts canvas").first().waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
    await shoot(page, "live-390-dark");
    assert.deepEqual(page.problems, []);
    await run.stop();
  },

  async "a lost connection, and the run going on"(browser) {
    let run = await Run.start();
    const port = new URL(run.link).port;
    for (let i = 0; i < 5; ++i) await run.read(i, { into: i });
    const page = await open(browser, run);
    await page.locator("#charts canvas").first().waitFor();
    await run.stop();
    await page.getByText("Connection lost, the run continues.").waitFor();
    assert.equal(await words(page, "#offered .value"), "100 k");   // what was known stays
    await shoot(page, "live-lost");
    run = await Run.start(port);   // the same run as far as the page can tell
    for (let i = 0; i < 8; ++i) await run.read(i, { into: i, rate: 120e3 });
    await page.waitForFunction(() => document.getElementById("lost").hidden, null, { timeout: 20000 });
    await page.waitForFunction(() => weirLive.points.t.length === 8);
    assert.equal(await words(page, "#missed"), "0");
    assert.deepEqual(page.problems.filter((p) => !/ERR_(CONNECTION|INCOMPLETE)/.test(p)), []);
    await run.stop();
  },

  async "the end: findings, a report that opens although the server is gone, a page that stays"(browser) {
    const run = await Run.start();
    const folder = mkdtempSync(join(tmpdir(), "weir-live-")), report = join(folder, "report.html");
    writeFileSync(report, "<!doctype html><title>r</title><h1 id=h>the report</h1><script>h.textContent += ' runs'</script>");
    await demo(run);
    const page = await open(browser, run);
    await page.locator("#charts canvas").first().waitFor();
    await run.tell(`end 0 ${report} measured; no objectives were set`);
    await run.tell("finish");   // returns once the page has everything
    await run.stop();
    await page.getByText("The run has ended: measured; no objectives were set.").waitFor();
    await page.getByText("This pipeline keeps up at 300k").waitFor();
    assert.equal(await words(page, "#path"), report);
    const [opened] = await Promise.all([page.context().waitForEvent("page"), page.locator("#open").click()]);
    await opened.getByText("the report runs").waitFor();
    assert.equal(await page.locator("#lost").isVisible(), false);
    assert.equal(await page.locator("#charts canvas").count(), 3);
    await shoot(page, "live-ended");
    assert.deepEqual(page.problems, []);
  },

  async "keys move a cursor, and its words are spoken"(browser) {
    const run = await Run.start();
    for (let i = 0; i < 6; ++i) await run.read(i, { into: i });
    const page = await open(browser, run);
    await page.locator("#charts canvas").first().waitFor();
    await page.locator("#charts [tabindex]").first().focus();
    await page.keyboard.press("End");
    const spoken = await page.locator("#charts [aria-live]").textContent();
    assert.match(spoken, /offered.*100,000/);
    assert.match(spoken, /p99/);
    for (const id of ["lost", "fault", "ended"]) assert.equal(await page.locator("#" + id).getAttribute("role"), "status");
    await run.stop();
  },

  async "an hour of points stays quick"(browser) {
    const run = await Run.start();
    for (let i = 0; i < 3600; ++i) await run.read(i, { into: i, rate: 1000 });
    const page = await open(browser, run);
    await page.locator("#charts canvas").first().waitFor();
    await page.locator("#all").click();
    const spent = await page.evaluate(() => {
      const begin = performance.now();
      for (let i = 0; i < 10; ++i) weirLive.draw();
      return (performance.now() - begin) / 10;
    });
    console.log(`  one update of 3,600 points: ${spent.toFixed(0)} ms`);
    assert.equal(await page.evaluate(() => weirLive.points.t.length), 3600);
    assert.deepEqual(page.problems, []);
    await run.stop();
  },
};

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
                                        args: [...(process.getuid() === 0 ? ["--no-sandbox"] : [])] });
let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    await test(browser);
    console.log("ok   " + name);
  } catch (error) {
    ++failed;
    console.log("FAIL " + name + "\n" + error.stack);
  }
}
await browser.close();
process.exitCode = failed ? 1 : 0;
