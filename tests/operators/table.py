"""The table at the end, and a line for everything that failed."""
import collections

FAILING = ["false alarm", "miss", "error"]


def _values(item, limit=12):
    texts = []
    for name, array in item.arrays.items():
        text = " ".join(f"{v:.6g}" for v in array.reshape(-1)[:limit].tolist())
        more = " …" if array.size > limit else ""
        texts.append(f"{name}{list(array.shape)} = {text}{more}")
    return texts


def _said(outcome):
    """The first thing the report says that matters here."""
    case = outcome.case
    findings = [f for f in case.get("findings", []) if f["severity"] == "error"]
    findings = findings or case.get("findings", [])
    if case.get("message"):
        return case["message"].replace("\n", " ")[:300]
    texts = [f"{f['rule']}: {f['message']}" for f in findings[:1]]
    for g in case.get("gradients", []):
        if g["verdict"] != "match":
            texts.append(f"{g['name']} {g['verdict']}, wrong: {g.get('wrong')}")
            if "worst" in g:
                w = g["worst"]
                texts.append(f"at {w['index']}: manual {w.get('manual')}, autograd "
                             f"{w.get('autograd')}, difference {w.get('finite_difference')} ± "
                             f"{w.get('finite_difference_error')}")
            break
    return "; ".join(texts)


def describe(outcome, command):
    item = outcome.item
    lines = [f"{outcome.kind}: {outcome.path}"]
    if outcome.plant:
        p = outcome.plant
        lines.append(f"    planted: {p.kind}, {p.name}{list(p.index)} off by {p.error:.3g} "
                     f"(right: {float(item.gradients[p.name][p.index]):.6g}, largest: "
                     f"{float(abs(item.gradients[p.name]).max()):.6g})")
    lines += [f"    | {line}" for line in item.lines]
    lines += [f"    {text}" for text in _values(item)]
    said = _said(outcome)
    if said:
        lines.append(f"    said: {said}")
    lines.append(f"    again: {command} --items '{item.id}'")
    return "\n".join(lines)


def summary(outcomes, skipped, count):
    kinds = collections.Counter(o.kind for o in outcomes)
    taken = {o.item.operator for o in outcomes if o.kind not in ("not taken",)}
    refused = {o.item.operator for o in outcomes if o.kind == "not taken"} - taken
    rows = [("operators in the table", count), ("taken", len(taken)), ("not taken", len(refused)),
            ("right gradients checked", sum(kinds[k] for k in (
                "pass", "false alarm", "inconclusive", "wrong in Python"))),
            ("  wrong in Python", kinds["wrong in Python"]),
            ("wrong gradients checked", sum(kinds[k] for k in (
                "caught", "undecided", "at a kink", "miss"))),
            ("  caught", kinds["caught"]), ("  inconclusive", kinds["undecided"]),
            ("  valid at a kink or jump", kinds["at a kink"]),
            ("false alarms", kinds["false alarm"]),
            ("inconclusive though right", kinds["inconclusive"]),
            ("misses", kinds["miss"]), ("errors", kinds["error"])]
    lines = [f"{name:28}{number:6}" for name, number in rows]
    for reason, number in collections.Counter(reason for _, reason in skipped).most_common():
        names = sorted({name for name, why in skipped if why == reason})
        shown = ", ".join(names[:6]) + (" …" if len(names) > 6 else "")
        lines.append(f"left out: {number:5} {reason} ({shown})")
    return "\n".join(lines)


def per_operator(outcomes):
    """Tab-separated: operator, items, and how many of each kind."""
    kinds = ["pass", "false alarm", "inconclusive", "caught", "undecided", "at a kink", "miss",
             "error", "not taken", "wrong in Python"]
    counts = collections.defaultdict(collections.Counter)
    for outcome in outcomes:
        counts[outcome.item.operator][outcome.kind] += 1
    lines = ["\t".join(["operator", *kinds])]
    lines += ["\t".join([name, *(str(counts[name][k]) for k in kinds)]) for name in sorted(counts)]
    return "\n".join(lines)


def failed(outcomes):
    return [o for o in outcomes if o.kind in FAILING]
