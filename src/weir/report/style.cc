#include "weir/report/style.h"

namespace weir::report {

// Series colours are Okabe and Ito's, told apart by people with any kind of colour vision; the dark
// set is the same hues, lighter.
const char* const kStyle = R"(
:root {
  --paper: #fdfdfc; --ink: #1d2327; --soft: #5d676e; --rule: #dfe3e6; --panel: #f4f5f6;
  --c0: #0072b2; --c1: #c45100; --c2: #00805f; --c3: #a6568a; --c4: #9a6a00;
  --good: #00704f; --bad: #b3261e; --unsure: #8a5b00; --fault: #d55e0022; --band: #0072b218;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181b; --ink: #e6eaec; --soft: #9aa5ac; --rule: #2d353a; --panel: #1c2226;
    --c0: #56b4e9; --c1: #f08a3c; --c2: #2fc39a; --c3: #d98fbf; --c4: #e6b84c;
    --good: #4cc79b; --bad: #ff8a80; --unsure: #e6b84c; --fault: #f08a3c2e; --band: #56b4e922;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  max-width: 68rem; margin: 0 auto; padding: 2.2rem 1.4rem 4rem; background: var(--paper);
  color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif;
}
h1 { font-size: 1.75rem; line-height: 1.2; margin: .1rem 0 .3rem; font-weight: 650; }
h2 { font-size: 1.3rem; margin: 0 0 .7rem; font-weight: 650; }
h3 { font-size: 1.02rem; margin: 1.8rem 0 .5rem; font-weight: 650; }
h3::first-letter { text-transform: uppercase; }
p { margin: .4rem 0; max-width: 46rem; }
section { margin-top: 3rem; }
header .brand { color: var(--c0); font-weight: 700; letter-spacing: .08em; margin: 0; }
.hint { color: var(--soft); font-size: .86rem; }
a { color: var(--c0); }
nav { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; margin-top: 1.6rem; font-size: .92rem; }
code, pre { font: .86em/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
pre { background: var(--panel); padding: 1rem; overflow-x: auto; border-radius: 6px; }
.good { color: var(--good); } .bad { color: var(--bad); } .unsure { color: var(--unsure); }
.verdict { margin-top: 1.6rem; padding: 1.1rem 1.4rem; background: var(--panel); border-radius: 8px;
  border-left: 6px solid currentColor; }
.verdict p { color: var(--ink); font-size: 1.08rem; max-width: none; }
.verdict h2 { margin-bottom: .3rem; }
.symbol { display: inline-block; min-width: 1.1em; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11.5rem, 1fr)); gap: .9rem;
  margin: 1.2rem 0; }
.tile { border: 1px solid var(--rule); border-radius: 8px; padding: .8rem 1rem; font-size: .92rem;
  line-height: 1.35; }
.tile .value { font-size: 1.5rem; font-weight: 650; font-variant-numeric: tabular-nums;
  white-space: nowrap; }
.tile small { font-size: .8rem; font-weight: 400; color: var(--soft); }
.tile .hint { margin-top: .2rem; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .87rem; font-variant-numeric: tabular-nums; min-width: 24rem; }
th { text-align: left; font-weight: 600; color: var(--soft); vertical-align: bottom; }
th, td { padding: .34rem .9rem .34rem 0; border-bottom: 1px solid var(--rule); }
td:last-child, th:last-child { padding-right: 0; }
td:first-child { white-space: nowrap; }
thead:has(th:empty) { display: none; }
td.n, th.n { text-align: right; white-space: nowrap; }
th.n { white-space: normal; }
td[title] { text-decoration: underline dotted; text-underline-offset: 3px; }
.evidence { list-style: none; padding: 0; max-width: 50rem; }
.evidence li { padding: .22rem 0 .22rem 1.7rem; text-indent: -1.7rem; }
.evidence li::before { display: inline-block; width: 1.7rem; text-indent: 0; font-weight: 700; }
.evidence .fine::before { content: "✓"; color: var(--good); }
.evidence .doubt::before { content: "!"; color: var(--unsure); }
figure { margin: 1rem 0 1.4rem; }
figcaption { color: var(--soft); font-size: .86rem; max-width: 46rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(25rem, 1fr)); gap: 0 1.6rem; }
@media (max-width: 30rem) { .pair { grid-template-columns: 1fr; } }
details { margin: .5rem 0; font-size: .92rem; }
summary { cursor: pointer; color: var(--c0); }
dt { font-weight: 600; margin-top: .6rem; } dd { margin: 0; max-width: 46rem; color: var(--soft); }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { font-size: 12px; fill: var(--soft); }
svg text.axis { font-size: 12px; } svg text.note { font-size: 11px; }
svg text.name { font-size: 12px; font-weight: 600; }
.grid { stroke: var(--rule); stroke-width: 1; } .base { stroke: var(--soft); stroke-width: 1; }
.marker { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 2 3; }
.band { fill: var(--band); } .fault { fill: var(--fault); }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.dashed { stroke-dasharray: 5 4; }
.c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); }
.c3 { stroke: var(--c3); } .c4 { stroke: var(--c4); } .ref { stroke: var(--soft); }
.dot.c0 { fill: var(--c0); } .dot.c1 { fill: var(--c1); } .dot.c2 { fill: var(--c2); }
.dot.c3 { fill: var(--c3); } .dot.c4 { fill: var(--c4); } .dot.ref { fill: var(--soft); }
circle { stroke-width: 2; } circle.dashed { stroke-dasharray: none; } .hollow { fill: var(--paper); }
svg text.name { stroke: none; }
text.c0 { fill: var(--c0); } text.c1 { fill: var(--c1); } text.c2 { fill: var(--c2); }
text.c3 { fill: var(--c3); } text.c4 { fill: var(--c4); }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; font-size: .86rem; margin-bottom: .5rem; }
.legend i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .4em; }
.bar { display: grid; grid-template-columns: 5.5rem 1fr 5.5rem; gap: .8rem; align-items: center;
  font-size: .87rem; font-variant-numeric: tabular-nums; margin: .25rem 0; }
.bar .n { text-align: right; } .track { display: flex; height: 1.15rem; }
.track i { height: 100%; border-right: 1px solid var(--paper); }
.s0 { background: var(--c4); } .s1 { background: var(--c2); } .s2 { background: var(--rule); }
.s3 { background: var(--c0); } .s4 { background: var(--c3); }
@media print {
  :root { --paper: #fff; --ink: #000; --panel: #fff; }
  body { max-width: none; padding: 0; font-size: 11px; }
  nav, summary { display: none; }
  section, figure, table { break-inside: avoid; }
  #load, #faults, #method { break-inside: auto; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)";

}  // namespace weir::report
