import { $, Refused, asking, button, closing, count, element, gapPiece, key, singleKeys, unseen } from "./common.js";
import { pairing } from "./pairs.js";

// The page of `validator review`: it shows what the program found in seeds, and sends it the curator's decisions. The text of a seed
// is only ever inserted as text. Nothing is decided here.
(() => {
  const main = $("main");
  const SIGN = { error: "✖", warning: "▲", info: "●" };
  const BASIS = { stated: "¶ stated in the text", derived: "≈ derived from the text", assigned: "§ assigned by the schema", attested: "✓ attested" };
  const LABEL = { headline: "Headline", byline: "Byline", byline_kind: "Kind of byline", date_published: "Date", dateline: "Dateline",
    agency: "Agency", publisher: "Publisher", source_url: "Address", language: "Language", source: "Source", body: "Body" };
  const HINT = {
    headline: "As on the publisher's page or in print.",
    date_published: "YYYY-MM-DD, or with the time: YYYY-MM-DDTHH:MM, followed by a time zone such as +08:00 if it is known.",
    dateline: "The place, as written before the text.", source_url: "https://…", language: "A language tag: en, zh-Hans, ru …",
    source: "The source that the seed comes from. The seed is checked against the schema of this source.",
  };
  const KEYS = [
    ["j / k", "next, previous finding (in a list: next, previous line)"], ["J / K", "next, previous seed"],
    ["y", "carry out the proposal; if there is none, fill in what is missing, or compare with the other seed"], ["n", "right as it is: go to the field for the reason, and press Enter to accept"],
    ["a", "show all similar findings of this source"], ["s", "show the safe repairs of this seed"], ["u / r", "undo, redo the last decision"],
    ["t", "go to the text"], ["q", "back to the queue"], ["?", "this list"],
  ];
  const SIGNS = [["✖", "error"], ["▲", "warning"], ["●", "info"], ["‸", "something is missing here"], ["¶ ≈ § ✓", "a value is stated in the text, derived from it, assigned by the schema, attested"]];

  let state = { sources: [], fields: [], byline_kinds: [], by: "", token: "" };
  let shown = null;        // the seed that is shown
  let chosen = 0;          // which of its findings
  let wish = new URLSearchParams();
  let busy = false;
  let view = 0;            // counts views, so that an answer that comes late is dropped

  const severity = (name) => element("span", { className: `severity ${name}` }, element("span", { className: "sign", "aria-hidden": "true" }, `${SIGN[name]} `), element("span", { className: "word" }, name));
  const prose = (text) => text.split("`").map((part, at) => (at % 2 ? element("code", {}, part) : part));

  const { ask, tell } = asking(() => state.token, (said) => { if (said.progress) showProgress(said); });

  const showProgress = (said) => {
    const { progress } = said;
    const all = progress.decided + progress.open;
    $("progress").max = Math.max(all, 1);
    $("progress").value = progress.decided;
    const looking = progress.problem ? "; the search ended early" : progress.complete ? "" : progress.looked < progress.seeds ? `; looked at ${progress.looked.toLocaleString("en")} of ${count(progress.seeds, "seed")} …`
      : "; comparing the seeds with each other …";
    $("progress-said").textContent = `${progress.decided.toLocaleString("en")} of ${all.toLocaleString("en")} decided${looking}`;
    for (const name of ["undo", "redo"]) {
      $(name).disabled = !said[name];
      $(name).title = said[name] || "";
    }
    state.progress = progress;
  };

  let saying = 0;
  const say = (text) => {
    $("status").textContent = text;
    clearTimeout(saying);
    saying = setTimeout(() => { $("status").textContent = ""; }, 7000);
  };
  const complain = (text) => { $("alert").replaceChildren(...(text ? [element("span", {}, ...prose(text[0].toUpperCase() + text.slice(1) + "."))] : [])); fit(); };
  const fit = () => document.documentElement.style.setProperty("--bar", `${Math.ceil(main.getBoundingClientRect().top + window.scrollY)}px`);

  const complainOf = (seeds) => {
    const left = Object.entries(seeds);
    if (left.length) complain(`${count(left.length, "seed")} left as they are: ${left.slice(0, 3).map(([name, why]) => `${name}: ${why}`).join("; ")}`);
  };

  const trouble = (error) => {
    if (!(error instanceof Refused)) throw error;
    complain(error.message);
  };

  // A decision: told, and what comes of it shown. One at a time.
  const decide = async (path, what, then) => {
    if (busy) return false;
    if (!state.by && !(await askName())) return false;
    busy = true;
    document.body.setAttribute("aria-busy", "true");
    try {
      const said = await tell(path, what);
      complain("");
      complainOf(said.left || {});
      if (then) await then(said);
      say(`Done: ${said.done}.`);
      return true;
    } catch (error) {
      if (error instanceof Refused && error.status === 409) {
        const before = shown;
        if (shown) await openSeed(shown.key, true);
        complain(`${error.message}. Nothing was written. The page shows the new version${before && shown ? meanwhile(before, shown) : ""}`);
      } else if (error instanceof Refused && error.kind === "name") {
        state.by = "";
        complain(error.message);
      } else trouble(error);
      return false;
    } finally {
      busy = false;
      document.body.removeAttribute("aria-busy");
    }
  };

  // What was written before in this sitting is offered while the curator writes; no field is ever filled in.
  const earlier = { reasons: [], bases: [] };  // what the curator wrote, by the rule or the field that it was about
  const offer = (list, text, about) => {
    if (!text) return;
    earlier[list] = [{ about, text }, ...earlier[list].filter((each) => each.text !== text || each.about !== about)];
    paintOffers();
  };
  const paintOffers = () => {
    for (const list of ["reasons", "bases"]) $(list).replaceChildren(...[...new Set(earlier[list].map((each) => each.text))].map((text) => element("option", { value: text })));
  };
  const recall = async () => {
    if (!state.by) return;
    try {
      const said = await ask("earlier");
      for (const list of ["reasons", "bases"]) {
        const known = new Set(earlier[list].map((each) => `${each.about} ${each.text}`));
        earlier[list].push(...said[list].filter((each) => !known.has(`${each.about} ${each.text}`)));
      }
      paintOffers();
      const field = shown && main.querySelector(".card.current [name=reason]");
      if (field && !field.value && document.activeElement !== field) choose(chosen, "stay");
    } catch (error) { trouble(error); }
  };
  // Buttons that put earlier words into a field: those about the same thing first.
  const chips = (list, about, field) => {
    const order = [...earlier[list]].sort((one, other) => (other.about === about) - (one.about === about));
    const texts = [...new Set(order.map((each) => each.text))].slice(0, 3);
    if (!texts.length) return null;
    return element("div", { className: "chips" }, element("span", { className: "label" }, "You wrote before:"), ...texts.map((text) =>
      button(text, () => { field.value = text; field.dispatchEvent(new Event("input", { bubbles: true })); field.focus(); }, { className: "small" })));
  };

  // --- dialogs ---

  closing();

  let named = null;
  const askName = () => new Promise((resolve) => {
    named = resolve;
    $("name-problem").textContent = "";
    $("name-dialog").showModal();
  });
  $("name-dialog").addEventListener("close", () => { if (named) named(Boolean(state.by)); named = null; });
  $("name-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      state.by = (await tell("name", { by: $("name-input").value })).by;
      $("name-dialog").close();
      recall();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      $("name-problem").textContent = error.message;
    }
  });

  $("keylist").append(...KEYS.flatMap(([keys, what]) => [element("dt", {}, element("kbd", {}, keys)), element("dd", {}, what)]));
  $("signs").append(...SIGNS.flatMap(([sign, what]) => [element("dt", {}, sign), element("dd", {}, what)]));
  const showHelp = () => $("help").showModal();
  $("help-button").addEventListener("click", showHelp);

  // --- undo and redo ---

  const again = async (path) => {
    if (busy) return;
    busy = true;
    try {
      const said = await tell(path, {});
      complain("");
      if (shown && (said.keys.includes(shown.key) || !said.keys.length)) await openSeed(shown.key, true);
      else if (shown && said.keys.length === 1) location.hash = seedHash(said.keys[0]);
      else await show();
      say(`${path === "undo" ? "Undone" : "Done again"}: ${said.done}.`);
    } catch (error) {
      if (shown) await openSeed(shown.key, true);
      trouble(error);
    } finally { busy = false; }
  };
  $("undo").addEventListener("click", () => again("undo"));
  $("redo").addEventListener("click", () => again("redo"));

  // --- addresses ---

  const queueHash = () => (wish.size ? `#/?${wish}` : "#/");
  const seedHash = (seed, rule) => {
    const query = new URLSearchParams([...wish, ...(rule ? [["at", rule]] : [])]);
    return `#/seed/${seed}${query.size ? `?${query}` : ""}`;
  };

  const show = async () => {
    const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
    const [what, which, other] = path.split("/");
    wish = new URLSearchParams(query || "");
    const at = wish.get("at");  // the rule of the finding to show
    wish.delete("at");
    $("home").href = queueHash();
    shown = null;
    view += 1;
    complain("");
    try {
      if (what === "seed") await openSeed(which, false, at);
      else if (what === "alike") await openAlike(which);
      else if (what === "pair") await openPair(which, other);
      else if (what === "safe") await openSafe();
      else await openQueue();
    } catch (error) {
      if (error instanceof Refused) {
        document.title = "Not shown – Review";
        main.replaceChildren(element("div", { className: "queue" }, element("h1", { tabIndex: -1 }, what === "seed" && error.status ? "This seed cannot be decided on here" : "This cannot be shown now"),
          element("p", {}, ...prose(error.message)), element("p", { className: "buttons" }, button("Try again", show), element("a", { href: queueHash() }, "Back to the queue"))));
        focusHeading();
      }
      trouble(error);
    }
    fit();
  };
  window.addEventListener("hashchange", show);
  window.addEventListener("resize", fit);
  const focusHeading = () => { const heading = main.querySelector("h1"); if (heading) heading.focus({ preventScroll: true }); };

  // --- the queue ---

  const matterLine = (matter, which) => element("button", { type: "button", className: "plain", on: { click: () => { location.hash = seedHash(which, matter.rule); } } },
    severity(matter.severity), ` ${matter.rule}${matter.title ? `: ${matter.title}` : ""}${matter.number > 1 ? ` (${matter.number.toLocaleString("en")})` : ""}`);
  const sourceName = (source) => source || "not identified";

  const groupRow = (group) => element("tr", { className: "row-link", on: { click: (event) => { if (!event.target.closest("a")) event.currentTarget.querySelector("a").click(); } } }, element("td", {}, severity(group.severity)),
    element("th", { scope: "row" }, element("a", { href: `#/alike/${group.key}${wish.size ? `?${wish}` : ""}` }, group.rule), group.title ? `: ${group.title}` : ""),
    element("td", {}, sourceName(group.source)), element("td", { className: "number" }, group.seeds.toLocaleString("en")),
    element("td", { className: "number" }, group.findings.toLocaleString("en")));

  // A filter is a list of its values, each with the number of seeds that it leaves.
  const KIND = { proposal: "a proposed fix", value: "a value to confirm", other: "no proposal: accept, or edit" };
  const FACETS = [["source", "Source", (value) => sourceName(value === "-" ? "" : value)], ["rule", "Rule", (value) => value], ["kind", "Kind of fix", (value) => KIND[value] || value]];
  const facet = (name, label) => element("label", {}, label, element("select", { name }));
  const fillFacets = (form, facets) => {
    for (const [name, , words] of FACETS) {
      const wanted = wish.get(name) || "";
      form.querySelector(`[name=${name}]`).replaceChildren(element("option", { value: "" }, "all"),
        ...facets[name].map(([value, seeds]) => element("option", { value, selected: value === wanted }, `${words(value)} (${seeds.toLocaleString("en")})`)));
    }
  };

  const openQueue = async () => {
    const mine = view;
    const said = await ask("queue", { ...Object.fromEntries(wish), offset: wish.get("offset") || "0" });
    if (mine !== view) return;
    document.title = "Queue – Review";
    const form = element("form", { className: "filters", role: "search", "aria-label": "Filter the queue", on: { submit: (event) => event.preventDefault() } },
      ...FACETS.map(([name, label]) => facet(name, label)),
      element("label", {}, "Text", element("input", { type: "search", name: "text", value: wish.get("text") || "", placeholder: "name, rule, proposal", autocomplete: "off" })),
      button("Show all", () => { wish = new URLSearchParams(); location.hash = "#/"; if (!location.hash || location.hash === "#/") show(); }));
    let typing = 0;
    const filter = () => {
      for (const [name, value] of new FormData(form)) if (value) wish.set(name, value); else wish.delete(name);
      wish.delete("offset");
      history.replaceState(null, "", queueHash());
      $("home").href = queueHash();
      fill();
    };
    form.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(filter, 150); });
    const groups = element("div", { className: "table" });
    const total = element("p", { className: "count", role: "status" });
    const list = element("ol", { className: "seeds" });
    const pager = element("p", { className: "buttons" });
    const refused = element("div", {});
    const safe = element("section", { className: "safe", "aria-label": "Safe repairs" });
    let current = said;
    let all = false;

    const isFiltered = () => ["source", "rule", "kind", "text"].some((name) => wish.get(name));
    const paint = () => {
      fillFacets(form, current.facets);
      const rows = all ? current.groups : current.groups.slice(0, 8);
      groups.replaceChildren(...(rows.length ? [element("table", { className: "groups" }, element("thead", {}, element("tr", {}, ...["", "What", "Source", "Seeds", "Findings"].map((head, at) =>
        (head ? element("th", { scope: "col", className: at > 2 ? "number" : "" }, head) : element("td", {}))))), element("tbody", {}, ...rows.map(groupRow))),
        current.groups.length > rows.length ? button(`Show all ${current.groups.length + current.more_groups}`, () => { all = true; paint(); }, { className: "plain" }) : null].filter(Boolean)
        : [element("p", {}, isFiltered() ? "No decision matches the filter." : current.safe.fixes ? "There is nothing else to decide now." : state.progress.complete ? "Nothing is left to decide." : "Nothing that needs a decision was found yet.")]));
      const before = safe.contains(document.activeElement);
      safe.replaceChildren(...(current.safe.fixes ? [element("h2", {}, `First: ${count(current.safe.fixes, "safe repair")} in ${count(current.safe.seeds, "seed")}`),
        element("p", {}, "They change whitespace, line ends and quotation marks, but no words. Other findings that they settle are not listed below. Undo takes all of them back at once."),
        element("p", { className: "buttons" }, button("Carry out all", repairAll, { className: "main", id: "repair-all" }), element("a", { href: "#/safe" }, "Look at them first"))] : []));
      if (before && $("repair-all")) $("repair-all").focus();
      total.textContent = `${count(current.total, "seed")} to decide on${isFiltered() ? " that match the filter" : ""}`;
      let group = null;
      const items = [];
      for (const item of current.items) {
        const first = item.matters[item.under];
        const named = `${first.rule} ${first.title} ${item.source}`;
        if (named !== group) items.push(element("li", { className: "groupline", role: "presentation" }, severity(first.severity), ` ${first.rule}${first.title ? `: ${first.title}` : ""} · ${sourceName(item.source)}`));
        group = named;
        const go = (event) => { if (!event.target.closest("a, button") && !String(getSelection())) location.hash = seedHash(item.key); };
        items.push(element("li", { className: "row-link", on: { click: go } }, element("a", { href: seedHash(item.key) }, element("bdi", {}, item.name)),
          element("p", { className: "matters" }, element("span", { className: "faint" }, item.verdict), ...item.matters.map((matter) => matterLine(matter, item.key)))));
      }
      list.replaceChildren(...items.map((item) => { item.removeAttribute("role"); return item; }));
      const offset = current.offset, next = offset + current.items.length;
      const page = (to) => { wish.set("offset", String(to)); if (!to) wish.delete("offset"); location.hash = queueHash(); };
      pager.replaceChildren(...[offset ? button("Previous seeds", () => page(Math.max(offset - 100, 0))) : null,
        next < current.total ? button("Next seeds", () => page(next)) : null,
        current.total > current.items.length ? element("span", { className: "faint" }, `${(offset + 1).toLocaleString("en")} to ${next.toLocaleString("en")} of ${current.total.toLocaleString("en")}`) : null].filter(Boolean));
      refused.replaceChildren(...(current.refused_total ? [element("h2", {}, "Cannot be decided here"), element("p", { className: "faint" }, `${count(current.refused_total, "seed")}: they could not be read, or must not be written to. They are not counted above.`),
        element("ul", {}, ...current.refused.map((each) => element("li", {}, element("bdi", {}, each.name), `: ${each.reason}`)))] : []));
    };
    const fill = async () => {
      try {
        const found = await ask("queue", { ...Object.fromEntries(wish), offset: wish.get("offset") || "0" });
        if (mine === view) { current = found; paint(); }
      } catch (error) { trouble(error); }
    };
    main.replaceChildren(element("div", { className: "queue" },
      element("h1", { tabIndex: -1 }, "To decide"),
      element("p", { className: "faint" }, "Similar decisions are shown together. What settles the most seeds at once comes first. Open a rule to decide on all of its findings at once, or a seed to decide on everything in it."),
      safe, form, groups, element("h2", {}, "Seeds"), total, list, pager, refused));
    paint();
    refresh = () => { if (mine === view && !list.contains(document.activeElement) && window.scrollY < 300) fill(); };
  };
  let refresh = () => {};

  // All safe repairs, a part at a time, so that the page can say how far it is; together one decision.
  const repairAll = async () => {
    const left = {};
    for (let after = "", isOn = true; isOn;) {
      const isDone = await decide("repair-all", { after, goes_on: after !== "" }, (said) => {
        Object.assign(left, said.left);
        after = said.after || "";
        isOn = Boolean(after);
        if (isOn && $("repair-all")) $("repair-all").textContent = `${count(said.seeds_left, "seed")} left …`;
      });
      if (!isDone) break;
    }
    if (!main.contains($("repair-all"))) return;
    await show();
    focusHeading();
    complainOf(left);
  };

  const watch = async () => {
    if (state.progress.complete || state.progress.problem) return;
    try {
      const before = state.progress.looked;
      await ask("progress");
      if (state.progress.looked !== before || state.progress.complete) refresh();
      if (state.progress.problem) complain(state.progress.problem);
    } catch (error) { trouble(error); return; }
    setTimeout(watch, 700);
  };

  // --- a seed ---

  const decisions = () => shown.findings.filter((finding) => finding.needs);
  const listed = () => [...decisions(), ...($("others") && $("others").open ? others() : [])];
  const others = () => shown.findings.filter((finding) => !finding.needs);
  const weight = { error: 0, warning: 1, info: 2 };

  const openSeed = async (which, stays, rule) => {
    const mine = view;
    const said = await ask("seed", { key: which });
    if (mine !== view) return;
    const wanted = rule ? said.findings.filter((finding) => finding.needs).findIndex((finding) => finding.rule === rule) : 0;
    put(said, stays ? chosen : wanted);
    if (!stays) { window.scrollTo(0, 0); focusHeading(); }
  };

  const put = (seed, at) => {
    const isSame = shown && shown.key === seed.key;
    const text = main.querySelector(".text"), side = main.querySelector(".side");
    const scrolled = isSame && text ? [text.scrollTop, side.scrollTop] : [0, 0];
    const open = isSame && $("others") ? $("others").open : false;
    shown = seed;
    seed.lit = null;
    document.title = `${seed.name} – Review`;
    main.replaceChildren(element("div", { className: "seed" }, textPane(seed), sidePane(seed, open)));
    fit();
    main.querySelector(".text").scrollTop = scrolled[0];
    main.querySelector(".side").scrollTop = scrolled[1];
    chosen = Math.max(0, Math.min(at, listed().length - 1));
    choose(chosen, isSame ? "stay" : "text");
  };

  const textPane = (seed) => {
    const owners = new Map();  // of each mark: the findings that it belongs to
    const add = (mark, finding, at) => { if (mark !== null) owners.set(mark, { finding, at }); };
    seed.findings.forEach((finding, at) => { add(finding.mark, finding, at); for (const also of finding.also) add(also, finding, at); });
    const begun = new Set();
    const piece = (given) => {
      if (!Array.isArray(given)) return gapPiece(given);
      const [text, marks, what] = given;
      const inner = what ? unseen(text, what) : text;
      if (!marks.length) return inner;
      const findings = marks.filter((mark) => owners.has(mark));
      const open = findings.filter((mark) => owners.get(mark).finding.status === "open");
      const grave = open.map((mark) => owners.get(mark).finding.severity).sort((one, other) => weight[one] - weight[other])[0];
      const names = [grave ? `finding f-${grave}` : findings.length ? "f-accepted" : "", open.length > 1 ? "several" : "", !text && findings.length ? "here" : ""].join(" ").trim();
      const made = element("mark", { className: names, "data-marks": ` ${marks.join(" ")} `,
        title: open.map((mark) => `${owners.get(mark).finding.rule}: ${owners.get(mark).finding.message}`).join("\n") || null }, inner);
      const first = open.filter((mark) => !begun.has(mark));
      for (const mark of first) begun.add(mark);
      if (first.length) {
        const sign = first.map((mark) => owners.get(mark).finding.severity).sort((one, other) => weight[one] - weight[other])[0];
        made.prepend(element("span", { className: `f-sign ${sign}`, "aria-hidden": "true" }, SIGN[sign]));
      }
      if (open.length) made.addEventListener("click", () => {
        const ids = open.map((mark) => owners.get(mark).finding);
        if (ids.some((finding) => !finding.needs) && $("others")) $("others").open = true;
        const places = ids.map((finding) => listed().indexOf(finding)).filter((place) => place >= 0);
        const next = places.find((place) => place > chosen && places.includes(chosen)) ?? places[0];
        if (next !== undefined) choose(next, "card");
      });
      return made;
    };
    const rowsOf = (lines, shownPiece) => lines.map((line) => (line.s
      ? element("div", { className: "row" }, element("span", { className: "n", "aria-hidden": "true" }, String(line.n)),
        element("span", { className: "t", dir: "auto", lang: seed.language }, ...line.s.map(shownPiece)))
      : element("div", { className: "row" }, element("span", { className: "n" }), element("span", { className: "t" }, gapPiece(line)))));
    const was = (given) => {
      if (!Array.isArray(given)) return gapPiece(given);
      const inner = given[2] ? unseen(given[0], given[2]) : given[0];
      return given[1].length ? element("del", {}, inner) : inner;
    };
    const isRepaired = seed.repairs.length > 0;
    const title = element("h2", {}), body = element("div", {});
    const present = () => {
      title.textContent = seed.encoding ? `${isRepaired ? "The repaired text" : "The text as archived"}, ${count(seed.characters, "character")}, ${seed.encoding}` : "The bytes of this seed cannot be read as text";
      body.replaceChildren(...rowsOf(seed.lines, piece));
    };
    const before = async () => {
      const said = await ask("original", { key: seed.key });
      title.textContent = `The original, as it was archived, ${count(said.characters || 0, "character")}, ${said.encoding || "not readable as text"}; what was repaired is marked`;
      body.replaceChildren(...rowsOf(said.lines, was));
    };
    // Both texts beside each other, line by line; on a narrow screen below each other, and lines that are the same once.
    const side = (line, which, isSame) => {
      if (!line) return element("div", { className: "line" });
      const [sign, words, tag] = SIGNED[isSame ? " " : which];
      return element("div", { className: `line ${words}` }, element("span", { className: "n", "aria-hidden": "true" }, String(line.n)),
        element("span", { className: "which", "aria-hidden": "true" }, sign), words ? element("span", { className: "visually-hidden" }, `${which === "-" ? "original" : "repaired"}: `) : null,
        element("span", { className: "t", dir: "auto", lang: seed.language }, ...line.s.map((given) => changed(given, tag))));
    };
    const pair = (lines) => (lines.gap ? element("p", { className: "gap" }, `… ${count(lines.gap, "line")} not shown …`)
      : element("div", { className: lines.same ? "pair same" : "pair" }, side(lines.was, "-", lines.same), side(lines.is, "+", lines.same)));
    const both = async () => {
      const said = await ask("original", { key: seed.key });
      title.textContent = "The original and the repaired text, line by line; what differs is marked";
      body.replaceChildren(element("div", { className: "both diff" }, element("div", { className: "pair heads" }, element("h3", {}, "Original"), element("h3", {}, "Repaired")), ...said.pairs.map(pair)));
      const first = body.querySelector(".pair:not(.same, .heads)");
      if (first) into(first);
    };
    const versions = [["Original", before], ["Repaired", present], ["Both", both]].map(([label, show]) => button(label, async (event) => {
      const mine = event.currentTarget;
      try { await show(); } catch (error) { trouble(error); return; }
      for (const each of mine.parentNode.children) each.setAttribute("aria-pressed", String(each === mine));
    }, { className: "small", "aria-pressed": String(show === present) }));
    const repaired = isRepaired ? element("div", { className: "repaired" }, element("p", {}, element("strong", {}, "This text has been repaired."), " The original is kept."),
      element("p", { className: "buttons", role: "group", "aria-label": "Which text is shown" }, ...versions),
      element("details", {}, element("summary", {}, count(seed.repairs.length, "repair")), element("ul", {}, ...seed.repairs.map((each) => element("li", {}, `${each.when}${each.by ? `, ${each.by}` : ""}: ${each.what}`))))) : null;
    present();
    return element("section", { className: "text", tabIndex: 0, "aria-label": "The text of the seed" }, title, repaired, body);
  };

  const changed = (given, tag) => {
    if (!Array.isArray(given)) return gapPiece(given);
    const [text, marks, what] = given;
    const inner = what ? unseen(text, what) : text;
    return marks.length ? element(tag, {}, ...(text ? [inner] : [])) : inner;
  };
  // Before and after in one box: the lines that change, and those around them.
  const SIGNED = { "-": ["−", "before", "del"], "+": ["+", "after", "ins"], " ": ["", "", "span"] };
  const sides = (change, language) => element("div", { className: "change diff" }, ...change.rows.map((line) => {
    const [sign, words, tag] = SIGNED[line.sign];
    return element("div", { className: `line ${words}` }, element("span", { className: "n", "aria-hidden": "true" }, line.n ? String(line.n) : ""),
      element("span", { className: "which", "aria-hidden": "true" }, sign), words ? element("span", { className: "visually-hidden" }, `${words}: `) : null,
      element("span", { className: "t", dir: "auto", lang: language }, ...(line.s ? line.s.map((given) => changed(given, tag)) : [gapPiece(line)])));
  }));

  const fixLines = (fix, language) => [
    element("p", {}, element("strong", {}, `${fix.means}: `), fix.title),
    fix.recode ? element("p", { className: "faint" }, `The file will be written as ${fix.recode}; the text stays the same.`) : null,
    fix.lift ? element("p", {}, `The sidecar will say: ${LABEL[fix.lift.field] || fix.lift.field} ${fix.lift.value}`) : null,
    fix.change ? sides(fix.change, language) : null,
  ];

  const canCarryOut = (finding) => finding.fix && finding.fix.applicability !== "display" && finding.status === "open";

  const card = (finding, number, all) => {
    const language = shown.language;
    const head = element("h3", {}, severity(finding.severity), button(finding.rule, () => choose(listed().indexOf(finding), "text"), { className: "plain" }),
      element("span", { className: "faint" }, finding.whole ? "the whole seed" : `line ${finding.at.replace(":", ", column ")}`),
      finding.status !== "open" ? element("span", { className: "good" }, `✓ ${finding.status}`) : null,
      element("span", { className: "faint" }, `${number} of ${all}`));
    const go = (event) => {
      if (event.target.closest("a, button, input, select, label, summary, .diff") || String(getSelection())) return;
      choose(listed().indexOf(finding), "text");
    };
    return element("article", { className: "card", tabIndex: -1, on: { click: go }, "aria-label": `${finding.severity}, ${finding.rule}, ${number} of ${all}` },
      head, element("p", {}, finding.message), finding.accepted ? element("p", { className: "faint" }, `Accepted because: ${finding.accepted}`) : null, element("div", { className: "more", hidden: true, lang: "en" }));
  };

  const unfold = (finding, into) => {
    const language = shown.language, told = shown.rules[finding.rule];
    const parts = [];
    if (finding.settled) parts.push(element("p", {}, "The safe repairs of this seed settle this finding."));
    for (const related of finding.related) parts.push(element("p", { className: "faint" }, `also at line ${related.at.replace(":", ", column ")}: ${related.message}`));
    if (finding.fix) parts.push(...fixLines(finding.fix, language));
    if (finding.candidates.length && finding.status === "open") parts.push(candidates(finding));
    const acts = [];
    if (canCarryOut(finding)) acts.push(button(["Carry it out ", key("y")], () => carryOut(finding), { className: "main yes", "aria-keyshortcuts": "y" }));
    if (finding.field && finding.status === "open") {
      const field = finding.field;
      acts.push(button([`${field === "source" ? "Name the source" : `Confirm: ${LABEL[field].toLowerCase()}`} … `, canCarryOut(finding) ? "" : key("y")], () => attest(field, finding), { className: canCarryOut(finding) ? "" : "main yes" }));
    }
    if (finding.other) acts.unshift(pairs.leading(shown, finding));
    if (finding.acceptable) acts.push(button(["Right as it is ", key("n")], () => reject(finding), { className: "no", "aria-keyshortcuts": "n" }));
    if (finding.alike && (finding.alike.seeds > 1 || shown.findings.filter((each) => each.alike && each.alike.key === finding.alike.key).length > 1)) {
      acts.push(button([`All similar in this source (${count(finding.alike.seeds, "seed")}) … `, key("a")], () => alike(finding), { "aria-keyshortcuts": "a" }));
    }
    if (acts.length) parts.push(element("p", { className: "buttons" }, ...acts));
    if (finding.acceptable) {
      const reason = element("input", { name: "reason", maxLength: 500, autocomplete: "off", list: "reasons", on: { keydown: (event) => enter(event, () => reject(finding)) } });
      parts.push(element("div", { className: "reason" }, element("label", {}, "Why the text is right", reason), chips("reasons", finding.rule, reason),
        element("label", {}, "Until (may stay empty)", element("input", { name: "until", type: "date" }))));
    } else if (finding.status === "open" && finding.why) parts.push(element("p", { className: "faint" }, `Cannot be accepted: ${finding.why}.`));
    if (told && told.next) parts.push(element("p", {}, "Next: ", ...prose(told.next)));
    if (told && told.about.length) parts.push(element("details", {}, element("summary", {}, `About ${finding.rule}`), ...told.about.map((each) => element("p", {}, ...prose(each)))));
    into.replaceChildren(...parts.filter(Boolean));
  };

  // The values that can be taken: the sides of a dispute, or what looks like the missing value. Taking one opens the form with it.
  const inWords = (value) => (Array.isArray(value) ? value.join(", ") : value);
  const candidates = (finding) => element("div", { className: "candidates" },
    element("p", { className: "label" }, finding.field === "source" ? "The text looks like:" : /-disagrees?$/.test(finding.rule) ? "The text says:" : "In the text, this looks like it:"),
    element("ul", {}, ...finding.candidates.map((each) => element("li", {},
      button("Take this one", () => attest(finding.field, finding, each), { className: "small take", "aria-label": `Take this one: ${inWords(each.value)}` }),
      element("span", {}, each.mark === null ? element("bdi", {}, each.said) : lit({ value: each.said, mark: each.mark }),
        each.at ? element("span", { className: "faint" }, ` line ${each.at.replace(":", ", column ")}`) : finding.field === "source" ? "" : element("span", { className: "faint" }, " in the name of the file"),
        inWords(each.value) !== each.said ? element("span", { className: "basis" }, `is written as ${inWords(each.value)}`) : null)))));

  const sidePane = (seed, open) => {
    const needed = decisions(), rest = others();
    const heading = element("h1", { tabIndex: -1 }, element("bdi", {}, seed.name));
    const about = element("p", { className: "about" },
      element("span", { className: `verdict ${seed.verdict === "valid" ? "good" : "warning"}` }, `${seed.verdict === "valid" ? "✓ " : ""}${seed.verdict}`),
      element("span", { className: "faint" }, seed.meaning), element("span", {}, `source: ${sourceName(seed.source)}${seed.layout ? `, layout ${seed.layout}` : ""}`));
    const parts = [heading, about];
    if (seed.fault) parts.push(element("p", { className: "problem" }, `The program failed on this seed: ${seed.fault}`));
    if (seed.safe) parts.push(element("div", { className: "safe" }, element("p", {}, `First: ${count(seed.safe, "safe repair")}.${seed.settled ? ` They also settle ${count(seed.settled, "other finding")}, not listed below.` : ""}`),
      element("p", {}, button(["Show and carry out … ", key("s")], showSafe, { className: "main", id: "safe", "aria-keyshortcuts": "s" }))));
    if (!needed.length) parts.push(element("div", { className: "finished" }, element("p", {}, seed.safe ? "There is nothing else to decide in this seed now." : "✓ Nothing is left to decide in this seed."),
      element("p", {}, button(["Next seed ", key("J")], () => neighbour(1), { className: "main", id: "next" }))));
    else parts.push(element("h2", {}, `To decide: ${needed.length}`), ...needed.map((finding, at) => card(finding, at + 1, needed.length)));
    if (seed.left_out) parts.push(element("p", { className: "faint" }, `${count(seed.left_out, "more finding")} will be shown when these are decided.`));
    parts.push(element("h2", {}, "Record"), record(seed));
    if (rest.length) parts.push(element("details", { id: "others", open, on: { toggle: () => choose(Math.min(chosen, Math.max(listed().length - 1, 0)), "stay") } },
      element("summary", {}, `Other findings: ${rest.length} (accepted, for information, or settled by safe repairs)`), ...rest.map((finding, at) => card(finding, at + 1, rest.length))));
    if (seed.decisions.length) parts.push(element("details", { id: "decided", open: seed.decisions.some((each) => each.by !== state.by) },
      element("summary", {}, `Decided so far: ${seed.decisions.length}`), element("ul", {}, ...seed.decisions.map((each) => element("li", {}, decision(each))))));
    if (seed.evidence.length) parts.push(element("details", {}, element("summary", {}, "Why this source"), ...seed.evidence.map((each) => element("p", { className: "faint" }, each)),
      element("p", {}, button("Name another source …", () => attest("source"), { className: "small" }))));
    parts.push(element("p", { className: "buttons" }, button(["Previous seed ", key("K")], () => neighbour(-1), { "aria-keyshortcuts": "Shift+K" }),
      button(["Next seed ", key("J")], () => neighbour(1), { "aria-keyshortcuts": "Shift+J" })));
    return element("section", { className: "side", "aria-label": "Findings and record", tabIndex: 0 }, ...parts);
  };

  const decision = (each) => [element("strong", {}, each.by === state.by ? "You" : each.by || "Somebody"), ` ${each.did} ${LABEL[each.about] ? LABEL[each.about].toLowerCase() : each.about}${each.value ? ` “${each.value}”` : ""}`,
    each.on ? ` on ${each.on}` : "", each.why ? `: ${each.why}` : "", element("span", { className: "basis" }, each.place)];
  // The record: where each value was read, and confirming for it.
  const light = (mark, from) => {
    for (const each of main.querySelectorAll("mark.value")) each.classList.remove("value");
    for (const each of main.querySelectorAll(".side .lit")) { each.classList.remove("lit"); each.setAttribute("aria-pressed", "false"); }
    if (shown.lit === mark) { shown.lit = null; return; }
    shown.lit = mark;
    from.classList.add("lit");
    from.setAttribute("aria-pressed", "true");
    const found = [...main.querySelectorAll(`mark[data-marks*=" ${mark} "]`)];
    for (const each of found) each.classList.add("value");
    if (found.length) into(found[0]);
  };
  const into = (place) => {
    const pane = main.querySelector(".text");
    const [one, other] = [place.getBoundingClientRect(), pane.getBoundingClientRect()];
    if (one.top < other.top + 20 || one.bottom > other.bottom - 20) pane.scrollTop += one.top - other.top - pane.clientHeight / 3;
  };
  const lit = (value) => (value.mark === null ? element("span", {}, value.value)
    : button(value.value || "(empty)", (event) => light(value.mark, event.currentTarget), { className: "plain", "aria-pressed": "false", title: "Show it in the text" }));
  const record = (seed) => {
    const rows = seed.values.map((value) => element("div", {}, element("dt", {}, LABEL[value.field] || value.field),
      element("dd", {}, lit(value), element("span", { className: "basis" }, `${BASIS[value.basis]}${value.at ? `, line ${value.at.replace(":", ", column ")}` : ""}`),
        value.note ? element("span", { className: "basis" }, value.note) : null,
        value.disputed ? element("div", {}, element("strong", { className: "error" }, "✖ disputed; found in the text:"), element("ul", {}, ...value.candidates.map((each) => element("li", {}, lit(each), ` line ${each.at.replace(":", ", column ")}`)))) : null),
      element("dd", {}, value.can_attest ? button("Change …", () => attest(value.field), { className: "small", "aria-label": `Confirm another ${LABEL[value.field].toLowerCase()}` }) : "")));
    if (seed.byline_kind) rows.push(element("div", {}, element("dt", {}, LABEL.byline_kind), element("dd", {}, seed.byline_kind), element("dd", {})));
    for (const field of seed.missing) rows.push(element("div", {}, element("dt", {}, LABEL[field]), element("dd", { className: "faint" }, "missing"),
      element("dd", {}, button("Add …", () => attest(field), { className: "small", "aria-label": `Confirm a ${LABEL[field].toLowerCase()}` }))));
    return element("dl", { className: "record" }, ...rows);
  };

  const cards = () => [...main.querySelectorAll(".card")];
  const cardOf = (finding) => cards()[[...decisions(), ...others()].indexOf(finding)];
  const current = () => listed()[chosen];

  // Which finding is the current one. `how`: "text" scrolls the text to it, "card" also moves to its card, "stay" neither.
  const choose = (at, how) => {
    if (!shown) return;
    const all = listed();
    chosen = Math.max(0, Math.min(at, all.length - 1));
    for (const each of cards()) {
      each.classList.remove("current");
      each.removeAttribute("aria-current");
      each.querySelector(".more").hidden = true;
      each.querySelector(".more").replaceChildren();
    }
    for (const each of main.querySelectorAll("mark.chosen")) each.classList.remove("chosen");
    const finding = all[chosen];
    if (!finding) return;
    const mine = cardOf(finding), more = mine.querySelector(".more");
    mine.classList.add("current");
    mine.setAttribute("aria-current", "true");
    unfold(finding, more);
    more.hidden = false;
    const places = [finding.mark, ...finding.also].filter((mark) => mark !== null)
      .flatMap((mark) => [...main.querySelectorAll(`mark[data-marks*=" ${mark} "]`)]);
    for (const each of places) each.classList.add("chosen");
    if (places.length) into(places[0]);
    if (how === "card") { mine.focus({ preventScroll: true }); mine.scrollIntoView({ block: "nearest" }); }
  };

  const choice = (finding) => [{ key: shown.key, version: shown.version, findings: [finding.id] }];
  const landed = (said) => {
    const at = chosen;
    if (said.seed) put(said.seed, at);
    const next = current();
    const place = decisions().length && next ? cardOf(next) : $("next");
    if (place) { place.focus({ preventScroll: true }); place.scrollIntoView({ block: "nearest" }); }
  };
  const carryOut = (finding) => decide("carry-out", { choices: choice(finding), show: shown.key }, landed);
  const reject = (finding) => {
    const mine = cardOf(finding);
    const [reason, until] = ["reason", "until"].map((name) => mine.querySelector(`[name=${name}]`));
    if (!hasReason(reason)) return false;
    return decide("accept", { choices: choice(finding), show: shown.key, reason: reason.value, until: until.value || null }, (said) => { offer("reasons", reason.value.trim(), finding.rule); landed(said); });
  };
  const hasReason = (field) => {
    if (field.value.trim()) return true;
    field.focus();
    say("Write why the text is right as it is, then press Enter.");
    return false;
  };
  const enter = (event, action) => { if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); action(); } };
  const alike = (finding) => { if (finding.alike) location.hash = `#/alike/${finding.alike.key}?${new URLSearchParams([...wish, ["from", shown.key]])}`; };

  const neighbour = async (step) => {
    try {
      const parameters = Object.fromEntries(wish);
      const said = await ask("neighbour", { ...parameters, key: shown ? shown.key : "", step: String(step) });
      if (said.key) location.hash = seedHash(said.key);
      else say(step > 0 ? "There are no more seeds to decide on." : "There is no seed before this one.");
    } catch (error) { trouble(error); }
  };

  const showSafe = async () => {
    if (!shown || !shown.safe) return;
    const seed = shown;
    try {
      const said = await ask("safe", { key: seed.key });
      $("safe-preview").replaceChildren(...previewOf(said, seed.language));
      $("safe-go").onclick = () => { $("safe-dialog").close(); decide("repair", { choices: [{ key: seed.key, version: said.version }], show: seed.key }, landed); };
      $("safe-dialog").showModal();
    } catch (error) { trouble(error); }
  };
  const previewOf = (said, language) => [
    element("ul", {}, ...said.changes.map((each) => element("li", {}, `${each.number} × ${each.what}`))),
    ...said.recode.map((each) => element("p", { className: "faint" }, `The file will be rewritten: ${each}; the text stays the same.`)),
    ...said.lifts.map((each) => element("p", {}, `The sidecar will say: ${each.field} ${each.value}`)),
    ...said.passages.map((each) => sides(each, language)),
  ];

  // --- confirming ---

  let waiting = 0, asked = 0;  // for the look ahead; none goes on once the form is closed or about another value
  const lookNoFurther = () => { clearTimeout(waiting); asked += 1; };
  $("attest-dialog").addEventListener("close", lookNoFurther);

  const attest = (field, finding, taken) => {
    const seed = shown;
    lookNoFurther();
    const known = seed.values.filter((value) => value.field === field);
    const fields = $("attest-fields");
    const outlook = element("div", { className: "outlook faint", role: "status", id: "outlook" }, "What would change for the seed is shown here while you type.");
    const input = (name, label, properties, hint) => {
      const id = `attest-${name}`;
      const made = element(properties.options ? "select" : "input", { id, name, "aria-describedby": hint ? `${id}-hint outlook` : "outlook", autocomplete: "off", maxLength: properties.options ? null : 1000, ...properties, options: null },
        ...(properties.options || []).map(([value, text]) => element("option", { value }, text)));
      return element("p", { className: "field" }, element("label", { htmlFor: id }, label), made, hint ? element("span", { className: "hint", id: `${id}-hint` }, hint) : null);
    };
    const parts = [];
    if (finding) parts.push(element("p", {}, severity(finding.severity), ` ${finding.message}`));
    for (const value of known) parts.push(element("p", { className: "faint" }, `The record has: ${value.value} (${BASIS[value.basis]}${value.at ? `, line ${value.at.replace(":", ", column ")}` : ""})`));
    if (field === "source") parts.push(input("source", LABEL.source, { options: [["", "choose …"], ...state.sources.map((each) => [each, each])], required: true }, HINT.source));
    else if (field === "byline") {
      const names = element("div", { id: "names" });
      const add = (label) => { const at = names.children.length + 1; names.append(input(`name${at}`, label || `Name ${at}`, {}, at === 1 ? "One person in each field. Leave it empty if nobody signed." : "")); };
      add("Name");
      parts.push(names, element("p", {}, button("Another name", () => { add(); names.lastChild.querySelector("input").focus(); }, { className: "small" })),
        input("kind", LABEL.byline_kind, { options: [["", "decided from the names"], ...state.byline_kinds.map((each) => [each, each])] }, "unsigned: the article names no author, and none is missing."));
    } else if (field === "byline_kind") parts.push(input("value", LABEL[field], { options: [["", "choose …"], ...state.byline_kinds.map((each) => [each, each])], required: true }));
    else parts.push(input("value", LABEL[field], { required: true, spellcheck: false }, HINT[field]));
    const replaceable = [...new Set(known.flatMap((value) => [value.replaceable, ...value.candidates.map((each) => each.value)]).filter(Boolean))];
    if (replaceable.length) parts.push(input("replaces", "In place of", { options: [["", "nothing: it adds a missing value"], ...replaceable.map((each) => [each, each])] }, "A value in the text is kept, unless you choose it here."));
    if (field !== "source") parts.push(input("basis", "On what basis", { required: true, list: "bases" }, "Where the value comes from, so that others can check it: “the printed page, 14 June”."));
    const others = seed.decisions.filter((each) => each.did === "confirmed" && each.about === field && each.by && each.by !== state.by && each.place.startsWith(`${seed.name}.meta.yaml`));
    if (others.length) parts.push(element("div", { className: "others" }, element("p", {}, ...decision(others[0])),
      element("label", { className: "tick" }, element("input", { type: "checkbox", name: "over", required: true }), "Mine replaces it")));
    parts.push(outlook);
    fields.replaceChildren(...parts);
    $("attest-title").textContent = field === "source" ? "Name the source" : `Confirm: ${LABEL[field].toLowerCase()}`;

    const given = () => {
      const read = new FormData($("attest-form"));
      if (field === "source") return read.get("source") ? { source: read.get("source") } : null;
      const values = [];
      if (field === "byline") {
        const names = [...read].filter(([name, value]) => name.startsWith("name") && value.trim()).map(([, value]) => value.trim());
        if (names.length) values.push({ field, value: names, replaces: read.get("replaces") || null });
        if (read.get("kind")) values.push({ field: "byline_kind", value: read.get("kind") });
      } else if (read.get("value").trim()) values.push({ field, value: read.get("value").trim(), replaces: read.get("replaces") || null });
      return values.length ? { values } : null;
    };
    const check = async () => {
      const what = given();
      const mine = ++asked;
      if (!what) { outlook.replaceChildren("What would change for the seed is shown here while you type."); return; }
      try {
        const said = await tell("check", { key: seed.key, ...what });
        if (mine !== asked) return;
        const list = (label, lines) => (lines.length ? [element("p", {}, label), element("ul", {}, ...lines.map((line) => element("li", {}, line)))] : []);
        outlook.replaceChildren(
          element("p", {}, "The seed would be ", element("strong", { className: said.verdict === "valid" ? "good" : "warning" }, said.verdict), `; ${count(said.left, "decision")} would be left.`),
          ...Object.entries(said.record).map(([name, value]) => element("p", {}, `${LABEL[name]}: ${value}`)),
          ...list("No longer found:", said.gone), ...list("Newly found:", said.new));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (mine === asked) outlook.replaceChildren(element("p", { className: "problem" }, error.message));
      }
    };
    $("attest-form").oninput = () => { clearTimeout(waiting); waiting = setTimeout(check, 200); };
    $("attest-form").onsubmit = async (event) => {
      event.preventDefault();
      const what = given();
      if (!what) { outlook.replaceChildren(element("p", { className: "problem" }, "Enter a value.")); return; }
      const basis = new FormData($("attest-form")).get("basis") || "";
      const choices = [{ key: seed.key, version: seed.version }];
      let failure = "";
      const isDone = await decide("attest", { choices, ...what, basis, show: seed.key, ...(new FormData($("attest-form")).get("over") ? { over: true } : {}) }, (said) => { $("attest-dialog").close(); offer("bases", basis.trim(), field); landed(said); });
      failure = $("alert").textContent;
      if (!isDone && failure) outlook.replaceChildren(element("p", { className: "problem" }, failure));
    };
    if (field !== "source") {
      const basis = fields.querySelector("[name=basis]"), before = chips("bases", field, basis);
      if (before) basis.closest("p").append(before);
    }
    if (taken) take(fields, field, taken);
    $("attest-dialog").showModal();
    const first = [...fields.querySelectorAll("input, select")].find((each) => !taken || each.name === "basis") || $("attest-form").querySelector("button.main");
    first.focus();
    if (taken) check();
  };

  // A value that the curator has taken, in the fields of the form; a byline has one for each person.
  const take = (fields, field, taken) => {
    const values = Array.isArray(taken.value) ? taken.value : [taken.value];
    for (let more = 1; more < values.length; more += 1) fields.querySelector("#names + p button").click();
    values.forEach((value, at) => { fields.querySelector(`[name=${field === "source" ? "source" : field === "byline" ? `name${at + 1}` : "value"}]`).value = value; });
    const replaces = fields.querySelector("[name=replaces]");
    if (replaces && [...replaces.options].some((option) => option.value === taken.replaces)) replaces.value = taken.replaces;
  };

  // --- two seeds ---

  const pairs = pairing({ ask, chips, decide, offer, say, seedHash, severity, trouble, query: () => (wish.size ? `?${wish}` : "") });
  const openPair = async (which, other) => {
    const mine = view;
    await pairs.open(which, other, () => mine === view);
    window.scrollTo(0, 0);
    focusHeading();
  };

  // --- decisions that are alike ---

  const ticks = (list, after) => element("p", { className: "buttons" },
    button("Tick all", () => { for (const box of list.querySelectorAll("input[type=checkbox]")) box.checked = true; after(); }, { className: "small" }),
    button("Tick none", () => { for (const box of list.querySelectorAll("input[type=checkbox]")) box.checked = false; after(); }, { className: "small" }));

  const openAlike = async (which) => {
    const mine = view, from = wish.get("from");
    wish.delete("from");
    const back = from ? seedHash(from) : queueHash();
    const list = element("ol", { className: "alike" });
    const counted = element("p", { className: "count", role: "status" });
    const more = element("p", { className: "buttons" });
    const acts = element("div", { className: "sticky" });
    const seeds = new Map();
    let number = 0, group = null, folders = null, left = 0;
    const ticked = () => [...list.querySelectorAll("input[type=checkbox]:checked")];
    const recount = () => {
      const many = ticked().length;
      counted.textContent = `${many} of ${number} ticked${left ? `; ${count(left, "further seed")} not shown yet; they stay as they are` : ""}`;
      for (const each of acts.querySelectorAll("[data-act]")) each.disabled = !many;
    };
    const load = async (after) => {
      const said = await ask("alike", { group: which, text: wish.get("text") || "", ...(after ? { after } : {}) });
      if (mine !== view) return false;
      group = group || said.group;
      folders = folders || said.folders;
      left = said.left || 0;
      for (const seed of said.seeds) {
        seeds.set(seed.key, seed);
        seed.items.forEach((item, at) => {
          number += 1;
          list.append(element("li", {}, element("label", { className: "tick" }, element("input", { type: "checkbox", checked: true, "data-seed": seed.key, "data-item": String(at), on: { change: recount } }),
            element("span", {}, element("bdi", {}, seed.name), item.whole ? "" : `, line ${item.at.replace(":", ", column ")}`, element("small", {}, ` ${item.message}`))), element("a", { className: "open", href: seedHash(seed.key, group.rule), "aria-label": `Open ${seed.name}` }, "Open this seed"),
            item.fix && item.fix.change ? sides(item.fix.change, seed.language) : item.excerpt ? element("div", { className: "change", dir: "auto", lang: seed.language }, ...item.excerpt.map((given) => changed(given, "ins"))) : "",
            item.fix && item.fix.lift ? element("p", {}, `The sidecar will say: ${item.fix.lift.field} ${item.fix.lift.value}`) : ""));
        });
        if (seed.more) list.append(element("li", { className: "faint" }, `and ${seed.more.toLocaleString("en")} more in ${seed.name}: decide on them there`));
      }
      more.replaceChildren(...(said.after ? [button(`Show more (${count(said.left, "seed")} left)`, () => load(said.after).catch(trouble))] : []));
      recount();
      return true;
    };
    if (!(await load())) return;
    document.title = "All similar – Review";
    if (!group) {
      main.replaceChildren(element("div", { className: "queue" }, element("h1", { tabIndex: -1 }, "Nothing like this is left to decide"), element("p", {}, element("a", { href: back }, "Go on"))));
      focusHeading();
      return;
    }
    const choices = () => {
      const out = new Map();
      for (const box of ticked()) {
        const seed = seeds.get(box.dataset.seed);
        if (!out.has(seed.key)) out.set(seed.key, { key: seed.key, version: seed.version, findings: [] });
        out.get(seed.key).findings.push(seed.items[Number(box.dataset.item)].id);
      }
      return [...out.values()];
    };
    const done = () => { location.hash = back; };
    const act = (path, extra) => decide(path, { group: which, choices: choices(), ...(extra ? extra() : {}) }, done);
    const hasFix = [...seeds.values()].some((seed) => seed.items.some((item) => item.fix && item.fix.applicability !== "display"));
    const accept = () => hasReason(reason) && act("accept", () => { offer("reasons", reason.value.trim(), group.rule); return { reason: reason.value, until: until.value || null }; });
    const reason = element("input", { id: "alike-reason", maxLength: 500, autocomplete: "off", list: "reasons", on: { keydown: (event) => enter(event, () => ticked().length && accept()) } });
    const until = element("input", { id: "alike-until", type: "date" });
    const folder = element("select", { id: "alike-folder" }, element("option", { value: "" }, "choose …"), ...(folders || []).map((each) =>
      element("option", { value: each.key }, `${each.name || "the whole archive"} (${count(each.all, "seed")}${each.all > each.seeds ? `, ${each.seeds.toLocaleString("en")} of them of this kind` : ""})`)));
    const acceptFolder = () => {
      if (!folder.value) { folder.focus(); say("Choose a folder."); return; }
      if (hasReason(reason)) decide("accept-folder", { group: which, folder: folder.value, reason: reason.value, until: until.value || null }, () => { offer("reasons", reason.value.trim(), group.rule); done(); });
    };
    const source = element("select", { id: "alike-source" }, element("option", { value: "" }, "choose …"), ...state.sources.map((each) => element("option", { value: each }, each)));
    acts.append(...[
      hasFix ? button("Carry out what is ticked", () => act("carry-out"), { className: "main", "data-act": "", id: "alike-yes" }) : null,
      group.names_source ? element("p", { className: "buttons" }, element("label", { htmlFor: "alike-source" }, "Source"), source, button("Name it for what is ticked", () => act("name-source", () => ({ source: source.value })), { className: "main", "data-act": "" })) : null,
      element("p", { className: "buttons" }, element("label", { htmlFor: "alike-reason" }, "Why the text is right"), reason, element("label", { htmlFor: "alike-until" }, "until"), until,
        button("Accept what is ticked", accept, { "data-act": "", id: "alike-no" })),
      chips("reasons", group.rule, reason),
      folders && folders.length ? element("details", { id: "alike-folders" }, element("summary", {}, "Or accept it for a whole folder, once"),
        element("p", {}, `Every finding of ${group.rule} in the folder and below is accepted, those of new seeds too, whatever the source. One sidecar of the folder says so: seeds.meta.yaml. The reason and the day above count.`),
        element("p", { className: "buttons" }, element("label", { htmlFor: "alike-folder" }, "Folder"), folder, button("Accept for the folder", acceptFolder, { id: "alike-folder-no" }))) : null,
    ].filter(Boolean));
    main.replaceChildren(element("div", { className: "queue" }, element("h1", { tabIndex: -1 }, `All similar: ${group.rule}${group.title ? `: ${group.title}` : ""}`),
      element("p", {}, severity(group.severity), ` · source: ${sourceName(group.source)} · `, element("a", { href: back }, "Back, without deciding")),
      wish.get("text") ? element("p", {}, `Only seeds that match the filter “${wish.get("text")}” are shown.`) : null, counted, ticks(list, recount), list, more, acts));
    recount();
    window.scrollTo(0, 0);
    focusHeading();
  };

  const openSafe = async () => {
    const mine = view;
    const list = element("ol", { className: "alike" });
    const counted = element("p", { className: "count", role: "status" });
    const more = element("p", { className: "buttons" });
    const go = button("Carry out what is ticked", () => decide("repair", { choices: choices() }, () => { location.hash = queueHash(); }), { className: "main", id: "safe-all" });
    const seeds = new Map();
    let left = 0;
    const ticked = () => [...list.querySelectorAll("input[type=checkbox]:checked")];
    const choices = () => ticked().map((box) => ({ key: box.dataset.seed, version: seeds.get(box.dataset.seed).version }));
    const recount = () => {
      counted.textContent = `${ticked().length} of ${count(seeds.size, "seed")} ticked${left ? `; ${count(left, "further seed")} not shown yet; they stay as they are` : ""}`;
      go.disabled = !ticked().length;
    };
    const load = async (after) => {
      const said = await ask("all-safe", after ? { after } : {});
      if (mine !== view) return false;
      left = said.left || 0;
      for (const seed of said.seeds) {
        seeds.set(seed.key, seed);
        list.append(element("li", {}, element("label", { className: "tick" }, element("input", { type: "checkbox", checked: true, "data-seed": seed.key, on: { change: recount } }), element("bdi", {}, seed.name)),
          element("details", {}, element("summary", {}, seed.changes.map((each) => `${each.number} × ${each.what}`).join("; ")), ...previewOf(seed, null).slice(1))));
      }
      more.replaceChildren(...(said.after ? [button(`Show more (${count(said.left, "seed")} left)`, () => load(said.after).catch(trouble))] : []));
      recount();
      return true;
    };
    if (!(await load())) return;
    document.title = "Safe repairs – Review";
    main.replaceChildren(element("div", { className: "queue" }, element("h1", { tabIndex: -1 }, "Safe repairs"),
      element("p", {}, "They change whitespace, line ends, a byte-order mark, quotation marks and apostrophes, but no words. The program checks this each time. ", element("a", { href: queueHash() }, "Back to the queue")),
      counted, ticks(list, recount), list, more, element("div", { className: "sticky" }, go)));
    focusHeading();
  };

  // --- keys ---

  const moveInList = (step) => {
    const places = [...main.querySelectorAll("ol.seeds a, ol.alike > li > label > input")];
    if (!places.length) return;
    const at = places.indexOf(document.activeElement);
    const next = places[Math.max(0, Math.min(at < 0 ? 0 : at + step, places.length - 1))];
    next.focus();
    next.scrollIntoView({ block: "center" });
  };

  singleKeys((event) => {
    const finding = shown ? current() : null;
    const press = (selector) => { const found = main.querySelector(`.card.current ${selector}`); if (found) found.click(); };
    const actions = {
      "?": showHelp, u: () => $("undo").click(), r: () => $("redo").click(), q: () => { location.hash = queueHash(); },
      J: () => neighbour(1), K: () => neighbour(-1),
      j: () => (shown ? choose(chosen + 1, "card") : moveInList(1)), k: () => (shown ? choose(chosen - 1, "card") : moveInList(-1)),
      y: () => finding && press(".yes"), n: () => finding && press(".no"), a: () => finding && alike(finding),
      s: () => (shown ? showSafe() : null), t: () => { const text = main.querySelector(".text"); if (text) text.focus(); },
    };
    return actions[event.key];
  }, "ynurs");

  // --- what others change on disk meanwhile ---

  // What somebody else decided since `before`, in words.
  const meanwhile = (before, after) => {
    const known = new Set(before.decisions.map((each) => JSON.stringify(each)));
    const fresh = after.decisions.filter((each) => !known.has(JSON.stringify(each)));
    return fresh.length ? `. Meanwhile ${fresh.slice(0, 3).map((each) => `${each.by || "somebody"} ${each.did} ${each.about}${each.value ? ` “${each.value}”` : ""}${each.why ? `: ${each.why}` : ""}`).join("; ")}` : "";
  };

  const look = async () => {
    if (!shown || busy || document.hidden || document.querySelector("dialog[open]")) return;
    const seed = shown;
    try {
      const said = await ask("seed", { key: seed.key, known: seed.version });
      if (said.same || shown !== seed || busy) return;
      put(said, chosen);
      complain(`The seed, or one of its sidecars, was changed on disk. The page shows the new version${meanwhile(seed, said)}`);
    } catch (error) { if (shown === seed) trouble(error); }
  };
  setInterval(look, 4000);
  window.addEventListener("focus", look);
  const lookAtQueue = () => { if (!shown && !busy && !document.hidden && !document.querySelector("dialog[open]")) refresh(); };
  setInterval(lookAtQueue, 10000);
  window.addEventListener("focus", lookAtQueue);

  $("skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });

  (async () => {
    try {
      state = { ...state, ...(await ask("begin")) };
      $("root").textContent = state.root;
      await show();
      watch();
      recall();
    } catch (error) { trouble(error); }
  })();
})();
