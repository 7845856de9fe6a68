// Everything about one case.

function headline(parent, entry) {
  add(parent, "h2", "", entry.name).attr("tabindex", -1);
  const line = add(parent, "p");
  add(line, "span", "badge " + outcome(entry), outcome(entry));
  const expectation = entry.as_expected === null ? "" : entry.as_expected ? ", as expected" : ", not as expected";
  add(line, "span", "quiet", expectation + " · " + entry.file + " · " + show(entry.seconds) + " s");
  if (entry.unmet) add(parent, "p", "fail", entry.unmet);
  if (entry.message) add(parent, "p", outcome(entry), entry.message);
  if (entry.place && entry.place.source_line && !(entry.sources || []).length)
    add(parent, "pre", "", entry.place.line + " | " + entry.place.source_line);
  if (entry.loss)
    add(parent, "p", "quiet", "loss: " + (entry.loss.manual === undefined ? "" : "manual " + show(entry.loss.manual) + ", ") +
        "autograd " + show(entry.loss.autograd));
}

function certificateText(certificate) {
  if (certificate.kind === "directional")
    return certificate.directions + " random directions, relative error at most " + show(certificate.relative_error_bound) +
        " with confidence " + show(certificate.confidence);
  return {every_element: "every element", sample: "elements that could be differentiated: " + certificate.elements,
          none: "none"}[certificate.kind] || certificate.kind;
}

function gradientTable(parent, gradients) {
  const table = add(add(parent, "div", "scroll"), "table");
  add(table, "caption", "skip", "gradients");
  const head = add(add(table, "thead"), "tr");
  ["gradient", "shape", "verdict", "wrong", "largest error", "differing", "finite differences"]
      .forEach(name => add(head, "th", "", name).attr("scope", "col"));
  const body = add(table, "tbody");
  gradients.forEach(gradient => {
    const row = add(body, "tr");
    add(row, "th", "mono", gradient.name).attr("scope", "row");
    add(row, "td", "mono", "[" + gradient.shape.join(", ") + "]");
    add(row, "td", gradient.verdict, gradient.verdict.replace("_", "-"));
    add(row, "td", "", gradient.wrong);
    add(row, "td", "number", show(gradient.max_abs_error));
    add(row, "td", "number", gradient.mismatched + " / " + gradient.elements);
    add(row, "td", "", certificateText(gradient.certificate));
  });
}

// Plots are drawn when they are opened: those of gradients that do not match at once, up to a few.
const OPENED_AT_ONCE = 4;

function plotSections(parent, gradients) {
  const wrong = gradients.filter(g => g.verdict !== "match");
  const first = (wrong.length ? wrong : gradients).slice(0, OPENED_AT_ONCE);
  gradients.forEach(gradient => {
    const details = add(parent, "details", "gradient");
    const summary = add(details, "summary");
    add(summary, "span", "mono", gradient.name);
    add(summary, "span", gradient.verdict, " " + gradient.verdict.replace("_", "-"));
    const content = add(details, "div");
    const draw = () => { if (content.empty() || !content.node().firstChild) gradientPlots(content, gradient); };
    details.on("toggle", function () { if (this.open) draw(); });
    if (first.includes(gradient)) { details.attr("open", ""); draw(); }
  });
}

function detail(entry) {
  const main = d3.select("#detail");
  main.selectAll("*").remove();
  if (!entry) { add(main, "p", "quiet", "no case"); return; }
  headline(main, entry);
  const sources = (entry.sources || []).slice();
  const places = entry.findings.slice();
  if (entry.place && entry.message)
    places.push(Object.assign({severity: "error", rule: "case", message: entry.message}, entry.place));
  const inSource = f => f.line > 0 && sources.some(s => s.file === f.file);
  const elsewhere = entry.findings.filter(f => !inSource(f));
  if (entry.findings.length || places.length) add(main, "h3", "", "Findings");
  elsewhere.forEach(finding => findingBox(main, finding));
  if (!entry.findings.length && !places.length) add(main, "p", "quiet", "no findings");
  const chained = entry.findings.filter(f => (f.chain || []).length);
  sources.forEach(source => sourceView(main, source, places.filter(f => f.file === source.file && f.line > 0)));
  if (chained.length) add(main, "h3", "", "From the birth to the loss");
  chained.forEach(finding => {
    if (chained.length > 1) add(main, "p", "", finding.rule + ": " + finding.message);
    chainGraph(main, finding);
  });
  if (entry.training) trainingSection(main, entry.training);
  if (entry.gradients.length) {
    add(main, "h3", "", "Gradients");
    gradientTable(main, entry.gradients);
    plotSections(main, entry.gradients);
  }
}
