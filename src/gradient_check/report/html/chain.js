// The operations that a value which is not finite went through, from its birth to the loss.

function clip(text, length) { return text.length > length ? text.slice(0, length - 1) + "…" : text; }

function chainGraph(parent, finding) {
  const width = 620, step = 74, box = {x: 210, width: 290, height: 44};
  const height = finding.chain.length * step;
  const figure = add(parent, "figure", "chain");
  const words = finding.chain.map(link => link.op + " gives " + link.value +
      (link.operands.length ? " of " + link.operands.join(", ") : "") + (link.line ? " at line " + link.line : ""));
  const svg = chart(figure, width, height, "from the birth: " + words.join("; then "));
  finding.chain.forEach((link, i) => {
    const y = i * step + 4, middle = box.x + box.width / 2;
    if (i > 0) svg.append("path").attr("class", "edge")
        .attr("d", "M" + middle + "," + (y - step + box.height) + "V" + (y - 6) + "m-4,-5l4,6l4,-6");
    const node = svg.append("g").attr("class", "node" + (i === 0 ? " birth" : ""));
    node.append("rect").attr("x", box.x).attr("y", y).attr("width", box.width).attr("height", box.height).attr("rx", 8);
    node.append("text").attr("x", box.x + 12).attr("y", y + 18)
        .text(clip(link.op + " → " + link.value + " at [" + link.index.join(", ") + "]", 44));
    node.append("text").attr("x", box.x + 12).attr("y", y + 35)
        .text(clip((i === 0 ? "born here, " : "") + link.phase + (link.line ? ", line " + link.line : ""), 44));
    node.append("title").text(words[i]);
    link.operands.slice(0, 4).forEach((value, k, shown) => {
      const place = svg.append("g").attr("class", "operand" + (Number.isFinite(Number(value)) ? "" : " bad"));
      const top = y + box.height / 2 - shown.length * 10 + k * 20;
      place.append("rect").attr("x", 20).attr("y", top + 1).attr("width", 140).attr("height", 18).attr("rx", 4);
      place.append("text").attr("x", 30).attr("y", top + 14).text(clip(value, 22));
      svg.append("path").attr("class", "edge").attr("d", "M160," + (top + 10) + "L" + box.x + "," + (y + box.height / 2));
    });
  });
  add(figure, "figcaption", "", "on the left what each operation was given at that element; a red frame: not finite");
}
