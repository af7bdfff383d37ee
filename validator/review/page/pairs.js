import { button, count, element } from "./common.js";

// Two seeds that a finding names together, side by side, and the decisions about both. `page` is what the page has: asking,
// deciding, and the reasons that were written before.
export const pairing = (page) => {
  const hash = (seed, other) => `#/pair/${seed}/${other}${page.query()}`;

  // What a card shows of another seed.
  const leading = (seed, finding) => button(["Compare the two \u2026 ", element("kbd", { "aria-hidden": "true" }, "y")],
    () => { location.hash = hash(seed.key, finding.other.key); }, { className: "main yes", "aria-keyshortcuts": "y", "aria-label": `Compare with ${finding.other.name}` });

  const open = async (seed, other, isCurrent) => {
    const said = await page.ask("pair", { key: seed, other });
    if (!isCurrent()) return;
    const [one, two] = said.seeds;
    const link = (each) => element("a", { href: page.seedHash(each.key) }, element("bdi", {}, each.name));
    const left = said.findings.filter((each) => each.status === "open");
    const choice = (each) => ({ key: each.key, version: each.version });
    const reason = element("input", { id: "pair-reason", maxLength: 500, autocomplete: "off", list: "reasons" });
    const act = async (path, choices, about, wanted) => {
      if (!reason.value.trim()) { reason.focus(); page.say(wanted); return; }
      const isDone = await page.decide(path, { choices, reason: reason.value }, () => { page.offer("reasons", reason.value.trim(), about); });
      if (isDone) { location.hash = page.seedHash(seed); return; }
      const failure = document.getElementById("alert").textContent;
      if (!failure) return;
      await open(seed, other, isCurrent).catch(page.trouble);  // as the two are now
      document.getElementById("alert").textContent = failure;
    };
    const about = left.length ? left[0].rule : "marked-wrong";
    const wrong = (each, which) => button(`The ${which} is wrong`, () => act("reject", [choice(each)], "marked-wrong", "Write what is wrong with it, then press the button again."),
      { "aria-label": `The ${which} is wrong: ${each.name}`, disabled: Boolean(each.wrong) });
    const form = element("section", { "aria-labelledby": "pair-decide", className: "pair-decide" }, element("h2", { id: "pair-decide" }, "What is right?"),
      element("p", { className: "field" }, element("label", { htmlFor: "pair-reason" }, "Why"), reason),
      page.chips("reasons", about, reason),
      element("p", { className: "buttons" },
        button("The same article, keep both", () => act("keep-both", [choice(one), choice(two)], about, "Write why both belong in the archive, then press the button again."), { className: "main" }),
        wrong(one, "first"), wrong(two, "second")),
      element("p", { className: "faint" }, "Keep both: the findings above are accepted, in the sidecars of both seeds. Wrong: the sidecar of the seed says so. It is invalid until somebody replaces, corrects or removes it, and the other seed has no findings about it any more. Undo takes either back at once."));
    const rules = [...new Set(said.findings.map((each) => each.rule))].map((rule) => said.findings.filter((each) => each.rule === rule));
    const where = (those) => (new Set(those.map((each) => each.of)).size > 1 ? "on both" : `on the ${["first", "second"][those[0].of]}`);
    const told = rules.map((those) => element("li", {}, page.severity(those[0].severity), ` ${those[0].rule}, ${where(those)}`, those.every((each) => each.status !== "open") ? ", accepted" : ""));
    const marked = said.seeds.filter((each) => each.wrong).map((each) => element("li", {}, page.severity("error"), " ", element("bdi", {}, each.name), `: ${each.wrong}`));
    document.title = "Two seeds \u2013 Review";
    document.getElementById("main").replaceChildren(element("div", { className: "queue" },
      element("h1", { tabIndex: -1 }, "Two seeds side by side"),
      element("p", {}, element("a", { href: page.seedHash(seed) }, "Back, without deciding")),
      element("ul", { className: "told" }, ...told, ...marked),
      element("div", { className: "table" }, pairTable(element, said.pair, [link(one), link(two)], one.language)),
      left.length ? form : element("p", { className: "finished" }, `\u2713 Nothing is left to decide on these two${said.findings.length ? `: ${count(said.findings.length, "finding")} accepted` : ""}.`)));
  };
  return { leading, open };
};
