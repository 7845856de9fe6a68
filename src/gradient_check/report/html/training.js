// The loss over the steps of training, with the step where it turned and the one where it died.

function lossCurve(parent, training) {
  const all = training.losses.map(([step, loss]) => ({step: step, loss: num(loss)}));
  const points = all.filter(p => Number.isFinite(p.loss));
  if (points.length === 0) return;
  const width = 640, height = 300, margin = {left: 66, right: 90, top: 16, bottom: 40};
  const [low, high] = d3.extent(points, p => p.loss);
  const logarithmic = low > 0 && high / low > 50;
  const y = (logarithmic ? d3.scale.log() : d3.scale.linear())
      .domain(low === high ? [low - 1, high + 1] : [low, high]).range([height - margin.bottom, margin.top]);
  const x = d3.scale.linear().domain([0, Math.max(1, training.steps)])
      .range([margin.left, width - margin.right]);
  const died = training.first_non_finite_step, turned = training.turned_step;
  const figure = add(parent, "figure", "loss-curve");
  const svg = chart(figure, width, height, "loss over " + training.steps + " steps, from " + show(points[0].loss) +
      " to " + show(points[points.length - 1].loss) + (turned === undefined ? "" : ", lowest at step " + turned) +
      (died === undefined ? "" : ", not finite at step " + died));
  axes(svg, x, y, width, height, margin);
  svg.append("path").datum(points).attr("fill", "none").attr("stroke", color("difference")).attr("stroke-width", 2)
      .attr("d", d3.svg.line().x(p => x(p.step)).y(p => y(p.loss)));
  const mark = (step, name, shade, row) => {
    if (step === undefined) return;
    svg.append("line").attr("class", "step " + name).attr("stroke", color(shade)).attr("stroke-dasharray", "4 3")
        .attr("x1", x(step)).attr("x2", x(step)).attr("y1", margin.top).attr("y2", height - margin.bottom);
    svg.append("text").attr("x", x(step) + 4).attr("y", margin.top + 10 + 14 * row).text(name + " at step " + step);
  };
  mark(turned, "turned", "warning", 0);
  mark(died, "not finite", "fail", 1);
  svg.append("text").attr("x", width / 2).attr("y", height - 6).attr("text-anchor", "middle").text("step");
  add(figure, "figcaption", "", "loss" + (logarithmic ? ", logarithmic" : "") +
      (training.non_finite ? "; first not finite: " + training.non_finite : ""));
}

function changedRuns(parent, training) {
  if (training.changed_runs.length === 0) return;
  add(parent, "p", "", "The same training with one thing changed:");
  const table = add(add(parent, "div", "scroll"), "table");
  const head = add(add(table, "thead"), "tr");
  ["changed", "steps", "first not finite", "last loss", "cures it"].forEach(n => add(head, "th", "", n).attr("scope", "col"));
  const body = add(table, "tbody");
  training.changed_runs.forEach(run => {
    const row = add(body, "tr");
    add(row, "th", "", run.changed).attr("scope", "row");
    add(row, "td", "number", run.steps);
    add(row, "td", "number", run.first_non_finite_step === undefined ? "never" : run.first_non_finite_step);
    add(row, "td", "number", show(run.loss));
    add(row, "td", run.cures ? "pass" : "", run.cures ? "yes" : run.cut ? "its time was up" : "no");
  });
}

function trainingSection(parent, training) {
  add(parent, "h3", "", "Training");
  lossCurve(parent, training);
  changedRuns(parent, training);
}
