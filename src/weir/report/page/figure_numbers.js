// Numbers as people read them: weirNumbers. On an axis short, in tables and sentences in full.
"use strict";
const weirNumbers = (() => {
  const is = (v) => v !== null && v !== undefined && Number.isFinite(v);
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

  return { is, text, percentile };
})();
