// Shows the seeds of the report a few at a time, as they come into sight, and only those that the filters let through.
(() => {
  const rules = JSON.parse(document.getElementById("rules").textContent);
  const seeds = JSON.parse(document.getElementById("data").textContent);
  const list = document.getElementById("seeds");
  const count = document.getElementById("count");
  const more = document.getElementById("more");
  const left = document.getElementById("left");
  const form = document.getElementById("filters");
  const fold = document.getElementById("fold");
  const note = document.getElementById("one");
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
    if (documented.url) block.append(element("p", {}, element("a", { href: documented.url, rel: "noreferrer" }, `The page on ${rule}`)));
    return [block];
  };

  // The address of the page with these filters and no others.
  const address = (wanted) => `#${new URLSearchParams(Object.entries(wanted).filter(([, value]) => value))}`;

  const link = (wanted, title) => element("a", { className: "link", href: address(wanted), "aria-label": `Link to ${title}` }, "#");

  const excerpt = (finding, seed) => {
    if (!finding.extent) return element("div", { className: "excerpt", lang: seed.lang }, ...pieces(finding.excerpt, "mark"));
    const lines = finding.extent.map((line) => element("div", {}, ...pieces(line, "mark")));
    return element("div", { className: "excerpt", lang: seed.lang }, ...lines);
  };

  // A finding below its seed, or below its rule.
  const findingItem = (finding, seed, isBelowRule) => {
    const head = element("h4", {}, `${finding.at}  `, element("span", { className: `severity ${finding.severity}` }, finding.severity),
      isBelowRule ? "  " : `  ${finding.rule}`, ...(isBelowRule ? [element("bdi", {}, seed.path)] : []));
    if (finding.until) head.append(element("small", {}, `  to line ${finding.until.toLocaleString("en")}`));
    if (finding.whole) head.append(element("small", {}, "  (the whole seed)"));
    if (finding.status) head.append(element("small", {}, `  ${finding.status}`));
    if (finding.new) head.append(element("span", { className: "new" }, "  new"));
    const place = { seed: seed.path, at: finding.at, of: finding.rule };
    const item = element("li", {}, head, element("p", {}, finding.message));
    item.dataset.place = `${finding.at} ${finding.rule}`;
    if (finding.extent || finding.excerpt) item.append(excerpt(finding, seed));
    item.append(...beside(finding, seed));
    for (const related of finding.related || []) item.append(element("p", { className: "faint" }, `also at ${related}`));
    if (finding.fix) {
      item.append(element("p", {}, `${meanings[finding.fix.applicability]}: ${finding.fix.title}`));
      if (finding.fix.before) {
        item.append(element("div", { className: "sides" }, side("before", finding.fix.before, "del", seed.lang),
          side("after", finding.fix.after, "ins", seed.lang)));
      }
    }
    if (!isBelowRule) item.append(...nextStep(finding.rule, seed.file), ...explained(finding.rule));
    item.append(element("p", {}, element("a", { className: "faint", href: address(place) }, "Link to this finding")));
    return item;
  };

  // The other seed that a finding is about: both side by side, made when they are asked for, or where in the report they are.
  const paths = new Set(seeds.map((seed) => seed.path));
  const named = (path) => (paths.has(path) ? element("a", { href: address({ seed: path }) }, element("bdi", {}, path)) : element("bdi", {}, path));
  const beside = (finding, seed) => {
    const pair = (seed.pairs || []).find((each) => each.there === finding.other);
    if (!pair) return [];
    if (!pair.fields) return [element("p", {}, "Shown side by side at ", named(pair.there))];
    const block = element("details", { className: "beside" }, element("summary", {}, "Side by side with ", element("bdi", {}, pair.there)));
    block.addEventListener("toggle", () => {
      if (block.open && block.children.length === 1) block.append(pairTable(element, pair, [named(seed.path), named(pair.there)], seed.lang));
    });
    return [block];
  };

  const nextStep = (rule, file) => {
    const next = rules[rule] && rules[rule].next;
    return next ? [element("p", {}, "Next: ", ...prose(file ? next.replaceAll("FILE", () => file) : next))] : [];
  };

  // Findings of one seed or one rule; of those after the first few, a button shows more.
  const findingList = (item, first, rest, isBelowRule, whose) => {
    const made = ([finding, seed]) => findingItem(finding, seed, isBelowRule);
    const listed = element("ul", { className: "findings" }, ...first.map(made));
    item.append(listed);
    if (!rest.length) return;
    const said = () => `Show ${plural(rest.length, "more finding", "more findings")} of this ${whose}`;
    const button = element("button", { type: "button" }, said());
    button.addEventListener("click", () => {
      const next = rest.slice(0, 200);
      rest = rest.slice(200);
      const at = listed.children.length;
      listed.append(...next.map(made));
      listed.children[at].tabIndex = -1;
      listed.children[at].focus();
      if (rest.length) button.textContent = said(); else button.remove();
    });
    item.append(button);
  };

  // A seed or a rule with its findings, which can be folded.
  const group = (title, wanted, ...about) => {
    const button = element("button", { type: "button", className: "fold", "aria-label": `Findings of ${title}` });
    const item = element("li", {}, element("h3", {}, element("bdi", {}, title)), ...about);
    item.prepend(element("div", { className: "headed" }, button, link(wanted, title)));
    const set = (isOpen) => {
      button.setAttribute("aria-expanded", String(isOpen));
      for (const part of item.querySelectorAll(":scope > .findings, :scope > button")) part.hidden = !isOpen;
    };
    button.addEventListener("click", () => set(button.getAttribute("aria-expanded") !== "true"));
    item.fold = set;
    return item;
  };

  const seedItem = (seed, wanted) => {
    const about = element("p", { className: "about faint" });
    if (seed.verdict) {
      about.append(element("span", { className: `verdict ${seed.verdict}` }, seed.verdict),
        element("span", {}, meanings[seed.verdict]), element("span", {}, `source: ${seed.source || "not identified"}${seed.layout ? `, layout ${seed.layout}` : ""}`));
    } else {
      about.append("not a seed: a sidecar without its seed");
    }
    const item = group(seed.path, { seed: seed.path }, about);
    if (seed.fault) item.append(element("p", {}, `Fault of the program: ${seed.fault}`));
    const seen = {}, first = [], rest = [];
    for (const finding of seed.findings.filter(wanted)) {
      seen[finding.rule] = (seen[finding.rule] || 0) + 1;
      (seen[finding.rule] <= OF_A_RULE || isTarget(finding) ? first : rest).push([finding, seed]);
    }
    if (first.length) findingList(item, first, rest, false, "seed");
    item.fold(!folded);
    return item;
  };

  const ruleItem = (rule, found) => {
    const number = new Set(found.map(([, seed]) => seed)).size;
    const about = element("p", { className: "about faint" }, element("span", {}, plural(found.length, "finding", "findings")),
      element("span", {}, `in ${plural(number, "seed", "seeds")}`));
    const item = group(rule, { rule, group: "rule" }, about, ...nextStep(rule), ...explained(rule));
    findingList(item, found.slice(0, OF_A_RULE), found.slice(OF_A_RULE), true, "rule");
    item.fold(!folded);
    return item;
  };

  // --- what is shown

  let one = "", target = "", folded = false;
  const isTarget = (finding) => target !== "" && `${finding.at} ${finding.rule}` === target;
  const FIELDS = ["source", "verdict", "rule", "severity", "text", "group"], TICKS = ["all", "quiet", "new"];

  // Filters are in the address, so that a view can be linked to.
  const tell = () => {
    const wanted = Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value]));
    for (const name of TICKS) if (form.elements[name] && form.elements[name].checked) wanted[name] = "yes";
    if (one) wanted.seed = one;
    if (target) [wanted.at, wanted.of] = target.split(/ (.*)/s);
    const told = address(wanted);
    if (told !== (location.hash || "#")) history.replaceState(null, "", told === "#" ? location.pathname + location.search : told);
  };

  const listen = () => {
    if (location.hash && !location.hash.includes("=")) return;  // a place on the page
    const wanted = new URLSearchParams(location.hash.slice(1));
    for (const name of FIELDS) {
      form.elements[name].value = wanted.get(name) || "";
      if (form.elements[name].selectedIndex === -1) form.elements[name].value = "";
    }
    for (const name of TICKS) if (form.elements[name]) form.elements[name].checked = wanted.has(name);
    one = wanted.get("seed") || "";
    target = wanted.has("at") ? `${wanted.get("at")} ${wanted.get("of") || ""}` : "";
    filter();
    const found = target && [...list.querySelectorAll("li[data-place]")].find((item) => item.dataset.place === target);
    if (found) {
      found.classList.add("target");
      found.tabIndex = -1;
      found.focus();
      found.scrollIntoView({ block: "center" });
    }
  };

  let waiting = 0;
  const filter = () => {
    clearTimeout(waiting);  // else the list would be made anew once more, under whoever has gone on into it
    const value = (name) => form.elements[name].value;
    const [source, verdict, rule, severity] = ["source", "verdict", "rule", "severity"].map(value);
    const words = value("text").trim().toLowerCase();
    const all = form.elements.all.checked;
    const onlyNew = form.elements.new && form.elements.new.checked;
    const open = (finding) => (all || !finding.status) && (!onlyNew || finding.new);
    const fits = (finding) => open(finding) && (!rule || finding.rule === rule) && (!severity || finding.severity === severity);
    const says = (finding) => finding.message.toLowerCase().includes(words) || finding.rule.includes(words) ||
      (finding.excerpt || []).map(([text]) => text).join("").toLowerCase().includes(words);
    const quiet = form.elements.quiet.checked;
    chosen = [];
    let findings = 0;
    tell();
    note.hidden = !one;
    note.firstElementChild.textContent = one;
    for (const seed of seeds) {
      if (one && seed.path !== one) continue;
      if (source && (!seed.verdict || (seed.source || "-") !== source)) continue;
      if (verdict && seed.verdict !== verdict) continue;
      const named = !words || `${seed.path}\n${seed.fault || ""}`.toLowerCase().includes(words);
      const wanted = named ? fits : (finding) => fits(finding) && says(finding);
      const number = seed.findings.reduce((sum, finding) => sum + (wanted(finding) ? 1 : 0), 0);
      const loud = number > 0 || ((one || seed.verdict !== "valid") && !rule && !severity && !onlyNew && named);
      if (!loud && !(quiet && named && !rule && !severity && !onlyNew)) continue;
      findings += number;
      chosen.push([seed, wanted]);
    }
    const strays = chosen.filter(([seed]) => !seed.verdict).length;
    const listed = [plural(chosen.length - strays, "seed", "seeds")];
    if (strays) listed.push(plural(strays, "sidecar without a seed", "sidecars without a seed"));
    if (value("group") === "rule") {
      const found = new Map();
      for (const [seed, wanted] of chosen) {
        for (const finding of seed.findings.filter(wanted)) {
          if (!found.has(finding.rule)) found.set(finding.rule, []);
          found.get(finding.rule).push([finding, seed]);
        }
      }
      const rank = ["error", "warning", "info"];
      const weight = (entry) => Math.min(...entry[1].map(([finding]) => rank.indexOf(finding.severity)));
      chosen = [...found].map((entry) => [...entry, weight(entry)]).sort((a, b) => a[2] - b[2] || b[1].length - a[1].length);
      listed.unshift(`${plural(chosen.length, "rule", "rules")} in ${listed.shift()}`);
    }
    count.textContent = chosen.length ? `${listed.join(" and ")}, ${plural(findings, "finding", "findings")}` : "Nothing to show here.";
    list.replaceChildren();
    shown = 0;
    show(AT_A_TIME);
  };

  const show = (number) => {
    const until = Math.min(chosen.length, shown + number);
    const items = [];
    const made = form.elements.group.value === "rule" ? ruleItem : seedItem;
    for (; shown < until; shown += 1) items.push(made(...chosen[shown]));
    list.append(...items);
    more.hidden = shown >= chosen.length;
    const unseen = made === ruleItem ? plural(chosen.length - shown, "rule is", "rules are") : plural(chosen.length - shown, "seed is", "seeds are");
    more.textContent = `Show more (${unseen} not shown yet)`;
    left.textContent = more.hidden ? "" : `${unseen} not printed. Filter the list to print the others.`;
  };

  const narrow = () => { one = target = ""; clearTimeout(waiting); waiting = setTimeout(filter, 120); };
  form.addEventListener("input", narrow);
  form.elements.group.addEventListener("input", narrow);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    const grouped = form.elements.group.value;
    setTimeout(() => { form.elements.group.value = grouped; one = target = ""; filter(); }, 0);
  });
  note.querySelector("button").addEventListener("click", () => { one = target = ""; filter(); count.focus(); });
  fold.addEventListener("click", () => {
    folded = !folded;
    fold.setAttribute("aria-pressed", String(folded));
    for (const item of list.children) item.fold(!folded);
  });
  addEventListener("hashchange", listen);
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
  listen();
  if (!shown) filter();
  document.documentElement.dataset.ready = "yes";
})();
