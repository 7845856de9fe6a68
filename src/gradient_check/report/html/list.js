// The list of cases, its filters, and which one is shown. The address holds the choice: #case-3.

const cases = report.cases;
const verdictNames = ["pass", "fail", "inconclusive", "error", "skipped"];
const signs = {pass: "✓", fail: "✗", inconclusive: "?", error: "!", skipped: "–"};
const haystacks = cases.map(entry => [entry.name, entry.file, entry.message || ""]
    .concat(entry.findings.map(f => f.rule + " " + f.message)).join("\n").toLowerCase());

function summaryLine() {
  const s = report.summary;
  d3.select("#summary").text(s.cases + " cases: " + s.passed + " passed, " + s.failed + " failed, " + s.errors +
      " errors" + (s.skipped ? ", " + s.skipped + " skipped" : "") + " · " + show(s.seconds) + " s · version " +
      report.tool.version + ", LibTorch " + report.tool.libtorch);
}

function fillFilters() {
  const box = d3.select("#verdicts");
  verdictNames.filter(v => cases.some(c => outcome(c) === v)).forEach(verdict => {
    const label = add(box, "label");
    label.append("input").attr("type", "checkbox").attr("checked", "").attr("value", verdict);
    add(label, "span", verdict, " " + verdict + " " + cases.filter(c => outcome(c) === verdict).length);
  });
  const found = Array.from(new Set(cases.flatMap(c => c.findings.map(f => f.rule)))).sort();
  d3.select("#rule").selectAll("option.found").data(found).enter().append("option")
      .attr("class", "found").attr("value", d => d).text(d => d);
}

function wanted() {
  const text = document.getElementById("search").value.trim().toLowerCase();
  const rule = document.getElementById("rule").value;
  const unexpected = document.getElementById("unexpected").checked;
  const verdicts = Array.from(document.querySelectorAll("#verdicts input:checked"), box => box.value);
  return cases.map((entry, i) => i).filter(i => verdicts.includes(outcome(cases[i])) &&
      (!unexpected || !passed(cases[i])) && (!rule || cases[i].findings.some(f => f.rule === rule)) &&
      (!text || haystacks[i].includes(text)));
}

function drawList() {
  const shown = wanted();
  d3.select("#count").text(shown.length + " of " + cases.length + " cases");
  const list = d3.select("#cases");
  list.selectAll("*").remove();
  shown.forEach(i => {
    const link = add(add(list, "li"), "a").attr("href", "#case-" + i).attr("data-case", i);
    add(link, "span", "badge " + outcome(cases[i]), signs[outcome(cases[i])])
        .attr("role", "img").attr("aria-label", outcome(cases[i]));
    add(link, "span", "", cases[i].name);
    add(link, "small", "", cases[i].file + (passed(cases[i]) ? "" : " · not as expected"));
  });
  markCurrent();
}

function chosen() {
  const match = /^#case-(\d+)$/.exec(location.hash);
  if (match && cases[Number(match[1])]) return Number(match[1]);
  const firstFailure = cases.findIndex(entry => !passed(entry));
  return firstFailure >= 0 ? firstFailure : 0;
}

function markCurrent() {
  d3.selectAll("#cases a").attr("aria-current", function () {
    return Number(this.getAttribute("data-case")) === chosen() ? "true" : null;
  });
}

function showChosen(focus) {
  markCurrent();
  detail(cases[chosen()]);
  document.title = (cases[chosen()] ? cases[chosen()].name + " · " : "") + "gradient-check";
  window.scrollTo(0, 0);
  const title = document.querySelector("#detail h2");
  if (focus && title) title.focus({preventScroll: true});
}

function moveFocus(by) {
  const links = Array.from(document.querySelectorAll("#cases a"));
  const at = links.indexOf(document.activeElement);
  const next = links[Math.max(0, Math.min(links.length - 1, at + by))];
  if (next) next.focus();
}

function keys(event) {
  const typing = /^(INPUT|SELECT)$/.test(event.target.tagName);
  if (event.key === "/" && !typing) {
    event.preventDefault();
    document.getElementById("search").focus();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") &&
             (event.target.closest("#cases") || event.target.id === "search")) {
    event.preventDefault();
    moveFocus(event.key === "ArrowDown" ? 1 : -1);
  }
}

function setTheme(theme) {
  document.documentElement.setAttribute("data-theme", theme);
  d3.select("#theme").text(theme === "dark" ? "Light" : "Dark")
      .attr("aria-label", "switch to the " + (theme === "dark" ? "light" : "dark") + " theme");
}

function start() {
  summaryLine();
  fillFilters();
  setTheme(window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  document.getElementById("theme").addEventListener("click", () => {
    setTheme(document.documentElement.getAttribute("data-theme") === "dark" ? "light" : "dark");
    showChosen(false);
  });
  for (const kind of ["input", "change"])
    document.getElementById("filters").addEventListener(kind, drawList);
  document.getElementById("filters").addEventListener("submit", event => event.preventDefault());
  document.addEventListener("keydown", keys);
  window.addEventListener("hashchange", () => { if (location.hash !== "#detail") showChosen(true); });
  drawList();
  showChosen(false);
}

start();
