import { $, Refused, asking, button, closing, count, element, gapPiece, key, singleKeys, unseen } from "./common.js";

// The page of `validator review --source`: a curator selects text in a seed and says what it is. The program finds the place of that
// value in the other seeds, and the page shows what the schema finds now. The text of a seed is only ever inserted as text.
(() => {
  const LABEL = { headline: "Headline", byline: "Byline", date_published: "Date", dateline: "Dateline", agency: "Agency",
    source_url: "Address", body: "Text", furniture: "Not the article" };
  const IS = [["headline", "Headline", "h"], ["byline", "Byline", "b"], ["date_published", "Date", "d"], ["dateline", "Dateline", "l"],
    ["agency", "Agency", "g"], ["source_url", "Address", "a"], ["furniture", "Not part of the article", "x"]];
  const KEYS = [["h b d l g a", "it is the headline, byline, date, dateline, agency, address"], ["x", "it is not part of the article"],
    ["j / k, ↓ / ↑", "next, previous line"], ["Enter", "take this line as the value"], ["e", "go to the value, to write or shorten it"],
    ["J / K", "next, previous seed"], ["u / r", "undo, redo the last correction"], ["s", "save the schema"], ["?", "this list"]];

  let state = null;
  let token = "";
  let shown = null;       // the seed that is shown
  let opened = "";        // the field whose values are listed
  let before = {};        // what the schema found before the last correction, by field and seed
  let busy = false;
  const { ask, tell } = asking(() => token, () => {});

  let saying = 0;
  const say = (text) => {
    $("status").textContent = text;
    clearTimeout(saying);
    saying = setTimeout(() => { $("status").textContent = ""; }, 7000);
  };
  // A message is a sentence, but for the name of a file that it begins with.
  const sentence = (text) => `${/^\S*[/.]\S*: /.test(text) ? text[0] : text[0].toUpperCase()}${text.slice(1)}${/[.?!…]$/.test(text) ? "" : "."}`;
  const complain = (text) => { $("alert").textContent = text ? sentence(text) : ""; fit(); };
  const fit = () => document.documentElement.style.setProperty("--bar", `${Math.ceil($("main").getBoundingClientRect().top + window.scrollY)}px`);
  const trouble = (error) => { if (!(error instanceof Refused)) throw error; complain(error.message); };

  // --- correcting ---

  const change = async (path, what, field) => {
    if (busy) return;
    busy = true;
    document.body.setAttribute("aria-busy", "true");
    try {
      const found = Object.fromEntries(state.fields.map((each) => [each.field, Object.fromEntries(each.seeds.map((row) => [row.key, row.value]))]));
      const said = await tell(path, what);
      complain("");
      state = { ...state, ...said };
      if (path !== "save") before = found;
      if (field && field !== "furniture") opened = field;
      if (path === "point") fill("");
      paint();
      await openSeed(shown.key, true);
      say(path === "save" ? `Saved in ${state.file}.` : `${path === "undo" ? "Undone" : path === "redo" ? "Done again" : "Done"}: ${said.did}.`);
    } catch (error) { trouble(error); } finally {
      busy = false;
      document.body.removeAttribute("aria-busy");
    }
  };
  const point = (field) => {
    const text = $("text").value;
    if (!text.trim()) { say("Select a value in the text first."); $("text").focus(); return; }
    change("point", { key: shown.key, field, text }, field);
  };
  $("what").addEventListener("submit", (event) => event.preventDefault());
  $("is").append(...IS.map(([field, label, letter]) => button([`${label} `, key(letter)], () => point(field), { id: `is-${field}`, "aria-keyshortcuts": letter })));

  // --- a seed ---

  const openSeed = async (which, stays, field) => {
    const seed = await ask("seed", { key: which });
    const pane = document.querySelector(".text"), scrolled = stays ? pane.scrollTop : 0;
    const line = stays ? current() : 0;
    shown = seed;
    $("which").value = which;
    document.title = `${seed.name} – ${state.id}`;
    const piece = (given) => {
      if (!Array.isArray(given)) return gapPiece(given);
      const [text, marks, what] = given;
      const made = element("span", { className: "piece" }, what ? unseen(text, what) : text);
      if (what) made.dataset.raw = String.fromCodePoint(parseInt(what.slice(2), 16));
      if (!marks.length || !text) return made;
      const is = seed.marks[marks[0]];
      return element("mark", { className: `is-${is === "furniture" ? "furniture" : "value"}`, "data-is": marks[0] }, made);
    };
    const row = (number, children) => element("div", { className: `row${seed.body[0] <= number && number <= seed.body[1] ? " in-body" : ""}` },
      button(String(number), () => take(String(number)), { className: "n take", tabIndex: -1, "aria-label": `Take line ${number}` }), element("span", { className: "t", dir: "auto", lang: seed.language }, ...children));
    const rows = seed.lines.map((each) => (each.s ? row(each.n, each.s.map(piece)) : element("div", { className: "row gaprow" }, element("span", { className: "n" }), element("span", { className: "t" }, gapPiece(each)))));
    const said = seed.said.map((each) => element("div", { className: "row" },
      button(each.name, () => fill(each.text), { className: "n take", tabIndex: -1, "aria-label": `Take ${each.name}: ${each.text}` }), element("span", { className: "t", dir: "auto" }, element("span", { className: "piece" }, each.text))));
    $("rows").replaceChildren(...(seed.is_used ? [] : [element("p", { className: "problem" }, "This seed is not built like the others: nothing is learned from it.")]),
      ...(said.length ? [element("p", { className: "faint" }, "What the page says of itself:"), element("div", { className: "said" }, ...said), element("p", { className: "faint" }, "Its text:")] : []), ...rows);
    // The name of a field is before the first piece of its value, and is no part of what is selected.
    const named = new Set();
    for (const mark of $("rows").querySelectorAll("mark")) {
      if (named.has(mark.dataset.is)) continue;
      named.add(mark.dataset.is);
      mark.before(element("span", { className: "is" }, LABEL[seed.marks[mark.dataset.is]] || ""));
    }
    pane.scrollTop = scrolled;
    const wanted = field && ($("rows").querySelector(`mark[data-is="${seed.marks.indexOf(field)}"]`) || (field === "body" && $("rows").querySelector(".in-body")));
    if (wanted) wanted.scrollIntoView({ block: "center" });
    lineTo(wanted ? takers().indexOf(wanted.closest(".row").querySelector(".take")) : line, false);
  };
  const neighbour = (step) => {
    const at = state.seeds.findIndex((each) => each.key === shown.key) + step;
    if (at < 0 || at >= state.seeds.length) { say(step > 0 ? "This is the last seed." : "This is the first seed."); return; }
    openSeed(state.seeds[at].key).catch(trouble);
  };
  $("before").addEventListener("click", () => neighbour(-1));
  $("after").addEventListener("click", () => neighbour(1));
  $("which").addEventListener("change", () => openSeed($("which").value).catch(trouble));

  // Lines: one of them can be reached with Tab, the arrow keys go on from it.
  const takers = () => [...$("rows").querySelectorAll(".take")];
  const current = () => Math.max(0, takers().findIndex((each) => each.tabIndex === 0));
  const lineTo = (at, focuses = true) => {
    const all = takers();
    if (!all.length) return;
    const next = all[Math.max(0, Math.min(at, all.length - 1))];
    for (const each of all) each.tabIndex = each === next ? 0 : -1;
    if (focuses) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
  };
  $("rows").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    lineTo(current() + step);
  });
  $("rows").addEventListener("focusin", (event) => { const at = takers().indexOf(event.target); if (at >= 0) lineTo(at, false); });

  // --- selecting ---

  const rawOf = (piece) => piece.dataset.raw || piece.textContent;
  const fill = (text) => {
    $("text").value = text;
    for (const each of $("is").children) each.classList.toggle("ready", Boolean(text.trim()));
  };
  const take = (number) => {
    const row = takers().find((each) => each.textContent === number).closest(".row");
    fill([...row.querySelectorAll(".piece")].map(rawOf).join("").trim());
    say(`Line ${number} is taken. Shorten it if the value is only a part of it.`);
    const field = $("text");
    if (document.activeElement && document.activeElement.matches(":focus-visible")) { field.focus(); field.setSelectionRange(0, field.value.length); }
  };
  const selected = () => {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return "";
    const range = selection.getRangeAt(0);
    if (!$("rows").contains(range.commonAncestorContainer)) return "";
    const lines = [];
    for (const row of $("rows").querySelectorAll(".row")) {
      if (!range.intersectsNode(row)) continue;
      let text = "";
      for (const piece of row.querySelectorAll(".piece")) {
        if (!range.intersectsNode(piece)) continue;
        const raw = rawOf(piece), node = piece.firstChild;
        const start = range.startContainer === node && !piece.dataset.raw ? range.startOffset : 0;
        const end = range.endContainer === node && !piece.dataset.raw ? range.endOffset : raw.length;
        text += raw.slice(start, end);
      }
      lines.push(text);
    }
    return lines.join("\n").trim();
  };
  let selecting = 0;
  document.addEventListener("selectionchange", () => {
    clearTimeout(selecting);
    selecting = setTimeout(() => { const text = selected(); if (text) fill(text); }, 80);
  });

  // --- what the schema finds ---

  const row = (field, each, lacks) => {
    const seed = state.seeds.find((one) => one.key === each.key);
    const was = (before[field] || {})[each.key];
    const sign = !each.value ? element("span", { className: lacks ? "error" : "faint" }, lacks ? "✖ missing" : "– missing") : each.odd ? element("span", { className: "warning" }, "▲ odd") : element("span", { className: "good" }, "✓");
    return element("li", {}, element("p", {}, sign, " ", element("bdi", { className: was !== undefined && was !== each.value ? "lit" : "" }, each.value), was !== undefined && was !== each.value ? element("span", { className: "faint" }, was ? ` was: ${was}` : " was missing") : null),
      element("p", { className: "faint" }, button(seed.name, () => openSeed(each.key, false, field).then(() => document.querySelector(".text").focus({ preventScroll: true })).catch(trouble), { className: "plain small" }), each.why && each.why !== "missing" ? ` ${each.why}` : null));
  };
  const paintFields = () => {
    const rows = state.fields.map((each) => element("tr", { className: each.field === opened ? "chosen" : "" },
      element("th", { scope: "row" }, button(LABEL[each.field], () => { opened = opened === each.field ? "" : each.field; paintFields(); $(`field-${each.field}`).focus(); },
        { className: "plain", id: `field-${each.field}`, "aria-expanded": String(each.field === opened) })),
      element("td", { className: "number" }, `${each.found}`),
      element("td", { className: `number ${each.lacks ? "error" : each.missing && each.needed ? "warning" : ""}` }, `${each.lacks ? "✖ " : each.missing && each.needed ? "▲ " : ""}${each.missing}`),
      element("td", { className: `number ${each.odd ? "warning" : ""}` }, each.odd ? `▲ ${each.odd}` : "0")));
    const field = state.fields.find((each) => each.field === opened);
    const weight = (each) => (!each.value ? 0 : each.odd ? 1 : 2);
    $("fields").replaceChildren(element("table", { className: "found" }, element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Field"),
      ...["found", "missing", "odd"].map((head) => element("th", { scope: "col", className: "number" }, head)))), element("tbody", {}, ...rows)),
      ...(field ? [element("h3", { id: "values-title" }, `${LABEL[field.field]} in each seed`), element("ol", { className: "values", "aria-labelledby": "values-title" }, ...[...field.seeds].sort((one, other) => weight(one) - weight(other)).map((each) => row(field.field, each, field.lacks))),
        field.missing && field.needed ? element("p", {}, button(`These seeds need no ${LABEL[field.field].toLowerCase()}`, () => change("absent", { field: field.field }, field.field), { id: "absent" })) : null].filter(Boolean) : []));
  };
  const paintRest = () => {
    const parts = [element("h2", {}, "Not part of the article")];
    parts.push(state.furniture.length ? element("ul", { className: "values" }, ...state.furniture.map((each) => element("li", {}, element("p", {}, element("bdi", {}, each.text || each.name), element("span", { className: "faint" }, ` in ${count(each.seeds, "seed")}`)),
      element("p", {}, button("It is part of the article", () => change("article", { name: each.name }), { className: "small", "aria-label": `It is part of the article: ${each.text || each.name}` }))))) : element("p", { className: "faint" }, "Nothing yet."));
    const title = element("input", { id: "source-title", value: state.title, maxLength: 200, autocomplete: "off" });
    parts.push(element("h2", {}, "The source"), element("form", { on: { submit: (event) => { event.preventDefault(); change("title", { title: title.value }); } } },
      element("p", { className: "field" }, element("label", { htmlFor: "source-title" }, "What it is, in a few words"), title), element("p", {}, button("Take this title", () => change("title", { title: title.value }), { className: "small", id: "take-title" }))));
    parts.push(element("p", { className: "faint" }, `Without being named, the schema claims ${state.claimed} of these ${count(state.seeds.length, "seed")}.`));
    for (const [rival, number] of Object.entries(state.rivals)) parts.push(element("p", { className: "warning" }, `▲ ${rival} claims ${number} of them.`));
    if (state.errors.length) parts.push(element("details", {}, element("summary", {}, `Other errors: ${state.errors.length}`), element("ul", {}, ...state.errors.map((each) => element("li", {}, element("bdi", {}, each.name), `: ${each.why}`)))));
    const power = element("div", { id: "power", role: "status" });
    parts.push(element("p", {}, button("Which defects would it see?", async () => {
      power.replaceChildren("One moment …");
      try { power.replaceChildren(...(await ask("power")).lines.map((line) => element("p", {}, line))); } catch (error) { trouble(error); }
    }, { id: "ask-power" })), power);
    $("rest").replaceChildren(...parts);
  };
  const paint = () => {
    $("source-name").textContent = state.id;
    $("saved").textContent = state.saved ? `saved in ${state.file}` : "not saved";
    for (const name of ["undo", "redo"]) { $(name).disabled = !state[name]; $(name).title = state[name] || ""; }
    const lacking = state.fields.filter((each) => each.lacks).map((each) => LABEL[each.field].toLowerCase());
    $("count").textContent = `In ${count(state.seeds.length, "seed")}. Press a field to see its value in each seed.`;
    $("told").replaceChildren(...(lacking.length || !state.title ? [element("p", {}, element("strong", {}, "Still to do: "), [lacking.length ? `missing in some seeds: ${lacking.join(", ")}` : "", state.title ? "" : "the title, at the end"].filter(Boolean).join("; "), ".")]
      : [element("p", { className: "good" }, "✓ Every seed has what is needed.")]), ...state.notes.map((note) => element("p", { className: "faint" }, `${note}.`)));
    paintFields();
    paintRest();
  };

  // --- keys ---

  $("keylist").append(...KEYS.flatMap(([keys, what]) => [element("dt", {}, element("kbd", {}, keys)), element("dd", {}, what)]));
  const showHelp = () => $("help").showModal();
  $("help-button").addEventListener("click", showHelp);
  closing();
  for (const name of ["undo", "redo", "save"]) $(name).addEventListener("click", () => change(name, {}));
  singleKeys((event) => ({
    "?": showHelp, u: () => $("undo").click(), r: () => $("redo").click(), s: () => $("save").click(),
    J: () => neighbour(1), K: () => neighbour(-1), j: () => lineTo(current() + (document.activeElement.matches(".take") ? 1 : 0)), k: () => lineTo(current() - 1),
    e: () => $("text").focus(), ...Object.fromEntries(IS.map(([field, , letter]) => [letter, () => point(field)])),
  })[event.key], "hbdlgaxurs");

  window.addEventListener("beforeunload", (event) => { if (state && !state.saved && state.undo) event.preventDefault(); });
  window.addEventListener("resize", fit);
  $("skip").addEventListener("click", (event) => { event.preventDefault(); $("text").focus(); });

  (async () => {
    try {
      state = await ask("begin");
      token = state.token;
      $("which").append(...state.seeds.map((each) => element("option", { value: each.key }, each.name)));
      opened = (state.fields.find((each) => each.lacks) || { field: "" }).field;
      paint();
      fit();
      await openSeed(state.seeds[0].key);
      $("title").focus({ preventScroll: true });
    } catch (error) { trouble(error); }
  })();
})();
