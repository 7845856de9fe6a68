// The JSON report, and what every part of the page needs of it.

const report = JSON.parse(document.getElementById("report").textContent);

// A number of the report: those that are not finite are text there.
function num(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return value;
  return value === "inf" ? Infinity : value === "-inf" ? -Infinity : NaN;
}

function show(value) {
  const x = num(value);
  if (x === null) return "–";
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  return String(Number(x.toPrecision(6)));
}

// The columns of a plot's sample (`plot.columns` in the report).
function elements(gradient) {
  return gradient.plot.sample.map(row => ({
    element: row[0], autograd: num(row[1]), manual: num(row[2]), manualGap: num(row[3]),
    differenceGap: num(row[4]), error: num(row[5]), state: ["agrees", "differs", "kink"][row[6]]
  }));
}

function indexText(flat, shape) {
  const index = [];
  for (let d = shape.length - 1; d >= 0; --d) {
    index.unshift(flat % shape[d]);
    flat = Math.floor(flat / shape[d]);
  }
  return "[" + index.join(", ") + "]";
}

function outcome(entry) { return entry.skipped ? "skipped" : entry.verdict; }

function passed(entry) {
  return !entry.skipped && (entry.as_expected === null ? entry.verdict === "pass" : entry.as_expected);
}

// Texts of a report are only ever set as text, never as markup.
function add(parent, tag, className, text) {
  const made = parent.append(tag);
  if (className) made.attr("class", className);
  if (text !== undefined) made.text(text);
  return made;
}

function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

function chart(parent, width, height, label) {
  return parent.append("svg").attr("width", width).attr("height", height)
      .attr("viewBox", "0 0 " + width + " " + height).attr("role", "img").attr("aria-label", label);
}
