// The source with the findings in its margin.

const WHOLE_FILE_LINES = 300, AROUND = 6;

function findingBox(parent, finding) {
  const box = add(parent, "div", "finding of-" + finding.severity);
  const head = add(box, "p");
  add(head, "strong", "", finding.severity + "[" + finding.rule + "]");
  add(head, "span", "", ": " + finding.message);
  (finding.notes || []).forEach(note => add(box, "p", "quiet", "note: " + note));
  if (finding.help) add(box, "p", "", "help: " + finding.help);
  if (finding.fix) {
    const pre = add(box, "pre");
    pre.attr("aria-label", "fix" + (finding.fix.verified ? ", verified by running it" : ""));
    add(pre, "del", "", "- " + finding.fix.original);
    add(pre, "span", "", "\n");
    add(pre, "ins", "", "+ " + finding.fix.replacement);
    add(box, "p", "quiet", finding.fix.verified ? "the program with this fix was checked: it is right" : "not verified");
  }
}

function codeLine(parent, text, findings) {
  const first = findings.filter(f => f.column > 0)[0];
  const code = add(parent, "div", "code mono" + (findings.length ? " marked" : ""));
  if (!first) return code.text(text || " ");
  const from = first.column - 1, to = from + Math.max(1, first.width || 1);
  add(code, "span", "", text.slice(0, from));
  add(code, "u", "", text.slice(from, to));
  add(code, "span", "", text.slice(to));
}

function sourceView(parent, source, findings) {
  const lines = source.text.split("\n");
  if (lines[lines.length - 1] === "") lines.pop();
  const near = i => lines.length <= WHOLE_FILE_LINES || findings.some(f => Math.abs(f.line - 1 - i) <= AROUND);
  add(parent, "p", "quiet mono", source.file);
  const view = add(parent, "div", "source").attr("role", "group").attr("aria-label", "source of " + source.file)
      .attr("tabindex", 0);
  let skipping = false;
  lines.forEach((text, i) => {
    if (!near(i)) {
      if (!skipping) add(view, "div", "gap", "…");
      skipping = true;
      return;
    }
    skipping = false;
    const here = findings.filter(f => f.line === i + 1);
    add(view, "div", "at mono", i + 1);
    codeLine(view, text, here);
    const beside = add(view, "div", "beside");
    here.forEach(finding => findingBox(beside, finding));
  });
}
