// The plots of one gradient: heat map, scatter, finite differences.

// Differences below this share of the gradient's largest element look level: they are rounding.
const LEVEL = 1e-6;

function largestFinite(values) {
  return d3.max(values.filter(Number.isFinite), Math.abs) || 0;
}

// The cells of manual - autograd: of the sample where it is the whole tensor, else those stored.
function errorCells(gradient) {
  const stored = gradient.plot.error_map;
  if (stored) return {columns: stored.columns, rowStep: stored.row_step, columnStep: stored.column_step,
                      cells: stored.cells.map(num)};
  const rows = gradient.shape.length < 2 ? 1 : gradient.shape[0];
  return {columns: gradient.elements / rows, rowStep: 1, columnStep: 1,
          cells: elements(gradient).map(e => e.manualGap)};
}

function heatMap(parent, gradient) {
  const map = errorCells(gradient);
  const rows = map.cells.length / map.columns;
  const side = Math.max(5, Math.min(26, 360 / map.columns, 300 / rows));
  const scaleOf = largestFinite(elements(gradient).map(e => e.autograd));
  const most = Math.max(largestFinite(map.cells), LEVEL * scaleOf, 1e-300);
  const shade = d3.scale.linear().domain([-most, 0, most])
      .range([color("below"), color("level"), color("above")]).interpolate(d3.interpolateLab).clamp(true);
  const figure = add(parent, "figure", "heat-map");
  const svg = chart(figure, Math.max(120, map.columns * side), rows * side,
      "heat map of manual minus autograd of " + gradient.name + ", largest " + show(gradient.max_abs_error));
  svg.selectAll("rect").data(map.cells).enter().append("rect")
      .attr("x", (d, i) => i % map.columns * side).attr("y", (d, i) => Math.floor(i / map.columns) * side)
      .attr("width", side - (side > 8 ? 1 : 0)).attr("height", side - (side > 8 ? 1 : 0))
      .attr("fill", d => Number.isFinite(d) ? shade(d) : color("nan"))
      .append("title").text((d, i) => {
        const row = Math.floor(i / map.columns) * map.rowStep, column = i % map.columns * map.columnStep;
        const width = gradient.shape.length < 2 ? gradient.elements : gradient.elements / gradient.shape[0];
        return indexText(row * width + column, gradient.shape) + ": " + show(d);
      });
  const cell = map.rowStep * map.columnStep;
  add(figure, "figcaption", "", "manual − autograd, from −" + show(most) + " (blue) over 0 to " + show(most) +
      " (red)" + (map.cells.some(d => !Number.isFinite(d)) ? "; purple: not finite" : "") +
      (cell > 1 ? "; a cell is the largest of " + map.rowStep + " × " + map.columnStep + " elements" : ""));
}

function axes(svg, x, y, width, height, margin) {
  svg.append("g").attr("class", "axis").attr("transform", "translate(0," + (height - margin.bottom) + ")")
      .call(d3.svg.axis().scale(x).orient("bottom").ticks(4, ".3g"));
  svg.append("g").attr("class", "axis").attr("transform", "translate(" + margin.left + ",0)")
      .call(d3.svg.axis().scale(y).orient("left").ticks(4, ".3g"));
}

function scatter(parent, gradient) {
  const points = elements(gradient).filter(e => Number.isFinite(e.manual) && Number.isFinite(e.autograd));
  if (points.length === 0) return;
  const width = 340, height = 300, margin = {left: 66, right: 12, top: 10, bottom: 40};
  let [low, high] = d3.extent(points.flatMap(e => [e.manual, e.autograd]));
  if (low === high) { low -= Math.abs(low) || 1; high += Math.abs(high) || 1; }
  const x = d3.scale.linear().domain([low, high]).range([margin.left, width - margin.right]).nice();
  const y = d3.scale.linear().domain(x.domain()).range([height - margin.bottom, margin.top]);
  const figure = add(parent, "figure", "scatter");
  const svg = chart(figure, width, height, "manual against autograd of " + gradient.name + ", " +
      points.length + " elements, " + points.filter(e => e.state === "differs").length + " off the line");
  axes(svg, x, y, width, height, margin);
  const [from, to] = x.domain();
  svg.append("line").attr("class", "identity").attr("stroke", color("identity")).attr("stroke-dasharray", "5 4")
      .attr("x1", x(from)).attr("y1", y(from)).attr("x2", x(to)).attr("y2", y(to));
  svg.selectAll("circle").data(points).enter().append("circle")
      .attr("cx", e => x(e.autograd)).attr("cy", e => y(e.manual)).attr("r", 3.5)
      .attr("fill", e => e.state === "differs" ? color("manual") : color("difference"))
      .attr("fill-opacity", 0.8)
      .append("title").text(e => indexText(e.element, gradient.shape) + ": manual " + show(e.manual) +
                                 ", autograd " + show(e.autograd));
  svg.append("text").attr("x", width / 2).attr("y", height - 6).attr("text-anchor", "middle").text("autograd");
  svg.append("text").attr("transform", "translate(12," + height / 2 + ")rotate(-90)")
      .attr("text-anchor", "middle").text("manual");
  add(figure, "figcaption", "", "each point an element; on the dashed line y = x both agree" +
      (gradient.plot.sample.length < gradient.elements ? " (" + points.length + " of " + gradient.elements + ")" : ""));
}

// Signed logarithm: differences from a rounding to the whole gradient are seen in one plot.
function signedLog(unit) {
  return value => Math.sign(value) * Math.log(1 + Math.abs(value) / unit) / Math.LN10;
}

function differencePlot(parent, gradient) {
  const points = elements(gradient).filter(e => Number.isFinite(e.differenceGap) && Number.isFinite(e.error));
  if (points.length === 0) return;
  const width = 420, height = 300, margin = {left: 66, right: 12, top: 10, bottom: 40};
  const sizes = points.flatMap(e => [Math.abs(e.differenceGap) + e.error, Math.abs(e.manualGap || 0)])
      .filter(v => Number.isFinite(v) && v > 0);
  const most = d3.max(sizes) || 1;
  const unit = Math.max(d3.min(points.map(e => e.error).filter(v => v > 0)) || most * 1e-6, most * 1e-16);
  const squeeze = signedLog(unit), reach = squeeze(most) * 1.08 || 1;
  const x = d3.scale.linear().domain([-0.5, points.length - 0.5]).range([margin.left, width - margin.right]);
  const y = d3.scale.linear().domain([-reach, reach]).range([height - margin.bottom, margin.top]);
  const figure = add(parent, "figure", "differences");
  const svg = chart(figure, width, height, "finite differences of " + gradient.name +
      " with their error bars, and the manual gradient, both as differences from autograd");
  const decades = Math.log(most / unit) / Math.LN10;
  const marks = [0.15, 0.55, 1].map(part => Math.pow(10, Math.floor(Math.log(unit) / Math.LN10 + part * decades)));
  const ticks = [0].concat(marks, marks.map(v => -v));
  const axis = svg.append("g").attr("class", "axis");
  ticks.forEach(value => {
    const at = y(squeeze(value));
    axis.append("line").attr("x1", margin.left).attr("x2", width - margin.right).attr("y1", at).attr("y2", at);
    axis.append("text").attr("x", margin.left - 6).attr("y", at + 4).attr("text-anchor", "end").text(show(value));
  });
  const bars = svg.selectAll(".bar").data(points).enter().append("g").attr("class", "bar");
  bars.append("line").attr("stroke", color("difference")).attr("stroke-width", 2)
      .attr("x1", (e, i) => x(i)).attr("x2", (e, i) => x(i))
      .attr("y1", e => y(squeeze(e.differenceGap - e.error))).attr("y2", e => y(squeeze(e.differenceGap + e.error)));
  bars.append("circle").attr("r", 2.5).attr("fill", color("difference"))
      .attr("cx", (e, i) => x(i)).attr("cy", e => y(squeeze(e.differenceGap)));
  bars.filter(e => Number.isFinite(e.manualGap)).append("path").attr("class", "manual")
      .attr("d", d3.svg.symbol().type("diamond").size(36)).attr("fill", color("manual"))
      .attr("transform", e => "translate(" + x(points.indexOf(e)) + "," + y(squeeze(e.manualGap)) + ")");
  bars.append("title").text(e => indexText(e.element, gradient.shape) + ": finite difference − autograd " +
      show(e.differenceGap) + " ± " + show(e.error) + ", manual − autograd " + show(e.manualGap));
  svg.append("text").attr("x", width / 2).attr("y", height - 6).attr("text-anchor", "middle")
      .text("element, from " + indexText(points[0].element, gradient.shape) + " to " +
            indexText(points[points.length - 1].element, gradient.shape));
  add(figure, "figcaption", "", "difference from autograd: of the finite difference with its own error bar (blue), of " +
      "the manual gradient (orange diamond); logarithmic on both sides of 0. The bars should reach 0");
}

function elementTable(parent, gradient) {
  const details = add(parent, "details");
  add(details, "summary", "", "The numbers (" + gradient.plot.sample.length + " of " + gradient.elements + " elements)");
  details.on("toggle", function () {
    if (!this.open || this.querySelector("table")) return;
    const table = add(add(details, "div", "scroll"), "table");
    const head = add(add(table, "thead"), "tr");
    ["element", "autograd", "manual", "manual − autograd", "finite difference − autograd", "its error", ""]
        .forEach(name => add(head, "th", "number", name).attr("scope", "col"));
    const body = add(table, "tbody");
    elements(gradient).forEach(e => {
      const row = add(body, "tr");
      add(row, "th", "number", indexText(e.element, gradient.shape)).attr("scope", "row");
      [e.autograd, e.manual, e.manualGap, e.differenceGap, e.error].forEach(v => add(row, "td", "number", show(v)));
      add(row, "td", "", e.state === "agrees" ? "" : e.state);
    });
  });
}

function gradientPlots(parent, gradient) {
  if (!gradient.plot || gradient.plot.sample.length === 0) {
    add(parent, "p", "quiet", gradient.elements === 0 ? "no elements" :
        "no elements were kept: the shapes differ, the gradient is missing, or the report was merged from one made without --plots");
    return;
  }
  const plots = add(parent, "div", "plots");
  if (elements(gradient).some(e => e.manual !== null)) {
    heatMap(plots, gradient);
    scatter(plots, gradient);
  }
  differencePlot(plots, gradient);
  elementTable(parent, gradient);
}
