// What the pages of `validator review` share. The text of a seed is only ever inserted as text.
export const $ = (id) => document.getElementById(id);

// --- making elements ---

export const element = (name, properties, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "on") for (const [event, action] of Object.entries(value)) made.addEventListener(event, action);
    else if (key in made && !key.includes("-") && key !== "list") made[key] = value;
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
};
export const count = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many || one + "s"}`;
export const button = (text, action, properties) => element("button", { type: "button", on: { click: action }, ...properties }, text);
export const key = (text) => element("kbd", { "aria-hidden": "true" }, text);
const gapText = (gap) => `… ${count(gap.gap, "character")}${gap.lines ? `, ${count(gap.lines, "line")},` : ""} not shown …`;
export const gapPiece = (gap) => element("span", { className: "gap" }, gapText(gap));
export const unseen = (text, what) => element("span", { className: "unseen", title: what }, text);

// --- asking ---

export class Refused extends Error { constructor(status, kind, message) { super(message); this.status = status; this.kind = kind; } }

// `token` gives the secret of the sitting, `heard` gets each answer.
export const asking = (token, heard) => {
  const answered = async (response) => {
    let said = null;
    try { said = await response.json(); } catch { throw new Refused(response.status, "fault", "the answer of the program cannot be read"); }
    if (!response.ok) throw new Refused(response.status, said.kind, said.error);
    heard(said);
    return said;
  };
  const reached = async (sent) => {
    try { return await sent; } catch { throw new Refused(0, "gone", "the program does not answer: it has ended or was stopped. Start `validator review` again"); }
  };
  return {
    ask: async (path, parameters) => answered(await reached(fetch(`/api/${path}?${new URLSearchParams(parameters || {})}`))),
    tell: async (path, what) => answered(await reached(fetch(`/api/${path}`, { method: "POST",
      headers: { "Content-Type": "application/json", "X-Review-Token": token() }, body: JSON.stringify(what) }))),
  };
};

// --- dialogs and keys ---

export const closing = () => {
  for (const dialog of document.querySelectorAll("dialog")) {
    for (const each of dialog.querySelectorAll("[data-close]")) each.addEventListener("click", () => dialog.close());
  }
};

// Single keys, which never work while somebody writes. `actions` gives what a key does; a key of `once` that is held down does it once.
export const singleKeys = (actions, once) => {
  const KEEP = "validator-review-keys";
  try { $("keys-on").checked = localStorage.getItem(KEEP) !== "off"; } catch { /* nothing is kept then */ }
  $("keys-on").addEventListener("change", () => { try { localStorage.setItem(KEEP, $("keys-on").checked ? "on" : "off"); } catch { /* as above */ } });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    const writes = event.target.closest("input:not([type=checkbox]), select, textarea");
    if (writes) { if (event.key === "Escape") { writes.blur(); event.preventDefault(); } return; }
    if (!$("keys-on").checked && event.key !== "?") return;
    const action = actions(event);
    if (!action || (event.repeat && once.includes(event.key))) return;
    event.preventDefault();
    action();
  });
};
