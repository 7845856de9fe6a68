"""The HTML report in headless Chromium.

usage: html_test.py GRADIENT_CHECK ROOT [SCREENSHOT_FOLDER]
Makes the report of all of cases/, and one of a hostile case; opens them; works the filters by mouse
and by keyboard; looks for every kind of plot, for console messages, for requests.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

try:
    from selenium import webdriver
except ImportError:
    print("skipped: Selenium is missing (Debian: apt install python3-selenium chromium-driver)")
    sys.exit(77)
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

LARGEST_BYTES = 5_000_000
LONGEST_SECONDS = 2.0
failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
        print("FAILED:", what, flush=True)


def browser(width=1400, height=1000):
    options = Options()
    for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
                     "--disable-ipc-flooding-protection",
                     f"--window-size={width},{height}"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.binary_location = "/usr/bin/chromium"
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


def all_of(driver, selector):
    return driver.find_elements(By.CSS_SELECTOR, selector)


def text_of(driver, selector):
    return driver.find_element(By.CSS_SELECTOR, selector).text


def shown_cases(driver):
    return len(all_of(driver, "#cases a"))


def open_report(driver, path):
    """Seconds until the page has drawn its list and a case."""
    driver.get("about:blank")
    start = time.monotonic()
    driver.get(path.as_uri())
    check(shown_cases(driver) > 0, f"{path.name}: the list is drawn")
    check(len(all_of(driver, "#detail h2")) == 1, f"{path.name}: a case is drawn")
    return time.monotonic() - start


def no_console_messages(driver, where):
    messages = driver.get_log("browser")
    check(messages == [], f"{where}: console messages {messages}")


def go_to(driver, report, name):
    index = next(i for i, case in enumerate(report["cases"]) if case["file"].endswith(name))
    driver.execute_script(f"location.hash = '#case-{index}'")
    deadline = time.monotonic() + 5
    wanted = report["cases"][index]["name"]
    while text_of(driver, "#detail h2") != wanted and time.monotonic() < deadline:
        time.sleep(0.02)
    check(text_of(driver, "#detail h2") == wanted, f"the address leads to {name}")
    return report["cases"][index]


def make_reports(tool, root, folder):
    html, as_json = folder / "cases.html", folder / "cases.json"
    status = subprocess.run([tool, "-q", f"--output=html:{html}", f"--output=json:{as_json}", "cases"],
                            cwd=root, stdout=subprocess.DEVNULL).returncode
    check(status == 0, f"all cases are as expected, found status {status}")
    return html, json.loads(as_json.read_text())


def size_and_time(driver, html):
    size = html.stat().st_size
    seconds = min(open_report(driver, html) for _ in range(3))
    print(f"{size} bytes, opens in {seconds:.2f} s")
    check(size < LARGEST_BYTES, f"{size} bytes, at most {LARGEST_BYTES} are allowed")
    check(seconds < LONGEST_SECONDS, f"opens in {seconds:.2f} s")


def filters(driver, report):
    cases = report["cases"]
    check(shown_cases(driver) == len(cases), "all cases are listed")
    search = driver.find_element(By.ID, "search")
    search.send_keys("layer_norm")
    found = shown_cases(driver)
    check(0 < found < len(cases), f"the search narrows the list, to {found}")
    check(text_of(driver, "#count") == f"{found} of {len(cases)} cases", "the count is told")
    search.clear()
    search.send_keys("x", Keys.BACKSPACE)
    check(shown_cases(driver) == len(cases), "an empty search lists all")
    failing = sum(case["verdict"] == "fail" for case in cases)
    for box in all_of(driver, "#verdicts input"):
        if box.get_attribute("value") != "fail":
            box.click()
    check(shown_cases(driver) == failing, f"{failing} fail, {shown_cases(driver)} are listed")
    for box in all_of(driver, "#verdicts input:not(:checked)"):
        box.click()
    rule = "log-of-zero"
    with_rule = sum(any(f["rule"] == rule for f in case["findings"]) for case in cases)
    driver.find_element(By.CSS_SELECTOR, f"#rule option[value='{rule}']").click()
    check(shown_cases(driver) == with_rule > 0, f"{with_rule} of {rule}, {shown_cases(driver)} listed")
    driver.find_element(By.CSS_SELECTOR, "#rule option[value='']").click()
    driver.find_element(By.ID, "unexpected").click()
    check(shown_cases(driver) == 0, "all is as expected: the list of the others is empty")
    driver.find_element(By.ID, "unexpected").click()


def keyboard(driver):
    body = driver.find_element(By.TAG_NAME, "body")
    driver.execute_script("document.activeElement.blur()")
    body.send_keys("/")
    check(driver.switch_to.active_element.get_attribute("id") == "search", "/ goes to the search")
    driver.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    driver.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    active = driver.switch_to.active_element
    check(active.get_attribute("data-case") == "1", "down goes through the list")
    active.send_keys(Keys.ENTER)
    time.sleep(0.2)
    check(driver.execute_script("return location.hash") == "#case-1", "enter opens a case")
    check(driver.switch_to.active_element.tag_name == "h2", "the focus follows to the case")
    check(len(all_of(driver, "#cases a[aria-current=true]")) == 1, "one case is the current one")


def has_names(driver):
    """Every control and picture has a name that a screen reader tells."""
    nameless = driver.execute_script("""
      return Array.from(document.querySelectorAll("input, select, button, svg, summary, a")).filter(e =>
        !(e.getAttribute("aria-label") || e.textContent.trim() || (e.labels && e.labels.length)))
        .map(e => e.outerHTML.slice(0, 100));""")
    check(nameless == [], f"without a name: {nameless}")


def every_plot(driver, report):
    wrong = next(c for c in report["cases"] if c.get("sources") and any(f.get("line") for f in c["findings"])
                 and any(g.get("plot") and g["verdict"] == "mismatch" and g["elements"] > 3
                         for g in c["gradients"]))
    go_to(driver, report, wrong["file"])
    for selector in [".heat-map rect", ".scatter circle", ".scatter .identity", ".differences .bar line",
                     ".differences path.manual", ".source .finding", ".source u"]:
        check(all_of(driver, selector), f"{wrong['file']}: {selector} is drawn")
    first = next(g for g in wrong["gradients"] if g["verdict"] != "match" and g.get("plot"))
    cells = first["plot"].get("error_map", {}).get("cells") or first["plot"]["sample"]
    check(len(all_of(driver, ".heat-map:first-of-type rect")) >= len(cells), "a cell for each of the map")
    trained = next(c for c in report["cases"] if (c.get("training") or {}).get("first_non_finite_step"))
    go_to(driver, report, trained["file"])
    check(all_of(driver, ".loss-curve path"), f"{trained['file']}: the loss curve is drawn")
    check("not finite at step" in text_of(driver, ".loss-curve"), "the step where it died is marked")
    chained = next(c for c in report["cases"] if any(len(f.get("chain", [])) > 2 for f in c["findings"]))
    go_to(driver, report, chained["file"])
    links = next(f["chain"] for f in chained["findings"] if len(f.get("chain", [])) > 2)
    check(len(all_of(driver, ".chain .node")) >= len(links), f"{chained['file']}: its operations are drawn")
    check(all_of(driver, ".chain .operand.bad, .chain .operand"), "their operands are drawn")


def every_case(driver, report):
    """Each case can be opened, and the closed plots of some too."""
    driver.execute_async_script("""
      const count = arguments[0], done = arguments[1]; let i = 0;
      const next = () => {
        if (i % 16 === 1) document.querySelectorAll("#detail details").forEach(d => { d.open = true; });
        if (i === count) return setTimeout(done, 50);
        location.hash = "#case-" + i++;
        setTimeout(next, 0);
      };
      next();""", len(report["cases"]))
    broken = driver.execute_script(
        "return Array.from(document.querySelectorAll('svg *')).filter(e => /NaN|Infinity/.test(e.outerHTML"
        ".split('>')[0])).length")
    check(broken == 0, f"{broken} marks have no place")


def themes(driver):
    def background():
        return driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    light = background()
    driver.find_element(By.ID, "theme").click()
    check(background() != light, "the theme changes")
    driver.find_element(By.ID, "theme").click()


HOSTILE = "</script><img src=x onerror=document.title='owned'><b>&amp;\u2028"


def hostile(driver, tool, folder):
    case = folder / "hostile.json"
    case.write_text(json.dumps({
        "name": HOSTILE, "inputs": {"x": [1.0]}, "parameters": {"w": [2.0]},
        "program": {"source": ["def step(x, w):", f"    # {HOSTILE}", "    loss = (w * x).sum()",
                               "    return loss, {'w': -x}"]}}))
    html = folder / "hostile.html"
    subprocess.run([tool, f"--output=html:{html}", str(case)], stdout=subprocess.DEVNULL)
    open_report(driver, html)
    check(all_of(driver, "img") == [], "no element came out of a text")
    check("owned" not in driver.title.replace(HOSTILE, ""), "no script came out of a text")
    check("</script><img" in text_of(driver, "#detail h2"), "the name is shown as it is")
    no_console_messages(driver, "hostile")


def merged(driver, tool, root, folder):
    """A report made of shards' JSON shows the same plots where they were kept."""
    part, html = folder / "part.json", folder / "merged.html"
    subprocess.run([tool, "-q", "--plots", f"--output=json:{part}", "cases/notebook"], cwd=root,
                   stdout=subprocess.DEVNULL)
    subprocess.run([tool, "-q", "--merge", f"--output=html:{html}", str(part)], cwd=root,
                   stdout=subprocess.DEVNULL)
    open_report(driver, html)
    check(all_of(driver, "figure svg"), "merged: plots are drawn")
    plain = folder / "plain.json"
    subprocess.run([tool, "-q", f"--output=json:{plain}", "cases/notebook"], cwd=root,
                   stdout=subprocess.DEVNULL)
    check('"plot"' not in plain.read_text(), "a JSON report alone keeps no plots")


def screenshots(driver, report, folder):
    os.makedirs(folder, exist_ok=True)
    for name, dark in [("mistake", False), ("nan", True)]:
        if dark:
            driver.find_element(By.ID, "theme").click()
            entry = next(c for c in report["cases"] if (c.get("training") or {}).get("first_non_finite_step")
                         and any(len(f.get("chain", [])) > 2 for f in c["findings"]))
        else:
            entry = next(c for c in report["cases"] if any(
                f["rule"] == "wrong-reduction" and f.get("fix") for f in c["findings"]) and any(
                g.get("plot") and 6 <= g["elements"] <= 200 for g in c["gradients"]))
        go_to(driver, report, entry["file"])
        time.sleep(0.3)
        height = min(2600, driver.execute_script("return document.documentElement.scrollHeight") + 20)
        driver.set_window_size(1400, height)
        driver.save_screenshot(os.path.join(folder, f"{name}.png"))
        driver.set_window_size(1400, 1000)


def main():
    tool, root = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        html, report = make_reports(tool, root, folder)
        report = json.loads(html.read_text().split('id="report">')[1].split("</script>")[0])
        driver = browser()
        driver.set_script_timeout(300)
        try:
            size_and_time(driver, html)
            filters(driver, report)
            keyboard(driver)
            every_plot(driver, report)
            has_names(driver)
            themes(driver)
            every_case(driver, report)
            no_console_messages(driver, "cases")
            if len(sys.argv) > 3:
                screenshots(driver, report, sys.argv[3])
            hostile(driver, tool, folder)
            merged(driver, tool, root, folder)
        finally:
            driver.quit()
    print("html report:", "ok" if not failures else f"{len(failures)} failures")
    return 1 if failures else 0


sys.exit(main())
