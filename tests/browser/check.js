// Opens files in Chromium without a network, and prints what it finds in each as a line of JSON: how long the file took to
// open, the violations of the rules of accessibility, the requests and errors of the page, and its width.
//
// Usage: node check.js CHROMIUM MODULES OPTIONS FILE..., where OPTIONS is JSON: `widths`, `schemes`, `print`, `shots`.

const path = require("node:path");
const { pathToFileURL } = require("node:url");

const [chromium, modules, given, ...files] = process.argv.slice(2);
const options = JSON.parse(given);
const playwright = require(path.join(modules, "playwright-core"));
const axe = require(path.join(modules, "axe-core"));

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

async function look(browser, file, width, scheme) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, offline: true });
  const page = await context.newPage();
  const [problems, requests] = [[], []];
  page.on("console", (message) => problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  const began = performance.now();
  await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
  // Two frames: what is in view is laid out and painted.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const milliseconds = Math.round(performance.now() - began);
  const found = { file, width, scheme, milliseconds, problems, requests: requests.length };
  found.scrolls = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  found.elements = await page.evaluate(() => document.getElementsByTagName("*").length);
  if (options.shots) {
    await page.screenshot({ path: path.join(options.shots, `${path.basename(file)}-${width}-${scheme}.png`), fullPage: options.full !== false });
  }
  if (options.axe !== false) {
    // The policy of the page allows no script, so the rules come from the debugger.
    const session = await context.newCDPSession(page);
    const evaluate = (expression) => session.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    await evaluate(`${axe.source};0`);
    const run = `axe.run(document, { runOnly: ${JSON.stringify(TAGS)} }).then((found) => JSON.stringify(found.violations.map(
      (rule) => [rule.id, rule.help, rule.nodes.slice(0, 3).map((node) => node.html.slice(0, 200) + " " + node.failureSummary)])))`;
    const answer = await evaluate(run);
    found.violations = JSON.parse(answer.result.value ?? "null");
    found.failure = answer.exceptionDetails?.exception?.description;
  }
  if (options.keys) {
    found.keys = await keys(page);
  }
  if (options.print && width === options.widths[0] && scheme === "light") {
    await page.pdf({ path: path.join(options.shots, `${path.basename(file)}.pdf`), format: "A4" });
  }
  await context.close();
  return found;
}

// Presses Tab until the focus comes back, and says what had it.
async function keys(page) {
  const names = [];
  for (let count = 0; count < 200; count += 1) {
    await page.keyboard.press("Tab");
    const name = await page.evaluate(() => {
      const { tagName, textContent } = document.activeElement;
      return `${tagName} ${textContent.trim().slice(0, 40)}`;
    });
    if (name.startsWith("BODY") || name === names[0]) break;
    names.push(name);
  }
  return names;
}

async function main() {
  const args = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"];
  const browser = await playwright.chromium.launch({ executablePath: chromium, args, chromiumSandbox: false });
  for (const file of files) {
    for (const width of options.widths) {
      for (const scheme of options.schemes) {
        console.log(JSON.stringify(await look(browser, file, width, scheme)));
      }
    }
  }
  await browser.close();
}

main();
