"use strict";
// Shows the seeds of the report a few at a time, as they come into sight, and only those that the filters let through.
(() => {
  const rules = JSON.parse(document.getElementById("rules").textContent);
  const seeds = JSON.parse(document.getElementById("data").textContent);
  const list = document.getElementById("seeds");
  const count = document.getElementById("count");
  const more = document.getElementById("more");
  const left = document.getElementById("left");
  const form = document.getElementById("filters");
  const AT_A_TIME = 20, OF_A_RULE = 10, PRINTED = 1000;
  const meanings = JSON.parse(document.getElementById("words").textContent);
  let chosen = [], shown = 0;

  const element = (name, properties, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(properties || {})) {
      if (key === "lang" || key.startsWith("aria-")) { if (value) made.setAttribute(key, value); } else { made[key] = value; }
    }
    made.append(...children);
    return made;
  };
  const plural = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

  // Text in which commands stand between backquotes.
  const prose = (text) => text.split("`").map((part, at) => (at % 2 ? element("code", {}, part) : document.createTextNode(part)));

  // A line in pieces: text, and whether it is marked.
  const pieces = (line, tag) => line.map(([text, marked]) => (marked ? element(tag, {}, text) : document.createTextNode(text)));

  const side = (title, lines, tag, lang) => element("div", {}, element("span", {}, title),
    ...(lines.length ? lines : [[["(removed)", 0]]]).map((line) => element("div", { className: "change", lang }, ...pieces(line, tag))));

  const explained = (rule) => {
    const documented = rules[rule];
    if (!documented) return [];
    const block = element("details", {}, element("summary", {}, `About ${rule}`));
    for (const paragraph of documented.about) block.append(element("p", {}, ...prose(paragraph)));
    return [block];
  };

  const findingItem = (finding, seed) => {
    const head = element("h4", {}, `${finding.at}  `, element("span", { className: `severity ${finding.severity}` }, finding.severity),
      `  ${finding.rule}`);
    if (finding.whole) head.append(element("small", {}, "  (the whole seed)"));
    if (finding.status) head.append(element("small", {}, `  ${finding.status}`));
    const item = element("li", {}, head, element("p", {}, finding.message));
    if (finding.excerpt) item.append(element("div", { className: "excerpt", lang: seed.lang }, ...pieces(finding.excerpt, "mark")));
    for (const related of finding.related || []) item.append(element("p", { className: "faint" }, `also at ${related}`));
    if (finding.fix) {
      item.append(element("p", {}, `${meanings[finding.fix.applicability]}: ${finding.fix.title}`));
      if (finding.fix.before) {
        item.append(element("div", { className: "sides" }, side("before", finding.fix.before, "del", seed.lang),
          side("after", finding.fix.after, "ins", seed.lang)));
      }
    }
    const next = rules[finding.rule] && rules[finding.rule].next;
    if (next) item.append(element("p", {}, "Next: ", ...prose(next)));
    item.append(...explained(finding.rule));
    return item;
  };

  const seedItem = (seed, wanted) => {
    const item = element("li", {}, element("h3", {}, element("bdi", {}, seed.path)));
    const about = element("p", { className: "about faint" });
    if (seed.verdict) {
      about.append(element("span", { className: `verdict ${seed.verdict}` }, seed.verdict),
        element("span", {}, meanings[seed.verdict]), element("span", {}, `source: ${seed.source || "not identified"}${seed.layout ? `, layout ${seed.layout}` : ""}`));
    } else {
      about.append("not a seed: a sidecar without its seed");
    }
    item.append(about);
    if (seed.fault) item.append(element("p", {}, `Fault of the program: ${seed.fault}`));
    const findings = seed.findings.filter(wanted);
    if (!findings.length) return item;
    const listed = element("ul", { className: "findings" });
    const seen = {};
    let rest = [];
    for (const finding of findings) {
      seen[finding.rule] = (seen[finding.rule] || 0) + 1;
      if (seen[finding.rule] <= OF_A_RULE) listed.append(findingItem(finding, seed)); else rest.push(finding);
    }
    item.append(listed);
    if (rest.length) {
      const button = element("button", { type: "button" }, `Show ${plural(rest.length, "more finding", "more findings")} of this seed`);
      button.addEventListener("click", () => {
        const next = rest.slice(0, 200);
        rest = rest.slice(200);
        const first = listed.children.length;
        listed.append(...next.map((finding) => findingItem(finding, seed)));
        listed.children[first].tabIndex = -1;
        listed.children[first].focus();
        if (rest.length) button.textContent = `Show ${plural(rest.length, "more finding", "more findings")} of this seed`;
        else button.remove();
      });
      item.append(button);
    }
    return item;
  };

  let waiting = 0;
  const filter = () => {
    clearTimeout(waiting);  // else the list would be made anew once more, under whoever has gone on into it
    const value = (name) => form.elements[name].value;
    const [source, verdict, rule, severity] = ["source", "verdict", "rule", "severity"].map(value);
    const words = value("text").trim().toLowerCase();
    const all = form.elements.all.checked;
    const open = (finding) => all || !finding.status;
    const fits = (finding) => open(finding) && (!rule || finding.rule === rule) && (!severity || finding.severity === severity);
    const says = (finding) => finding.message.toLowerCase().includes(words) || finding.rule.includes(words) ||
      (finding.excerpt || []).map(([text]) => text).join("").toLowerCase().includes(words);
    const quiet = form.elements.quiet.checked;
    chosen = [];
    let findings = 0;
    for (const seed of seeds) {
      if (source && (!seed.verdict || (seed.source || "-") !== source)) continue;
      if (verdict && seed.verdict !== verdict) continue;
      const named = !words || `${seed.path}\n${seed.fault || ""}`.toLowerCase().includes(words);
      const wanted = named ? fits : (finding) => fits(finding) && says(finding);
      const number = seed.findings.reduce((sum, finding) => sum + (wanted(finding) ? 1 : 0), 0);
      const loud = number > 0 || (seed.verdict !== "valid" && !rule && !severity && named);
      if (!loud && !(quiet && named && !rule && !severity)) continue;
      findings += number;
      chosen.push([seed, wanted]);
    }
    const strays = chosen.filter(([seed]) => !seed.verdict).length;
    const listed = [plural(chosen.length - strays, "seed", "seeds")];
    if (strays) listed.push(plural(strays, "sidecar without a seed", "sidecars without a seed"));
    count.textContent = chosen.length ? `${listed.join(" and ")}, ${plural(findings, "finding", "findings")}` : "Nothing to show here.";
    list.replaceChildren();
    shown = 0;
    show(AT_A_TIME);
  };

  const show = (number) => {
    const until = Math.min(chosen.length, shown + number);
    const items = [];
    for (; shown < until; shown += 1) items.push(seedItem(...chosen[shown]));
    list.append(...items);
    more.hidden = shown >= chosen.length;
    const unseen = plural(chosen.length - shown, "seed is", "seeds are");
    more.textContent = `Show more (${unseen} not shown yet)`;
    left.textContent = more.hidden ? "" : `${unseen} not printed. Filter the list to print the others.`;
  };

  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 120); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter, 0));
  more.addEventListener("click", () => {
    const first = shown;
    show(AT_A_TIME);
    if (list.children[first]) { list.children[first].tabIndex = -1; list.children[first].focus(); }
  });
  new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting) && !more.hidden) show(AT_A_TIME);
  }, { rootMargin: "1500px" }).observe(more);
  for (const button of document.querySelectorAll("button[data-filter]")) {
    button.addEventListener("click", () => {
      form.reset();
      form.elements[button.dataset.filter].value = button.dataset.value;
      document.getElementById("seeds-heading").focus();
    });
  }
  addEventListener("beforeprint", () => show(PRINTED - shown));
  filter();
  document.documentElement.dataset.ready = "yes";
})();
