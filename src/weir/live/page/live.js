// The live page: takes the run's events, keeps every point, and draws them as one figure. It only
// ever asks; the run does not know whether it is open.
"use strict";
const weirLive = (() => {
  const RECENT_S = 300;       // what is shown until the whole run is asked for
  const RETRY_MAX_S = 10;
  const token = new URLSearchParams(location.search).get("t") || "";
  const columns = ["t", "step", "offered", "processed", "backlog", "p50", "p99", "max"];
  const points = Object.fromEntries(columns.map((name) => [name, []]));
  const state = { newest: 0, run: null, last: null, missed: 0, ended: false, whole: false,
                  source: null, retry: 1, lostAt: 0, chart: null, numbers: 0 };
  const at = (id) => document.getElementById(id);
  const rate = (v) => weirFigure.text({ unit: "rate" }, v, false);
  const millis = (v) => weirFigure.text({ unit: "ms" }, v, true);
  const count = (v) => weirFigure.text({ unit: "count" }, v, false);
  const put = (id, words) => { const e = at(id); if (e.textContent !== words) e.textContent = words; };
  const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
  const span = (s) => s >= 90 ? `${Math.round(s / 60)} min` : `${Math.max(0, Math.ceil(s))} s`;
  const EXPERIMENTS = { load: "Load", scale: "Scale", faults: "Fault" };
  const VERDICTS = {
    keeps_up: ["✓ keeps up", "good"], falls_behind: ["▲ falls behind", "unsure"],
    stretched: ["▲ stretched", "unsure"], undecided: ["? cannot tell", "unsure"],
    invalid: ["! not valid", "bad"], recovered: ["✓ current again", "good"],
    measured: ["✓ measured", "good"] };
  const faultWords = (kind) => {
    const [target, does] = kind.split(":");
    return does ? `${does} the ${target}` : kind;
  };

  // ---- points ----------------------------------------------------------------------------------
  function take(snapshot) {
    if (state.run !== null && state.run !== snapshot.run) {   // another run on the same address
      for (const name of columns) points[name].length = 0;
      state.numbers = 0;
    }
    state.run = snapshot.run;
    const fresh = snapshot.points, first = snapshot.newest - fresh.t.length + 1;
    if (fresh.t.length) {
      if (first <= state.numbers) for (const name of columns) points[name].length = 0;
      else if (state.numbers) state.missed += first - state.numbers - 1;
      for (const name of columns) for (const value of fresh[name]) points[name].push(value);
      state.numbers = snapshot.newest;
    }
    state.newest = snapshot.newest;
    state.last = snapshot;
  }

  // One x for all panels, with a hole wherever another step begins or seconds are missing.
  function table() {
    const made = { x: [], offered: [], processed: [], backlog: [], p50: [], p99: [], max: [] };
    const names = Object.keys(made).slice(1);
    for (let i = 0; i < points.t.length; ++i) {
      const gap = i && points.t[i] - points.t[i - 1];
      if (i && (points.step[i] !== points.step[i - 1] || gap > 3.5)) {
        made.x.push(points.t[i - 1] + Math.min(0.05, gap / 2));
        for (const name of names) made[name].push(null);
      }
      made.x.push(points.t[i]);
      for (const name of names) made[name].push(points[name][i]);
      if (!points.offered[i]) made.offered[made.offered.length - 1] = null;   // draining
    }
    return made;
  }

  function bands(now) {
    return state.last.faults.map((f) => {
      // From the hit until results are current again, once that is known.
      const felt = f.current_s !== null ? f.from_s + f.current_s : null;
      const to = Math.max(f.to_s === null ? now : f.to_s, felt || 0, f.from_s + 0.2);
      return { kind: "fault", from: f.from_s, to, label: faultWords(f.fault) };
    });
  }
  function markers() {
    return state.last.faults.flatMap((f) => {
      const moments = [{ at: f.from_s, label: faultWords(f.fault) }];
      if (f.first_output_s !== null)
        moments.push({ at: f.from_s + f.first_output_s, label: "first output" });
      if (f.current_s !== null) moments.push({ at: f.from_s + f.current_s, label: "current again" });
      return moments;
    });
  }

  function figure() {
    const made = table();
    const now = points.t.length ? points.t[points.t.length - 1] : 1;
    const low = state.whole ? 0 : Math.max(0, now - RECENT_S);
    const line = (name, key, colour, dash) =>
      ({ name, colour, dash, mark: "line", x: made.x, y: made[key] });
    const tile = (id) => at(id).querySelector(".value").textContent;
    return {
      id: "live", title: "This run, second by second",
      caption: "Rates in and out, event latency of what became visible in each second, and the " +
        "backlog. Shaded: a fault, from the hit until results were current again. Lines are broken " +
        "between steps.",
      summary: `Offered ${tile("offered")}, processed ${tile("processed")}, event latency p99 ` +
        `${tile("p99")}, backlog ${tile("backlog")}.`,
      x: { label: "seconds since the run began", unit: "s", scale: "linear", low,
           high: Math.max(now, low + 20) },
      bands: bands(now), markers: markers().filter((m) => m.at >= low),
      panels: [
        { y: { label: "events per second", unit: "rate", scale: "linear" },
          series: [line("offered", "offered", 1, 1), line("processed", "processed", 0, 0)] },
        { y: { label: "event latency", unit: "ms", scale: "log" },
          series: [line("max", "max", 3, 2), line("p99", "p99", 0, 0), line("p50", "p50", 2, 1)] },
        { y: { label: "backlog, events", unit: "count", scale: "linear" },
          series: [line("backlog", "backlog", 4, 0)] }] };
  }
  function draw() {
    if (!state.last) return;
    if (!state.chart) {
      if (points.t.length < 2) return;
      state.chart = weirFigure.mount(at("charts"), figure());
      return;
    }
    if (!document.hidden) state.chart.update(figure());
  }

  // ---- words -----------------------------------------------------------------------------------
  function tile(id, value, hint, stale) {
    const e = at(id), p = e.querySelector(".value"), h = e.querySelector(".hint");
    if (p.textContent !== value) p.textContent = value;
    if (h.textContent !== hint) h.textContent = hint;
    e.classList.toggle("stale", !!stale);
  }
  function showTiles(now) {
    const quiet = state.ended || now.phase === "starting";
    tile("offered", rate(now.offered_eps), now.phase === "draining" ? "the load is over" : "events per second", quiet);
    const share = now.offered_eps > 0 ? 100 * now.processed_eps / now.offered_eps : null;
    tile("processed", rate(now.processed_eps),
         share === null ? "events per second" : `${share.toFixed(share >= 99.95 ? 0 : 1)}% of offered`, quiet);
    tile("p99", now.p99_ms === null ? "–" : millis(now.p99_ms), "newest second with results", quiet);
    tile("backlog", count(Math.max(0, now.backlog)),
         now.offered_eps > 0 ? `${(Math.max(0, now.backlog) / now.offered_eps).toFixed(1)} s of load` : "events", quiet);
  }
  function showHead(s) {
    const now = s.now;
    put("target", `${s.broker} · ${s.engine} · workload ${s.workload}`);
    put("run", `run ${s.run}, weir ${s.version}`);
    put("verdict", s.verdict ? "So far: " + s.verdict : "So far: nothing is judged yet");
    if (!now) {
      put("title", "Getting ready");
      return put("left", "–");
    }
    put("title", `${EXPERIMENTS[now.experiment] || now.experiment}: ${now.step}`);
    const phase = { starting: "starting", draining: "draining" }[now.phase];
    put("left", phase || `${span(now.left_s)} left`);
    put("whole", (phase ? "" : "of this step; ") + `${clock(now.at_s)} of about ${clock(s.planned_s)}`);
    at("progress").value = s.planned_s > 0 ? Math.min(1, now.at_s / s.planned_s) : 0;
    document.title = `${phase || span(now.left_s) + " left"}: ${now.step} – weir`;
    at("fault").hidden = !now.fault || state.ended;
    if (now.fault) put("fault-text", `Fault under way: ${faultWords(now.fault)}`);
    showTiles(now);
    put("lag-p99", now.send_lag_p99_ms === null ? "–" : millis(now.send_lag_p99_ms));
    put("lag-max", now.send_lag_max_ms === null ? "–" : millis(now.send_lag_max_ms));
    put("late", count(now.late));
    put("refused", count(now.refused));
    put("missed", count(state.missed));
  }
  function showSteps(s) {
    at("steps").hidden = !s.steps.length;
    const body = at("steps").querySelector("tbody");
    if (body.childElementCount === s.steps.length) return;
    body.replaceChildren(...s.steps.map((step) => {
      const row = document.createElement("tr");
      const [words, tone] = VERDICTS[step.verdict] || [step.verdict, "unsure"];
      const late = step.verdict === "falls_behind";
      for (const [text, name] of [
        [`${(EXPERIMENTS[step.experiment] || step.experiment).toLowerCase()} ${step.step}`, ""],
        [step.offered_eps === null ? "–" : rate(step.offered_eps), "n"],
        [step.processed_eps === null ? "–" : rate(step.processed_eps), "n"],
        [step.p50_ms === null || late ? "–" : millis(step.p50_ms), "n"],
        [step.p99_ms === null || late ? "–" : millis(step.p99_ms), "n"], [words, tone]]) {
        const cell = document.createElement("td");
        cell.className = name;
        cell.textContent = text;
        row.append(cell);
      }
      return row;
    }));
  }
  async function showEnd(ended) {
    state.ended = true;
    at("ended").hidden = false;
    at("ended").classList.add(ended.code === 0 ? "good-end" : "bad-end");
    put("ended-text", `${ended.code === 0 ? "✓" : "!"} The run has ended: ${ended.reason.split("\n")[0]}.`
      .replace("..", "."));
    at("findings").replaceChildren(...ended.findings.map((sentence) => {
      const item = document.createElement("li");
      item.textContent = sentence;
      return item;
    }));
    const spent = state.last.now ? clock(state.last.now.at_s) : "";
    put("title", `Run ${state.run}`);
    put("left", "ended");
    put("whole", spent && `measured for ${spent}`);
    for (const tile of document.querySelectorAll(".tile")) tile.classList.add("stale");
    document.title = "ended – weir";
    at("fault").hidden = true;
    at("progress").value = 1;
    if (!ended.report) return;
    // The server ends with the run: the report is taken along now, so that the link still works then.
    at("report").hidden = false;
    put("path", ended.report);
    at("open").hidden = true;   // a page from a server may not open a file's own address
    try {
      const answer = await fetch(`report.html?t=${token}`);
      if (!answer.ok) return;
      at("open").href = URL.createObjectURL(new Blob([await answer.text()], { type: "text/html" }));
      at("open").hidden = false;
    } catch { /* the server was gone before: the path is left */ }
  }

  // ---- connection ------------------------------------------------------------------------------
  function lost() {
    if (state.ended) return;
    if (state.source) state.source.close();
    state.source = null;
    if (!state.lostAt) state.lostAt = Date.now();
    at("lost").hidden = false;
    const wait = state.retry;
    state.retry = Math.min(RETRY_MAX_S, state.retry * 2);
    put("retry", `Since ${Math.round((Date.now() - state.lostAt) / 1000)} s; this page does not ` +
      `touch it. Trying again every ${wait} s; what you see is what was known before.`);
    setTimeout(connect, wait * 1000);
  }
  function connect() {
    const source = new EventSource(`api/v1/events?t=${token}&since=${state.numbers}`);
    state.source = source;
    source.onerror = lost;
    source.onmessage = async (event) => {
      const snapshot = JSON.parse(event.data);
      state.retry = 1;
      state.lostAt = 0;
      at("lost").hidden = true;
      take(snapshot);
      showHead(snapshot);
      showSteps(snapshot);
      if (snapshot.ended) await showEnd(snapshot.ended);
      draw();
      if (snapshot.ended) source.close();   // lets the server go, too
    };
  }

  const show = (whole) => {
    state.whole = whole;
    at("recent").setAttribute("aria-pressed", String(!whole));
    at("all").setAttribute("aria-pressed", String(whole));
    draw();
  };
  at("recent").addEventListener("click", () => show(false));
  at("all").addEventListener("click", () => show(true));
  at("copy").addEventListener("click", () => {
    const done = () => put("copy", "copied");
    if (navigator.clipboard) navigator.clipboard.writeText(at("path").textContent).then(done, () => {});
  });
  document.addEventListener("visibilitychange", draw);
  connect();
  return { figure, draw, points };   // for tests
})();
