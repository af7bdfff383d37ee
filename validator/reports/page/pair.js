"use strict";
// Two seeds side by side, in one table: the fields of their records, and the passages that differ with a few words around. The HTML
// report and the page of `validator review` share it; `element` makes their elements. Text is only ever inserted as text.
const pairTable = (element, pair, names, lang) => {
  const SIDES = ["first", "second"], TAGS = ["del", "ins"], LABEL = { date_published: "date", source_url: "address" };
  const many = (number, one) => `${number.toLocaleString("en")} ${one}${number === 1 ? "" : "s"}`;
  const language = lang ? { lang } : {};
  const gap = (text) => element("span", { className: "gap" }, `… ${text} …`);
  const across = (...children) => element("tr", {}, element("td", { colSpan: 3, className: "across" }, ...children));
  const equal = (number) => (number ? [across(gap(`${number.toLocaleString("en")} equal ${pair.characters ? "character" : "word"}${number === 1 ? "" : "s"}`))] : []);
  const piece = (tag) => ([text, differs, left]) => (left ? gap(`${many(left, "character")} not shown`) : differs ? element(tag, {}, ...(text ? [text] : [])) : text);
  const side = (at, ...children) => {
    const made = element("td", { className: "half", dir: "auto", ...language }, ...children);
    made.dataset.side = SIDES[at];
    return made;
  };
  const row = (label, differs, one, other) => element("tr", { className: differs ? "differs" : "" },
    element("th", { scope: "row" }, `${differs ? "≠ " : ""}${label}`), side(0, ...one), side(1, ...other));
  const value = (text, differs, at) => (text === "" ? element("span", { className: "gap" }, "nothing") : differs ? element(TAGS[at], {}, text) : text);
  const field = ([name, one, other, differs]) => row(LABEL[name] || name, differs, [value(one, differs, 0)], [value(other, differs, 1)]);
  const passage = ({ equal: before, at: [one, other], here, there }) => [...equal(before),
    row(one === other ? `line ${one.toLocaleString("en")}` : `lines ${one.toLocaleString("en")} and ${other.toLocaleString("en")}`, true, here.map(piece("del")), there.map(piece("ins")))];
  const said = pair.identical ? "The two files have the same text." : !pair.passages ? "The words of the two texts are the same; markup or spaces may differ."
    : `${pair.passages === 1 ? "One passage differs" : `${many(pair.passages, "passage")} differ`}; ${pair.share}% of the text is the same.`;
  return element("table", { className: "pair" },
    element("thead", {}, element("tr", {}, element("td", {}), ...names.map((name, at) => element("th", { scope: "col" }, `${SIDES[at][0].toUpperCase()}${SIDES[at].slice(1)}: `, name)))),
    element("tbody", {}, ...pair.fields.map(field), across(said), ...pair.rows.flatMap(passage), ...equal(pair.equal),
      ...(pair.left ? [across(gap(`${many(pair.left, "more passage")} not shown: the command \u201cvalidator compare\u201d shows all`))] : [])));
};
